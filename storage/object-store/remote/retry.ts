// Repeats a request while the store or the network says "not now": exponential back-off with full jitter. Each attempt is built anew,
// since signatures carry the time and credentials may have been refreshed.

import { setTimeout as sleep } from "node:timers/promises";
import { throwIfAborted } from "../../common/errors.ts";
import { errorCode } from "../errors.ts";
import type { Exchange, HttpRequest, HttpResponse } from "./http.ts";

export interface RetryPolicy {
  readonly attempts: number;
  /** The first pause is at most this long, each later one at most twice the one before. */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  /** No attempt begins later than this after the first. */
  readonly totalMs: number;
  readonly random: () => number;
  /** Milliseconds of a steady clock. */
  readonly now: () => number;
  readonly pause: (ms: number, signal?: AbortSignal) => Promise<void>;
}

export const STORE_RETRIES: RetryPolicy = {
  attempts: 8,
  firstPauseMs: 100,
  longestPauseMs: 5_000,
  totalMs: 30_000,
  random: Math.random,
  now: () => performance.now(),
  pause: async (ms, signal) => {
    await sleep(ms, undefined, signal === undefined ? {} : { signal });
  },
};

export interface Sent {
  readonly response: HttpResponse;
  /** An earlier attempt may have been carried out although its answer was lost or an error. */
  readonly uncertain: boolean;
}

export interface Sending {
  /** Builds and signs; told how many attempts went before. */
  readonly build: (attempt: number) => Promise<HttpRequest>;
  /** Repeating it after an unknown outcome changes nothing. */
  readonly idempotent: boolean;
  /** Another answer worth repeating at once, once: credentials that have just expired, a bucket of another region. */
  readonly corrected?: (response: HttpResponse) => boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Throws what the network said last, or 57014; the last answer is returned whatever its status. */
export async function sendWithRetries(
  exchange: Exchange,
  sending: Sending,
  policy: RetryPolicy,
): Promise<Sent> {
  const { signal } = sending;
  const began = policy.now();
  let uncertain = false;
  let correctable = sending.corrected;
  for (let attempt = 0; ; attempt += 1) {
    throwIfAborted(signal);
    const request = await sending.build(attempt);
    const outcome = await attempted(exchange, request, signal);
    const mayRepeat =
      attempt + 1 < policy.attempts && policy.now() - began < policy.totalMs;
    if (outcome.kind === "answer" && mayRepeat) {
      const again = correctable?.(outcome.response) === true;
      if (again) correctable = undefined;
      if (again) continue;
    }
    if (!mayRepeat || !isTransient(outcome, sending.idempotent)) {
      if (outcome.kind === "lost") throw outcome.error;
      return { response: outcome.response, uncertain };
    }
    // A 503 should mean that nothing happened; proxies send it for what did.
    uncertain ||= !(outcome.kind === "lost" && neverSent(outcome.error));
    const ms = Math.max(askedPauseMs(outcome), pauseMs(policy, attempt));
    await paused(policy, ms, signal);
  }
}

type Outcome =
  | { readonly kind: "answer"; readonly response: HttpResponse }
  | { readonly kind: "lost"; readonly error: unknown };

async function attempted(
  exchange: Exchange,
  request: HttpRequest,
  signal: AbortSignal | undefined,
): Promise<Outcome> {
  try {
    return { kind: "answer", response: await exchange(request, signal) };
  } catch (error) {
    throwIfAborted(signal);
    return { kind: "lost", error };
  }
}

async function paused(
  policy: RetryPolicy,
  ms: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    await policy.pause(ms, signal);
  } catch (error) {
    throwIfAborted(signal);
    throw error;
  }
}

/** Full jitter: callers that failed together do not come back together. */
function pauseMs(policy: RetryPolicy, attempt: number): number {
  const longest = Math.min(
    policy.longestPauseMs,
    policy.firstPauseMs * 2 ** attempt,
  );
  return policy.random() * longest;
}

const LONGEST_ASKED_MS = 10_000;

/** What `Retry-After` asks for in seconds; a date is ignored. */
function askedPauseMs(outcome: Outcome): number {
  if (outcome.kind === "lost") return 0;
  const seconds = Number(outcome.response.headers.get("retry-after") ?? "0");
  return Number.isFinite(seconds)
    ? Math.min(LONGEST_ASKED_MS, Math.max(0, seconds * 1000))
    : 0;
}

function isTransient(outcome: Outcome, idempotent: boolean): boolean {
  if (wasNotCarriedOut(outcome)) return true;
  if (!idempotent) return false;
  return (
    outcome.kind === "lost" ||
    [408, 500, 502, 504].includes(outcome.response.status)
  );
}

/** "Slow down", "busy", or no connection at all. */
function wasNotCarriedOut(outcome: Outcome): boolean {
  return outcome.kind === "lost"
    ? neverSent(outcome.error)
    : [429, 503].includes(outcome.response.status);
}

const NEVER_SENT: readonly string[] = [
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
];

/** No connection came about, so the request did not leave. */
function neverSent(error: unknown): boolean {
  return NEVER_SENT.includes(errorCode(error) ?? "");
}
