// A connection that copies: what comes is gathered up to ReadyForQuery. The log-in is node pg's, the codec pg-protocol's.

import { createConnection } from "node:net";
import type { Duplex } from "node:stream";
import pg from "pg";
import { parse, serialize } from "pg-protocol";
import { socketOf } from "../socket-of.ts";

/** What a statement answered, as far as two servers must agree. */
export interface CopyOutcome {
  readonly tag: string | undefined;
  /** Format and number of columns, of either direction. */
  readonly response: string | undefined;
  readonly bytes: Buffer;
  readonly error: Readonly<Record<string, string>> | undefined;
  readonly status: string;
}

/** A server that says nothing for so long has forgotten us. */
const SILENCE_MS = 30_000;

export class CopyClient implements AsyncDisposable {
  readonly #client: pg.Client;
  readonly #stream: Duplex;
  #handle: (message: object) => void = () => undefined;

  private constructor(client: pg.Client) {
    this.#client = client;
    this.#stream = socketOf(client);
    this.#stream.removeAllListeners("data");
    void parse(this.#stream, (message) => this.#handle(message));
  }

  static async connect(config: pg.ClientConfig): Promise<CopyClient> {
    const client = new pg.Client(config);
    client.on("error", () => undefined);
    await client.connect();
    return new CopyClient(client);
  }

  /** A statement that needs no data, COPY TO included. */
  run(sql: string): Promise<CopyOutcome> {
    return this.#exchange(serialize.query(sql), () => undefined);
  }

  /** COPY FROM with these pieces, one message each. */
  copyIn(sql: string, pieces: readonly Buffer[]): Promise<CopyOutcome> {
    return this.#exchange(serialize.query(sql), () => {
      for (const piece of pieces) this.send(serialize.copyData(piece));
      this.send(serialize.copyDone());
    });
  }

  /** The same by the extended protocol, with a Sync too many among the data, which a server ignores. */
  copyInExtended(sql: string, pieces: readonly Buffer[]): Promise<CopyOutcome> {
    const start = Buffer.concat([
      serialize.parse({ text: sql }),
      serialize.bind({}),
      serialize.execute({}),
      serialize.flush(),
    ]);
    return this.#exchange(
      start,
      () => {
        for (const piece of pieces) this.send(serialize.copyData(piece));
        this.send(serialize.flush());
        this.send(serialize.copyDone());
        this.send(serialize.sync());
      },
      () => this.send(serialize.sync()),
    );
  }

  copyFail(
    sql: string,
    pieces: readonly Buffer[],
    reason: string,
  ): Promise<CopyOutcome> {
    return this.#exchange(serialize.query(sql), () => {
      for (const piece of pieces) this.send(serialize.copyData(piece));
      this.send(serialize.copyFail(reason));
    });
  }

  /** Starts a COPY FROM, sends `piece` and leaves it open; resolves once the server waits for data. */
  async open(
    sql: string,
    piece: Buffer,
  ): Promise<{ readonly ended: Promise<CopyOutcome> }> {
    let whenReading: (() => void) | undefined;
    const reading = new Promise<void>((resolve) => {
      whenReading = resolve;
    });
    const ended = this.#exchange(serialize.query(sql), () => {
      this.send(serialize.copyData(piece));
      whenReading?.();
    });
    await reading;
    return { ended };
  }

  send(bytes: Buffer): boolean {
    return this.#stream.write(bytes);
  }

  /** Resolves when what was sent has left for the server. */
  drained(): Promise<void> {
    return new Promise((resolve) => this.#stream.once("drain", resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.end();
  }

  /** Asks the server at `port` to end the statement. */
  cancel(port: number): void {
    const key = Number(Reflect.get(this.#client, "secretKey"));
    const id = Number(Reflect.get(this.#client, "processID"));
    const socket = createConnection(port, "127.0.0.1", () =>
      socket.end(serialize.cancel(id, key)),
    );
    socket.on("error", () => undefined);
  }

  destroy(): void {
    this.#stream.destroy();
  }

  #exchange(
    bytes: Buffer,
    feed: () => void,
    onError: () => void = () => undefined,
  ): Promise<CopyOutcome> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error("the server fell silent")),
        SILENCE_MS,
      );
      const pieces: Buffer[] = [];
      let tag: string | undefined;
      let response: string | undefined;
      let error: CopyOutcome["error"];
      let fed = false;
      this.#handle = (message) => {
        const field = (name: string): unknown => Reflect.get(message, name);
        switch (field("name")) {
          case "copyInResponse":
          case "copyOutResponse":
            response = `${String(field("name"))} ${String(field("binary"))} ${String(field("columnTypes"))}`;
            if (field("name") === "copyInResponse") {
              fed = true;
              feed();
            }
            return;
          case "copyData":
            pieces.push(Buffer.from(field("chunk") as Buffer));
            return;
          case "commandComplete":
            tag = String(field("text"));
            return;
          case "error":
            error = report(field);
            if (!fed) onError();
            return;
          case "readyForQuery":
            clearTimeout(timer);
            resolve({
              tag,
              response,
              bytes: Buffer.concat(pieces),
              error,
              status: String(field("status")),
            });
        }
      };
      this.send(bytes);
    });
  }
}

function report(
  field: (name: string) => unknown,
): Readonly<Record<string, string>> {
  const names = ["code", "message", "detail", "hint", "position", "where"];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = field(name);
      return typeof value === "string" ? [[name, value]] : [];
    }),
  );
}
