// The one error class of the whole program. Areas throw it through named constructors in their own errors.ts.

import type { SqlState } from "./sqlstate.ts";

/** What of the catalog an error is about, where PostgreSQL names it for programs (manual, "Error and Notice Message Fields"). */
export interface ErrorObject {
  readonly schema?: string;
  readonly table?: string;
  readonly column?: string;
  readonly constraint?: string;
}

interface SqlErrorFields {
  /** A sentence with the facts that do not fit the message. */
  readonly detail?: string | undefined;
  /** A sentence telling the user what to do. */
  readonly hint?: string | undefined;
  /** Characters (code points) from 1 in the text the user sent. */
  readonly position?: number | undefined;
  /** Where in the data it happened: `COPY t, line 3, column a: "x"`. */
  readonly context?: string | undefined;
  /** PostgreSQL's function that raises it, for the few errors that drivers know by it. */
  readonly routine?: string | undefined;
  readonly object?: ErrorObject | undefined;
  readonly cause?: unknown;
}

/** A failure in PostgreSQL's terms: lower-case message of one fact, SQLSTATE, and where it applies detail, hint, position. */
export class SqlError extends Error {
  readonly code: SqlState;
  readonly detail: string | undefined;
  readonly hint: string | undefined;
  readonly position: number | undefined;
  readonly context: string | undefined;
  readonly routine: string | undefined;
  readonly object: ErrorObject | undefined;

  constructor(code: SqlState, message: string, fields: SqlErrorFields = {}) {
    super(
      message,
      fields.cause === undefined ? undefined : { cause: fields.cause },
    );
    this.name = "SqlError";
    this.code = code;
    this.detail = fields.detail;
    this.hint = fields.hint;
    this.position = fields.position;
    this.context = fields.context;
    this.routine = fields.routine;
    this.object = fields.object;
  }
}

/** 0A000 naming the construct, which reads as a subject: "recursive views are not supported". */
export function notSupported(
  construct: string,
  position?: number,
  hint?: string,
): SqlError {
  return new SqlError("0A000", `${construct} not supported`, {
    position,
    hint,
  });
}

/** 57014 with PostgreSQL's text for a cancel by the user; timeouts give their own. */
export function queryCanceled(
  message = "canceling statement due to user request",
): SqlError {
  return new SqlError("57014", message);
}

/** Throws 57014 (or the signal's own SqlError reason) once `signal` is aborted. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return;
  throw signal.reason instanceof SqlError ? signal.reason : queryCanceled();
}

/** What `promise` gives, or 57014 as soon as `signal` is aborted: for work that others share, so that only the one who waits may leave. */
export async function untilAborted<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (signal === undefined) return promise;
  // Whoever leaves early does not hear how it ended.
  promise.catch(() => undefined);
  throwIfAborted(signal);
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => {
      try {
        throwIfAborted(signal);
      } catch (error) {
        reject(error instanceof SqlError ? error : queryCanceled());
      }
    };
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
