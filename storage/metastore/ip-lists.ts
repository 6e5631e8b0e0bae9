// IP access lists (authentication section 8): which addresses may or may not reach the gateway.

import { flagAt, integerAt, textAt, textListAt, wordAt } from "./row.ts";
import { flag, type Sqlite } from "./sqlite.ts";

export interface IpListRecord {
  readonly id: string;
  readonly label: string;
  readonly type: "ALLOW" | "BLOCK";
  /** Addresses and CIDR blocks as given. */
  readonly addresses: readonly string[];
  readonly enabled: boolean;
  readonly createdAtMs: number;
  /** Names of who made and changed it, as they were then. */
  readonly createdBy: string;
  readonly updatedAtMs: number;
  readonly updatedBy: string;
}

const COLUMNS =
  "id, label, type, addresses, enabled, created_at, created_by, updated_at, updated_by";

/** Oldest first. */
export function listIpLists(db: Sqlite): readonly IpListRecord[] {
  return db
    .rows(`SELECT ${COLUMNS} FROM ip_access_list ORDER BY created_at, id`)
    .map((row) => ({
      id: textAt(row, 0),
      label: textAt(row, 1),
      type: wordAt(row, 2, ["ALLOW", "BLOCK"]),
      addresses: textListAt(row, 3),
      enabled: flagAt(row, 4),
      createdAtMs: integerAt(row, 5),
      createdBy: textAt(row, 6),
      updatedAtMs: integerAt(row, 7),
      updatedBy: textAt(row, 8),
    }));
}

/** New or changed. */
export function putIpList(db: Sqlite, record: IpListRecord): void {
  db.run(
    `INSERT OR REPLACE INTO ip_access_list (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    record.id,
    record.label,
    record.type,
    JSON.stringify(record.addresses),
    flag(record.enabled),
    record.createdAtMs,
    record.createdBy,
    record.updatedAtMs,
    record.updatedBy,
  );
}

export function deleteIpList(db: Sqlite, id: string): void {
  db.run("DELETE FROM ip_access_list WHERE id = ?", id);
}
