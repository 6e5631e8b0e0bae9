// One client's connection after its start-up packet: log-in, then the query loop with PostgreSQL's rules about errors,
// Sync and ReadyForQuery. It owns the session and ends it.

import type { Duplex } from "node:stream";
import type { SqlError } from "../../storage/common/errors.ts";
import { systemClock } from "../session/clock.ts";
import { after, attempt, type Awaitable } from "../session/awaitable.ts";
import type { Clock } from "../session/clock.ts";
import type { QueryEngine } from "../session/engine.ts";
import type { Session } from "../session/session.ts";
import {
  adminShutdown,
  functionCallRefused,
  idleInTransaction,
  idleSession,
  invalidMessageType,
} from "./errors.ts";
import { asSqlError, errorResponse } from "./error-response.ts";
import { bind, close, describe, execute, parse } from "./extended-query.ts";
import type { Inbox } from "./inbox.ts";
import type { FrontendMessage } from "./messages.ts";
import type { Output } from "./output.ts";
import { sendNotices } from "./query-context.ts";
import type { QueryContext } from "./query-context.ts";
import { runSimpleQuery } from "./simple-query.ts";

/** A client that reads nothing gets this long to take the last message. */
const LINGER_MS = 1000;
/** Messages whose failure makes the rest up to Sync void. */
const EXTENDED_TYPES: ReadonlySet<string> = new Set(["P", "B", "D", "E", "C"]);

export interface ConnectionParts {
  readonly stream: Duplex;
  readonly inbox: Inbox;
  readonly output: Output;
  readonly session: Session;
  readonly engine: QueryEngine;
  readonly clock?: Clock;
  /** Hears of what is not the user's fault: XX000 with its cause. */
  readonly onInternalError: (error: SqlError, session: Session) => void;
}

export class Connection {
  readonly session: Session;
  readonly #parts: ConnectionParts;
  readonly #context: QueryContext;
  readonly #clock: Clock;
  #skipping = false;
  #busy = false;
  #draining = false;
  #fatal: SqlError | undefined;

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
    this.session = parts.session;
    this.#context = parts;
    this.#clock = parts.clock ?? systemClock;
    parts.stream.once("close", () => this.session.cancel());
    this.session.onTell(() => {
      sendNotices(parts);
      parts.output.flush();
    });
  }

  /** Serves the client until it leaves or is sent away; then the session is over. */
  async run(): Promise<void> {
    const { inbox } = this.#parts;
    try {
      this.#ready();
      while (this.#fatal === undefined) {
        const message = inbox.poll() ?? (await this.#wait());
        if (message === undefined || message.kind === "Terminate") break;
        this.#busy = true;
        const working = this.#handle(message);
        if (working !== undefined) await working;
        this.#busy = false;
        const pressure = this.#parts.output.backPressure;
        if (pressure !== undefined) await pressure;
      }
    } finally {
      this.#busy = false;
      await this.#finish();
    }
  }

  /** Ends the connection with FATAL `error`, in the middle of a statement too. */
  terminate(error: SqlError): void {
    if (this.#fatal !== undefined) return;
    this.#fatal = error;
    this.session.cancel(error);
    this.#parts.inbox.wake();
    this.#destroyAfter(LINGER_MS);
  }

  /** Ends the connection as soon as no statement runs. */
  drain(): void {
    this.#draining = true;
    if (!this.#busy) this.terminate(adminShutdown());
  }

  /** Undefined when the message is dealt with already. */
  #handle(message: FrontendMessage): Promise<void> | undefined {
    if (message.kind === "Broken") {
      this.#fatal = message.error;
      return undefined;
    }
    if (message.kind === "Sync") {
      this.#skipping = false;
      return this.#sync();
    }
    if (this.#skipping) return undefined;
    const working = attempt(() => this.#dispatch(message));
    return working instanceof Promise
      ? working.catch((error: unknown) => this.#failed(message, error))
      : undefined;
  }

  async #failed(message: FrontendMessage, error: unknown): Promise<void> {
    await this.#fail(asSqlError(error));
    if (isExtended(message)) {
      this.#skipping = true;
      // A client that sent Flush, not Sync, waits for the error before it goes on.
      this.#parts.output.flush();
    } else this.#ready();
  }

  #dispatch(message: FrontendMessage): Awaitable<void> {
    const context = this.#context;
    switch (message.kind) {
      case "Query":
        return after(runSimpleQuery(context, message.query), () =>
          this.#ready(),
        );
      case "Parse":
        return parse(context, message);
      case "Bind":
        return bind(context, message);
      case "Describe":
        return describe(context, message);
      case "Execute":
        return execute(context, message);
      case "Close":
        return close(context, message);
      case "Flush":
        return this.#parts.output.flush();
      default:
        return this.#dispatchOther(message);
    }
  }

  #dispatchOther(message: FrontendMessage): void {
    switch (message.kind) {
      case "FunctionCall":
        throw functionCallRefused();
      case "Malformed":
        throw message.error;
      case "AuthenticationResponse":
        this.#fatal = invalidMessageType("p".charCodeAt(0));
        return;
      default:
        // CopyData and its like outside COPY: what a client still sends after an error, to be ignored.
        return;
    }
  }

  #sync(): Promise<void> | undefined {
    const ending = this.session.endStatement();
    if (ending !== undefined)
      return ending
        .catch((error: unknown) => this.#fail(asSqlError(error)))
        .then(() => this.#ready());
    this.#ready();
    return undefined;
  }

  async #fail(error: SqlError): Promise<void> {
    const { output, onInternalError } = this.#parts;
    if (error.code === "XX000") onInternalError(error, this.session);
    await this.session.fail();
    // A FATAL error follows instead.
    if (this.#fatal !== undefined) return;
    if (error.code === "57P01") {
      this.#fatal = error;
      return;
    }
    sendNotices(this.#context);
    output.send(errorResponse(error));
  }

  #ready(): void {
    if (this.#fatal !== undefined) return;
    const { output } = this.#parts;
    const { session } = this;
    sendNotices(this.#context);
    for (const [name, value] of session.settings.takeChanges()) {
      output.send({ kind: "ParameterStatus", name, value });
    }
    output.send({ kind: "ReadyForQuery", status: session.transaction.status });
    output.flush();
    if (this.#draining) this.#fatal = adminShutdown();
  }

  /** Waits for a message, no longer than the session may idle. */
  #wait(): Promise<FrontendMessage | undefined> {
    const stopTimer = this.#idleTimer();
    const message = this.#parts.inbox.next();
    return stopTimer === undefined ? message : message.finally(stopTimer);
  }

  #idleTimer(): (() => void) | undefined {
    const { settings, transaction } = this.session;
    const inBlock = transaction.status !== "I";
    const { idleMs, idleInBlockMs } = settings.limits();
    const limitMs = inBlock ? idleInBlockMs : idleMs;
    if (limitMs === 0) return undefined;
    return this.#clock.after(limitMs, () =>
      this.terminate(inBlock ? idleInTransaction() : idleSession()),
    );
  }

  async #finish(): Promise<void> {
    const { output, stream } = this.#parts;
    if (this.#fatal !== undefined) {
      output.send(errorResponse(this.#fatal, "FATAL"));
    }
    output.flush();
    stream.end();
    this.#destroyAfter(LINGER_MS);
    try {
      await this.session.close();
    } catch (error) {
      this.#parts.onInternalError(asSqlError(error), this.session);
    }
  }

  #destroyAfter(delayMs: number): void {
    const { stream } = this.#parts;
    const stop = systemClock.after(delayMs, () => stream.destroy());
    stream.once("close", stop);
  }
}

function isExtended(message: FrontendMessage): boolean {
  switch (message.kind) {
    case "Parse":
    case "Bind":
    case "Describe":
    case "Execute":
    case "Close":
    case "Flush":
      return true;
    case "Malformed":
      return EXTENDED_TYPES.has(message.type);
    default:
      return false;
  }
}
