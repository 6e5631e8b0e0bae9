// A regular expression in RE2's syntax, for questions whose answer is yes or no: there the two engines agree on every expression
// that RE2 can say.

import { CLASS_BODIES, type CharSet } from "./char-set.ts";
import { readFlags } from "./flags.ts";
import { parseRegex } from "./parse.ts";
import type { Assertion, Regex } from "./tree.ts";

/** Undefined when RE2 lacks a piece (`\m`, `\M`). Raises what a wrong pattern raises. */
export function toRe2(pattern: string, flags: string): string | undefined {
  return print(parseRegex(pattern, readFlags(flags)).root);
}

function print(part: Regex): string | undefined {
  switch (part.kind) {
    case "empty":
      return "";
    case "set":
      return printSet(part.set);
    case "assert":
      return ASSERTIONS[part.what];
    case "group": {
      const body = print(part.body);
      return body === undefined ? undefined : `(?:${body})`;
    }
    case "concat": {
      const [left, right] = [print(part.left), print(part.right)];
      return left === undefined || right === undefined
        ? undefined
        : left + right;
    }
    case "alternate": {
      const options = part.options.map(print);
      return options.includes(undefined)
        ? undefined
        : `(?:${options.join("|")})`;
    }
    case "repeat": {
      const body = print(part.body);
      const max = part.max === Infinity ? "" : String(part.max);
      return body === undefined || body === ""
        ? body
        : `(?:${body}){${part.min},${max}}`;
    }
  }
}

const ASSERTIONS: Readonly<Partial<Record<Assertion, string>>> = {
  "text-start": "\\A",
  "text-end": "\\z",
  "line-start": "(?m:^)",
  "line-end": "(?m:$)",
};

function printSet(set: CharSet): string {
  const [only] = set.ranges;
  const single =
    !set.negated &&
    set.classes.length === 0 &&
    set.ranges.length === 1 &&
    only !== undefined &&
    only[0] === only[1];
  const body = single
    ? escape(only[0])
    : set.ranges.length === 0 && set.classes.length === 0
      ? "(?s:.)"
      : `[${set.negated ? "^" : ""}${set.ranges.map(([low, high]) => (low === high ? escape(low) : `${escape(low)}-${escape(high)}`)).join("")}${set.classes.map((name) => CLASS_BODIES[name]).join("")}]`;
  return set.ignoreCase === true ? `(?i:${body})` : body;
}

function escape(code: number): string {
  const char = String.fromCodePoint(code);
  return /[A-Za-z0-9_]/.test(char) || code > 127
    ? char
    : `\\x{${code.toString(16)}}`;
}
