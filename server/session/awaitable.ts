// Values that may be there already. A turn of the event loop and the frame of an async function cost more than most steps of a
// trivial statement, so the way from a message to its answer waits only where there is something to wait for.

export type Awaitable<T> = T | Promise<T>;

/** What `next` makes of the value: at once when it is there. */
export function after<T, U>(
  value: Awaitable<T>,
  next: (value: T) => Awaitable<U>,
): Awaitable<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}

/** What `step` gives; what it throws is a rejection, so that errors of both kinds have one way. */
export function attempt<T>(step: () => Awaitable<T>): Awaitable<T> {
  try {
    return step();
  } catch (error) {
    return Promise.resolve().then(() => {
      throw error;
    });
  }
}
