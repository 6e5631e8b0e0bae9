// SQL text -> tokens, by PostgreSQL's lexical rules (manual 4.1) plus back-quoted names, where a doubled back-quote stands for one.
// Comments and white space vanish. A later step never sees a text whose quotes do not close.

import { invalidByteSequence, lexicalError, tooManyTokens } from "./errors.ts";
import {
  closeQuote,
  dollarTag,
  identifierEnd,
  isIdentifierStart,
  numberEnd,
  operatorEnd,
  whitespaceEnd,
} from "./lexer-scan.ts";
import type { Token, TokenKind } from "./token.ts";

/** A statement text of more tokens is refused with 54001 before any other work. */
export const MAX_TOKENS = 200_000;

export interface LexerOptions {
  /** `?` is a parameter and never part of an operator (HTTP ordinals). */
  readonly questionMarks: boolean;
}

export interface TokenizedText {
  readonly sql: string;
  readonly tokens: readonly Token[];
  /** True when offsets in bytes, UTF-16 units and code points are all the same. */
  readonly ascii: boolean;
  /** Code points before the end of the text, plus 1. */
  readonly endPosition: number;
}

interface Scan {
  readonly sql: string;
  readonly ascii: boolean;
  readonly questionMarks: boolean;
  readonly tokens: Token[];
  /** UTF-16 offset up to which surrogate pairs are counted, and their number. */
  counted: number;
  pairs: number;
}

// Any character outside ASCII: then positions differ from offsets.
const NON_ASCII = /[^\u0000-\u007f]/;
const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * Throws 42601 with PostgreSQL's wording for quotes and comments that do not close and for junk after numbers,
 * 22021 for NUL and lone surrogates, 54001 past MAX_TOKENS.
 */
export function tokenize(
  sql: string,
  options: LexerOptions = { questionMarks: false },
): TokenizedText {
  const ascii = !NON_ASCII.test(sql);
  const scan: Scan = {
    sql,
    ascii,
    questionMarks: options.questionMarks,
    tokens: [],
    counted: 0,
    pairs: 0,
  };
  checkEncoding(scan);
  let at = skipBlank(scan, 0);
  while (at < sql.length) {
    if (scan.tokens.length >= MAX_TOKENS) throw tooManyTokens(MAX_TOKENS);
    const end = scanToken(scan, at);
    at = skipBlank(scan, end);
  }
  const endPosition = positionOf(scan, sql.length);
  return { sql, tokens: scan.tokens, ascii, endPosition };
}

function checkEncoding(scan: Scan): void {
  const nul = scan.sql.indexOf("\0");
  if (nul >= 0) throw invalidByteSequence("0x00", nul + 1);
  if (scan.ascii) return;
  const lone = LONE_SURROGATE.exec(scan.sql);
  if (lone === null) return;
  const unit = scan.sql.charCodeAt(lone.index);
  const bytes = [
    0xe0 | (unit >> 12),
    0x80 | ((unit >> 6) & 63),
    0x80 | (unit & 63),
  ].map((byte) => `0x${byte.toString(16)}`);
  throw invalidByteSequence(bytes.join(" "), positionOf(scan, lone.index));
}

/** Code points from 1. Offsets must not decrease from call to call. */
function positionOf(scan: Scan, offset: number): number {
  if (scan.ascii) return offset + 1;
  for (; scan.counted < offset; scan.counted++) {
    if ((scan.sql.charCodeAt(scan.counted) & 0xfc00) === 0xd800) scan.pairs++;
  }
  return offset + 1 - scan.pairs;
}

/** Skips white space and comments. Comments of both kinds count as white space, and `/* *​/` nests. */
function skipBlank(scan: Scan, from: number): number {
  const { sql } = scan;
  let at = from;
  for (;;) {
    at = whitespaceEnd(sql, at);
    const code = sql.charCodeAt(at);
    if (code === 45 /* - */ && sql.charCodeAt(at + 1) === 45) {
      at = lineEnd(sql, at);
    } else if (code === 47 /* / */ && sql.charCodeAt(at + 1) === 42) {
      at = blockCommentEnd(scan, at);
    } else {
      return at;
    }
  }
}

function lineEnd(sql: string, from: number): number {
  let at = from;
  while (at < sql.length) {
    const code = sql.charCodeAt(at);
    if (code === 10 || code === 13) break;
    at++;
  }
  return at;
}

const COMMENT_EDGE = /\/\*|\*\//g;

function blockCommentEnd(scan: Scan, start: number): number {
  let depth = 0;
  COMMENT_EDGE.lastIndex = start;
  for (;;) {
    const edge = COMMENT_EDGE.exec(scan.sql);
    if (edge === null) {
      throw fail(scan, "unterminated /* comment", start, scan.sql.length);
    }
    depth += edge[0] === "/*" ? 1 : -1;
    if (depth === 0) return COMMENT_EDGE.lastIndex;
  }
}

function fail(scan: Scan, reason: string, start: number, end: number): Error {
  const position = positionOf(scan, start);
  return lexicalError(reason, scan.sql.slice(start, end), position);
}

/** Adds one token and returns where it ends. */
function scanToken(scan: Scan, at: number): number {
  const { sql } = scan;
  const code = sql.charCodeAt(at);
  if (isIdentifierStart(code)) return scanWord(scan, at, code);
  if (code >= 48 && code <= 57) return scanNumber(scan, at);
  switch (code) {
    case 39 /* ' */:
      return scanString(scan, at, at, "unterminated quoted string");
    case 34 /* " */:
      return scanQuotedName(scan, at, '"', "quoted");
    case 96 /* ` */:
      return scanQuotedName(scan, at, "`", "backtick");
    case 36 /* $ */:
      return scanDollar(scan, at);
    case 46 /* . */:
      return scanDot(scan, at);
    case 58 /* : */:
      return scanColon(scan, at);
    default:
      return scanOperator(scan, at);
  }
}

function add(scan: Scan, kind: TokenKind, start: number, end: number): number {
  return addText(scan, kind, scan.sql.slice(start, end), [start, end]);
}

function addText(
  scan: Scan,
  kind: TokenKind,
  text: string,
  [start, end]: readonly [number, number],
): number {
  const position = positionOf(scan, start);
  scan.tokens.push({ kind, text, start, end, position });
  return end;
}

function scanWord(scan: Scan, at: number, code: number): number {
  const { sql } = scan;
  const next = sql.charCodeAt(at + 1);
  if (next === 39 /* ' */) {
    const reason = PREFIXED_STRINGS.get(code);
    if (reason !== undefined) return scanString(scan, at, at + 1, reason);
  }
  if (next === 38 /* & */ && (code | 32) === 117 /* u */) {
    const quote = sql.charCodeAt(at + 2);
    if (quote === 39) {
      return scanString(scan, at, at + 2, "unterminated quoted string");
    }
    if (quote === 34) return scanUnicodeName(scan, at);
  }
  const end = identifierEnd(sql, at);
  const source = sql.slice(at, end);
  return addText(scan, "word", foldCase(source, scan.ascii), [at, end]);
}

/** Folds ASCII letters only, as PostgreSQL does in a UTF-8 database. */
function foldCase(text: string, ascii: boolean): string {
  if (ascii) return text.toLowerCase();
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

// First letter of a string's prefix -> what to say when it does not close.
const PREFIXED_STRINGS: ReadonlyMap<number, string> = new Map(
  (
    [
      ["e", "unterminated quoted string"],
      ["n", "unterminated quoted string"],
      ["b", "unterminated bit string literal"],
      ["x", "unterminated hexadecimal string literal"],
    ] as const
  ).flatMap(([letter, reason]) => [
    [letter.charCodeAt(0), reason],
    [letter.toUpperCase().charCodeAt(0), reason],
  ]),
);

/** `start` is the prefix, `quote` the opening quote. */
function scanString(
  scan: Scan,
  start: number,
  quote: number,
  reason: string,
): number {
  const prefix = scan.sql.charCodeAt(start) | 32;
  const backslashes = quote > start && prefix === 101; /* e */
  const end = closeQuote(scan.sql, quote, backslashes);
  if (end < 0) throw fail(scan, reason, start, scan.sql.length);
  return add(scan, "string", start, end);
}

function scanQuotedName(
  scan: Scan,
  start: number,
  quote: string,
  kind: "quoted" | "backtick",
): number {
  const { sql } = scan;
  let end = sql.indexOf(quote, start + 1);
  let doubled = false;
  while (end >= 0 && sql.charAt(end + 1) === quote) {
    doubled = true;
    end = sql.indexOf(quote, end + 2);
  }
  if (end < 0) {
    throw fail(scan, "unterminated quoted identifier", start, sql.length);
  }
  if (end === start + 1) {
    throw fail(scan, "zero-length delimited identifier", start, end + 1);
  }
  const inside = sql.slice(start + 1, end);
  const name = doubled ? inside.replaceAll(quote + quote, quote) : inside;
  return addText(scan, kind, name, [start, end + 1]);
}

function scanUnicodeName(scan: Scan, start: number): number {
  const { sql } = scan;
  let end = sql.indexOf('"', start + 3);
  while (end >= 0 && sql.charAt(end + 1) === '"') {
    end = sql.indexOf('"', end + 2);
  }
  if (end < 0) {
    throw fail(scan, "unterminated quoted identifier", start, sql.length);
  }
  return add(scan, "unicode-name", start, end + 1);
}

function scanNumber(scan: Scan, start: number): number {
  const end = numberEnd(scan.sql, start);
  checkJunk(scan, start, end, "trailing junk after numeric literal");
  return add(scan, "number", start, end);
}

function checkJunk(
  scan: Scan,
  start: number,
  end: number,
  reason: string,
): void {
  if (!isIdentifierStart(scan.sql.charCodeAt(end))) return;
  throw fail(scan, reason, start, identifierEnd(scan.sql, end));
}

function scanDollar(scan: Scan, start: number): number {
  const { sql } = scan;
  let end = start + 1;
  while (isDigit(sql.charCodeAt(end))) end++;
  if (end > start + 1) {
    checkJunk(scan, start, end, "trailing junk after parameter");
    return add(scan, "parameter", start, end);
  }
  const tag = dollarTag(sql, start);
  if (tag === undefined) return add(scan, "symbol", start, start + 1);
  const close = sql.indexOf(tag, start + tag.length);
  if (close < 0) {
    throw fail(scan, "unterminated dollar-quoted string", start, sql.length);
  }
  return add(scan, "string", start, close + tag.length);
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function scanDot(scan: Scan, at: number): number {
  const next = scan.sql.charCodeAt(at + 1);
  if (isDigit(next)) return scanNumber(scan, at);
  return add(scan, "symbol", at, next === 46 ? at + 2 : at + 1);
}

function scanColon(scan: Scan, at: number): number {
  const next = scan.sql.charCodeAt(at + 1);
  const double = next === 58 /* :: */ || next === 61; /* := */
  return add(scan, "symbol", at, double ? at + 2 : at + 1);
}

function scanOperator(scan: Scan, at: number): number {
  if (scan.questionMarks && scan.sql.charCodeAt(at) === 63 /* ? */) {
    return add(scan, "parameter", at, at + 1);
  }
  const end = operatorEnd(scan.sql, at, scan.questionMarks);
  if (end > at) return add(scan, "operator", at, end);
  const point = scan.sql.codePointAt(at) ?? 0;
  return add(scan, "symbol", at, at + (point > 0xffff ? 2 : 1));
}
