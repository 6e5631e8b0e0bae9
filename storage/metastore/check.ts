// Whether a file is a whole metastore, as far as SQLite can tell.

import { metastoreDamaged } from "./errors.ts";
import { integerAt, textAt } from "./row.ts";
import type { Sqlite } from "./sqlite.ts";

/** Throws XX001. */
export function checkFile(db: Sqlite): void {
  const problems = db
    .rows("SELECT quick_check FROM pragma_quick_check(10)")
    .map((row) => textAt(row, 0))
    .filter((line) => line !== "ok");
  if (problems.length > 0) {
    throw metastoreDamaged(db.file, `${problems.join("; ")}.`);
  }
  if (schemaVersion(db) === 0) {
    throw metastoreDamaged(db.file, "It holds no schema of ours.");
  }
}

/** Number of the last migration taken; 0 for a file that holds nothing yet. */
export function schemaVersion(db: Sqlite): number {
  const [row] = db.rows("SELECT user_version FROM pragma_user_version");
  return row === undefined ? 0 : integerAt(row, 0);
}
