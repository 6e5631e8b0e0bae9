// Random unique oids: stable per object, not guessable from one another (access-control section 16).

import { randomInt } from "node:crypto";
import type { Sqlite } from "./sqlite.ts";

/** PostgreSQL keeps lower ones for its own objects, and some clients read oids as signed. */
const FIRST_OID = 16384;
const LAST_OID = 2 ** 31 - 1;

/** An oid no object and no principal has. */
export function newOid(db: Sqlite): number {
  for (;;) {
    const oid = randomInt(FIRST_OID, LAST_OID);
    const taken = db.rows(
      "SELECT 1 FROM object WHERE oid = ? UNION ALL SELECT 1 FROM principal WHERE oid = ?",
      oid,
      oid,
    );
    if (taken.length === 0) return oid;
  }
}
