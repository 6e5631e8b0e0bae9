// INSERT OVERWRITE, INSERT INTO TABLE, and the stars of MERGE.

import { unsupported } from "./errors.ts";
import { addMark, pinNote, replaceToken, type Rewriter } from "./rewriter.ts";
import { afterDottedName } from "./token-walk.ts";
import { isOperator, isSymbol, isWord } from "./token.ts";

/** `INSERT OVERWRITE [TABLE] t`, `INSERT INTO TABLE t` -> `INSERT INTO t`; `INSERT *` -> a column list of one marker. */
export function rewriteInsert(r: Rewriter, index: number): number {
  const { tokens } = r;
  const verb = tokens[index + 1];
  if (verb === undefined) return index + 1;
  if (isOperator(verb, "*")) {
    const mark = addMark(r, { kind: "star", token: verb });
    replaceToken(r, index + 1, `(${mark}) VALUES (DEFAULT)`);
    refuseExcept(r, index + 2);
    return index + 2;
  }
  const overwrite = isWord(verb, "overwrite");
  if (!overwrite && !isWord(verb, "into")) return index + 1;
  const target = targetIndex(r, index + 2);
  if (overwrite) {
    replaceToken(r, index + 1, "INTO");
    pinNote(r, target, { kind: "overwrite" }, verb);
  }
  refuseTargetClauses(r, afterDottedName(tokens, target));
  return index + 2;
}

/** Drops TABLE before a name; a table may be called so only in quotes. */
function targetIndex(r: Rewriter, index: number): number {
  if (!isWord(r.tokens[index], "table")) return index;
  replaceToken(r, index, "");
  return index + 1;
}

function refuseTargetClauses(r: Rewriter, index: number): void {
  const word = r.tokens[index];
  const next = r.tokens[index + 1];
  if (word?.kind !== "word") return;
  const partition = word.text === "partition" && isSymbol(next, "(");
  if (partition) throw unsupported("INSERT with PARTITION is", word.position);
  const byName = word.text === "by" && isWord(next, "name");
  if (byName) throw unsupported("INSERT BY NAME is", word.position);
  const replaceWhere = word.text === "replace" && isWord(next, "where");
  if (replaceWhere) {
    throw unsupported("INSERT with REPLACE WHERE is", word.position);
  }
}

/** `UPDATE SET *` -> an assignment to a marker. */
export function rewriteUpdateStar(r: Rewriter, index: number): number {
  const star = r.tokens[index + 1];
  if (!isWord(r.tokens[index - 1], "update") || !isOperator(star, "*")) {
    return index + 1;
  }
  if (star === undefined) return index + 1;
  const mark = addMark(r, { kind: "star", token: star });
  replaceToken(r, index + 1, `${mark} = DEFAULT`);
  refuseExcept(r, index + 2);
  return index + 2;
}

function refuseExcept(r: Rewriter, index: number): void {
  const word = r.tokens[index];
  if (word !== undefined && isWord(word, "except")) {
    throw unsupported("EXCEPT after the star of MERGE is", word.position);
  }
}

/** `MERGE WITH SCHEMA EVOLUTION INTO t`. */
export function refuseEvolution(r: Rewriter, index: number): number {
  const word = r.tokens[index + 1];
  const evolves = isWord(word, "with") && isWord(r.tokens[index + 2], "schema");
  if (word !== undefined && evolves) {
    throw unsupported("MERGE WITH SCHEMA EVOLUTION is", word.position);
  }
  return index + 1;
}
