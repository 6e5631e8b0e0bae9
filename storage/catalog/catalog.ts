// The catalog: names to objects, in memory for lookups, changed only together with the metastore. Knows nothing of rights; whoever
// calls a change has authorized it. Its version rises with every change, so plans and answers can be kept by it.

import { randomUUID } from "node:crypto";
import { objectId, type ObjectId, type PrincipalId } from "../common/ids.ts";
import { invariant } from "../common/invariant.ts";
import { callsOf, type TablePolicies } from "../common/policy.ts";
import type { Metastore } from "../metastore/metastore.ts";
import {
  deleteObject,
  insertForgotten,
  insertObject,
  listObjects,
  parentOf,
  relativeLocation,
  setFoundMetadataId,
  setObjectHidden,
  signatureOf,
  updateObject,
  type FoundMark,
} from "../metastore/objects.ts";
import { newOid } from "../metastore/oids.ts";
import {
  listColumnStatistics,
  replaceColumnStatistics,
  type ColumnStatistics,
} from "../metastore/statistics.ts";
import { CatalogIndex, DEFAULT_SCHEMA, catalogOf } from "./catalog-index.ts";
import {
  alreadyExists,
  functionInUse,
  invalidName,
  schemaNotEmpty,
} from "./errors.ts";
import { FoundRegistry } from "./found-registry.ts";
import type { NameLookup } from "./lookup.ts";
import { requireFreeSchemaName } from "./schema-name.ts";
import type {
  CatalogEntry,
  CatalogObject,
  FunctionEntry,
  SchemaEntry,
  TableEntry,
  ViewEntry,
} from "./objects.ts";

type Owner = PrincipalId | undefined;
type Fresh<T extends CatalogObject> = Omit<T, "id" | "oid" | "kind">;
type Identified = Pick<CatalogObject, "id" | "oid">;

export interface Mount {
  readonly name: string;
  /** Absolute path or URL of the lake's folder, without a slash at the end. */
  readonly location: string;
}

/** For a managed table: its location is derived from its id, so the id comes first. */
export function newObjectId(): ObjectId {
  return objectId(randomUUID());
}

export class Catalog {
  readonly index: CatalogIndex = new CatalogIndex();
  /** Names for stored text of views and functions, and for name clashes: nothing hidden. */
  readonly unfiltered: NameLookup;
  readonly metastore: Metastore;
  readonly found: FoundRegistry = new FoundRegistry();
  readonly #dropListeners: ((ids: readonly ObjectId[]) => void)[] = [];
  #version = 0;

  constructor(metastore: Metastore) {
    this.metastore = metastore;
    const names = this.index.lookup(() => true);
    const unfiltered: NameLookup = {
      ...names,
      get unfiltered() {
        return unfiltered;
      },
    };
    this.unfiltered = unfiltered;
    metastore.db.onRollback(() => this.reload());
    this.reload();
  }

  /** Rises with every change; never falls, not even when a change is rolled back. */
  get version(): number {
    return this.#version;
  }

  object(id: ObjectId): CatalogObject | undefined {
    return this.index.object(id);
  }

  /** `listener` learns the ids of objects that were dropped, children included, within the transaction that drops them. */
  onDrop(listener: (ids: readonly ObjectId[]) => void): void {
    this.#dropListeners.push(listener);
  }

  /** 42P04 when the name is taken. Makes its schema `public` too. */
  createCatalog(fresh: Fresh<CatalogEntry>): CatalogEntry {
    return this.metastore.db.transaction(() => {
      const entry = this.#make<CatalogEntry>(undefined, (identity) => ({
        ...fresh,
        ...identity,
        kind: "catalog",
      }));
      this.createSchema({
        catalog: entry.id,
        name: DEFAULT_SCHEMA,
        owner: fresh.owner,
      });
      return entry;
    });
  }

  /** 42P06 when the name is taken, 42939 when it is reserved. */
  createSchema(fresh: Fresh<SchemaEntry>): SchemaEntry {
    requireFreeSchemaName(fresh.name);
    return this.#make<SchemaEntry>(undefined, (identity) => ({
      ...fresh,
      ...identity,
      kind: "schema",
    }));
  }

  /** 42P07 when a table or view has the name. `id` when the caller derived the location from it. */
  createTable(
    fresh: Fresh<TableEntry> & { readonly id?: ObjectId },
    found?: FoundMark,
  ): TableEntry {
    return this.#make<TableEntry>(
      fresh.id,
      (identity) => ({ ...fresh, ...identity, kind: "table" }),
      found,
    );
  }

  createView(fresh: Fresh<ViewEntry>): ViewEntry {
    return this.#make<ViewEntry>(undefined, (identity) => ({
      ...fresh,
      ...identity,
      kind: "view",
    }));
  }

  /** 42723 when a function of that name and those argument types exists. */
  createFunction(fresh: Fresh<FunctionEntry>): FunctionEntry {
    return this.#make<FunctionEntry>(undefined, (identity) => ({
      ...fresh,
      ...identity,
      kind: "function",
    }));
  }

  rename(id: ObjectId, name: string): void {
    const object = this.#known(id);
    if (object.kind === "schema") requireFreeSchemaName(name);
    this.#replace({ ...object, name });
  }

  /** Moves a table, view or function to another schema; its records follow it. */
  move(id: ObjectId, schema: ObjectId, name: string): void {
    const object = this.#known(id);
    invariant(
      object.kind !== "catalog" && object.kind !== "schema",
      "only what lies in a schema can be moved",
    );
    this.#replace({ ...object, schema, name });
  }

  setOwner(id: ObjectId, owner: Owner): void {
    this.#replace({ ...this.#known(id), owner });
  }

  /** Undefined: no policy, and none there ever was. */
  setPolicies(id: ObjectId, policies: TablePolicies | undefined): void {
    const table = this.#known(id);
    invariant(table.kind === "table", "only a table has policies");
    const { policies: _, ...bare } = table;
    this.#replace(policies === undefined ? bare : { ...bare, policies });
  }

  setComment(id: ObjectId, comment: string | undefined): void {
    this.#replace({ ...this.#known(id), comment });
  }

  /** CREATE OR REPLACE VIEW: keeps id, owner and records. */
  replaceView(
    id: ObjectId,
    body: Pick<ViewEntry, "source" | "definition" | "columns">,
  ): void {
    const view = this.#known(id);
    invariant(view.kind === "view", "only a view has a view's body");
    this.#replace({ ...view, ...body });
  }

  /** CREATE OR REPLACE FUNCTION: keeps id, owner and records. */
  replaceFunction(
    id: ObjectId,
    body: Pick<
      FunctionEntry,
      "source" | "definition" | "parameters" | "returns"
    >,
  ): void {
    const known = this.#known(id);
    invariant(known.kind === "function", "only a function has its body");
    this.#replace({ ...known, ...body });
  }

  /**
   * Answers what was dropped, parents first, so that files of managed tables can be removed once the transaction is on disk.
   * A schema that is not empty needs `cascade` (2BP01). A dropped found table is not found again until REFRESH CATALOG.
   */
  drop(id: ObjectId, cascade: boolean): readonly CatalogObject[] {
    this.metastore.gate.pass();
    const object = this.#known(id);
    const dropped = this.index.subtree(object);
    if (!cascade && dropped.length > 1) throw schemaNotEmpty(object.name);
    this.#refuseCalled(dropped);
    this.metastore.db.transaction(() => {
      for (const below of dropped) this.#forgetLocation(below);
      deleteObject(this.metastore.db, id);
      this.#removed(dropped);
      // Hidden tables went with their schema: only the file knows which.
      if (dropped.length > 1 || object.kind !== "table") this.reload();
    });
    return dropped;
  }

  /** After the principal's row is gone: what it owned is unowned. */
  clearOwner(owner: PrincipalId): void {
    const owned = [...this.index.objects()].filter(
      (object) => object.owner === owner,
    );
    for (const object of owned) {
      this.index.remove(object);
      this.index.add({ ...object, owner: undefined });
    }
    if (owned.length > 0) this.#changed();
  }

  /**
   * Makes exactly these lakes visible: known catalogs keep their objects and records under the new location, new ones are made for
   * `owner`, all others are hidden with their records kept.
   */
  mount(mounts: readonly Mount[], owner: Owner): void {
    const { db } = this.metastore;
    db.transaction(() => {
      const stored = listObjects(db).flatMap(({ object, hidden }) =>
        object.kind === "catalog" ? [{ object, hidden }] : [],
      );
      for (const { object, hidden } of stored) {
        const mount = mounts.find(({ name }) => name === object.name);
        if (hidden !== (mount === undefined)) {
          setObjectHidden(db, object.id, !hidden);
        }
        if (mount !== undefined && mount.location !== object.location) {
          const moved = { ...object, location: mount.location };
          updateObject(db, moved, mount.location);
        }
      }
      this.reload();
      for (const mount of mounts) {
        const known = stored.some(({ object }) => object.name === mount.name);
        if (!known) this.createCatalog({ ...mount, owner });
      }
    });
  }

  /** Hides a found table whose folder vanished; its records stay. */
  hide(id: ObjectId): TableEntry {
    const table = this.#known(id);
    invariant(table.kind === "table", "only tables vanish");
    setObjectHidden(this.metastore.db, id, true);
    this.found.update(id, { hidden: true });
    this.index.remove(table);
    this.#changed();
    return table;
  }

  /** The reverse of `hide`. Undefined, and nothing happens, while another relation has its name. */
  unhide(id: ObjectId): TableEntry | undefined {
    const { db } = this.metastore;
    const table = listObjects(db).find(
      ({ object }) => object.id === id,
    )?.object;
    invariant(table?.kind === "table", "a hidden table is in the metastore");
    if (this.index.sameName(table).length > 0) return undefined;
    setObjectHidden(db, id, false);
    this.found.update(id, { hidden: false });
    this.index.add(table);
    this.#changed();
    return table;
  }

  /**
   * What the log of a found table says now of its identity; call it whenever a table was read, so that one that vanishes is known again.
   * Writes only what changed; nothing for tables that were not found.
   */
  setMetadataId(id: ObjectId, metadataId: string): void {
    const known = this.found.get(id);
    if (known === undefined || known.metadataId === metadataId) return;
    setFoundMetadataId(this.metastore.db, id, metadataId);
    this.found.update(id, { metadataId });
  }

  /** Ends a hidden table: another one stands in its place, and its records must not reach that one. */
  dropHidden(id: ObjectId): void {
    deleteObject(this.metastore.db, id);
    this.found.remove(id);
    for (const listener of this.#dropListeners) listener([id]);
  }

  /** After they were written elsewhere in the metastore's transaction: these are gone, and those are new or other than before. */
  adopt(
    gone: readonly CatalogObject[],
    changed: readonly CatalogObject[],
  ): void {
    this.#removed(gone);
    for (const object of changed) {
      const before = this.index.object(object.id);
      if (before !== undefined) this.index.remove(before);
      this.index.add(object);
    }
    // Hidden tables went with their schema: only the file knows which.
    if (gone.some(({ kind }) => kind === "schema")) this.reload();
  }

  /** Reads everything anew, as after a rollback. */
  reload(): void {
    this.index.clear();
    this.found.clear();
    for (const { object, hidden, found } of listObjects(this.metastore.db)) {
      const parent = parentOf(object);
      const reachable =
        parent === undefined || this.index.object(parent) !== undefined;
      if (found !== undefined && object.kind === "table") {
        this.#register(object, found, hidden);
      }
      if (!hidden && reachable) this.index.add(object);
    }
    this.#changed();
  }

  /** An id and an oid no object has. */
  freshIdentity(): Pick<CatalogObject, "id" | "oid"> {
    return { id: newObjectId(), oid: newOid(this.metastore.db) };
  }

  #make<T extends CatalogObject>(
    id: ObjectId | undefined,
    build: (identity: Identified) => T,
    found?: FoundMark,
  ): T {
    const { db, now, gate } = this.metastore;
    gate.pass();
    return db.transaction(() => {
      const fresh = this.freshIdentity();
      const entry = build(id === undefined ? fresh : { ...fresh, id });
      this.#requireFreeName(entry);
      insertObject(
        db,
        { object: entry, hidden: false, found },
        this.#folderOf(entry),
        now(),
      );
      this.index.add(entry);
      if (found !== undefined && entry.kind === "table") {
        this.#register(entry, found, false);
      }
      this.#changed();
      return entry;
    });
  }

  #register(table: TableEntry, found: FoundMark, hidden: boolean): void {
    this.found.set(
      { catalog: found.catalog, location: table.location },
      { id: table.id, hidden, metadataId: found.metadataId },
    );
  }

  #replace(object: CatalogObject): void {
    this.metastore.gate.pass();
    this.metastore.db.transaction(() => {
      const before = this.#known(object.id);
      this.#requireFreeName(object);
      updateObject(this.metastore.db, object, this.#folderOf(object));
      this.index.remove(before);
      this.index.add(object);
      this.#changed();
    });
  }

  #requireFreeName(object: CatalogObject): void {
    if (object.name === "" || object.name.includes("\0")) {
      throw invalidName(object.kind);
    }
    const taken = this.index
      .sameName(object)
      .some(
        (other) =>
          other.id !== object.id && signatureOf(other) === signatureOf(object),
      );
    if (taken) throw alreadyExists(object.kind, object.name);
  }

  /** Without its function a table with a policy cannot be read: 2BP01, with CASCADE too. */
  #refuseCalled(dropped: readonly CatalogObject[]): void {
    const ids = new Set(dropped.map(({ id }) => id));
    for (const object of this.index.objects()) {
      if (object.kind !== "table" || ids.has(object.id)) continue;
      const call = callsOf(object.policies).find((it) => ids.has(it.function));
      const called = dropped.find(({ id }) => id === call?.function);
      if (called) throw functionInUse(called.name);
    }
  }

  #forgetLocation(object: CatalogObject): void {
    if (object.kind !== "table" || object.origin !== "found") return;
    const catalog = catalogOf(this.index, object);
    if (catalog === undefined) return;
    insertForgotten(
      this.metastore.db,
      catalog.id,
      relativeLocation(object.location, catalog.location),
    );
  }

  #removed(objects: readonly CatalogObject[]): void {
    for (const object of objects) {
      this.index.remove(object);
      this.found.remove(object.id);
    }
    this.#changed();
    const ids = objects.map(({ id }) => id);
    for (const listener of this.#dropListeners) listener(ids);
  }

  /** Replaces what ANALYZE knew of these columns; plans made without it are out of date. */
  keepStatistics(table: ObjectId, measured: readonly ColumnStatistics[]): void {
    const { db } = this.metastore;
    const names = new Set(measured.map(({ column }) => column));
    db.transaction(() => {
      const others = listColumnStatistics(db, table).filter(
        ({ column }) => !names.has(column),
      );
      replaceColumnStatistics(db, table, [...others, ...measured]);
    });
    this.#changed();
  }

  #folderOf(object: CatalogObject): string {
    return catalogOf(this.index, object)?.location ?? "";
  }

  #known(id: ObjectId): CatalogObject {
    const object = this.index.object(id);
    invariant(object !== undefined, "the object is in the catalog");
    return object;
  }

  #changed(): void {
    this.#version += 1;
  }
}
