// What a backslash means before each letter of an advanced regular expression.

import type { ClassName } from "./char-set.ts";
import type { Assertion } from "./tree.ts";

export const ASSERTIONS: Readonly<Record<string, Assertion>> = {
  A: "text-start",
  Z: "text-end",
  m: "word-start",
  M: "word-end",
  y: "word-edge",
  Y: "not-word-edge",
};

export const CLASS_ESCAPES: Readonly<Record<string, ClassName>> = {
  d: "digit",
  D: "digit",
  s: "space",
  S: "space",
  w: "word",
  W: "word",
};

export const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  a: "\u0007",
  b: "\b",
  B: "\\",
  e: "\u001b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

export function numberedEscape(
  char: string,
  rest: string,
): { readonly code: number; readonly length: number } | undefined {
  const patterns: Readonly<Record<string, RegExp>> = {
    u: /^[0-9a-fA-F]{4}/,
    U: /^[0-9a-fA-F]{8}/,
    x: /^[0-9a-fA-F]{1,8}/,
  };
  const hex = patterns[char]?.exec(rest)?.[0];
  if (hex !== undefined)
    return { code: Number.parseInt(hex, 16), length: hex.length };
  if (char === "c" && rest !== "")
    return { code: (rest.codePointAt(0) ?? 0) & 31, length: 1 };
  if (!/[0-7]/.test(char)) return undefined;
  const octal = /^[0-7]{0,2}/.exec(rest)?.[0] ?? "";
  return { code: Number.parseInt(char + octal, 8), length: octal.length };
}
