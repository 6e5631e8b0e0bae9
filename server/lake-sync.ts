// Keeps the catalog in line with the lakes' folders: once at start, every ten seconds, and when REFRESH CATALOG asks.

import type { Logger } from "pino";
import type { Governance } from "../auth/governance.ts";
import { lakeOwner } from "../auth/bootstrap.ts";
import { discoverTables } from "../storage/catalog/discovery.ts";
import { syncFoundTables } from "../storage/catalog/found-tables.ts";
import type { DeltaTables } from "../storage/delta/tables.ts";
import { isUrl } from "../storage/object-store/address.ts";
import type { ObjectStores } from "../storage/object-store/open.ts";
import type {
  CatalogEntry,
  CatalogObject,
} from "../storage/catalog/objects.ts";
import type { Clock } from "./session/clock.ts";

const INTERVAL_MS = 10_000;
/** How long a start waits for stores that do not answer: their tables of last time are served meanwhile. */
const START_PATIENCE_MS = 5_000;

export interface LakeSyncParts {
  readonly governance: Governance;
  readonly tables: DeltaTables;
  readonly stores: Pick<ObjectStores, "storeFor">;
  readonly clock: Clock;
  readonly log: Logger;
}

export class LakeSync implements AsyncDisposable {
  readonly #parts: LakeSyncParts;
  #stop: () => void = () => undefined;
  #running: Promise<void> = Promise.resolve();
  readonly #end = new AbortController();

  constructor(parts: LakeSyncParts) {
    this.#parts = parts;
  }

  /** Looks once, then keeps looking. */
  async start(): Promise<void> {
    const first = this.#all();
    this.#running = first.finally(() => this.#schedule());
    let forget = (): void => undefined;
    const patience = new Promise<void>((resolve) => {
      forget = this.#parts.clock.after(START_PATIENCE_MS, resolve);
    });
    await Promise.race([first, patience]);
    forget();
  }

  /** REFRESH CATALOG: tables that were dropped but lie there still are found again. Throws when the folder cannot be listed. */
  async refresh(catalog: CatalogEntry): Promise<void> {
    await this.#sync(catalog, true);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    this.#stop();
    await this.#running;
  }

  #schedule(): void {
    if (this.#end.signal.aborted) return;
    this.#stop = this.#parts.clock.after(INTERVAL_MS, () => {
      this.#running = this.#all().finally(() => this.#schedule());
    });
  }

  /** A lake that cannot be listed keeps its tables: a failed listing changes nothing. */
  async #all(): Promise<void> {
    const catalogs = this.#parts.governance.catalog.index.catalogs();
    await Promise.all(
      [...catalogs].map((catalog) =>
        this.#sync(catalog, false).catch((error: unknown) => {
          if (this.#end.signal.aborted) return;
          this.#parts.log.warn(
            { err: error, catalog: catalog.name },
            "the lake could not be listed",
          );
        }),
      ),
    );
  }

  async #sync(lake: CatalogEntry, refresh: boolean): Promise<void> {
    const { governance, stores, log } = this.#parts;
    const { catalog } = governance;
    const listing = await discoverTables(
      stores.storeFor(lake.location),
      lake.location,
      {
        known: refresh ? new Set() : this.#seen(lake),
        signal: this.#end.signal,
      },
    );
    const external = externalLocations(catalog.index.objects());
    const found = await Promise.all(
      listing
        .filter(({ location }) => !external.has(location))
        .map(async (table) => ({
          ...table,
          metadataId: await this.#metadataId(lake, table),
        })),
    );
    if (this.#end.signal.aborted) return;
    const owner = lake.owner ?? lakeOwner(governance);
    const result = syncFoundTables(catalog, lake.id, found, { owner, refresh });
    for (const table of result.clashing) {
      log.warn(
        { catalog: lake.name, table: table.name },
        "the name is taken: the found table is left out",
      );
    }
  }

  /** Tables that need no second look while their folder is there. On local disk a look costs nothing. */
  #seen(lake: CatalogEntry): ReadonlySet<string> {
    if (!isUrl(lake.location)) return new Set();
    const known = this.#parts.governance.catalog.found.of(lake.id);
    return new Set(
      [...known].flatMap(([location, { hidden }]) =>
        hidden ? [] : [location],
      ),
    );
  }

  /** Only a table that returns is read: its log tells whether it is the same one. The others show it when first touched. */
  async #metadataId(
    lake: CatalogEntry,
    table: { readonly name: string; readonly location: string },
  ): Promise<string | undefined> {
    const known = this.#parts.governance.catalog.found
      .of(lake.id)
      .get(table.location);
    if (known?.hidden !== true) return undefined;
    const ref = { ...table, lakeRoot: lake.location };
    try {
      return (await this.#parts.tables.snapshot(ref)).metadata.id;
    } catch {
      return undefined;
    }
  }
}

/** Folders that LOCATION has made tables of: they are not found a second time. */
function externalLocations(
  objects: Iterable<CatalogObject>,
): ReadonlySet<string> {
  const locations = new Set<string>();
  for (const object of objects) {
    if (object.kind === "table" && object.origin === "external")
      locations.add(object.location);
  }
  return locations;
}
