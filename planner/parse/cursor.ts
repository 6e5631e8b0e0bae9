// Reading tokens one by one: the small pieces our own grammar is made of. Every failure is 42601 at the token that does not fit.

import type { Identifier, QualifiedName } from "./ast.ts";
import { improperName, syntaxError, syntaxErrorAtEnd } from "./errors.ts";
import { RESERVED_WORDS } from "./keywords.ts";
import type { StatementTokens } from "./rewriter.ts";
import { sourceText } from "./source.ts";
import { stringValue } from "./string-value.ts";
import { isName } from "./token-walk.ts";
import { isSymbol, isWord, type Token } from "./token.ts";

export interface Cursor {
  readonly statement: StatementTokens;
  readonly tokens: readonly Token[];
  next: number;
}

export function startCursor(statement: StatementTokens): Cursor {
  return { statement, tokens: statement.tokens, next: 0 };
}

export function peek(c: Cursor, ahead = 0): Token | undefined {
  return c.tokens[c.next + ahead];
}

/** Position of the next token, or of the end. */
export function position(c: Cursor): number {
  return peek(c)?.position ?? c.statement.endPosition;
}

/** 42601 at the next token. */
export function unexpectedToken(c: Cursor): Error {
  const token = peek(c) ?? c.statement.terminator;
  if (token === undefined) return syntaxErrorAtEnd(c.statement.endPosition);
  return syntaxError(sourceText(c.statement, token), token.position);
}

/** True when the next tokens are exactly these unquoted words, given in lower case. */
export function atWords(c: Cursor, words: string): boolean {
  return words.split(" ").every((word, i) => isWord(peek(c, i), word));
}

/** Takes these words when they come next. */
export function takeWords(c: Cursor, words: string): boolean {
  if (!atWords(c, words)) return false;
  c.next += words.split(" ").length;
  return true;
}

/** Takes the first of the given words that comes next. */
export function takeOneOf(
  c: Cursor,
  words: readonly string[],
): string | undefined {
  return words.find((word) => takeWords(c, word));
}

export function expectWords(c: Cursor, words: string): void {
  for (const word of words.split(" ")) {
    if (!takeWords(c, word)) throw unexpectedToken(c);
  }
}

export function takeSymbol(c: Cursor, symbol: string): boolean {
  if (!isSymbol(peek(c), symbol)) return false;
  c.next++;
  return true;
}

export function expectEnd(c: Cursor): void {
  if (c.next < c.tokens.length) throw unexpectedToken(c);
}

export function atEnd(c: Cursor): boolean {
  return c.next >= c.tokens.length;
}

/** A name: quoted in any way, or a word that is not reserved. A string never is one. */
export function readIdentifier(c: Cursor): Identifier {
  const token = peek(c);
  const reserved = token?.kind === "word" && RESERVED_WORDS.has(token.text);
  if (token === undefined || !isName(token) || reserved) {
    throw unexpectedToken(c);
  }
  c.next++;
  return toIdentifier(token);
}

function toIdentifier(token: Token): Identifier {
  const { text: name, position: at } = token;
  return { name, quoted: token.kind !== "word", position: at };
}

/** `default` is reserved and yet the name of a schema; behind a dot any word is a name. */
function readNamePart(c: Cursor, first: boolean): Identifier {
  const token = peek(c);
  const plain = token?.kind === "word" && (!first || token.text === "default");
  if (token === undefined || !plain) return readIdentifier(c);
  c.next++;
  return toIdentifier(token);
}

/** One to three parts; a fourth is 42601. */
export function readName(c: Cursor): QualifiedName {
  const parts = [readNamePart(c, true)];
  while (takeSymbol(c, ".")) parts.push(readNamePart(c, false));
  const start = parts[0]?.position ?? 1;
  if (parts.length > 3) {
    throw improperName(parts.map((part) => part.name).join("."), start);
  }
  return { parts, position: start };
}

/** A name, or undefined when none comes next. */
export function tryName(c: Cursor): QualifiedName | undefined {
  const token = peek(c);
  const plain = token?.kind === "word" && token.text !== "default";
  if (!isName(token) || (plain && RESERVED_WORDS.has(token.text))) {
    return undefined;
  }
  return readName(c);
}

export function readList<T>(c: Cursor, read: (c: Cursor) => T): readonly T[] {
  const items = [read(c)];
  while (takeSymbol(c, ",")) items.push(read(c));
  return items;
}

export function atString(c: Cursor): boolean {
  return peek(c)?.kind === "string";
}

export function readString(c: Cursor): string {
  const token = peek(c);
  const value =
    token === undefined ? undefined : stringValue(c.statement.sql, token);
  if (value === undefined) throw unexpectedToken(c);
  c.next++;
  return value;
}

/** `[LIKE] 'pattern'`, if it comes next. */
export function takePattern(c: Cursor): string | undefined {
  if (takeWords(c, "like")) return readString(c);
  return atString(c) ? readString(c) : undefined;
}

const DIGITS = /^\d{1,9}$/;

/** A whole number of at most nine digits. */
export function readInteger(c: Cursor): number {
  const token = peek(c);
  if (token?.kind !== "number" || !DIGITS.test(token.text)) {
    throw unexpectedToken(c);
  }
  c.next++;
  return Number(token.text);
}

export function takeIfExists(c: Cursor): boolean {
  return takeWords(c, "if exists");
}

/** The tokens from the next one on, as a statement of their own. */
export function restOf(c: Cursor): StatementTokens {
  return { ...c.statement, tokens: c.tokens.slice(c.next) };
}
