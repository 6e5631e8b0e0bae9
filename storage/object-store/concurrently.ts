// Many waits at once, but not too many.

/**
 * Results in the order of `items`; at most `limit` run at once. After a failure nothing new begins, and what runs is awaited before
 * it is thrown.
 */
export async function mapConcurrently<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<readonly R[]> {
  const queue = items.entries();
  const results: { readonly index: number; readonly value: R }[] = [];
  let failure: { readonly error: unknown } | undefined;
  const worker = async (): Promise<void> => {
    // The workers share one iterator: each takes the next item.
    for (const [index, item] of queue) {
      try {
        results.push({ index, value: await work(item, index) });
      } catch (error) {
        failure ??= { error };
      }
      if (failure !== undefined) return;
    }
  };
  const count = Math.min(limit, items.length);
  await Promise.all(Array.from({ length: count }, worker));
  if (failure !== undefined) throw failure.error;
  return results
    .sort((a, b) => a.index - b.index)
    .map((result) => result.value);
}
