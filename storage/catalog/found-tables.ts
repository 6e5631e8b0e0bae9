// Brings a lake's catalog in line with a listing of its folder. A found table is (catalog, location): one that vanishes is hidden with
// its records kept, and is the same object again only if it returns with the same Delta `metaData.id` (design.md section 8).
// Call it only with a listing that succeeded: a failed one changes nothing.

import type { ObjectId, PrincipalId } from "../common/ids.ts";
import { invariant } from "../common/invariant.ts";
import {
  clearForgotten,
  listForgotten,
  relativeLocation,
} from "../metastore/objects.ts";
import type { Catalog } from "./catalog.ts";
import { isReservedSchema } from "./schema-name.ts";
import { unaliasSchema } from "./catalog-index.ts";
import type { KnownTable } from "./found-registry.ts";
import type { NamePart } from "./lookup.ts";
import type { CatalogEntry, TableEntry } from "./objects.ts";

export interface FoundTable {
  /** Folder name; `default` is `public`. */
  readonly schema: string;
  readonly name: string;
  /** Absolute path or URL of the folder that holds `_delta_log`. */
  readonly location: string;
  /** Delta `metaData.id`; undefined when the log was not or could not be read: the table is listed all the same. */
  readonly metadataId: string | undefined;
}

export interface SyncOptions {
  /** Who owns tables and schemas that are new. */
  readonly owner: PrincipalId | undefined;
  /** REFRESH CATALOG: dropped tables whose folder is still there are found again, as new objects. */
  readonly refresh: boolean;
}

export interface SyncResult {
  readonly added: readonly TableEntry[];
  readonly hidden: readonly TableEntry[];
  readonly returned: readonly TableEntry[];
  /** Folders whose name a managed, external or other found table has in that schema. */
  readonly clashing: readonly FoundTable[];
}

/** One transaction: all of the listing is taken over, or nothing. */
export function syncFoundTables(
  catalog: Catalog,
  catalogId: ObjectId,
  listing: readonly FoundTable[],
  options: SyncOptions,
): SyncResult {
  const { db } = catalog.metastore;
  const entry = catalog.object(catalogId);
  invariant(entry?.kind === "catalog", "a lake is a catalog");
  const forgotten: ReadonlySet<string> = options.refresh
    ? new Set<string>()
    : listForgotten(db, catalogId);
  const wanted = listing.filter(
    ({ location }) =>
      !forgotten.has(relativeLocation(location, entry.location)),
  );
  const known = catalog.found.of(catalogId);
  if (!options.refresh && isUnchanged(known, wanted)) return UNCHANGED;
  return db.transaction(() => {
    if (options.refresh) clearForgotten(db, catalogId);
    const hidden = hideVanished(catalog, known, wanted);
    const outcomes = wanted.map((found) => ({
      found,
      ...takeOver(catalog, entry, found, options.owner),
    }));
    const tables = (kind: "added" | "returned"): readonly TableEntry[] =>
      outcomes.flatMap((outcome) =>
        outcome.kind === kind ? [outcome.table] : [],
      );
    return {
      added: tables("added"),
      hidden,
      returned: tables("returned"),
      clashing: outcomes.flatMap(({ kind, found }) =>
        kind === "clash" ? [found] : [],
      ),
    };
  });
}

const UNCHANGED: SyncResult = {
  added: [],
  hidden: [],
  returned: [],
  clashing: [],
};

/** The usual case, every ten seconds: spares the transaction. */
function isUnchanged(
  known: ReadonlyMap<string, KnownTable>,
  wanted: readonly FoundTable[],
): boolean {
  let visible = 0;
  for (const { hidden } of known.values()) if (!hidden) visible += 1;
  return (
    visible === wanted.length &&
    wanted.every((found) => {
      const before = known.get(found.location);
      return (
        before?.hidden === false &&
        (found.metadataId === undefined ||
          found.metadataId === before.metadataId)
      );
    })
  );
}

function hideVanished(
  catalog: Catalog,
  known: ReadonlyMap<string, KnownTable>,
  wanted: readonly FoundTable[],
): readonly TableEntry[] {
  const listed = new Set(wanted.map(({ location }) => location));
  return [...known]
    .filter(([location, { hidden }]) => !hidden && !listed.has(location))
    .map(([, { id }]) => catalog.hide(id));
}

type Outcome =
  | { readonly kind: "added" | "returned"; readonly table: TableEntry }
  | { readonly kind: "kept" | "clash" };

function takeOver(
  catalog: Catalog,
  lake: CatalogEntry,
  found: FoundTable,
  owner: PrincipalId | undefined,
): Outcome {
  const known = catalog.found.of(lake.id).get(found.location);
  if (known?.hidden === false) {
    // It never left: a replaced table is the same one, as after CREATE OR REPLACE.
    if (found.metadataId !== undefined) {
      catalog.setMetadataId(known.id, found.metadataId);
    }
    return { kind: "kept" };
  }
  if (known !== undefined) {
    const before = known.metadataId;
    // Until its log can be read nobody can tell whether it is the same one.
    if (before !== undefined && found.metadataId === undefined) {
      return { kind: "kept" };
    }
    // One that was never read has its place alone to be known by: its denies must outlive a lake that was away for a moment.
    if (before === undefined || before === found.metadataId) {
      const table = catalog.unhide(known.id);
      if (table === undefined) return { kind: "clash" };
      if (found.metadataId !== undefined) {
        catalog.setMetadataId(known.id, found.metadataId);
      }
      return { kind: "returned", table };
    }
    catalog.dropHidden(known.id);
  }
  return adopt(catalog, lake, found, owner);
}

function adopt(
  catalog: Catalog,
  lake: CatalogEntry,
  found: FoundTable,
  owner: PrincipalId | undefined,
): Outcome {
  const schemaName = unaliasSchema(found.schema);
  if (isReservedSchema(schemaName)) return { kind: "clash" };
  const schema =
    catalog.unfiltered.schema(lake.id, exactly(schemaName)) ??
    catalog.createSchema({ catalog: lake.id, name: schemaName, owner });
  if (catalog.unfiltered.relation(schema.id, exactly(found.name))) {
    return { kind: "clash" };
  }
  const table = catalog.createTable(
    {
      schema: schema.id,
      name: found.name,
      location: found.location,
      origin: "found",
      owner,
    },
    { catalog: lake.id, metadataId: found.metadataId },
  );
  return { kind: "added", table };
}

function exactly(name: string): NamePart {
  return { name, quoted: true, position: 0 };
}
