// INSERT OVERWRITE, INSERT INTO TABLE, BY NAME, WITH SCHEMA EVOLUTION, and the stars of MERGE.

import { rewriteReplaced } from "./dialect-replace.ts";
import { unsupported } from "../errors.ts";
import {
  addMark,
  dropTokens,
  pinNote,
  replaceToken,
  type Rewriter,
} from "../rewriter.ts";
import { isOperator, isWord } from "../token.ts";

/**
 * `INSERT [WITH SCHEMA EVOLUTION] OVERWRITE | INTO [TABLE] t [BY NAME]` -> `INSERT INTO t`; `INSERT *` -> a column list of one marker.
 */
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
  const at = afterEvolution(r, index + 1);
  const into = tokens[at];
  const overwrite = isWord(into, "overwrite");
  if (into === undefined || (!overwrite && !isWord(into, "into")))
    return index + 1;
  const target = targetIndex(r, at + 1);
  noteEvolution(r, { from: index + 1, to: at, target });
  if (overwrite) {
    replaceToken(r, at, "INTO");
    pinNote(r, target, { kind: "overwrite" }, into);
  }
  rewriteReplaced(r, target);
  return at + 1;
}

/** Index after `WITH SCHEMA EVOLUTION`; `index` when it does not stand there. */
function afterEvolution({ tokens }: Rewriter, index: number): number {
  const stands = ["with", "schema", "evolution"].every((word, i) =>
    isWord(tokens[index + i], word),
  );
  return stands ? index + 3 : index;
}

function noteEvolution(
  r: Rewriter,
  {
    from,
    to,
    target,
  }: { readonly from: number; readonly to: number; readonly target: number },
): void {
  const word = r.tokens[from];
  if (to === from || word === undefined) return;
  dropTokens(r, from, to);
  pinNote(r, target, { kind: "evolution" }, word);
}

/** Drops TABLE before a name; a table may be called so only in quotes. */
function targetIndex(r: Rewriter, index: number): number {
  if (!isWord(r.tokens[index], "table")) return index;
  replaceToken(r, index, "");
  return index + 1;
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

/** `MERGE WITH SCHEMA EVOLUTION INTO t` -> `MERGE INTO t`. */
export function rewriteMerge(r: Rewriter, index: number): number {
  const at = afterEvolution(r, index + 1);
  if (!isWord(r.tokens[at], "into")) return index + 1;
  noteEvolution(r, { from: index + 1, to: at, target: at + 1 });
  return at + 1;
}
