// Grants and denies: independent records keyed (securable, principal, privilege, effect) (access-control section 10).

import {
  objectId,
  principalId,
  type ObjectId,
  type PrincipalId,
} from "../common/ids.ts";
import {
  integerAt,
  optionalTextAt,
  textAt,
  unexpected,
  wordAt,
} from "./row.ts";
import type { Sqlite } from "./sqlite.ts";

/** What a record hangs on: an object of the tree, or one of the two securables outside it. */
export type SecurableKey = ObjectId | "any-file" | "anonymous-function";

export interface AccessRecord {
  readonly securable: SecurableKey;
  readonly principal: PrincipalId;
  readonly privilege: string;
  readonly effect: "grant" | "deny";
  /** Name of who made it, as it was then. */
  readonly grantor: string;
  readonly createdAtMs: number;
}

export function listAccessRecords(db: Sqlite): readonly AccessRecord[] {
  return db
    .rows(
      "SELECT securable, object_id, principal_id, privilege, effect, grantor, created_at FROM access_record",
    )
    .map((row) => {
      const kind = wordAt(row, 0, ["object", "any-file", "anonymous-function"]);
      return {
        securable: kind === "object" ? ownedBy(optionalTextAt(row, 1)) : kind,
        principal: principalId(textAt(row, 2)),
        privilege: textAt(row, 3),
        effect: wordAt(row, 4, ["grant", "deny"]),
        grantor: textAt(row, 5),
        createdAtMs: integerAt(row, 6),
      };
    });
}

function ownedBy(id: string | undefined): ObjectId {
  if (id === undefined) throw unexpected("an object id", null);
  return objectId(id);
}

/** Nothing happens when the record exists: it keeps its grantor and time. */
export function insertAccessRecord(db: Sqlite, record: AccessRecord): void {
  const [kind, id] = columnsOf(record.securable);
  db.run(
    "INSERT INTO access_record (securable, object_id, principal_id, privilege, effect, grantor, created_at) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
    kind,
    id,
    record.principal,
    record.privilege,
    record.effect,
    record.grantor,
    record.createdAtMs,
  );
}

/** Removes grants and denies of these privileges for exactly this principal on exactly this securable. */
export function deleteAccessRecords(
  db: Sqlite,
  securable: SecurableKey,
  principal: PrincipalId,
  privileges: readonly string[],
): void {
  const [kind, id] = columnsOf(securable);
  for (const privilege of privileges) {
    db.run(
      "DELETE FROM access_record WHERE securable = ? AND object_id IS ? AND principal_id = ? AND privilege = ?",
      kind,
      id,
      principal,
      privilege,
    );
  }
}

/** Removes the principal's grants on the securable; its denies stay. */
export function deleteGrants(
  db: Sqlite,
  securable: SecurableKey,
  principal: PrincipalId,
): void {
  const [kind, id] = columnsOf(securable);
  db.run(
    "DELETE FROM access_record WHERE securable = ? AND object_id IS ? AND principal_id = ? AND effect = 'grant'",
    kind,
    id,
    principal,
  );
}

/** Removes every record on the securable itself; answers how many. */
export function clearAccessRecords(
  db: Sqlite,
  securable: SecurableKey,
): number {
  const [kind, id] = columnsOf(securable);
  return db.run(
    "DELETE FROM access_record WHERE securable = ? AND object_id IS ?",
    kind,
    id,
  );
}

function columnsOf(
  securable: SecurableKey,
): readonly [kind: string, id: string | null] {
  return securable === "any-file" || securable === "anonymous-function"
    ? [securable, null]
    : ["object", securable];
}
