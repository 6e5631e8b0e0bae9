// The text of one statement while dialect.ts turns it into text the grammar takes: per token a replacement, insertions, marks, notes.

import {
  MARK,
  sourceText,
  utf8Length,
  type Mark,
  type Note,
  type Source,
} from "./source.ts";
import { syntaxError, syntaxErrorAtEnd } from "./errors.ts";
import { matchBrackets } from "./token-walk.ts";
import type { Token } from "./token.ts";

/** Parameters of an HTTP statement: `:name` markers in this order, or `?` markers, or neither. */
export type ParameterMarkers =
  { readonly names: readonly string[] } | { readonly ordinals: number };

/** The tokens of one statement and what surrounds them. */
export interface StatementTokens {
  readonly sql: string;
  readonly ascii: boolean;
  readonly tokens: readonly Token[];
  readonly endPosition: number;
  readonly terminator: Token | undefined;
  readonly markers: ParameterMarkers | undefined;
  /** `?` markers in the statements before this one. */
  readonly ordinalsBefore: number;
}

export interface Rewriter {
  readonly statement: StatementTokens;
  readonly tokens: readonly Token[];
  /** By token: what is sent in its place; "" drops it. */
  readonly replacements: (string | undefined)[];
  readonly before: (string | undefined)[];
  readonly after: (string | undefined)[];
  readonly marks: Mark[];
  readonly notes: Source["notes"];
  /** Made when a rule first asks for the other end of a bracket. */
  partners: readonly (number | undefined)[] | undefined;
  changed: boolean;
  /** Tokens that rules may still read ahead in vain: keeps every statement linear. */
  lookahead: number;
  /** `?` markers seen. */
  ordinals: number;
}

const LOOKAHEAD_LIMIT = 200_000;

/** `prefix`: what makes a statement of tokens that are a part of one. */
export function startRewriting(
  statement: StatementTokens,
  prefix: string | undefined,
): Rewriter {
  return {
    statement,
    tokens: statement.tokens,
    replacements: [],
    before: prefix === undefined ? [] : [prefix],
    after: [],
    marks: [],
    notes: new Map(),
    partners: undefined,
    lookahead: LOOKAHEAD_LIMIT,
    changed: prefix !== undefined,
    ordinals: statement.ordinalsBefore,
  };
}

export function replaceToken(r: Rewriter, index: number, text: string): void {
  r.changed = true;
  r.replacements[index] = text;
}

/** Drops tokens `from` up to but not including `to`. */
export function dropTokens(r: Rewriter, from: number, to: number): void {
  for (let i = from; i < to; i++) replaceToken(r, i, "");
}

export function insertBefore(r: Rewriter, index: number, text: string): void {
  r.changed = true;
  r.before[index] = `${text} ${r.before[index] ?? ""}`;
}

export function insertAfter(r: Rewriter, index: number, text: string): void {
  r.changed = true;
  r.after[index] = `${r.after[index] ?? ""} ${text}`;
}

/** A new marker as the grammar reads it: a quoted name. */
export function addMark(r: Rewriter, mark: Mark): string {
  r.marks.push(mark);
  return `"${MARK}${r.marks.length - 1}"`;
}

export function pinNote(
  r: Rewriter,
  tokenIndex: number,
  note: Note,
  blame: Token,
): void {
  const pinned = r.notes.get(tokenIndex);
  if (pinned === undefined) r.notes.set(tokenIndex, [{ note, blame }]);
  else pinned.push({ note, blame });
}

/** Index of the bracket that belongs to the one at `index`; undefined when it has none. */
export function partnerOf(r: Rewriter, index: number): number | undefined {
  r.partners ??= matchBrackets(r.tokens);
  return r.partners[index];
}

/** Index after the bracket that closes the one at `open`; undefined when it never closes. */
export function afterBrackets(r: Rewriter, open: number): number | undefined {
  const close = partnerOf(r, open);
  return close === undefined ? undefined : close + 1;
}

/** 42601 at a token, or at the end when there is none. */
export function unexpected(r: Rewriter, index: number): Error {
  const token = r.tokens[index];
  const { terminator, endPosition } = r.statement;
  const at = token ?? terminator;
  if (at === undefined) return syntaxErrorAtEnd(endPosition);
  return syntaxError(sourceText(r.statement, at), at.position);
}

/** The finished statement: pieces joined by single spaces, which changes no token, with the byte offset of each. */
export function finishRewriting(r: Rewriter): Source {
  const { sql, ascii, tokens, endPosition, terminator } = r.statement;
  const common = {
    sql,
    tokens,
    marks: r.marks,
    notes: r.notes,
    endPosition,
    terminator,
  };
  if (ascii && !r.changed) {
    const text = sql.slice(tokens[0]?.start ?? 0, tokens.at(-1)?.end ?? 0);
    return { ...common, text, pieceStarts: undefined, pieceTokens: [] };
  }
  const pieces = new Pieces();
  for (const [i, token] of tokens.entries()) {
    pieces.add(r.before[i], i);
    pieces.add(r.replacements[i] ?? sourceText(r.statement, token), i);
    pieces.add(r.after[i], i + 1);
  }
  return {
    ...common,
    text: pieces.texts.join(" "),
    pieceStarts: pieces.starts,
    pieceTokens: pieces.tokens,
  };
}

class Pieces {
  readonly texts: string[] = [];
  readonly starts: number[] = [];
  readonly tokens: number[] = [];
  private bytes = 0;

  add(text: string | undefined, tokenIndex: number): void {
    if (text === undefined || text === "") return;
    this.texts.push(text);
    this.starts.push(this.bytes);
    this.tokens.push(tokenIndex);
    this.bytes += utf8Length(text) + 1;
  }
}
