// What the catalog remembers of found tables beside their entries: where each was found, its Delta id, whether it is hidden.

import type { ObjectId } from "../common/ids.ts";

export interface KnownTable {
  readonly id: ObjectId;
  /** Its folder vanished. */
  readonly hidden: boolean;
  /** Delta `metaData.id` when last read; undefined when it never could be. */
  readonly metadataId: string | undefined;
}

interface Place {
  readonly catalog: ObjectId;
  readonly location: string;
}

export class FoundRegistry {
  readonly #byLocation = new Map<ObjectId, Map<string, KnownTable>>();
  readonly #places = new Map<ObjectId, Place>();

  /** Found tables of a catalog by location, hidden ones too. */
  of(catalog: ObjectId): ReadonlyMap<string, KnownTable> {
    return this.#byLocation.get(catalog) ?? new Map<string, KnownTable>();
  }

  get(id: ObjectId): KnownTable | undefined {
    const place = this.#places.get(id);
    return place && this.of(place.catalog).get(place.location);
  }

  set(place: Place, known: KnownTable): void {
    const locations =
      this.#byLocation.get(place.catalog) ?? new Map<string, KnownTable>();
    locations.set(place.location, known);
    this.#byLocation.set(place.catalog, locations);
    this.#places.set(known.id, place);
  }

  update(id: ObjectId, change: Partial<Omit<KnownTable, "id">>): void {
    const place = this.#places.get(id);
    const known = place && this.of(place.catalog).get(place.location);
    if (place && known) this.set(place, { ...known, ...change });
  }

  remove(id: ObjectId): void {
    const place = this.#places.get(id);
    if (place === undefined) return;
    this.#places.delete(id);
    this.#byLocation.get(place.catalog)?.delete(place.location);
  }

  clear(): void {
    this.#byLocation.clear();
    this.#places.clear();
  }
}
