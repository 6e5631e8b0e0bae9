// Slows down who guesses (authentication section 6): failures are counted by address. A token of 256 bits cannot be guessed, so a right
// one always passes and no user or office behind one address is locked out; wrong ones get their answer late, or 429.

import { parseAddress } from "./ip-address.ts";

const WINDOW_MS = 10 * 60_000;
const FREE_FAILURES = 100;
/** Addresses remembered; the ones counted first are forgotten first. */
const MAX_ADDRESSES = 10_000;
const FIRST_DELAY_MS = 25;
const MAX_DELAY_MS = 5_000;
/** Failures after which the delay doubles. */
const DOUBLING = 200;
/** Answers held back at a time, so that holding costs little memory. */
const MAX_DELAYED = 200;

interface Count {
  readonly sinceMs: number;
  failures: number;
}

export class LogInLimits {
  readonly #now: () => number;
  readonly #counts = new Map<string, Count>();
  #delayed = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  failed(address: string): void {
    const key = networkOf(address);
    const count = this.#current(key);
    if (count !== undefined) {
      count.failures += 1;
      return;
    }
    this.#counts.delete(key);
    if (this.#counts.size >= MAX_ADDRESSES) {
      const [oldest = ""] = this.#counts.keys();
      this.#counts.delete(oldest);
    }
    this.#counts.set(key, { sinceMs: this.#now(), failures: 1 });
  }

  /** Milliseconds until the address may fail again; 0 while it may. */
  retryAfterMs(address: string): number {
    const count = this.#current(networkOf(address));
    return count === undefined || count.failures <= FREE_FAILURES
      ? 0
      : count.sinceMs + WINDOW_MS - this.#now();
  }

  /** How long to hold back the answer to a failure. */
  delayMs(address: string): number {
    const failures = this.#current(networkOf(address))?.failures ?? 0;
    if (failures <= FREE_FAILURES) return 0;
    const doublings = Math.floor((failures - FREE_FAILURES) / DOUBLING);
    return Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** doublings);
  }

  /** Waits for `delayMs`; at once when too many wait already. */
  async hold(
    address: string,
    after: (delayMs: number, action: () => void) => void,
  ): Promise<void> {
    const delayMs = this.delayMs(address);
    if (delayMs === 0 || this.#delayed >= MAX_DELAYED) return;
    this.#delayed += 1;
    await new Promise<void>((resolve) => after(delayMs, resolve));
    this.#delayed -= 1;
  }

  #current(key: string): Count | undefined {
    const count = this.#counts.get(key);
    if (count === undefined) return undefined;
    // A clock that was set back must not keep an address waiting until it has caught up.
    const ageMs = this.#now() - count.sinceMs;
    return ageMs >= 0 && ageMs < WINDOW_MS ? count : undefined;
  }
}

/** One machine has a whole /64 of IPv6 to choose from. */
function networkOf(address: string): string {
  const parsed = parseAddress(address);
  if (parsed === undefined) return address;
  return parsed.bits === 32 ? `4/${parsed.value}` : `6/${parsed.value >> 64n}`;
}
