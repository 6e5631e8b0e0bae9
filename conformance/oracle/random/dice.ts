// Random choices that are the same for the same seed.

import { randomOf } from "../../random.ts";

export interface Dice {
  /** From 0 up to, and without, `end`. */
  below(end: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly [T, ...T[]]): T;
  /** Undefined for a list without items. */
  pickOf<T>(list: readonly T[]): T | undefined;
  /** So many results, at least `min`, at most `max`. */
  some<T>(min: number, max: number, make: () => T): readonly T[];
}

export function diceOf(seed: number): Dice {
  const random = randomOf(seed);
  const below = (end: number): number => Math.floor(random() * end);
  return {
    below,
    chance: (probability) => random() < probability,
    pick: (list) => list[below(list.length)] ?? list[0],
    pickOf: (list) => list[below(list.length)],
    some: (min, max, make) =>
      Array.from({ length: min + below(max - min + 1) }, make),
  };
}
