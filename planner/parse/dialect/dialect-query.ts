// Constructs of queries that PostgreSQL's grammar lacks: time travel, QUALIFY, STREAM, TRY_CAST, IGNORE NULLS.

import { unsupported } from "../errors.ts";
import { LEADING_WORDS, RESERVED_WORDS } from "../keywords.ts";
import {
  addMark,
  afterBrackets,
  dropTokens,
  insertAfter,
  partnerOf,
  pinNote,
  replaceToken,
  type Rewriter,
} from "../rewriter.ts";
import { afterDottedName, isName, startOfDottedName } from "../token-walk.ts";
import {
  isOperator,
  isQuotedName,
  isSymbol,
  isWord,
  type Token,
} from "../token.ts";

/** `t VERSION AS OF n`, `t TIMESTAMP AS OF 'x'` (also FOR VERSION, FOR SYSTEM_TIME …), pinned to the first part of `t`. */
export function rewriteTravel(r: Rewriter, index: number): number {
  const { tokens } = r;
  const next = index + 1;
  if (!isWord(tokens[next], "as") || !isWord(tokens[index + 2], "of")) {
    return next;
  }
  const first = isWord(tokens[index - 1], "for") ? index - 1 : index;
  const table = tokens[first - 1];
  const end = afterTravelValue(r, index + 3);
  const token = tokens[index];
  if (end === index + 3 || !endsTableName(table) || token === undefined) {
    return next;
  }
  const start = startOfDottedName(tokens, first - 1);
  const form = token.text.endsWith("version") ? "version" : "timestamp";
  pinNote(
    r,
    start,
    { kind: "travel", form, tokens: tokens.slice(index + 3, end) },
    token,
  );
  dropTokens(r, first, end);
  return end;
}

/**
 * `t PIVOT (… FOR … IN (…)) [AS p]` becomes a sample of that method, which no table has: it is refused when the names around it are
 * looked up and allowed. `t pivot (a, b)` is an alias.
 */
export function rewritePivot(r: Rewriter, index: number): number {
  const { tokens } = r;
  const next = index + 1;
  const end = isSymbol(tokens[next], "(") ? afterBrackets(r, next) : undefined;
  const inside = tokens.slice(next, end);
  if (
    end === undefined ||
    !endsTableName(tokens[index - 1]) ||
    !inside.some((token) => isWord(token, "for"))
  )
    return next;
  const alias = isWord(tokens[end], "as") ? end + 1 : end;
  const named = endsTableName(tokens[alias]) ? alias + 1 : end;
  dropTokens(r, next, named);
  replaceToken(r, index, "TABLESAMPLE pivot(1)");
  return named;
}

function endsTableName(token: Token | undefined): boolean {
  if (token?.kind === "word") return !RESERVED_WORDS.has(token.text);
  return isQuotedName(token);
}

/** Index after one operand and any `+` or `-` operands behind it; `from` when none begins there. */
function afterTravelValue(r: Rewriter, from: number): number {
  const { tokens } = r;
  let end = afterOperand(r, from);
  while (isOperator(tokens[end], "+") || isOperator(tokens[end], "-")) {
    const next = afterOperand(r, end + 1);
    if (next === end + 1) break;
    end = next;
  }
  return end;
}

const UNITS = /^(?:year|month|day|hour|minute|second)s?$/;

function afterOperand(r: Rewriter, from: number): number {
  const { tokens } = r;
  const token = tokens[from];
  switch (token?.kind) {
    case "string":
    case "number":
    case "parameter":
      return afterCasts(r, from + 1);
    case "operator":
      return token.text === "-" && tokens[from + 1]?.kind === "number"
        ? from + 2
        : from;
    case "symbol":
      return afterSymbolOperand(r, from, token.text);
    case "word":
      return afterWordOperand(r, from, token.text);
    default:
      return from;
  }
}

function afterSymbolOperand(r: Rewriter, from: number, symbol: string): number {
  const { tokens } = r;
  if (symbol === "(") {
    return afterCasts(r, afterBrackets(r, from) ?? from);
  }
  // `:name`, which becomes a parameter when the value is read.
  const named = symbol === ":" && tokens[from + 1]?.kind === "word";
  return named ? afterCasts(r, from + 2) : from;
}

function afterWordOperand(r: Rewriter, from: number, word: string): number {
  const { tokens } = r;
  if (tokens[from + 1]?.kind === "string") {
    // `timestamp '…'`, `interval '1' day`
    const unit = tokens[from + 2];
    return unit?.kind === "word" && UNITS.test(unit.text) ? from + 3 : from + 2;
  }
  const end = afterDottedName(tokens, from);
  if (isSymbol(tokens[end], "(")) {
    return afterCasts(r, afterBrackets(r, end) ?? from);
  }
  return word.startsWith("current_") || word.startsWith("local")
    ? afterCasts(r, end)
    : from;
}

function afterCasts(r: Rewriter, from: number): number {
  const { tokens } = r;
  let end = from;
  while (isSymbol(tokens[end], "::")) {
    const type = afterDottedName(tokens, end + 1);
    if (type === end + 1) break;
    end = isSymbol(tokens[type], "(") ? (afterBrackets(r, type) ?? type) : type;
  }
  return end;
}

const AT_VERSION = /^v\d+$/;

/** `t@v5`, written without spaces. */
export function rewriteAtVersion(r: Rewriter, index: number): number {
  const table = r.tokens[index - 1];
  const at = r.tokens[index];
  const version = r.tokens[index + 1];
  if (at?.text !== "@" || version?.kind !== "word") return index + 1;
  const adjacent = table?.end === at.start && at.end === version.start;
  if (!adjacent || !AT_VERSION.test(version.text) || !endsTableName(table)) {
    return index + 1;
  }
  const number: Token = {
    ...version,
    kind: "number",
    text: version.text.slice(1),
    start: version.start + 1,
    position: version.position + 1,
  };
  pinNote(
    r,
    startOfDottedName(r.tokens, index - 1),
    { kind: "travel", form: "version", tokens: [number] },
    at,
  );
  dropTokens(r, index, index + 2);
  return index + 2;
}

const AFTER_QUALIFY: ReadonlySet<string> = new Set(
  "order limit offset fetch union intersect except window for qualify".split(
    " ",
  ),
);

/**
 * `QUALIFY c` becomes `WINDOW mark AS (ORDER BY (c))`: a place of the same SELECT that takes any expression, so that the
 * condition is parsed with the rest and keeps its positions. A WINDOW clause next to it is joined by a comma.
 */
export function rewriteQualify(r: Rewriter, index: number): number {
  const { tokens } = r;
  const token = tokens[index];
  if (token === undefined || !endsOperand(tokens[index - 1])) return index + 1;
  if (!beginsCondition(tokens[index + 1])) return index + 1;
  const end = endOfClause(r, index + 1);
  const mark = addMark(r, { kind: "qualify", token });
  const joined = followsWindowClause(r, index);
  replaceToken(r, index, `${joined ? "," : "WINDOW"} ${mark} AS (ORDER BY (`);
  insertAfter(r, end - 1, "))");
  if (isWord(tokens[end], "window")) replaceToken(r, end, ",");
  return index + 1;
}

const ENDING_WORDS: ReadonlySet<string> = new Set(
  "end null true false default".split(" "),
);

/** Can an operand or a name end with this token? Then a word behind it is no name of its own. */
export function endsOperand(token: Token | undefined): boolean {
  if (token === undefined) return false;
  switch (token.kind) {
    case "symbol":
      return token.text === ")" || token.text === "]";
    case "operator":
      return token.text === "*";
    case "word":
      if (LEADING_WORDS.has(token.text)) return false;
      return !RESERVED_WORDS.has(token.text) || ENDING_WORDS.has(token.text);
    default:
      return true;
  }
}

const CONDITION_WORDS: ReadonlySet<string> = new Set(
  "not case cast null true false exists array row current_user session_user current_date".split(
    " ",
  ),
);
// Words that follow a table's alias, should `qualify` be one.
const FOLLOWING_WORDS: ReadonlySet<string> = new Set(
  "join left right full inner cross natural tablesample".split(" "),
);

function beginsCondition(token: Token | undefined): boolean {
  if (token === undefined) return false;
  switch (token.kind) {
    case "symbol":
      return token.text === "(";
    case "operator":
      return token.text === "-" || token.text === "+";
    case "word":
      if (CONDITION_WORDS.has(token.text)) return true;
      return (
        !RESERVED_WORDS.has(token.text) && !FOLLOWING_WORDS.has(token.text)
      );
    default:
      return true;
  }
}

/** A second QUALIFY ends the first: the statement is wrong then, and the grammar says so. */
function endOfClause(r: Rewriter, from: number): number {
  const { tokens } = r;
  let at = from;
  while (at < tokens.length) {
    const token = tokens[at];
    if (token?.kind === "word" && AFTER_QUALIFY.has(token.text)) break;
    if (isSymbol(token, ")") || isSymbol(token, "]")) break;
    const opens = isSymbol(token, "(") || isSymbol(token, "[");
    at = opens ? (afterBrackets(r, at) ?? tokens.length) : at + 1;
  }
  return at;
}

/** Does a WINDOW clause of the same SELECT end before `index`? */
function followsWindowClause(r: Rewriter, index: number): boolean {
  const { tokens } = r;
  let at = index - 1;
  while (at >= 0) {
    const token = tokens[at];
    if (isSymbol(token, "(") || isWord(token, "select")) return false;
    if (isWord(token, "qualify")) return false;
    if (isWord(token, "window") && isName(tokens[at + 1])) return true;
    const closes = isSymbol(token, ")") || isSymbol(token, "]");
    at = (closes ? (partnerOf(r, at) ?? 0) : at) - 1;
  }
  return false;
}

/** `FROM STREAM t`, `JOIN STREAM (t)`: not yet; a table called stream stays reachable. */
export function refuseStream(r: Rewriter, index: number): number {
  const previous = r.tokens[index - 1];
  const next = r.tokens[index + 1];
  const token = r.tokens[index];
  const inFrom = isWord(previous, "from") || isWord(previous, "join");
  if (token === undefined || !inFrom) return index + 1;
  const names =
    isQuotedName(next) ||
    isSymbol(next, "(") ||
    (next?.kind === "word" &&
      !RESERVED_WORDS.has(next.text) &&
      !FOLLOWING_WORDS.has(next.text));
  if (names) throw unsupported("STREAM in FROM is", token.position);
  return index + 1;
}

/** `TRY_CAST(x AS t)` is a cast with a note. */
export function rewriteTryCast(r: Rewriter, index: number): number {
  const token = r.tokens[index];
  if (token === undefined || !isSymbol(r.tokens[index + 1], "(")) {
    return index + 1;
  }
  if (isSymbol(r.tokens[index - 1], ".")) return index + 1;
  replaceToken(r, index, "CAST");
  pinNote(r, index, { kind: "try-cast" }, token);
  return index + 1;
}

/** `f(x) IGNORE NULLS OVER …` or `f(x IGNORE NULLS)`, pinned to the function's name. */
export function rewriteNullTreatment(r: Rewriter, index: number): number {
  const { tokens } = r;
  const token = tokens[index];
  if (token === undefined || !isWord(tokens[index + 1], "nulls")) {
    return index + 1;
  }
  const inside = isSymbol(tokens[index + 2], ")");
  const outside = isSymbol(tokens[index - 1], ")");
  if (!inside && !outside) return index + 1;
  const close = inside ? index + 2 : index - 1;
  const open = partnerOf(r, close);
  if (open === undefined || !isName(tokens[open - 1])) return index + 1;
  const value = token.text === "ignore" ? "ignore" : "respect";
  const start = startOfDottedName(tokens, open - 1);
  pinNote(r, start, { kind: "nulls", value }, token);
  dropTokens(r, index, index + 2);
  return index + 2;
}
