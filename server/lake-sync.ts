// Keeps the catalog in line with the lakes' folders: once at start, every ten seconds, and when REFRESH CATALOG asks.

import type { Logger } from "pino";
import type { Governance } from "../auth/governance.ts";
import { lakeOwner } from "../auth/bootstrap.ts";
import { discoverTables } from "../storage/catalog/discovery.ts";
import { syncFoundTables } from "../storage/catalog/found-tables.ts";
import type { DeltaTables } from "../storage/delta/tables.ts";
import type { ObjectStore } from "../storage/object-store/store.ts";
import type { CatalogEntry } from "../storage/catalog/objects.ts";
import type { Clock } from "./session/clock.ts";

const INTERVAL_MS = 10_000;

export interface LakeSyncParts {
  readonly governance: Governance;
  readonly tables: DeltaTables;
  readonly store: ObjectStore;
  readonly clock: Clock;
  readonly log: Logger;
}

export class LakeSync implements AsyncDisposable {
  readonly #parts: LakeSyncParts;
  #stop: () => void = () => undefined;
  #running: Promise<void> = Promise.resolve();
  #ended = false;

  constructor(parts: LakeSyncParts) {
    this.#parts = parts;
  }

  /** Looks once, then keeps looking. */
  async start(): Promise<void> {
    await this.#all();
    this.#schedule();
  }

  /** REFRESH CATALOG: tables that were dropped but lie there still are found again. Throws when the folder cannot be listed. */
  async refresh(catalog: CatalogEntry): Promise<void> {
    await this.#sync(catalog, true);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true;
    this.#stop();
    await this.#running;
  }

  #schedule(): void {
    if (this.#ended) return;
    this.#stop = this.#parts.clock.after(INTERVAL_MS, () => {
      this.#running = this.#all().finally(() => this.#schedule());
    });
  }

  /** A lake that cannot be listed keeps its tables: a failed listing changes nothing. */
  async #all(): Promise<void> {
    for (const catalog of this.#parts.governance.catalog.index.catalogs()) {
      try {
        await this.#sync(catalog, false);
      } catch (error) {
        this.#parts.log.warn(
          { err: error, catalog: catalog.name },
          "the lake could not be listed",
        );
      }
    }
  }

  async #sync(lake: CatalogEntry, refresh: boolean): Promise<void> {
    const { governance, store, log } = this.#parts;
    const { catalog } = governance;
    const listing = await discoverTables(store, lake.location);
    const found = await Promise.all(
      listing.map(async (table) => ({
        ...table,
        metadataId: await this.#metadataId(lake, table),
      })),
    );
    if (this.#ended) return;
    const owner = lake.owner ?? lakeOwner(governance);
    const result = syncFoundTables(catalog, lake.id, found, { owner, refresh });
    for (const table of result.clashing) {
      log.warn(
        { catalog: lake.name, table: table.name },
        "the name is taken: the found table is left out",
      );
    }
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
