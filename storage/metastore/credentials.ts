// What SCRAM needs: one salt and count a principal, and per token StoredKey and ServerKey, sealed under the "verifiers" key
// (authentication sections 1.2 and 3.3).

import { tokenId, type PrincipalId, type TokenId } from "../common/ids.ts";
import { seal, unseal, type Key } from "./keys.ts";
import { bytesAt, integerAt, textAt, unexpected } from "./row.ts";
import type { Sqlite } from "./sqlite.ts";

export interface ScramSalt {
  /** 16 bytes. */
  readonly salt: Uint8Array;
  readonly iterations: number;
}

export interface ScramVerifier {
  readonly token: TokenId;
  /** 32 bytes each. */
  readonly storedKey: Uint8Array;
  readonly serverKey: Uint8Array;
}

const KEY_BYTES = 32;

export function findScramSalt(
  db: Sqlite,
  principal: PrincipalId,
): ScramSalt | undefined {
  const [row] = db.rows(
    "SELECT salt, iterations FROM scram_salt WHERE principal_id = ?",
    principal,
  );
  return row && { salt: bytesAt(row, 0), iterations: integerAt(row, 1) };
}

/** The salt and count are fixed while any token derived with them lives: never replaced. */
export function insertScramSalt(
  db: Sqlite,
  principal: PrincipalId,
  salt: ScramSalt,
): void {
  db.run(
    "INSERT INTO scram_salt (principal_id, salt, iterations) VALUES (?, ?, ?)",
    principal,
    salt.salt,
    salt.iterations,
  );
}

export function insertScramVerifier(
  db: Sqlite,
  key: Key,
  verifier: ScramVerifier,
): void {
  const plain = Buffer.concat([verifier.storedKey, verifier.serverKey]);
  db.run(
    "INSERT INTO scram_verifier (token_id, sealed) VALUES (?, ?)",
    verifier.token,
    seal(key, verifier.token, plain),
  );
}

/** Those of the principal's tokens that are neither revoked nor expired at `nowMs`, newest first. */
export function listLiveScramVerifiers(
  db: Sqlite,
  key: Key,
  principal: PrincipalId,
  nowMs: number,
): readonly ScramVerifier[] {
  return db
    .rows(
      `SELECT v.token_id, v.sealed FROM token t JOIN scram_verifier v ON v.token_id = t.id
       WHERE t.principal_id = ? AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > ?)
       ORDER BY t.created_at DESC, t.id`,
      principal,
      nowMs,
    )
    .map((row) => {
      const token = tokenId(textAt(row, 0));
      const plain = unseal(key, token, bytesAt(row, 1));
      if (plain?.length !== 2 * KEY_BYTES) {
        throw unexpected("a sealed verifier", "");
      }
      return {
        token,
        storedKey: plain.subarray(0, KEY_BYTES),
        serverKey: plain.subarray(KEY_BYTES),
      };
    });
}
