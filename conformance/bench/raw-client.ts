// A client that only counts: it reads message headers and throws the rows away, so that a bench measures servers, not itself.

import pg from "pg";
import { serialize } from "pg-protocol";
import { socketOf } from "../socket-of.ts";

export interface RawClient {
  /** Rows of the result, or messages of COPY TO STDOUT, which are rows but for its binary format's header and trailer. */
  count(sql: string, format: "text" | "binary"): Promise<number>;
  end(): Promise<void>;
}

export async function rawClient(options: pg.ClientConfig): Promise<RawClient> {
  const client = new pg.Client(options);
  await client.connect();
  const stream = socketOf(client);
  stream.removeAllListeners("data");
  return {
    count: (sql, format) =>
      new Promise((resolve, reject) => {
        const reader = new HeaderReader();
        const onData = (chunk: Buffer): void => {
          const done = reader.read(chunk);
          if (done === undefined) return;
          stream.off("data", onData);
          if (done.failed) reject(new Error(`the statement failed: ${sql}`));
          else resolve(done.rows);
        };
        stream.on("data", onData);
        stream.write(
          format === "text" ? serialize.query(sql) : binaryQuery(sql),
        );
      }),
    end: () => client.end(),
  };
}

function binaryQuery(sql: string): Buffer {
  return Buffer.concat([
    serialize.parse({ text: sql }),
    serialize.bind({ binary: true }),
    serialize.describe({ type: "P", name: "" }),
    serialize.execute({}),
    serialize.sync(),
  ]);
}

/** Walks type and length words over any split of the stream. */
class HeaderReader {
  #header = Buffer.alloc(5);
  #have = 0;
  #skip = 0;
  #rows = 0;
  #failed = false;

  read(
    chunk: Buffer,
  ): { readonly rows: number; readonly failed: boolean } | undefined {
    let at = 0;
    while (at < chunk.length) {
      if (this.#skip > 0) {
        const step = Math.min(this.#skip, chunk.length - at);
        this.#skip -= step;
        at += step;
        if (this.#skip === 0 && this.#header[0] === 0x5a)
          return { rows: this.#rows, failed: this.#failed };
        continue;
      }
      if (this.#have === 0 && chunk.length - at >= 5) {
        this.#begin(chunk[at] ?? 0, chunk.readUInt32BE(at + 1));
        at += 5;
        continue;
      }
      this.#header[this.#have] = chunk[at] ?? 0;
      this.#have += 1;
      at += 1;
      if (this.#have === 5) {
        this.#have = 0;
        this.#begin(this.#header[0] ?? 0, this.#header.readUInt32BE(1));
      }
    }
    return undefined;
  }

  #begin(type: number, length: number): void {
    this.#header[0] = type;
    this.#skip = length - 4;
    if (type === 0x44 || type === 0x64) this.#rows += 1;
    if (type === 0x45) this.#failed = true;
  }
}
