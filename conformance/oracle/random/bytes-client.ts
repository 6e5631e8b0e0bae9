// A client that keeps every cell as the bytes the server sent. The log-in is node pg's, the messages out are pg-protocol's, the
// reading is this file's: pg-protocol decodes cells as text, which loses binary ones.

import type { Duplex } from "node:stream";
import type pg from "pg";
import { serialize } from "pg-protocol";
import { socketOf } from "../../socket-of.ts";

export type Cell = Buffer | null;

export type Answer =
  | {
      readonly kind: "rows";
      /** Name, type oid, type modifier. */
      readonly columns: readonly string[];
      readonly rows: readonly (readonly Cell[])[];
    }
  | {
      readonly kind: "error";
      readonly code: string;
      readonly message: string;
    };

export interface Asked {
  readonly sql: string;
  /** Texts are sent in text format, buffers in binary. */
  readonly values?: readonly (string | Cell)[];
  /** Type oids of the parameters; 0 or none leaves the type to the server. */
  readonly types?: readonly number[];
  readonly binary?: boolean;
}

interface Message {
  readonly type: string;
  readonly body: Buffer;
}

export class BytesClient {
  readonly #stream: Duplex;
  readonly #messages: Message[] = [];
  #rest: Buffer = Buffer.alloc(0);
  #wake: (() => void) | undefined;
  #closed = false;

  /** Takes over a connected client's socket. */
  constructor(client: pg.Client) {
    this.#stream = socketOf(client);
    this.#stream.removeAllListeners("data");
    this.#stream.on("data", (chunk: Buffer) => {
      this.#read(chunk);
      this.#wake?.();
    });
    this.#stream.on("close", () => {
      this.#closed = true;
      this.#wake?.();
    });
  }

  /** One statement by the extended protocol. */
  async ask(asked: Asked): Promise<Answer> {
    this.#stream.write(
      Buffer.concat([
        serialize.parse({ text: asked.sql, types: [...(asked.types ?? [])] }),
        serialize.bind({
          values: [...(asked.values ?? [])],
          binary: asked.binary === true,
        }),
        serialize.describe({ type: "P", name: "" }),
        serialize.execute({}),
        serialize.sync(),
      ]),
    );
    return answerOf(await this.#untilReady());
  }

  /** Several statements at once, in one message and so in one implicit transaction. The answer is the last one's. */
  async run(sql: string): Promise<Answer> {
    this.#stream.write(serialize.query(sql));
    return answerOf(await this.#untilReady());
  }

  async #untilReady(): Promise<readonly Message[]> {
    for (;;) {
      const end = this.#messages.findIndex(({ type }) => type === "Z");
      if (end >= 0) return this.#messages.splice(0, end + 1);
      if (this.#closed) throw new Error("the server closed the connection");
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  #read(chunk: Buffer): void {
    let bytes = Buffer.concat([this.#rest, chunk]);
    while (bytes.length >= 5) {
      const end = 1 + bytes.readInt32BE(1);
      if (bytes.length < end) break;
      this.#messages.push({
        type: String.fromCharCode(bytes[0] ?? 0),
        body: bytes.subarray(5, end),
      });
      bytes = bytes.subarray(end);
    }
    this.#rest = bytes;
  }
}

function answerOf(messages: readonly Message[]): Answer {
  const error = messages.find(({ type }) => type === "E");
  if (error !== undefined) return errorOf(error.body);
  const columns = messages.findLast(({ type }) => type === "T");
  return {
    kind: "rows",
    columns: columns === undefined ? [] : columnsOf(columns.body),
    rows: messages.filter(({ type }) => type === "D").map(rowOf),
  };
}

function errorOf(body: Buffer): Answer {
  const fields = new Map(
    body
      .toString()
      .split("\0")
      .filter((field) => field !== "")
      .map((field) => [field[0], field.slice(1)]),
  );
  return {
    kind: "error",
    code: fields.get("C") ?? "",
    message: fields.get("M") ?? "",
  };
}

function columnsOf(body: Buffer): readonly string[] {
  const columns: string[] = [];
  let at = 2;
  for (let left = body.readInt16BE(0); left > 0; left -= 1) {
    const end = body.indexOf(0, at);
    const oid = body.readUInt32BE(end + 7);
    const modifier = body.readInt32BE(end + 13);
    columns.push(`${body.toString("utf8", at, end)} ${oid} ${modifier}`);
    at = end + 19;
  }
  return columns;
}

function rowOf({ body }: Message): readonly Cell[] {
  const cells: Cell[] = [];
  let at = 2;
  for (let left = body.readInt16BE(0); left > 0; left -= 1) {
    const length = body.readInt32BE(at);
    at += 4;
    cells.push(length < 0 ? null : body.subarray(at, at + length));
    at += Math.max(length, 0);
  }
  return cells;
}
