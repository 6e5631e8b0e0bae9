// A parsed regular expression.

import type { CharSet } from "./char-set.ts";

export type Regex =
  | { readonly kind: "empty" }
  | { readonly kind: "set"; readonly set: CharSet }
  | { readonly kind: "concat"; readonly left: Regex; readonly right: Regex }
  | { readonly kind: "alternate"; readonly options: readonly Regex[] }
  | {
      readonly kind: "repeat";
      readonly body: Regex;
      readonly min: number;
      /** Infinity when unbounded. */
      readonly max: number;
      readonly greedy: boolean;
    }
  /** Captures count from 1; undefined for (?:…). */
  | {
      readonly kind: "group";
      readonly body: Regex;
      readonly capture: number | undefined;
    }
  | { readonly kind: "assert"; readonly what: Assertion };

export type Assertion =
  | "text-start"
  | "text-end"
  | "line-start"
  | "line-end"
  | "word-start"
  | "word-end"
  | "word-edge"
  | "not-word-edge";

export interface RegexFlags {
  readonly ignoreCase: boolean;
  /** `.` and negated brackets do not match a newline. */
  readonly newlineStops: boolean;
  /** `^` and `$` match at lines. */
  readonly newlineAnchors: boolean;
  readonly expanded: boolean;
  readonly literal: boolean;
}

export interface ParsedRegex {
  readonly root: Regex;
  readonly captures: number;
  readonly flags: RegexFlags;
}
