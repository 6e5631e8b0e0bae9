// Finds the Delta tables of a lake's folder: `DIR/<schema>/<table>/_delta_log` and `DIR/<table>/_delta_log` (contract.md section 3).
// Looks at names only: a table that cannot be read is found all the same, and says why when touched.

import { mapConcurrently } from "../object-store/concurrently.ts";
import { joinPath, type ObjectStore } from "../object-store/store.ts";

export interface FoundTable {
  /** `public` for tables right below the lake's folder, and for those in a folder `default`. */
  readonly schema: string;
  readonly name: string;
  /** Absolute path or URL of the table's folder. */
  readonly location: string;
}

/** The schema of tables that lie in none (and what Databricks calls `default`). */
const PUBLIC = "public";
/** Requests in flight: a remote store answers each in some ten milliseconds. */
const REQUESTS = 32;
const SCHEMAS = 4;

export interface DiscoveryOptions {
  readonly known?: ReadonlySet<string>;
  readonly signal?: AbortSignal;
}

/**
 * All tables, by schema and name. Of two folders that stand for one name (`t` and `default/t`) the one nearer to the lake's folder
 * counts. Names that begin with `_` or `.`, and symbolic links that leave the lake, are skipped. A folder of `known`, a table when
 * last looked at, is not looked into again while it is there: on a remote store each look is a request. Throws 58030.
 */
export async function discoverTables(
  store: ObjectStore,
  lake: string,
  { known = new Set(), signal }: DiscoveryOptions = {},
): Promise<readonly FoundTable[]> {
  const isTable = async (location: string): Promise<boolean> =>
    known.has(location) ||
    (await store.hasFolder(joinPath(location, "_delta_log"), lake, signal));
  const below = async (folder: string): Promise<readonly Folder[]> => {
    const all = await store.listFolders(folder, lake, signal);
    const names = all.filter((name) => !/^[_.]/.test(name));
    return mapConcurrently(names, REQUESTS, async (name) => {
      const location = joinPath(folder, name);
      return { name, location, table: await isTable(location) };
    });
  };
  const found = new Map<string, FoundTable>();
  const add = (schema: string, { name, location }: Folder): void => {
    const key = JSON.stringify([schema, name]);
    if (!found.has(key)) found.set(key, { schema, name, location });
  };
  const top = await below(lake);
  for (const folder of top) if (folder.table) add(PUBLIC, folder);
  const schemas = top.filter(({ table }) => !table);
  const inside = await mapConcurrently(schemas, SCHEMAS, ({ location }) =>
    below(location),
  );
  schemas.forEach(({ name }, index) => {
    for (const folder of inside[index] ?? [])
      if (folder.table) add(name === "default" ? PUBLIC : name, folder);
  });
  return [...found.values()];
}

interface Folder {
  readonly name: string;
  readonly location: string;
  readonly table: boolean;
}
