// Access tokens: issue, verify, revoke, list (authentication section 1). Verified tokens are kept for at most five seconds and dropped at
// once when one is revoked here, so a revocation made by a tool on the same data directory counts within five seconds too.

import { randomBytes } from "node:crypto";
import {
  tokenId,
  type PrincipalId,
  type TokenId,
} from "../storage/common/ids.ts";
import {
  findScramSalt,
  insertScramSalt,
  insertScramVerifier,
  type ScramSalt,
} from "../storage/metastore/credentials.ts";
import type { Metastore } from "../storage/metastore/metastore.ts";
import {
  findToken,
  findTokenByHash,
  insertToken,
  listEndedTokens,
  listIdleTokens,
  listTokens,
  listTokensOf,
  setTokenRevoked,
  setTokenText,
  setTokenUsed,
  type TokenRecord,
} from "../storage/metastore/tokens.ts";
import type { AccessState } from "./access-state.ts";
import type { CredentialEvents } from "./credential-events.ts";
import { SALT_BYTES, SCRAM_ITERATIONS, deriveScramKeys } from "./scram.ts";
import {
  DEFAULT_TOKEN_PREFIX,
  hashToken,
  isTokenText,
  newTokenText,
} from "./token-text.ts";
import type { WorkspaceConf } from "./workspace-conf.ts";

export const DAY_MS = 86_400_000;
export const DEFAULT_LIFETIME_DAYS = 90;
export const MAX_LIFETIME_DAYS = 730;
export const TOKEN_QUOTA = 600;

const CACHE_MS = 5_000;
const CACHE_ENTRIES = 10_000;
const USE_INTERVAL_MS = 5 * 60_000;
const IDLE_DAYS = 90;
const SWEEP_OVERLAP_MS = 15_000;

export interface TokenOptions {
  /** Before the underscore. */
  readonly prefix?: string;
  /** `maxTokenLifetimeDays`: lowers the limit for new tokens. */
  readonly maxLifetimeDays?: number;
  /** False refuses making and use, and keeps the records. */
  readonly enabled?: boolean;
}

export interface NewToken {
  readonly principal: PrincipalId;
  readonly createdBy: string;
  readonly comment: string;
  readonly scopes: readonly string[];
  /** Undefined: it never expires. */
  readonly lifetimeMs: number | undefined;
  /** Empty: from anywhere. */
  readonly allowedCidrs: readonly string[];
}

/** Absent members stay. */
export interface TokenChange {
  readonly comment?: string;
  readonly scopes?: readonly string[];
}

export interface IssuedToken {
  /** Returned once, kept nowhere. */
  readonly value: string;
  readonly token: TokenRecord;
}

export type Verification =
  | { readonly kind: "valid"; readonly token: TokenRecord }
  | {
      readonly kind: "invalid";
      readonly reason:
        "malformed" | "unknown" | "revoked" | "expired" | "disabled";
      readonly token?: TokenRecord;
    };

export interface TokenParts {
  readonly metastore: Metastore;
  readonly access: AccessState;
  readonly events: CredentialEvents;
  readonly conf: WorkspaceConf;
}

export class Tokens {
  readonly prefix: string;
  readonly #metastore: Metastore;
  readonly #access: AccessState;
  readonly #events: CredentialEvents;
  readonly #conf: WorkspaceConf;
  readonly #options: TokenOptions;
  readonly #cache = new Map<
    TokenId,
    { readonly token: TokenRecord; readonly readAtMs: number }
  >();
  readonly #byHash = new Map<string, TokenId>();
  #sweptAtMs: number;

  constructor(parts: TokenParts, options: TokenOptions = {}) {
    this.prefix = options.prefix ?? DEFAULT_TOKEN_PREFIX;
    this.#options = options;
    this.#conf = parts.conf;
    this.#metastore = parts.metastore;
    this.#access = parts.access;
    this.#events = parts.events;
    this.#sweptAtMs = parts.metastore.now();
  }

  get enabled(): boolean {
    return (
      (this.#options.enabled ?? true) && this.#conf.isOn("enableTokensConfig")
    );
  }

  get maxLifetimeDays(): number {
    return Math.min(
      this.#options.maxLifetimeDays ?? MAX_LIFETIME_DAYS,
      this.#conf.maxTokenLifetimeDays ?? MAX_LIFETIME_DAYS,
      MAX_LIFETIME_DAYS,
    );
  }

  /** Makes and stores a token with its SCRAM verifier. Rights, limits and quota are the caller's: token-requests.ts. */
  issue(fresh: NewToken): IssuedToken {
    const { db, now, keys } = this.#metastore;
    const value = newTokenText(this.prefix);
    const { lifetimeMs, ...given } = fresh;
    const createdAtMs = now();
    const token: TokenRecord = {
      ...given,
      id: tokenId(randomBytes(32).toString("hex")),
      createdAtMs,
      expiresAtMs:
        lifetimeMs === undefined ? undefined : createdAtMs + lifetimeMs,
      lastUsedAtMs: undefined,
      revokedAtMs: undefined,
    };
    db.transaction(() => {
      const { salt, iterations } = this.#saltFor(fresh.principal);
      insertToken(db, token, hashToken(value));
      insertScramVerifier(db, keys.verifiers, {
        token: token.id,
        ...deriveScramKeys(value, salt, iterations),
      });
    });
    return { value, token };
  }

  /** Looks a token up by its text; constant work once the shape is right. `disabled` says whether tokens count while they are disabled. */
  verify(
    text: string,
    disabled: "refused" | "accepted" = "refused",
  ): Verification {
    if (!this.enabled && disabled === "refused") {
      return { kind: "invalid", reason: "disabled" };
    }
    if (!isTokenText(text, this.prefix)) {
      return { kind: "invalid", reason: "malformed" };
    }
    const hash = hashToken(text);
    const key = Buffer.from(hash).toString("base64");
    const knownId = this.#byHash.get(key);
    const known = knownId === undefined ? undefined : this.#fresh(knownId);
    const token = known ?? this.#readByHash(hash, key);
    return token === undefined
      ? { kind: "invalid", reason: "unknown" }
      : this.#judge(token);
  }

  /** Asked at each statement of a long-lived session: still there, not revoked, not expired, its principal active. */
  isLive(id: TokenId): boolean {
    const token = this.#fresh(id) ?? this.#read(id);
    return (
      this.enabled &&
      token !== undefined &&
      this.#judge(token).kind === "valid" &&
      this.#access.activePrincipal(token.principal) !== undefined
    );
  }

  find(id: TokenId): TokenRecord | undefined {
    return findToken(this.#metastore.db, id);
  }

  /** Live ones, newest first; `undefined` lists everybody's. */
  list(principal: PrincipalId | undefined): readonly TokenRecord[] {
    const { db } = this.#metastore;
    const all =
      principal === undefined ? listTokens(db) : listTokensOf(db, principal);
    return all.filter((token) => this.#judge(token).kind === "valid");
  }

  /** Notes a use at most every five minutes a token. */
  noteUse(token: TokenRecord): void {
    const nowMs = this.#metastore.now();
    const current = this.#cache.get(token.id)?.token ?? token;
    const idleMs = nowMs - (current.lastUsedAtMs ?? 0);
    if (idleMs >= 0 && idleMs < USE_INTERVAL_MS) return;
    setTokenUsed(this.#metastore.db, token.id, nowMs);
    this.#remember({ ...current, lastUsedAtMs: nowMs });
  }

  /** Comment and scopes. Sessions that began with other scopes end. */
  change(token: TokenRecord, change: TokenChange): TokenRecord {
    const changed = { ...token, ...change };
    setTokenText(this.#metastore.db, token.id, changed);
    if (change.scopes === undefined) this.#cache.delete(token.id);
    else this.endOf([token.id]);
    return changed;
  }

  /** Ends it everywhere: sessions of this token hear of it once the change is on disk. */
  revoke(id: TokenId): void {
    const { db, now } = this.#metastore;
    db.transaction(() => {
      setTokenRevoked(db, id, now());
      this.endOf([id]);
    });
  }

  /** Tells sessions that these credentials ended, once the change is on disk. */
  endOf(ids: readonly TokenId[]): void {
    if (ids.length === 0) return;
    for (const id of ids) this.#cache.delete(id);
    const gone = new Set(ids);
    this.#metastore.db.afterCommit(() =>
      this.#events.emit(({ credential }) => gone.has(credential)),
    );
  }

  /** Tells sessions that a principal was dropped or deactivated, whatever credential they began with. */
  endOfPrincipal(id: PrincipalId): void {
    for (const token of listTokensOf(this.#metastore.db, id))
      this.#cache.delete(token.id);
    this.#metastore.db.afterCommit(() =>
      this.#events.emit(({ principal }) => principal.id === id),
    );
  }

  /**
   * To be called every few seconds: tells of tokens that expired or were revoked by another process, and revokes those unused for 90
   * days. Answers the latter, for the audit.
   */
  sweep(): readonly TokenRecord[] {
    const { db, now } = this.#metastore;
    const nowMs = now();
    // What ended shortly before is told twice rather than not at all when the clock is set back.
    const sinceMs = Math.min(this.#sweptAtMs, nowMs - SWEEP_OVERLAP_MS);
    const ended = listEndedTokens(db, sinceMs, nowMs);
    this.#sweptAtMs = nowMs;
    this.endOf(ended.map(({ id }) => id));
    const idle = listIdleTokens(db, nowMs - IDLE_DAYS * DAY_MS).filter(
      (token) => this.#judge(token).kind === "valid",
    );
    for (const { id } of idle) this.revoke(id);
    return idle;
  }

  #judge(token: TokenRecord): Verification {
    if (token.revokedAtMs !== undefined) {
      return { kind: "invalid", reason: "revoked", token };
    }
    const { expiresAtMs } = token;
    if (expiresAtMs !== undefined && expiresAtMs <= this.#metastore.now()) {
      return { kind: "invalid", reason: "expired", token };
    }
    return { kind: "valid", token };
  }

  #fresh(id: TokenId): TokenRecord | undefined {
    const entry = this.#cache.get(id);
    const ageMs = this.#metastore.now() - (entry?.readAtMs ?? 0);
    // Below zero the clock was set back.
    return ageMs >= 0 && ageMs < CACHE_MS ? entry?.token : undefined;
  }

  #read(id: TokenId): TokenRecord | undefined {
    const token = findToken(this.#metastore.db, id);
    if (token === undefined) this.#cache.delete(id);
    else this.#remember(token);
    return token;
  }

  #readByHash(hash: Uint8Array, key: string): TokenRecord | undefined {
    const token = findTokenByHash(this.#metastore.db, hash);
    if (token === undefined) return undefined;
    this.#remember(token);
    this.#byHash.set(key, token.id);
    return token;
  }

  #remember(token: TokenRecord): void {
    if (this.#cache.size >= CACHE_ENTRIES) {
      this.#cache.clear();
      this.#byHash.clear();
    }
    this.#cache.set(token.id, { token, readAtMs: this.#metastore.now() });
  }

  #saltFor(principal: PrincipalId): ScramSalt {
    const { db } = this.#metastore;
    const known = findScramSalt(db, principal);
    if (known !== undefined) return known;
    const salt = {
      salt: randomBytes(SALT_BYTES),
      iterations: SCRAM_ITERATIONS,
    };
    insertScramSalt(db, principal, salt);
    return salt;
  }
}
