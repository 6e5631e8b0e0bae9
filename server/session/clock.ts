// Time as sessions see it, so that tests can move it by hand.

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls `action` once after `delayMs`; the returned function takes it back. */
  after(delayMs: number, action: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (delayMs, action) => {
    // setTimeout wraps around above 2^31-1: a longer wait is as good as none.
    if (delayMs > 2_147_483_647) return () => undefined;
    const timer = setTimeout(action, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
