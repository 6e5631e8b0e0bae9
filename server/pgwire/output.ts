// What goes to the socket. Small messages gather and leave in one write; rows pass through as they come; a slow client makes the
// writer wait, so that at most a few hundred kilobytes lie in this process for it.

import type { Writable } from "node:stream";
import { encode } from "./encode.ts";
import { MessageWriter } from "./message-writer.ts";
import type { BackendMessage } from "./messages.ts";

/** Gathered bytes that are sent without waiting for the end of the statement. */
const FLUSH_BYTES = 32 * 1024;
/** Bytes in the socket's queue above which writers wait. */
const QUEUE_LIMIT_BYTES = 256 * 1024;

export class Output {
  readonly #socket: Writable;
  readonly #writer = new MessageWriter();
  #drained: Promise<void> | undefined;

  constructor(socket: Writable) {
    this.#socket = socket;
  }

  /** Gathers a message; `flush` sends it. */
  send(message: BackendMessage): void {
    encode(message, this.#writer);
    if (this.#writer.length > FLUSH_BYTES) this.flush();
  }

  /** Encoded messages, taken over without a copy when they are many. */
  sendEncoded(bytes: Uint8Array): void {
    if (bytes.byteLength < 4096) {
      this.#writer.bytes(bytes);
      if (this.#writer.length > FLUSH_BYTES) this.flush();
      return;
    }
    this.flush();
    this.#write(bytes);
  }

  flush(): void {
    if (this.#writer.length > 0) this.#write(this.#writer.take());
  }

  /** Undefined when the client keeps up; else resolves when it has caught up or is gone. */
  get backPressure(): Promise<void> | undefined {
    if (this.#socket.writableLength < QUEUE_LIMIT_BYTES) return undefined;
    this.#drained ??= this.#whenDrained();
    return this.#drained;
  }

  #write(bytes: Uint8Array): void {
    if (this.#socket.writable) this.#socket.write(bytes);
  }

  async #whenDrained(): Promise<void> {
    const socket = this.#socket;
    await new Promise<void>((resolve) => {
      const finish = (): void => {
        socket.off("drain", finish);
        socket.off("close", finish);
        resolve();
      };
      socket.on("drain", finish);
      socket.on("close", finish);
      if (socket.destroyed) finish();
    });
    this.#drained = undefined;
  }
}
