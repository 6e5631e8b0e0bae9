// Credentials that expire: fetched once for all who ask, and again before they end.

export interface Expiring<T> {
  readonly value: T;
  /** Milliseconds since 1970; undefined for what does not end. */
  readonly expiresAtMs: number | undefined;
}

export interface Credentials<T> {
  get(): Promise<T>;
  /** The store refused them as expired: the next `get` fetches. */
  forget(): void;
}

/** Signed requests under way must still arrive with good credentials. */
const BEFORE_END_MS = 5 * 60_000;

/** A failed refresh goes unnoticed while the old ones are good. `now` in milliseconds since 1970. */
export function cachedCredentials<T>(
  fetch: () => Promise<Expiring<T>>,
  now: () => number,
): Credentials<T> {
  let current: Expiring<T> | undefined;
  let running: Promise<Expiring<T>> | undefined;
  const refresh = (): Promise<Expiring<T>> => {
    running ??= fetch()
      .then((fetched) => {
        current = fetched;
        return fetched;
      })
      .finally(() => {
        running = undefined;
      });
    return running;
  };
  return {
    get: async () => {
      const held = current;
      if (held !== undefined && lasts(held, now() + BEFORE_END_MS))
        return held.value;
      try {
        return (await refresh()).value;
      } catch (error) {
        if (held !== undefined && held === current && lasts(held, now()))
          return held.value;
        throw error;
      }
    },
    forget: () => {
      current = undefined;
    },
  };
}

function lasts<T>({ expiresAtMs }: Expiring<T>, untilMs: number): boolean {
  return expiresAtMs === undefined || expiresAtMs > untilMs;
}
