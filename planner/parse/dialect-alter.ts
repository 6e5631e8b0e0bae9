// Spark's lists in ALTER TABLE -- ADD COLUMNS (…), DROP COLUMNS (…) -- become PostgreSQL's repeated actions.

import { rewriteColumnClause } from "./dialect-create.ts";
import { unsupported } from "./errors.ts";
import {
  insertBefore,
  replaceToken,
  unexpected,
  type Rewriter,
} from "./rewriter.ts";
import { afterBrackets } from "./token-walk.ts";
import { isSymbol, isWord } from "./token.ts";

/** At COLUMN or COLUMNS, only inside ALTER TABLE. */
export function rewriteAlterColumns(r: Rewriter, index: number): number {
  const { tokens } = r;
  const verb = tokens[index - 1];
  const adds = isWord(verb, "add");
  const inAlter = isWord(tokens[0], "alter") && isWord(tokens[1], "table");
  if (!inAlter || !(adds || isWord(verb, "drop"))) return index + 1;
  if (isSymbol(tokens[index + 1], "(")) {
    const close = afterBrackets(tokens, index + 1);
    if (close === undefined) throw unexpected(r, tokens.length);
    unfoldList(r, index, close - 1);
    if (adds) eachColumn(r, index + 2, close - 1);
  } else if (adds) {
    if (isWord(tokens[index], "columns")) replaceToken(r, index, "COLUMN");
    eachColumn(r, index + 1, tokens.length);
  }
  return index + 1;
}

/** `COLUMNS ( a …, b … )` -> `COLUMN a …, ADD COLUMN b …`. */
function unfoldList(r: Rewriter, index: number, close: number): void {
  const verb = r.tokens[index - 1]?.text ?? "";
  replaceToken(r, index, "COLUMN");
  replaceToken(r, index + 1, "");
  replaceToken(r, close, "");
  for (const comma of commas(r, index + 2, close)) {
    insertBefore(r, comma + 1, `${verb} COLUMN`);
  }
}

function commas(r: Rewriter, from: number, to: number): readonly number[] {
  const found: number[] = [];
  for (let at = from; at < to;) {
    const token = r.tokens[at];
    if (isSymbol(token, ",")) found.push(at);
    at = isSymbol(token, "(") ? (afterBrackets(r.tokens, at) ?? to) : at + 1;
  }
  return found;
}

function eachColumn(r: Rewriter, from: number, to: number): void {
  const starts = [from, ...commas(r, from, to).map((comma) => comma + 1)];
  for (const [i, start] of starts.entries()) {
    const end = starts[i + 1] ?? to;
    const column = nameIndex(r, start);
    for (let at = column + 1; at < end; at++) {
      rewriteColumnClause(r, at, column);
      const place = r.tokens[at];
      if (isWord(place, "first") || isWord(place, "after")) {
        throw unsupported(
          "a column's place in ADD COLUMN is",
          place?.position ?? 1,
        );
      }
    }
  }
}

/** Index of the name behind `ADD COLUMN IF NOT EXISTS` of a repeated action, or of a bare list item. */
function nameIndex(r: Rewriter, start: number): number {
  let at = start;
  if (isWord(r.tokens[at], "add")) at++;
  if (isWord(r.tokens[at], "column")) at++;
  return isWord(r.tokens[at], "if") ? at + 3 : at;
}
