// system.cache: what the gateway and its nodes keep so as not to fetch it again, and how much of it there may be.

import type { CacheUsage } from "../../storage/cache/usage.ts";
import type { Services } from "../services.ts";
import type { MadeRows } from "./system-rows.ts";

export async function cacheRows({
  pool,
  tables,
}: Pick<Services, "pool" | "tables">): Promise<MadeRows> {
  const files = await Promise.all(
    pool.status().map(async (node) => {
      const usage = await node.fileCache();
      return usage === undefined ? [] : [row("data files", node.id, usage)];
    }),
  );
  const lists = row("file lists of tables", null, tables.usage);
  return [lists, ...files.flat()];
}

function row(
  cache: string,
  node: string | null,
  { entries, usedBytes, limitBytes }: CacheUsage,
): readonly (string | null)[] {
  const numbers = [entries, usedBytes, limitBytes].map(String);
  return [cache, node, ...numbers];
}
