// A listener over the small engine with one user, `alice` with password `secret`, and an independent client codec (pg-protocol).

import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { parse } from "pg-protocol";
import type { Identity } from "../../auth/principal.ts";
import {
  deriveScramKeys,
  finishScram,
  newServerNonce,
  SCRAM_ITERATIONS,
  startScram,
} from "../../auth/scram.ts";
import type { ScramPending } from "../../auth/scram.ts";
import { loadGrammar } from "../../planner/parse/grammar.ts";
import { SqlError } from "../../storage/common/errors.ts";
import { principalId, tokenId } from "../../storage/common/ids.ts";
import { invariant } from "../../storage/common/invariant.ts";
import type { Authenticator, Login } from "./authentication.ts";
import { smallEngine } from "./engine.testkit.ts";
import { startPgListener } from "./listener.ts";
import type { ListenerOptions, PgListener } from "./listener.ts";

const SALT = randomBytes(16);
const KEYS = deriveScramKeys("secret", SALT, SCRAM_ITERATIONS);

export function identityOf(login: Login): Identity {
  return {
    principal: {
      id: principalId("11111111-1111-4111-8111-111111111111"),
      kind: "user",
      name: login.user,
    },
    credential: tokenId("ab".repeat(32)),
    credentialKind: "token",
    expiresAtMs: undefined,
    scopes: ["all-apis"],
    clientAddress: login.clientAddress,
  };
}

export function wrongPassword(user: string): SqlError {
  return new SqlError(
    "28P01",
    `password authentication failed for user "${user}"`,
  );
}

export const testAuthenticator: Authenticator = {
  certificate: (login) => Promise.reject(wrongPassword(login.user)),
  password: (login, secret) =>
    login.user === "alice" && secret === "secret"
      ? Promise.resolve(identityOf(login))
      : Promise.reject(wrongPassword(login.user)),
  scram: (login, offer) => {
    let pending: ScramPending<string> | undefined;
    return {
      clientFirst: (message) => {
        const step = startScram(
          message,
          offer,
          {
            salt: SALT,
            iterations: SCRAM_ITERATIONS,
            candidates:
              login.user === "alice" ? [{ id: "token", ...KEYS }] : [],
          },
          newServerNonce(),
        );
        if (step.kind !== "continue") throw wrongPassword(login.user);
        pending = step;
        return step.message;
      },
      clientFinal: (message) => {
        invariant(pending !== undefined, "the first message came first");
        const step = finishScram(pending, message);
        if (step.kind !== "success") throw wrongPassword(login.user);
        return { message: step.message, identity: identityOf(login) };
      },
    };
  },
};

/** On a free port of 127.0.0.1. */
export async function startTestListener(
  options: Partial<ListenerOptions> = {},
): Promise<PgListener> {
  await loadGrammar();
  return startPgListener({
    host: "127.0.0.1",
    port: 0,
    engine: smallEngine(),
    authenticator: testAuthenticator,
    onInternalError: (error) => {
      throw error;
    },
    ...options,
  });
}

/** For tests that are not about the log-in: cleartext in clear, which no real listener asks for. */
export const plainPassword: Pick<ListenerOptions, "method"> = {
  method: () => "password",
};

/** A message as pg-protocol reads it. */
export interface Received {
  readonly name: string;
  readonly [field: string]: unknown;
}

/** Sends bytes and reads messages with a codec that is not ours. */
export class WireClient {
  readonly socket: Socket;
  readonly received: Received[] = [];
  readonly #waiters = new Set<() => void>();
  closed = false;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("error", () => undefined);
    const finish = (): void => {
      this.closed = true;
      this.#notify();
    };
    socket.on("close", finish);
    socket.on("end", finish);
    void parse(socket, (message) => {
      // An error's text is no field of its own: a spread would lose it.
      const text =
        message instanceof Error ? { text: message.message } : undefined;
      this.received.push({ ...message, name: message.name, ...text });
      this.#notify();
    });
  }

  send(...bytes: readonly Uint8Array[]): void {
    this.socket.write(Buffer.concat(bytes));
  }

  /** Waits for the next message of that name, and gives all received up to it. Rejects when the connection ends first. */
  async until(name: string): Promise<readonly Received[]> {
    for (;;) {
      const index = this.received.findIndex((one) => one.name === name);
      if (index >= 0) return this.received.splice(0, index + 1);
      if (this.closed) {
        throw new Error(
          `closed before ${name}: ${JSON.stringify(this.received)}`,
        );
      }
      await this.#more();
    }
  }

  /** What came until the server closed. */
  async untilClosed(): Promise<readonly Received[]> {
    while (!this.closed) await this.#more();
    return this.received.splice(0);
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#waiters.delete(wake);
        resolve();
      };
      this.#waiters.add(wake);
    });
  }

  #notify(): void {
    for (const wake of [...this.#waiters]) wake();
  }
}

export function connectTo(listener: PgListener): WireClient {
  return new WireClient(connect({ host: "127.0.0.1", port: listener.port }));
}
