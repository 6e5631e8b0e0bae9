// Kernel connections for fragments: one each at a time, kept for the next where the last ended well.

import type { DuckDBConnection } from "../../../storage/kernel/duckdb.ts";
import type { Kernel } from "../../../storage/kernel/kernel.ts";

/** How often an interrupt is repeated while its query still runs: one that comes between two calls into the kernel is lost. */
const INTERRUPT_EVERY_MS = 10;

export class Connections implements AsyncDisposable {
  readonly #kernel: Kernel;
  readonly #limit: number;
  readonly #idle: DuckDBConnection[] = [];
  readonly #waiting: (() => void)[] = [];
  #used = 0;

  /** @param limit fragments that run at once; more wait in order */
  constructor(kernel: Kernel, limit: number) {
    this.#kernel = kernel;
    this.#limit = limit;
  }

  get active(): number {
    return this.#used + this.#waiting.length;
  }

  /** Runs `use` in its turn on a connection of its own, interrupting the kernel when `signal` is aborted. */
  with<T>(
    signal: AbortSignal,
    use: (connection: DuckDBConnection) => Promise<T>,
  ): Promise<T> {
    return this.inTurn(() => this.beside(signal, use));
  }

  /** As `with`, but waits for no turn and takes nobody's: for what mostly waits itself, and takes turns while it works. */
  async beside<T>(
    signal: AbortSignal,
    use: (connection: DuckDBConnection) => Promise<T>,
  ): Promise<T> {
    const connection = this.#idle.pop() ?? (await this.#kernel.connect());
    return this.#guarded(connection, signal, use);
  }

  /** Runs `work` as one of the fragments that may work at once. */
  async inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#used < this.#limit) this.#used++;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      // The place passes straight to the next in line.
      const next = this.#waiting.shift();
      if (next === undefined) this.#used--;
      else next();
    }
  }

  async #guarded<T>(
    connection: DuckDBConnection,
    signal: AbortSignal,
    use: (connection: DuckDBConnection) => Promise<T>,
  ): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const interrupt = (): void => {
      connection.interrupt();
      timer ??= setInterval(() => connection.interrupt(), INTERRUPT_EVERY_MS);
    };
    if (signal.aborted) interrupt();
    signal.addEventListener("abort", interrupt, { once: true });
    let ended = false;
    try {
      const result = await use(connection);
      ended = true;
      return result;
    } finally {
      clearInterval(timer);
      signal.removeEventListener("abort", interrupt);
      // A failed or interrupted connection may hold an open result or transaction.
      if (ended && !signal.aborted) this.#idle.push(connection);
      else connection.closeSync();
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    for (const connection of this.#idle.splice(0)) connection.closeSync();
    return Promise.resolve();
  }
}
