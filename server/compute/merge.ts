// Several asynchronous sequences as one, in the order in which items come; each is pulled at most one item ahead.

export async function* mergeInArrivalOrder<T>(
  sources: readonly AsyncIterable<T>[],
): AsyncGenerator<T, void, undefined> {
  const iterators = new Map(
    sources.map((source, index) => [index, source[Symbol.asyncIterator]()]),
  );
  const pending = new Map<number, Promise<Arrival<T>>>();
  const pull = (index: number): void => {
    const iterator = iterators.get(index);
    if (iterator === undefined) return;
    pending.set(
      index,
      iterator.next().then((result) => ({ index, result })),
    );
  };
  try {
    for (const index of iterators.keys()) pull(index);
    while (pending.size > 0) {
      const { index, result } = await Promise.race(pending.values());
      pending.delete(index);
      if (result.done === true) {
        iterators.delete(index);
        continue;
      }
      yield result.value;
      pull(index);
    }
  } finally {
    // What is still running ends with its own error or none; ours is already on its way.
    for (const waiting of pending.values()) waiting.catch(() => undefined);
    await Promise.allSettled(
      [...iterators.values()].map(async (iterator) => iterator.return?.()),
    );
  }
}

interface Arrival<T> {
  readonly index: number;
  readonly result: IteratorResult<T, unknown>;
}
