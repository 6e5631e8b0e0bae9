// Messages that have arrived and wait for their turn. The socket is paused while they are many, so that a client
// that sends faster than it is served waits in its own kernel.

import type { Duplex } from "node:stream";
import { Decoder } from "./decode.ts";
import type { FrontendMessage } from "./messages.ts";

/** Input above which the socket is paused, as long as a whole message of it waits. */
const MAX_WAITING_BYTES = 1024 * 1024;

export class Inbox {
  readonly decoder: Decoder;
  readonly #socket: Duplex;
  #queue: FrontendMessage[] = [];
  #head = 0;
  /** Bytes received since the queue was last empty. */
  #waitingBytes = 0;
  #waiter: ((message: FrontendMessage | undefined) => void) | undefined;
  #ended = false;
  #paused = false;

  constructor(socket: Duplex, maxMessageBytes: number) {
    this.#socket = socket;
    this.decoder = new Decoder(maxMessageBytes);
    socket.on("data", this.#receive);
    socket.on("end", this.#end);
    socket.on("close", this.#end);
    // The close that follows is what ends the connection.
    socket.on("error", () => undefined);
    socket.resume();
  }

  /** Bytes read before the inbox took over. */
  unshift(bytes: Buffer): void {
    if (bytes.length > 0) this.#receive(bytes);
  }

  /** The next message if it has arrived. */
  poll(): FrontendMessage | undefined {
    const message = this.#queue[this.#head];
    if (message === undefined) return undefined;
    this.#head += 1;
    if (this.#head === this.#queue.length) {
      this.#queue = [];
      this.#head = 0;
      this.#waitingBytes = 0;
      if (this.#paused) {
        this.#paused = false;
        this.#socket.resume();
      }
    }
    return message;
  }

  /** Makes the message just taken the next one again. */
  putBack(message: FrontendMessage): void {
    if (this.#head > 0) this.#head -= 1;
    else this.#queue.unshift(message);
  }

  /** Waits for the next message; undefined when the client is gone. One call at a time. */
  next(): Promise<FrontendMessage | undefined> {
    const message = this.poll();
    if (message !== undefined || this.#ended) return Promise.resolve(message);
    return new Promise((resolve) => {
      this.#waiter = resolve;
    });
  }

  /** Ends a wait with undefined though nothing came. */
  wake(): void {
    const waiter = this.#waiter;
    this.#waiter = undefined;
    waiter?.(undefined);
  }

  /** Takes nothing more. */
  stop(): void {
    this.#ended = true;
    this.wake();
  }

  readonly #receive = (chunk: Buffer): void => {
    const before = this.#queue.length;
    this.decoder.push(chunk, this.#queue);
    if (this.#queue.length === before) return;
    this.#waitingBytes += chunk.length;
    if (this.#waitingBytes > MAX_WAITING_BYTES) {
      this.#paused = true;
      this.#socket.pause();
    }
    this.#deliver();
  };

  readonly #end = (): void => {
    this.#ended = true;
    this.#deliver();
  };

  #deliver(): void {
    const waiter = this.#waiter;
    if (waiter === undefined) return;
    this.#waiter = undefined;
    waiter(this.poll());
  }
}
