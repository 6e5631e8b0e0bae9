// All sessions of this gateway by backend pid: who may cancel or end which.

import { randomBytes, randomInt, timingSafeEqual } from "node:crypto";
import { queryCanceled } from "../../storage/common/errors.ts";
import type { SqlError } from "../../storage/common/errors.ts";
import type { Session, StatementListener } from "./session.ts";

interface Entry {
  readonly session: Session;
  readonly secretKey: Buffer;
  /** Ends the connection with FATAL `error`. */
  readonly terminate: (error: SqlError) => void;
}

export interface CancelKey {
  readonly processId: number;
  readonly secretKey: Buffer;
}

/** Cancel requests one address may send within a second. */
const CANCELS_PER_SECOND = 50;

export class SessionRegistry {
  readonly #entries = new Map<number, Entry>();
  readonly #cancels = new Map<string, { second: number; count: number }>();
  #lastPid: number = randomInt(1000, 1_000_000);
  readonly #onEnded: StatementListener;

  constructor(onEnded: StatementListener = () => undefined) {
    this.#onEnded = onEnded;
  }

  /** A pid no live session has: positive, below 2^31. */
  nextPid(): number {
    do {
      this.#lastPid = this.#lastPid >= 2_000_000_000 ? 1000 : this.#lastPid + 1;
    } while (this.#entries.has(this.#lastPid));
    return this.#lastPid;
  }

  /** Gives the secret key of BackendKeyData; `keyBytes` is 4 up to protocol 3.1 and 32 since 3.2. */
  add(
    session: Session,
    keyBytes: number,
    terminate: (error: SqlError) => void,
  ): Buffer {
    const secretKey = randomBytes(keyBytes);
    session.onEnded(this.#onEnded);
    this.#entries.set(session.pid, { session, secretKey, terminate });
    return secretKey;
  }

  remove(session: Session): void {
    this.#entries.delete(session.pid);
  }

  sessions(): readonly Session[] {
    return [...this.#entries.values()].map((entry) => entry.session);
  }

  find(pid: number): Session | undefined {
    return this.#entries.get(pid)?.session;
  }

  /** A CancelRequest; it is never answered, and neither pid nor key can be told apart by its time. */
  cancelRequest(
    { processId, secretKey }: CancelKey,
    address: string,
    nowMs: number,
  ): void {
    if (!this.#mayCancel(address, Math.floor(nowMs / 1000))) return;
    const entry = this.#entries.get(processId);
    const expected = entry?.secretKey ?? Buffer.alloc(secretKey.length);
    if (expected.length !== secretKey.length) return;
    const equal = timingSafeEqual(expected, secretKey);
    if (entry !== undefined && equal) entry.session.cancel(queryCanceled());
  }

  /** `pg_cancel_backend`. False when there is no such session. */
  cancel(pid: number): boolean {
    const entry = this.#entries.get(pid);
    entry?.session.cancel(queryCanceled());
    return entry !== undefined;
  }

  /** `pg_terminate_backend`. False when there is no such session. */
  terminate(pid: number, error: SqlError): boolean {
    const entry = this.#entries.get(pid);
    entry?.terminate(error);
    return entry !== undefined;
  }

  /** Ends every session `where` holds for: a revoked credential, a removed user. Returns how many. */
  terminateWhere(
    where: (session: Session) => boolean,
    error: SqlError,
  ): number {
    const hit = [...this.#entries.values()].filter((one) => where(one.session));
    for (const entry of hit) entry.terminate(error);
    return hit.length;
  }

  #mayCancel(address: string, second: number): boolean {
    const seen = this.#cancels.get(address);
    if (seen?.second !== second) {
      if (this.#cancels.size > 1000) this.#cancels.clear();
      this.#cancels.set(address, { second, count: 1 });
      return true;
    }
    seen.count += 1;
    return seen.count <= CANCELS_PER_SECOND;
  }
}
