// Behind the target of an INSERT: PARTITION, BY NAME, REPLACE WHERE. The grammar takes expressions there only as subscripts in the
// list of columns, so that is where they go, tokens in order and positions kept:
//
//   t PARTITION (a = 1, b) (x, y)    t (a [1], b, x, y)          the note tells how many belong to PARTITION
//   t (x, y) REPLACE WHERE p         t (x, y, mark [p])

import { endsOperand } from "./dialect-query.ts";
import { unsupported } from "../errors.ts";
import {
  addMark,
  dropTokens,
  insertAfter,
  insertBefore,
  partnerOf,
  pinNote,
  replaceToken,
  unexpected,
  type Rewriter,
} from "../rewriter.ts";
import { afterDottedName, isName } from "../token-walk.ts";
import { isOperator, isSymbol, isWord } from "../token.ts";

/** `target`: index of the first part of the table's name. */
export function rewriteReplaced(r: Rewriter, target: number): void {
  const { tokens } = r;
  let at = afterDottedName(tokens, target);
  let list = isSymbol(tokens[at], "(") ? partnerOf(r, at) : undefined;
  if (isWord(tokens[at], "partition") && isSymbol(tokens[at + 1], "(")) {
    list = rewritePartition(r, target, at);
    at = (list ?? at) + 1;
  } else if (list !== undefined) {
    at = list + 1;
  }
  const word = tokens[at];
  if (word === undefined) return;
  if (isWord(word, "by") && isWord(tokens[at + 1], "name")) {
    dropTokens(r, at, at + 2);
    pinNote(r, target, { kind: "by-name" }, word);
    at += 2;
  }
  rewriteReplace(r, at, list);
}

/** Index of the bracket that closes the list of columns; undefined when PARTITION's brackets never close. */
function rewritePartition(
  r: Rewriter,
  target: number,
  index: number,
): number | undefined {
  const { tokens } = r;
  const word = tokens[index];
  const close = partnerOf(r, index + 1);
  if (close === undefined || word === undefined) return undefined;
  dropTokens(r, index, index + 1);
  let names = 0;
  let at = index + 2;
  for (;;) {
    at = rewriteEntry(r, at, close);
    names += 1;
    if (at >= close) break;
    at += 1;
  }
  pinNote(r, target, { kind: "partition", names }, word);
  if (!beginsColumns(r, close + 1)) return close;
  replaceToken(r, close, ",");
  dropTokens(r, close + 1, close + 2);
  return partnerOf(r, close + 1);
}

/** `a` or `a = value`; index of the comma or bracket behind it. */
function rewriteEntry(r: Rewriter, index: number, close: number): number {
  const { tokens } = r;
  if (!isName(tokens[index])) throw unexpected(r, index);
  const behind = index + 1;
  if (behind === close || isSymbol(tokens[behind], ",")) return behind;
  if (!isOperator(tokens[behind], "=")) throw unexpected(r, behind);
  let end = behind + 1;
  while (end < close && !isSymbol(tokens[end], ",")) {
    const opens = isSymbol(tokens[end], "(") || isSymbol(tokens[end], "[");
    end = (opens ? (partnerOf(r, end) ?? close) : end) + 1;
  }
  if (end === behind + 1) throw unexpected(r, end);
  replaceToken(r, behind, "[");
  insertAfter(r, end - 1, "]");
  return end;
}

const QUERY_WORDS: ReadonlySet<string> = new Set(
  "select values with table".split(" "),
);

/** Does a list of columns stand here, rather than a query in brackets? */
function beginsColumns(r: Rewriter, index: number): boolean {
  return isSymbol(r.tokens[index], "(") && !beginsQuery(r, index);
}

function beginsQuery({ tokens }: Rewriter, index: number): boolean {
  let at = index;
  while (isSymbol(tokens[at], "(")) at += 1;
  const word = tokens[at];
  return word?.kind === "word" && QUERY_WORDS.has(word.text);
}

/** `list`: the bracket that closes the columns, when there are any. */
function rewriteReplace(
  r: Rewriter,
  index: number,
  list: number | undefined,
): void {
  const { tokens } = r;
  const token = tokens[index];
  const next = tokens[index + 1];
  if (token === undefined || !isWord(token, "replace")) return;
  if (isWord(next, "using") || isWord(next, "on"))
    throw unsupported(
      `INSERT with REPLACE ${next?.text.toUpperCase() ?? ""} is`,
      token.position,
    );
  if (!isWord(next, "where")) return;
  const end = endOfPredicate(r, index + 2);
  if (end === index + 2 || end === tokens.length) throw unexpected(r, end);
  const mark = addMark(r, { kind: "replace-where", token });
  if (list !== undefined) replaceToken(r, list, "");
  replaceToken(r, index, `${list === undefined ? "(" : ","} ${mark} [`);
  replaceToken(r, index + 1, "");
  insertBefore(r, end, "] )");
}

/** Where the query begins. */
function endOfPredicate(r: Rewriter, from: number): number {
  const { tokens } = r;
  let at = from;
  while (at < tokens.length) {
    const token = tokens[at];
    const opens = isSymbol(token, "(") || isSymbol(token, "[");
    const queryInBrackets =
      at > from &&
      isSymbol(token, "(") &&
      endsOperand(tokens[at - 1]) &&
      !isWord(tokens[at - 1], "exists");
    if ((!opens || queryInBrackets) && beginsQuery(r, at)) return at;
    at = (opens ? (partnerOf(r, at) ?? tokens.length) : at) + 1;
  }
  return tokens.length;
}
