// Steps over tokens that several rules share: matching brackets and dotted names.

import { isQuotedName, isSymbol, type Token } from "./token.ts";

type Tokens = readonly Token[];

const OPENING = new Set(["(", "["]);
const CLOSING = new Set([")", "]"]);

/** For each bracket the index of its partner; undefined for one without, and for every other token. One pass, for all brackets. */
export function matchBrackets(tokens: Tokens): readonly (number | undefined)[] {
  const partners: (number | undefined)[] = [];
  const open: number[] = [];
  for (const [i, token] of tokens.entries()) {
    if (token.kind !== "symbol") continue;
    if (OPENING.has(token.text)) open.push(i);
    if (!CLOSING.has(token.text)) continue;
    const partner = open.pop();
    if (partner === undefined) continue;
    partners[partner] = i;
    partners[i] = partner;
  }
  return partners;
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
