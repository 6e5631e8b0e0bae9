// What was opened, closed in reverse: Node 20 has no DisposableStack.

type Resource = Disposable | AsyncDisposable;

export class AsyncResources implements AsyncDisposable {
  #closers: (() => void | Promise<void>)[] = [];

  /** Owns `resource` and gives it back. */
  use<T extends Resource>(resource: T): T {
    this.#closers.push(() =>
      Symbol.asyncDispose in resource
        ? (resource[Symbol.asyncDispose]() as Promise<void>)
        : resource[Symbol.dispose](),
    );
    return resource;
  }

  defer(close: () => void | Promise<void>): void {
    this.#closers.push(close);
  }

  /** Hands everything over: this one closes nothing any more. */
  move(): AsyncResources {
    const next = new AsyncResources();
    next.#closers = this.#closers;
    this.#closers = [];
    return next;
  }

  /** Closes all, also when some fail; throws the first failure. */
  async [Symbol.asyncDispose](): Promise<void> {
    const failures: unknown[] = [];
    for (const close of this.#closers.splice(0).reverse()) {
      try {
        await close();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}

/** Calls `action` every `intervalMs`; the returned function ends it. */
export function repeat(intervalMs: number, action: () => void): () => void {
  const timer = setInterval(action, intervalMs);
  timer.unref();
  return () => clearInterval(timer);
}
