// ANALYZE's distinct counts, each with the table version it was taken at.

import type { ObjectId } from "../common/ids.ts";
import { integerAt, textAt } from "./row.ts";
import type { Sqlite } from "./sqlite.ts";

export interface ColumnStatistics {
  /** As stored in the table's schema. */
  readonly column: string;
  readonly distinctCount: number;
  readonly tableVersion: number;
  readonly analyzedAtMs: number;
}

export function listColumnStatistics(
  db: Sqlite,
  table: ObjectId,
): readonly ColumnStatistics[] {
  return db
    .rows(
      "SELECT column_name, distinct_count, table_version, analyzed_at FROM column_statistics WHERE table_id = ? ORDER BY column_name",
      table,
    )
    .map((row) => ({
      column: textAt(row, 0),
      distinctCount: integerAt(row, 1),
      tableVersion: integerAt(row, 2),
      analyzedAtMs: integerAt(row, 3),
    }));
}

/** Replaces all statistics of the table. */
export function replaceColumnStatistics(
  db: Sqlite,
  table: ObjectId,
  statistics: readonly ColumnStatistics[],
): void {
  db.transaction(() => {
    db.run("DELETE FROM column_statistics WHERE table_id = ?", table);
    for (const column of statistics) {
      db.run(
        "INSERT INTO column_statistics (table_id, column_name, distinct_count, table_version, analyzed_at) VALUES (?, ?, ?, ?, ?)",
        table,
        column.column,
        column.distinctCount,
        column.tableVersion,
        column.analyzedAtMs,
      );
    }
  });
}
