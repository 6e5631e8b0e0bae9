// Users, service principals, groups, and who is directly in which group (access-control section 2).

import { principalId, type PrincipalId } from "../common/ids.ts";
import { flagAt, integerAt, optionalTextAt, textAt, wordAt } from "./row.ts";
import { flag, type Sqlite } from "./sqlite.ts";

export interface PrincipalRecord {
  readonly id: PrincipalId;
  /** Random and unique, as pg_roles shows it. */
  readonly oid: number;
  readonly kind: "user" | "service-principal" | "group";
  /** As given; for a service principal its application id. */
  readonly name: string;
  /** What names are compared by; unique over all kinds. */
  readonly folded: string;
  readonly displayName: string | undefined;
  readonly active: boolean;
  readonly createdAtMs: number;
}

export interface Membership {
  readonly group: PrincipalId;
  readonly member: PrincipalId;
}

const COLUMNS = "id, oid, kind, name, folded, display_name, active, created_at";

export function listPrincipals(db: Sqlite): readonly PrincipalRecord[] {
  return db
    .rows(`SELECT ${COLUMNS} FROM principal ORDER BY folded`)
    .map((row) => ({
      id: principalId(textAt(row, 0)),
      oid: integerAt(row, 1),
      kind: wordAt(row, 2, ["user", "service-principal", "group"]),
      name: textAt(row, 3),
      folded: textAt(row, 4),
      displayName: optionalTextAt(row, 5),
      active: flagAt(row, 6),
      createdAtMs: integerAt(row, 7),
    }));
}

export function insertPrincipal(db: Sqlite, record: PrincipalRecord): void {
  db.run(
    `INSERT INTO principal (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    record.id,
    record.oid,
    record.kind,
    record.name,
    record.folded,
    record.displayName ?? null,
    flag(record.active),
    record.createdAtMs,
  );
}

export function setPrincipalActive(
  db: Sqlite,
  id: PrincipalId,
  active: boolean,
): void {
  db.run("UPDATE principal SET active = ? WHERE id = ?", flag(active), id);
}

/** What belongs to it hangs on its id. */
export function setPrincipalNames(
  db: Sqlite,
  {
    id,
    name,
    folded,
    displayName,
  }: Pick<PrincipalRecord, "id" | "name" | "folded" | "displayName">,
): void {
  db.run(
    "UPDATE principal SET name = ?, folded = ?, display_name = ? WHERE id = ?",
    name,
    folded,
    displayName ?? null,
    id,
  );
}

/** Takes its memberships, access records and tokens with it; objects it owned become unowned. */
export function deletePrincipal(db: Sqlite, id: PrincipalId): void {
  db.run("DELETE FROM principal WHERE id = ?", id);
}

export function listMemberships(db: Sqlite): readonly Membership[] {
  return db.rows("SELECT group_id, member_id FROM membership").map((row) => ({
    group: principalId(textAt(row, 0)),
    member: principalId(textAt(row, 1)),
  }));
}

/** Nothing happens when it is a member already. */
export function insertMembership(db: Sqlite, membership: Membership): void {
  db.run(
    "INSERT INTO membership (group_id, member_id) VALUES (?, ?) ON CONFLICT DO NOTHING",
    membership.group,
    membership.member,
  );
}

export function deleteMembership(db: Sqlite, membership: Membership): void {
  db.run(
    "DELETE FROM membership WHERE group_id = ? AND member_id = ?",
    membership.group,
    membership.member,
  );
}
