// Text of our dialect -> text PostgreSQL's grammar takes (design: parser edge). Works on tokens: one pass, one rule a word. What a rule
// takes out of the text it leaves as a marker or a note, so that tree-*.ts can put it where it belongs.

import {
  rewriteAlterColumns,
  rewriteChangeColumn,
} from "./dialect/dialect-alter.ts";
import { rewriteCreate } from "./dialect/dialect-create.ts";
import {
  dropEmptyBrackets,
  isLongName,
  markDefaultSchema,
  markName,
  markNamedParameter,
  markOrdinalParameter,
  markUnicodeName,
  markWindowCall,
} from "./dialect/dialect-name.ts";
import {
  refuseStream,
  rewriteAtVersion,
  rewriteNullTreatment,
  rewritePivot,
  rewriteQualify,
  rewriteTravel,
  rewriteTryCast,
} from "./dialect/dialect-query.ts";
import { rewriteCompositeType } from "./dialect/dialect-type.ts";
import {
  rewriteInsert,
  rewriteMerge,
  rewriteUpdateStar,
} from "./dialect/dialect-write.ts";
import {
  finishRewriting,
  replaceToken,
  startRewriting,
  type Rewriter,
  type StatementTokens,
} from "./rewriter.ts";
import type { Source } from "./source.ts";
import { isWord } from "./token.ts";

/** Applies at the token of an index and answers the index to go on from. */
type Rule = (r: Rewriter, index: number) => number;

const WORD_RULES: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ["array", rewriteCompositeType],
  ["map", rewriteCompositeType],
  ["struct", rewriteCompositeType],
  ["version", rewriteTravel],
  ["timestamp", rewriteTravel],
  ["system_version", rewriteTravel],
  ["system_time", rewriteTravel],
  ["default", markDefaultSchema],
  ["window", markWindowCall],
  ["qualify", rewriteQualify],
  ["stream", refuseStream],
  ["try_cast", rewriteTryCast],
  ["pivot", rewritePivot],
  ["unpivot", rewritePivot],
  ["ignore", rewriteNullTreatment],
  ["respect", rewriteNullTreatment],
  ["insert", rewriteInsert],
  ["set", rewriteUpdateStar],
  ["merge", rewriteMerge],
  ["create", rewriteCreate],
  ["columns", rewriteAlterColumns],
  ["column", rewriteAlterColumns],
  ["change", rewriteChangeColumn],
  ["catalog", rewriteCommentOnCatalog],
  ["current_date", dropEmptyBrackets],
  ["current_timestamp", dropEmptyBrackets],
  ["current_user", dropEmptyBrackets],
  ["session_user", dropEmptyBrackets],
  ["current_catalog", dropEmptyBrackets],
]);

/** Throws 42601 and 0A000 for constructs of ours that are written wrongly or not offered yet. */
export function rewriteDialect(
  statement: StatementTokens,
  prefix?: string,
): Source {
  const r = startRewriting(statement, prefix);
  let at = 0;
  while (at < r.tokens.length) at = rewriteToken(r, at);
  return finishRewriting(r);
}

function rewriteToken(r: Rewriter, index: number): number {
  // What a rule replaced or dropped is done with.
  if (r.replacements[index] !== undefined) return index + 1;
  const token = r.tokens[index];
  switch (token?.kind) {
    case "word": {
      const rule = WORD_RULES.get(token.text);
      if (rule !== undefined) return rule(r, index);
      if (isLongName(token)) markName(r, index);
      return index + 1;
    }
    case "quoted":
    case "backtick":
      markName(r, index);
      return index + 1;
    case "unicode-name":
      markUnicodeName(r, index);
      return index + 1;
    case "parameter":
      return markOrdinalParameter(r, index);
    case "operator":
      return token.text === "@" ? rewriteAtVersion(r, index) : index + 1;
    case "symbol":
      return token.text === ":" ? markNamedParameter(r, index) : index + 1;
    default:
      return index + 1;
  }
}

/** `COMMENT ON CATALOG c` is PostgreSQL's COMMENT ON DATABASE. */
function rewriteCommentOnCatalog(r: Rewriter, index: number): number {
  const onCatalog =
    isWord(r.tokens[index - 1], "on") && isWord(r.tokens[index - 2], "comment");
  if (onCatalog) replaceToken(r, index, "DATABASE");
  return index + 1;
}
