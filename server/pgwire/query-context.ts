// What the message handlers of one connection share, and the frame every statement runs in: time-out, cancel, expiry.

import type { QueryEngine } from "../session/engine.ts";
import { statementTimedOut } from "../session/errors.ts";
import type { Session } from "../session/session.ts";
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

/** Runs `step` as the session's current statement: a cancel request or statement_timeout aborts `controller`. Throws 57P01, 57014. */
export async function runStatement<T>(
  { session }: QueryContext,
  sql: string,
  controller: AbortController,
  step: () => Promise<T>,
): Promise<T> {
  const { expiresAtMs } = session.identity;
  if (expiresAtMs !== undefined && session.clock.now() >= expiresAtMs) {
    throw credentialExpired();
  }
  session.startRunning(controller, sql);
  const limitMs = session.settings.number("statement_timeout");
  const stopTimer =
    limitMs > 0
      ? session.clock.after(limitMs, () =>
          controller.abort(statementTimedOut()),
        )
      : undefined;
  try {
    return await step();
  } finally {
    stopTimer?.();
    session.stopRunning();
  }
}

/** Sends what the statement had to say so far. */
export function sendNotices({ session, output }: QueryContext): void {
  if (!session.hasNotices) return;
  for (const notice of session.takeNotices())
    output.send(noticeResponse(notice));
}
