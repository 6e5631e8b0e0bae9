// Finds the Delta tables of a lake's folder: `DIR/<schema>/<table>/_delta_log` and `DIR/<table>/_delta_log` (contract.md section 3).
// Looks at names only: a table that cannot be read is found all the same, and says why when touched.

import { realpath } from "node:fs/promises";
import { errorCode, storeFailed } from "../object-store/errors.ts";
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

/**
 * All tables, by schema and name. Of two folders that stand for one name (`t` and `default/t`) the one nearer to the lake's folder
 * counts. Names that begin with `_` or `.`, and symbolic links that leave the lake, are skipped. Throws 58030.
 */
export async function discoverTables(
  store: ObjectStore,
  lake: string,
): Promise<readonly FoundTable[]> {
  const found = new Map<string, FoundTable>();
  const add = (schema: string, name: string, location: string): void => {
    const key = JSON.stringify([schema, name]);
    if (!found.has(key)) found.set(key, { schema, name, location });
  };
  const schemas: string[] = [];
  for (const folder of await visibleFolders(store, lake, lake)) {
    const location = joinPath(lake, folder);
    const inner = await store.listFolders(location, lake);
    if (inner.includes("_delta_log")) add(PUBLIC, folder, location);
    else schemas.push(folder);
  }
  for (const folder of schemas) {
    const location = joinPath(lake, folder);
    for (const name of await visibleFolders(store, location, lake)) {
      const table = joinPath(location, name);
      const inner = await store.listFolders(table, lake);
      if (inner.includes("_delta_log"))
        add(folder === "default" ? PUBLIC : folder, name, table);
    }
  }
  return [...found.values()];
}

async function visibleFolders(
  store: ObjectStore,
  folder: string,
  lake: string,
): Promise<readonly string[]> {
  const names = await store.listFolders(folder, lake);
  return names.filter((name) => !name.startsWith("_") && !name.startsWith("."));
}

/** A lake's folder as the kernel must see it: absolute and without symbolic links. Undefined when it does not exist. */
export async function resolveLake(path: string): Promise<string | undefined> {
  try {
    return await realpath(path);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw storeFailed("open", path, error);
  }
}
