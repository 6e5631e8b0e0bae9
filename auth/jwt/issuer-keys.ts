// The keys of one issuer in memory: read again every ten minutes, once more for a key nobody knows yet, and not lost while the issuer is
// out of reach (authentication section 4, JWKS).

import type { KeyObject } from "node:crypto";
import { keySetUnusable } from "./errors.ts";
import type { Algorithm } from "./issuer.ts";
import { findKey, parseKeySet, type VerificationKey } from "./key-set.ts";
import type { KeySource } from "./key-source.ts";

/** Between two readings that a token of an unknown key asked for, and after one that failed. */
const PAUSE_MS = 30_000;
/** How long the last good keys count while no new ones can be had. */
const LAST_GOOD_MS = 24 * 3_600_000;

export interface IssuerKeysOptions {
  readonly source: KeySource;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Hears of each reading that failed. */
  readonly onError: (error: unknown) => void;
}

export class IssuerKeys implements AsyncDisposable {
  readonly #options: IssuerKeysOptions;
  readonly #stop = new AbortController();
  #keys: readonly VerificationKey[] | undefined;
  #readAtMs = 0;
  #failedAtMs: number | undefined;
  #askedAtMs: number | undefined;
  #reading: Promise<void> | undefined;
  /** Those that ended, well or not. */
  #readings = 0;

  constructor(options: IssuerKeysOptions) {
    this.#options = options;
  }

  /** Undefined when the issuer has no such key, or cannot be asked. */
  async find(
    id: string | undefined,
    algorithm: Algorithm,
  ): Promise<KeyObject | undefined> {
    const before = this.#readings;
    const known = findKey(await this.#current(), id, algorithm);
    const wasRead = this.#readings !== before;
    if (known !== undefined || wasRead || !this.#mayAskAgain()) return known;
    await this.#read();
    return findKey(this.#keys ?? [], id, algorithm);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#reading;
    await this.#options.source[Symbol.asyncDispose]();
  }

  /** In the second half of their time keys count while new ones are read; afterwards a token waits for the reading. */
  async #current(): Promise<readonly VerificationKey[]> {
    const { freshMs } = this.#options.source;
    if (!this.#isWithin(this.#readAtMs, freshMs))
      await this.#readUnlessFailed();
    else if (!this.#isWithin(this.#readAtMs, freshMs / 2))
      void this.#readUnlessFailed();
    if (!this.#isWithin(this.#readAtMs, LAST_GOOD_MS)) this.#keys = undefined;
    return this.#keys ?? [];
  }

  /** One reading for any number of tokens with made-up keys. */
  #mayAskAgain(): boolean {
    if (this.#isWithin(this.#askedAtMs, PAUSE_MS)) return false;
    if (this.#isWithin(this.#failedAtMs, PAUSE_MS)) return false;
    this.#askedAtMs = this.#options.now();
    return true;
  }

  async #readUnlessFailed(): Promise<void> {
    if (!this.#isWithin(this.#failedAtMs, PAUSE_MS)) await this.#read();
  }

  /** Never rejects; those who come meanwhile wait for the same one. */
  #read(): Promise<void> {
    this.#reading ??= this.#readOnce().finally(() => {
      this.#reading = undefined;
      this.#readings += 1;
    });
    return this.#reading;
  }

  async #readOnce(): Promise<void> {
    const { source, now, onError } = this.#options;
    try {
      const keys = parseKeySet(await source.read(this.#stop.signal));
      if (keys === undefined)
        throw keySetUnusable("The answer is not a JSON Web Key Set.");
      this.#keys = keys;
      this.#readAtMs = now();
      this.#failedAtMs = undefined;
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      this.#failedAtMs = now();
      onError(error);
    }
  }

  /** A clock that was set back makes no time older than it is: what lies ahead of it is not within. */
  #isWithin(sinceMs: number | undefined, limitMs: number): boolean {
    if (sinceMs === undefined) return false;
    const ageMs = this.#options.now() - sinceMs;
    return ageMs >= 0 && ageMs < limitMs;
  }
}
