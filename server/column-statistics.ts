// ANALYZE's distinct counts beside what the log knows of a scan. They are those of the version that was analyzed, and are left out
// once the table has moved far from it: by as many commits as it had then, and by 100 at least.

import type { Metastore } from "../storage/metastore/metastore.ts";
import { listColumnStatistics } from "../storage/metastore/statistics.ts";
import type { ScanTable } from "../planner/logical/plan.ts";
import type {
  ColumnStatistics,
  ScanStatistics,
} from "../storage/scan/split.ts";

const FEWEST_COMMITS = 100;

/** Nothing is known beforehand of columns whose files have no statistics. */
const UNKNOWN: ColumnStatistics = { min: null, max: null, nullCount: 0 };

/** For estimates only: a column may appear of which the log knows nothing. */
export function withDistinctCounts(
  { db }: Pick<Metastore, "db">,
  { id, version, changes }: Pick<ScanTable, "id" | "version" | "changes">,
  statistics: ScanStatistics,
): ScanStatistics {
  if (changes !== undefined) return statistics;
  const current = listColumnStatistics(db, id).filter(
    ({ tableVersion }) => !isStale(tableVersion, version),
  );
  if (current.length === 0) return statistics;
  const columns = { ...statistics.columns };
  for (const { column, distinctCount } of current) {
    columns[column] = {
      ...(columns[column] ?? UNKNOWN),
      distinctCount: Math.min(distinctCount, statistics.rowCount),
    };
  }
  return { ...statistics, columns };
}

export function isStale(analyzedVersion: number, version: number): boolean {
  const commits = Math.abs(version - analyzedVersion);
  return commits >= Math.max(FEWEST_COMMITS, analyzedVersion);
}
