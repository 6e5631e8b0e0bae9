// Access tokens: their SHA-256, never the token (authentication section 1.2).

import {
  principalId,
  tokenId,
  type PrincipalId,
  type TokenId,
} from "../common/ids.ts";
import { integerAt, optionalIntegerAt, textAt, textListAt } from "./row.ts";
import type { Row, Sqlite, SqlValue } from "./sqlite.ts";

export interface TokenRecord {
  readonly id: TokenId;
  readonly principal: PrincipalId;
  /** Name of who made it, as it was then. */
  readonly createdBy: string;
  /** At most 256 characters; may be empty. */
  readonly comment: string;
  readonly scopes: readonly string[];
  readonly createdAtMs: number;
  /** Undefined: never. */
  readonly expiresAtMs: number | undefined;
  /** Written at most every five minutes. */
  readonly lastUsedAtMs: number | undefined;
  readonly revokedAtMs: number | undefined;
  /** Addresses and CIDR blocks it may be used from; none: any. */
  readonly allowedCidrs: readonly string[];
}

const COLUMNS =
  "id, principal_id, created_by, comment, scopes, created_at, expires_at, last_used_at, revoked_at, allowed_cidrs";

export function insertToken(
  db: Sqlite,
  record: TokenRecord,
  hash: Uint8Array,
): void {
  db.run(
    `INSERT INTO token (${COLUMNS}, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    record.id,
    record.principal,
    record.createdBy,
    record.comment,
    JSON.stringify(record.scopes),
    record.createdAtMs,
    record.expiresAtMs ?? null,
    record.lastUsedAtMs ?? null,
    record.revokedAtMs ?? null,
    JSON.stringify(record.allowedCidrs),
    hash,
  );
}

export function findToken(db: Sqlite, id: TokenId): TokenRecord | undefined {
  return select(db, "WHERE id = ?", id)[0];
}

export function findTokenByHash(
  db: Sqlite,
  hash: Uint8Array,
): TokenRecord | undefined {
  return select(db, "WHERE hash = ?", hash)[0];
}

/** Newest first, revoked ones too. */
export function listTokens(db: Sqlite): readonly TokenRecord[] {
  return select(db, "ORDER BY created_at DESC, id");
}

/** Newest first, revoked ones too. */
export function listTokensOf(
  db: Sqlite,
  principal: PrincipalId,
): readonly TokenRecord[] {
  return select(
    db,
    "WHERE principal_id = ? ORDER BY created_at DESC, id",
    principal,
  );
}

/** Live ones whose last use (or making, when never used) is before `beforeMs`. */
export function listIdleTokens(
  db: Sqlite,
  beforeMs: number,
): readonly TokenRecord[] {
  return select(
    db,
    "WHERE revoked_at IS NULL AND coalesce(last_used_at, created_at) < ?",
    beforeMs,
  );
}

/** Those revoked at or after `sinceMs`, or whose time ran out between `sinceMs` and `nowMs`. */
export function listEndedTokens(
  db: Sqlite,
  sinceMs: number,
  nowMs: number,
): readonly TokenRecord[] {
  return select(
    db,
    "WHERE revoked_at >= ? OR (expires_at > ? AND expires_at <= ?)",
    sinceMs,
    sinceMs,
    nowMs,
  );
}

export function setTokenRevoked(db: Sqlite, id: TokenId, atMs: number): void {
  db.run(
    "UPDATE token SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL",
    atMs,
    id,
  );
}

export function setTokenText(
  db: Sqlite,
  id: TokenId,
  text: Pick<TokenRecord, "comment" | "scopes">,
): void {
  db.run(
    "UPDATE token SET comment = ?, scopes = ? WHERE id = ?",
    text.comment,
    JSON.stringify(text.scopes),
    id,
  );
}

export function setTokenUsed(db: Sqlite, id: TokenId, atMs: number): void {
  db.run("UPDATE token SET last_used_at = ? WHERE id = ?", atMs, id);
}

function select(
  db: Sqlite,
  where: string,
  ...values: readonly SqlValue[]
): readonly TokenRecord[] {
  return db
    .rows(`SELECT ${COLUMNS} FROM token ${where}`, ...values)
    .map(decode);
}

function decode(row: Row): TokenRecord {
  return {
    id: tokenId(textAt(row, 0)),
    principal: principalId(textAt(row, 1)),
    createdBy: textAt(row, 2),
    comment: textAt(row, 3),
    scopes: textListAt(row, 4),
    createdAtMs: integerAt(row, 5),
    expiresAtMs: optionalIntegerAt(row, 6),
    lastUsedAtMs: optionalIntegerAt(row, 7),
    revokedAtMs: optionalIntegerAt(row, 8),
    allowedCidrs: textListAt(row, 9),
  };
}
