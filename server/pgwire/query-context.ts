// What the message handlers of one connection share, and the frame every statement runs in: time-out, cancel, expiry.

import { attempt, type Awaitable } from "../session/awaitable.ts";
import type { QueryEngine } from "../session/engine.ts";
import { statementTimedOut } from "../session/errors.ts";
import type { Activity, Session } from "../session/session.ts";
import { credentialExpired } from "./errors.ts";
import { noticeResponse } from "./error-response.ts";
import type { Inbox } from "./inbox.ts";
import type { Output } from "./output.ts";

export interface QueryContext {
  readonly session: Session;
  readonly engine: QueryEngine;
  readonly inbox: Inbox;
  readonly output: Output;
}

interface Running {
  readonly controller: AbortController;
  /** Of a statement that runs in several steps: when it began. */
  readonly begun?: () => Activity | undefined;
}

/**
 * Runs `step` as the session's current statement: a cancel request or statement_timeout aborts `controller`. What it throws ends the
 * statement; whether it ends when `step` does is the caller's to say. Throws 57P01, 57014.
 */
export function runStatement<T>(
  { session }: QueryContext,
  sql: string,
  { controller, begun }: Running,
  step: () => Awaitable<T>,
): Awaitable<T> {
  const { expiresAtMs } = session.identity;
  if (expiresAtMs !== undefined && session.clock.now() >= expiresAtMs) {
    throw credentialExpired();
  }
  session.startRunning(controller, sql);
  const limitMs = session.settings.limits().statementMs;
  const stopTimer =
    limitMs > 0
      ? session.clock.after(limitMs, () =>
          controller.abort(statementTimedOut()),
        )
      : undefined;
  const stop = (): void => {
    stopTimer?.();
    session.stopRunning();
  };
  const result = attempt(step);
  if (!(result instanceof Promise)) {
    stop();
    return result;
  }
  return result
    .catch((error: unknown) => {
      session.ended({ error }, begun?.() ?? session.activity);
      throw error;
    })
    .finally(stop);
}

/** Rows given or changed, as a command tag says: 5 of `INSERT 0 5`. */
export function rowsOfTag(tag: string): number | undefined {
  const digits = / (\d+)$/.exec(tag)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Sends what the statement had to say so far. */
export function sendNotices({ session, output }: QueryContext): void {
  if (!session.hasNotices) return;
  for (const notice of session.takeNotices())
    output.send(noticeResponse(notice));
}
