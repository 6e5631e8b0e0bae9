// Option letters of regular expressions.

import { SqlError } from "../../../../storage/common/errors.ts";
import type { RegexFlags } from "./tree.ts";

/** Option letters of functions and of `(?…)`; `g` is the caller's. 22023 for one that means nothing. */
export function readFlags(letters: string, start?: RegexFlags): RegexFlags {
  let flags: RegexFlags = start ?? {
    ignoreCase: false,
    newlineStops: false,
    newlineAnchors: false,
    expanded: false,
    literal: false,
  };
  for (const letter of letters) {
    const change = FLAG_CHANGES[letter];
    if (change === undefined) {
      throw new SqlError(
        "22023",
        `invalid regular expression option: "${letter}"`,
      );
    }
    flags = { ...flags, ...change };
  }
  return flags;
}

const FLAG_CHANGES: Readonly<Record<string, Partial<RegexFlags>>> = {
  i: { ignoreCase: true },
  c: { ignoreCase: false },
  n: { newlineStops: true, newlineAnchors: true },
  m: { newlineStops: true, newlineAnchors: true },
  s: { newlineStops: false, newlineAnchors: false },
  p: { newlineStops: true, newlineAnchors: false },
  w: { newlineStops: false, newlineAnchors: true },
  x: { expanded: true },
  t: { expanded: false },
  q: { literal: true },
  e: {},
};
