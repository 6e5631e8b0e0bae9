// Accepts connections of PostgreSQL clients: limits before the log-in, TLS, cancel requests, draining at the end.

import { createServer } from "node:net";
import type { Server, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { createSecureContext } from "node:tls";
import type { SqlError } from "../../storage/common/errors.ts";
import { systemClock } from "../session/clock.ts";
import type { Clock } from "../session/clock.ts";
import type { QueryEngine } from "../session/engine.ts";
import { SessionRegistry } from "../session/registry.ts";
import type { Session } from "../session/session.ts";
import { Connection } from "./connection.ts";
import {
  adminShutdown,
  authenticationTimedOut,
  shuttingDown,
  tooManyConnections,
} from "./errors.ts";
import { asSqlError, errorResponse } from "./error-response.ts";
import { Inbox } from "./inbox.ts";
import { logIn } from "./login.ts";
import type { LoginRules } from "./login.ts";
import { open } from "./opening.ts";
import type { Opening, TlsOffer } from "./opening.ts";
import { Output } from "./output.ts";
import { readProxyHeader } from "./proxy-protocol.ts";
import { readStartup } from "./startup-parameters.ts";

export interface TlsFiles {
  /** PEM. */
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
}

export interface ListenerLimits {
  /** Sessions. */
  readonly maxConnections: number;
  /** Connections that have not logged in. */
  readonly maxUnauthenticated: number;
  readonly maxUnauthenticatedPerAddress: number;
  /** From accept to the first ReadyForQuery. */
  readonly authenticationTimeoutMs: number;
  /** Of one message after the log-in. */
  readonly maxMessageBytes: number;
}

export const DEFAULT_LIMITS: ListenerLimits = {
  maxConnections: 1000,
  maxUnauthenticated: 500,
  maxUnauthenticatedPerAddress: 200,
  authenticationTimeoutMs: 10_000,
  maxMessageBytes: 64 * 1024 * 1024,
};
/** Silence after which the kernel asks whether a client is still there. */
const KEEPALIVE_MS = 60_000;
/** Of a password message. */
const MAX_LOGIN_MESSAGE_BYTES = 64 * 1024;

export interface ListenerOptions extends LoginRules {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly engine: QueryEngine;
  /** Balancers: they announce the client by the PROXY protocol, and must. */
  readonly isTrustedProxy?: ((address: string) => boolean) | undefined;
  /** Called for each connection, so that a renewed certificate takes effect; undefined means no TLS. */
  readonly tls?: TlsFiles | (() => TlsOffer | undefined) | undefined;
  readonly limits?: Partial<ListenerLimits> | undefined;
  readonly clock?: Clock | undefined;
  /** Shared with what answers pg_stat_activity and pg_cancel_backend. */
  readonly registry?: SessionRegistry | undefined;
  /** Hears of XX000 and of what happens outside a statement. */
  readonly onInternalError?:
    ((error: SqlError, session: Session | undefined) => void) | undefined;
}

export interface PgListener {
  readonly port: number;
  readonly registry: SessionRegistry;
  /** Sessions now. */
  readonly connections: number;
  /** No new sessions; idle ones end now, running statements get `graceMs`, then 57P01. Resolves when all are gone. */
  close(graceMs: number): Promise<void>;
}

/** Rejects when the address cannot be listened on. */
export async function startPgListener(
  options: ListenerOptions,
): Promise<PgListener> {
  const listener = new Listener(options);
  await listener.listen(options.host, options.port);
  return listener;
}

class Listener implements PgListener {
  readonly registry: SessionRegistry;
  readonly #options: ListenerOptions;
  readonly #limits: ListenerLimits;
  readonly #clock: Clock;
  readonly #server: Server;
  readonly #tlsOffer: () => TlsOffer | undefined;
  readonly #connections = new Set<Connection>();
  /** Sockets that have not logged in, with the address they count for once it is known. */
  readonly #waiting = new Map<Socket, string | undefined>();
  readonly #perAddress = new Map<string, number>();
  readonly #running = new Set<Promise<void>>();
  #closing = false;

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#clock = options.clock ?? systemClock;
    this.registry = options.registry ?? new SessionRegistry();
    this.#tlsOffer = tlsOfferOf(options.tls);
    this.#server = createServer(
      {
        allowHalfOpen: true,
        noDelay: true,
        keepAlive: true,
        keepAliveInitialDelay: KEEPALIVE_MS,
      },
      (socket) => this.#accept(socket),
    );
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  get connections(): number {
    return this.#connections.size;
  }

  async listen(host: string, port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen({ host, port, backlog: 511 }, () => {
        this.#server.off("error", reject);
        resolve();
      });
    });
  }

  async close(graceMs: number): Promise<void> {
    this.#closing = true;
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    for (const socket of this.#waiting.keys()) socket.destroy();
    for (const connection of this.#connections) connection.drain();
    const stopTimer = this.#clock.after(graceMs, () => {
      for (const one of this.#connections) one.terminate(adminShutdown());
    });
    await Promise.all(this.#running);
    stopTimer();
    await closed;
  }

  #accept(socket: Socket): void {
    const peer = socket.remoteAddress ?? "";
    const isProxied = this.#options.isTrustedProxy?.(peer) === true;
    socket.on("error", () => undefined);
    if (
      this.#waiting.size >= this.#limits.maxUnauthenticated ||
      (!isProxied && !this.#mayWait(peer))
    ) {
      refuse(socket, tooManyConnections());
      return;
    }
    this.#waiting.set(socket, undefined);
    if (!isProxied) this.#count(socket, peer);
    const run = this.#serve(socket, peer, isProxied).catch((error: unknown) => {
      this.#options.onInternalError?.(asSqlError(error), undefined);
      socket.destroy();
    });
    this.#running.add(run);
    void run.finally(() => {
      this.#running.delete(run);
      this.#admitted(socket);
    });
  }

  #mayWait(address: string): boolean {
    const already = this.#perAddress.get(address) ?? 0;
    return already < this.#limits.maxUnauthenticatedPerAddress;
  }

  #count(socket: Socket, address: string): void {
    this.#waiting.set(socket, address);
    this.#perAddress.set(address, (this.#perAddress.get(address) ?? 0) + 1);
  }

  /** The socket no longer counts as one that has not logged in. */
  #admitted(socket: Socket): void {
    const address = this.#waiting.get(socket);
    if (!this.#waiting.delete(socket) || address === undefined) return;
    const left = (this.#perAddress.get(address) ?? 1) - 1;
    if (left === 0) this.#perAddress.delete(address);
    else this.#perAddress.set(address, left);
  }

  /** Whom a balancer speaks for; undefined when it does not say so, or that one has too many connections. */
  async #announced(socket: Socket, peer: string): Promise<string | undefined> {
    const header = await readProxyHeader(socket);
    if (header === undefined) {
      socket.destroy();
      return undefined;
    }
    const address = header.client ?? peer;
    if (header.client !== undefined && !this.#mayWait(address)) {
      refuse(socket, tooManyConnections());
      return undefined;
    }
    this.#count(socket, address);
    return address;
  }

  async #serve(
    socket: Socket,
    peer: string,
    isProxied: boolean,
  ): Promise<void> {
    const deadline = new Deadline();
    const stopTimer = this.#clock.after(
      this.#limits.authenticationTimeoutMs,
      () => deadline.pass(socket),
    );
    try {
      const address = isProxied ? await this.#announced(socket, peer) : peer;
      if (address === undefined) return;
      const opening = await open(socket, this.#tlsOffer);
      const connection = await this.#logIn(opening, address, deadline);
      if (connection === undefined) {
        if (opening.kind === "closed") socket.destroy();
        return;
      }
      stopTimer();
      this.#admitted(socket);
      await this.#run(connection);
    } finally {
      stopTimer();
    }
  }

  async #run(connection: Connection): Promise<void> {
    this.#connections.add(connection);
    try {
      if (this.#closing) connection.drain();
      await connection.run();
    } finally {
      this.#connections.delete(connection);
      this.registry.remove(connection.session);
    }
  }

  /** Undefined when there is no session to serve; whoever is owed an answer has got it. */
  async #logIn(
    opening: Opening,
    address: string,
    deadline: Deadline,
  ): Promise<Connection | undefined> {
    switch (opening.kind) {
      case "closed":
        return undefined;
      case "cancel":
        this.registry.cancelRequest(opening, address, this.#clock.now());
        endSoon(opening.stream);
        return undefined;
      case "refused":
        refuse(opening.stream, opening.error);
        return undefined;
      case "startup":
        break;
    }
    const { stream, rest, encrypted, channelBinding, certificate } = opening;
    const inbox = new Inbox(stream, MAX_LOGIN_MESSAGE_BYTES);
    const output = new Output(stream);
    deadline.onPass(() => {
      refuse(stream, authenticationTimedOut());
      inbox.stop();
    });
    try {
      const request = readStartup(opening.packet);
      if (this.#closing) throw shuttingDown();
      if (this.#connections.size >= this.#limits.maxConnections) {
        throw tooManyConnections();
      }
      inbox.unshift(rest);
      const session = await logIn(request, this.#options, {
        inbox,
        output,
        registry: this.registry,
        clock: this.#clock,
        encrypted,
        channelBinding,
        certificate,
        clientAddress: address,
      });
      if (session === undefined || deadline.passed) {
        stream.end();
        stream.destroy();
        return undefined;
      }
      inbox.decoder.maxMessageBytes = this.#limits.maxMessageBytes;
      const connection = new Connection({
        stream,
        inbox,
        output,
        session,
        engine: this.#options.engine,
        clock: this.#clock,
        onInternalError: (error, failed) =>
          this.#options.onInternalError?.(error, failed),
      });
      this.#greet(connection, output, request.minor);
      return connection;
    } catch (error) {
      const known = asSqlError(error);
      if (known.code === "XX000") {
        this.#options.onInternalError?.(known, undefined);
      }
      output.flush();
      refuse(stream, known);
      return undefined;
    }
  }

  /** What follows AuthenticationOk, up to the first ReadyForQuery. */
  #greet(connection: Connection, output: Output, minor: number): void {
    const { session } = connection;
    for (const [name, value] of session.settings.takeChanges()) {
      output.send({ kind: "ParameterStatus", name, value });
    }
    const secretKey = this.registry.add(session, minor >= 2 ? 32 : 4, (error) =>
      connection.terminate(error),
    );
    output.send({
      kind: "BackendKeyData",
      processId: session.pid,
      secretKey,
    });
  }
}

/** The end of the time for logging in: what to do then changes as the log-in goes on. */
class Deadline {
  passed = false;
  #action: (() => void) | undefined;

  onPass(action: () => void): void {
    this.#action = action;
  }

  pass(socket: Socket): void {
    this.passed = true;
    this.#action?.();
    if (this.#action === undefined) socket.destroy();
  }
}

/** Sends FATAL `error` and closes; a client that does not read is cut off. */
function refuse(stream: Duplex, error: SqlError): void {
  const output = new Output(stream);
  output.send(errorResponse(error, "FATAL"));
  output.flush();
  endSoon(stream);
}

/** Closes as TLS wants it, with a word: libpq takes a bare end for a failure. */
function endSoon(stream: Duplex): void {
  stream.end();
  const stop = systemClock.after(1000, () => stream.destroy());
  stream.once("close", stop);
  stream.resume();
}

function tlsOfferOf(tls: ListenerOptions["tls"]): () => TlsOffer | undefined {
  if (tls === undefined) return () => undefined;
  if (typeof tls === "function") return tls;
  const context = createSecureContext({
    cert: tls.cert,
    key: tls.key,
    minVersion: "TLSv1.2",
  });
  return () => ({ context, asksCertificate: false });
}
