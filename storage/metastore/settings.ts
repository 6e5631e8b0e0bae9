// Named single values of the metastore: key checks, the administrator found tables belong to.

import { optionalTextAt } from "./row.ts";
import type { Sqlite } from "./sqlite.ts";

export function readSetting(db: Sqlite, name: string): string | undefined {
  const [row] = db.rows("SELECT value FROM setting WHERE name = ?", name);
  return row === undefined ? undefined : optionalTextAt(row, 0);
}

export function writeSetting(db: Sqlite, name: string, value: string): void {
  db.run(
    "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    name,
    value,
  );
}
