// Collects start-up packets from a stream and hands the stream on with nothing lost.

import type { Duplex } from "node:stream";
import { MAX_STARTUP_BYTES, startupLength } from "./decode-startup.ts";
import { SqlError } from "../../storage/common/errors.ts";

export class PacketReader {
  readonly #stream: Duplex;
  #bytes: Buffer = Buffer.alloc(0);
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(stream: Duplex) {
    this.#stream = stream;
    stream.on("data", this.#receive);
    stream.on("end", this.#end);
    stream.on("close", this.#end);
    stream.on("error", this.#end);
    // Whoever read a header before has paused it.
    stream.resume();
  }

  /** Undefined when the stream ends first. The byte stays. */
  async firstByte(): Promise<number | undefined> {
    while (this.#bytes.length === 0 && !this.#ended) await this.#more();
    return this.#bytes[0];
  }

  /** One whole packet; undefined when the stream ends or its length word makes no sense. */
  async next(): Promise<Buffer | undefined> {
    for (;;) {
      const length = this.#length();
      if (length === "invalid") return undefined;
      if (length !== undefined && this.#bytes.length >= length) {
        const packet = this.#bytes.subarray(0, length);
        this.#bytes = this.#bytes.subarray(length);
        return packet;
      }
      if (this.#ended) return undefined;
      await this.#more();
    }
  }

  /** Stops listening and gives what was read too far. */
  release(): Buffer {
    const stream = this.#stream;
    stream.pause();
    stream.off("data", this.#receive);
    stream.off("end", this.#end);
    stream.off("close", this.#end);
    stream.off("error", this.#end);
    // Until the next reader listens, an error must not end the process.
    stream.on("error", () => undefined);
    const rest = this.#bytes;
    this.#bytes = Buffer.alloc(0);
    return rest;
  }

  #length(): number | "invalid" | undefined {
    try {
      return startupLength(this.#bytes);
    } catch (error) {
      if (error instanceof SqlError) return "invalid";
      throw error;
    }
  }

  async #more(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }

  readonly #receive = (chunk: Buffer): void => {
    this.#bytes =
      this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    // One packet at most is waited for: a client that sends more before it is answered breaks the protocol.
    if (this.#bytes.length > MAX_STARTUP_BYTES + 65_536) this.#stream.pause();
    this.#notify();
  };

  readonly #end = (): void => {
    this.#ended = true;
    this.#notify();
  };

  #notify(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
