// Steps over tokens that several rules share: matching brackets and dotted names. Indexes past the end mean "not there".

import { isQuotedName, isSymbol, type Token } from "./token.ts";

type Tokens = readonly Token[];

const OPENING = new Set(["(", "["]);
const CLOSING = new Set([")", "]"]);

/** Index after the bracket that closes the one at `open`; undefined when it never closes. */
export function afterBrackets(
  tokens: Tokens,
  open: number,
): number | undefined {
  let depth = 0;
  for (let i = open; i < tokens.length; i++) {
    const token = tokens[i];
    if (token?.kind !== "symbol") continue;
    if (OPENING.has(token.text)) depth++;
    else if (CLOSING.has(token.text) && --depth === 0) return i + 1;
  }
  return undefined;
}

/** Index of the bracket that the one at `close` closes; undefined when there is none. */
export function openingBracket(
  tokens: Tokens,
  close: number,
): number | undefined {
  let depth = 0;
  for (let i = close; i >= 0; i--) {
    const token = tokens[i];
    if (token?.kind !== "symbol") continue;
    if (CLOSING.has(token.text)) depth++;
    else if (OPENING.has(token.text) && --depth === 0) return i;
  }
  return undefined;
}

export function isName(token: Token | undefined): boolean {
  return token?.kind === "word" || isQuotedName(token);
}

/** Index after the dotted name that begins at `from`; `from` when no name begins there. */
export function afterDottedName(tokens: Tokens, from: number): number {
  if (!isName(tokens[from])) return from;
  let at = from + 1;
  while (isSymbol(tokens[at], ".") && isName(tokens[at + 1])) at += 2;
  return at;
}

/** Index of the first part of the dotted name whose last part is at `last`. */
export function startOfDottedName(tokens: Tokens, last: number): number {
  let at = last;
  while (isSymbol(tokens[at - 1], ".") && isName(tokens[at - 2])) at -= 2;
  return at;
}
