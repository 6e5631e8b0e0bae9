// Spark's lists in ALTER TABLE -- ADD COLUMNS (…), DROP COLUMNS (…) -- become PostgreSQL's repeated actions.

import { rewriteColumnClause } from "./dialect-create.ts";
import { afterCompositeType } from "./dialect-type.ts";
import { unsupported } from "../errors.ts";
import {
  dropTokens,
  insertBefore,
  partnerOf,
  pinNote,
  replaceToken,
  unexpected,
  type Rewriter,
} from "../rewriter.ts";
import { isName } from "../token-walk.ts";
import { isSymbol, isWord } from "../token.ts";

/** At COLUMN or COLUMNS, only inside ALTER TABLE. */
export function rewriteAlterColumns(r: Rewriter, index: number): number {
  const { tokens } = r;
  const verb = tokens[index - 1];
  const adds = isWord(verb, "add");
  const inAlter = isWord(tokens[0], "alter") && isWord(tokens[1], "table");
  if (!inAlter || !(adds || isWord(verb, "drop"))) return index + 1;
  if (isSymbol(tokens[index + 1], "(")) {
    const close = partnerOf(r, index + 1);
    if (close === undefined) throw unexpected(r, tokens.length);
    unfoldList(r, index, close);
  } else if (adds) {
    if (isWord(tokens[index], "columns")) replaceToken(r, index, "COLUMN");
    rewriteColumn(r, index + 1, nextComma(r, index + 1, tokens.length));
  }
  return index + 1;
}

/** `CHANGE [COLUMN] a a type [COMMENT '…'] [FIRST | AFTER b]`, or with TYPE, is ALTER COLUMN a TYPE type. */
export function rewriteChangeColumn(r: Rewriter, index: number): number {
  const { tokens } = r;
  const inAlter = isWord(tokens[0], "alter") && isWord(tokens[1], "table");
  if (!inAlter) return index + 1;
  replaceToken(r, index, "ALTER");
  const column = index + (isWord(tokens[index + 1], "column") ? 2 : 1);
  const name = tokens[column];
  const next = tokens[column + 1];
  if (!isName(name) || next === undefined) throw unexpected(r, column);
  if (!isWord(next, "type")) {
    if (next.text !== name?.text || !isName(next)) {
      throw unsupported(
        "a new name in CHANGE COLUMN is",
        next.position,
        "Use ALTER TABLE … RENAME COLUMN.",
      );
    }
    replaceToken(r, column + 1, "TYPE");
  }
  for (
    let at = column + 2;
    at < tokens.length;
    at = afterCompositeType(r, at) ?? (partnerOf(r, at) ?? at) + 1
  ) {
    rewriteColumnClause(r, at, column);
    rewritePlace(r, at, column);
  }
  return column;
}

/** `COLUMNS ( a …, b … )` -> `COLUMN a …, ADD COLUMN b …`. */
function unfoldList(r: Rewriter, index: number, close: number): void {
  const verb = r.tokens[index - 1]?.text ?? "";
  replaceToken(r, index, "COLUMN");
  replaceToken(r, index + 1, "");
  replaceToken(r, close, "");
  for (let start = index + 2; start < close;) {
    const comma = nextComma(r, start, close);
    if (verb === "add") rewriteColumn(r, start, comma);
    if (comma < close) insertBefore(r, comma + 1, `${verb} COLUMN`);
    start = comma + 1;
  }
}

/** Index of the next comma outside brackets; `to` when there is none. */
function nextComma(r: Rewriter, from: number, to: number): number {
  let at = from;
  while (at < to && !isSymbol(r.tokens[at], ",")) {
    at = afterCompositeType(r, at) ?? (partnerOf(r, at) ?? at) + 1;
  }
  return Math.min(at, to);
}

/** One definition, behind ADD COLUMN or an item of a list. */
function rewriteColumn(r: Rewriter, start: number, end: number): void {
  const column = isWord(r.tokens[start], "if") ? start + 3 : start;
  for (
    let at = column + 1;
    at < end;
    at = afterCompositeType(r, at) ?? (partnerOf(r, at) ?? at) + 1
  ) {
    rewriteColumnClause(r, at, column);
    rewritePlace(r, at, column);
  }
}

/** FIRST or AFTER c, behind everything else of the column. */
function rewritePlace(r: Rewriter, index: number, column: number): void {
  const word = r.tokens[index];
  if (word === undefined) return;
  if (isWord(word, "first")) {
    pinNote(r, column, { kind: "place", place: { kind: "first" } }, word);
    dropTokens(r, index, index + 1);
  } else if (isWord(word, "after")) {
    const after = r.tokens[index + 1];
    if (after === undefined || !isName(after)) throw unexpected(r, index + 1);
    const { text: name, position } = after;
    const named = { name, quoted: after.kind !== "word", position };
    const place = { kind: "after" as const, column: named };
    pinNote(r, column, { kind: "place", place }, word);
    dropTokens(r, index, index + 2);
  }
}
