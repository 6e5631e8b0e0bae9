// CREATE FUNCTION in SQL's own form, `RETURN expression`: Databricks' grammar. Types and expressions are read by PostgreSQL's, one by one.

import { SqlError } from "../../../storage/common/errors.ts";
import type {
  CreateFunctionStatement,
  Expr,
  FunctionParameter,
  Query,
  SelectItem,
  Statement,
  TypeName,
} from "../ast.ts";
import {
  atEnd,
  atWords,
  expectEnd,
  expectWords,
  peek,
  position,
  readIdentifier,
  readList,
  readName,
  readString,
  restOf,
  takeOneOf,
  takeSymbol,
  takeWords,
  unexpectedToken,
  type Cursor,
} from "../cursor.ts";
import { unsupported } from "../errors.ts";
import { readQueryTokens } from "../read-statement.ts";
import { matchBrackets } from "../token-walk.ts";
import { isSymbol, isWord, type Token } from "../token.ts";

/** `[OR REPLACE] [TEMPORARY] FUNCTION [IF NOT EXISTS] f(…) … RETURN …` behind CREATE; undefined for what makes no function. */
export function readCreateFunction(
  c: Cursor,
  start: number,
): Statement | undefined {
  const replace = takeWords(c, "or replace");
  const temporary = takeOneOf(c, ["temporary", "temp"]) !== undefined;
  if (!takeWords(c, "function")) return undefined;
  const conditional = takeWords(c, "if not exists");
  if (conditional && replace) throw unexpectedToken(c);
  const name = readName(c);
  const parameters = readParameters(c);
  const returns = takeWords(c, "returns") ? readReturns(c) : undefined;
  const comment = readCharacteristics(c);
  expectWords(c, "return");
  const source = restText(c);
  const body = readBody(c);
  return {
    kind: "create-function",
    name,
    mode: replace ? "or-replace" : conditional ? "if-not-exists" : "create",
    temporary,
    parameters,
    ...(returns === undefined ? {} : { returns }),
    body,
    source,
    ...(comment === undefined ? {} : { comment }),
    position: start,
  } satisfies CreateFunctionStatement;
}

function readParameters(c: Cursor): readonly FunctionParameter[] {
  if (!takeSymbol(c, "(")) throw unexpectedToken(c);
  if (takeSymbol(c, ")")) return [];
  const parameters = readList(c, readParameter);
  if (!takeSymbol(c, ")")) throw unexpectedToken(c);
  refuseRepeated(parameters);
  refuseGap(parameters);
  return parameters;
}

function readParameter(c: Cursor): FunctionParameter {
  takeWords(c, "in");
  for (const mode of ["out", "inout", "variadic"])
    if (atWords(c, mode))
      throw unsupported(`${mode.toUpperCase()} parameters are`, position(c));
  const name = readIdentifier(c);
  if (isSymbol(peek(c), ",") || isSymbol(peek(c), ")")) {
    throw unsupported("function parameters without a name are", name.position);
  }
  const type = typeOf(c, takeUntil(c, ["default", "comment"]));
  const value = takeWords(c, "default")
    ? expressionOf(c, takeUntil(c, ["comment"]))
    : undefined;
  if (takeWords(c, "comment")) readString(c);
  return { name, type, ...(value === undefined ? {} : { default: value }) };
}

/** 42P13, as PostgreSQL: names tell parameters apart whatever their case. */
function refuseRepeated(parameters: readonly FunctionParameter[]): void {
  const seen = new Set<string>();
  for (const { name } of parameters) {
    const folded = name.name.toLowerCase();
    if (seen.has(folded)) {
      throw new SqlError(
        "42P13",
        `parameter name "${name.name}" used more than once`,
        { position: name.position },
      );
    }
    seen.add(folded);
  }
}

function refuseGap(parameters: readonly FunctionParameter[]): void {
  const first = parameters.findIndex((it) => it.default !== undefined);
  const gap = parameters
    .slice(first < 0 ? parameters.length : first)
    .find((it) => it.default === undefined);
  if (gap) {
    throw new SqlError(
      "42P13",
      "input parameters after one with a default value must also have defaults",
      { position: gap.name.position },
    );
  }
}

function readReturns(c: Cursor): TypeName {
  if (atWords(c, "table") || atWords(c, "setof")) {
    throw unsupported("functions that return tables are", position(c));
  }
  return typeOf(c, takeUntil(c, AFTER_TYPE));
}

/** Of PostgreSQL's functions and Databricks' procedures. */
const OTHER_FORMS = [
  ...["as", "begin", "sql security", "security", "external", "strict"],
  ...["called", "returns null", "leakproof", "window", "parallel", "cost"],
  ...["rows", "support", "set", "transform"],
];

/** Words that end the type behind RETURNS. */
const AFTER_TYPE = [
  "return",
  "comment",
  "language",
  "deterministic",
  "not",
  "contains",
  "reads",
  "as",
  "sql",
  "immutable",
  "stable",
  "volatile",
  ...OTHER_FORMS.map((words) => words.split(" ")[0] ?? ""),
];

/** What may stand before RETURN says nothing that the body does not say itself, but for the comment. */
function readCharacteristics(c: Cursor): string | undefined {
  let comment: string | undefined;
  for (;;) {
    if (takeWords(c, "comment")) comment = readString(c);
    else if (takeWords(c, "language")) readLanguage(c);
    else if (OTHER_FORMS.some((words) => atWords(c, words))) {
      throw unsupported("CREATE FUNCTION in this form is", position(c));
    } else if (takeOneOf(c, CHARACTERISTICS) === undefined) return comment;
  }
}

const CHARACTERISTICS = [
  "not deterministic",
  "deterministic",
  "contains sql",
  "reads sql data",
  "immutable",
  "stable",
  "volatile",
];

function readLanguage(c: Cursor): void {
  const at = position(c);
  if (readIdentifier(c).name.toLowerCase() !== "sql") {
    throw unsupported("functions in a language other than SQL are", at);
  }
}

function readBody(c: Cursor): Expr {
  if (atEnd(c)) throw unexpectedToken(c);
  const at = position(c);
  const query = ["select", "with", "values", "table"].some((it) =>
    atWords(c, it),
  );
  const body: Expr = query
    ? {
        kind: "subquery",
        form: "scalar",
        query: readQueryTokens(restOf(c), ""),
        position: at,
      }
    : expressionOf(c, c.tokens.slice(c.next));
  c.next = c.tokens.length;
  expectEnd(c);
  return body;
}

/** As the user wrote it, from the next token to the last. */
function restText(c: Cursor): string {
  const last = c.tokens.at(-1);
  return c.statement.sql.slice(peek(c)?.start ?? 0, last?.end ?? 0);
}

/** Tokens up to a comma or closing bracket of the list, or one of these words; brackets and `<…>` are passed over. */
function takeUntil(c: Cursor, words: readonly string[]): readonly Token[] {
  const from = c.next;
  const partners = matchBrackets(c.tokens);
  let angles = 0;
  while (!atEnd(c)) {
    const token = peek(c);
    if (angles === 0 && words.some((word) => isWord(token, word))) break;
    const closing = isSymbol(token, ")") || isSymbol(token, "]");
    if (closing || (angles === 0 && isSymbol(token, ","))) break;
    angles += anglesOf(token);
    c.next = Math.max(partners[c.next] ?? c.next, c.next) + 1;
  }
  if (c.next === from) throw unexpectedToken(c);
  return c.tokens.slice(from, c.next);
}

function anglesOf(token: Token | undefined): number {
  if (token?.kind !== "operator" || !/^[<>]+$/u.test(token.text)) return 0;
  return Array.from(token.text).reduce(
    (sum, it) => sum + (it === "<" ? 1 : -1),
    0,
  );
}

function typeOf(c: Cursor, tokens: readonly Token[]): TypeName {
  const value = onlyItem(c, tokens, "SELECT NULL::").value;
  if (value.kind !== "cast") throw unexpectedToken(c);
  return value.type;
}

function expressionOf(c: Cursor, tokens: readonly Token[]): Expr {
  return onlyItem(c, tokens, "SELECT").value;
}

/** The one item of a query that is nothing else. */
function onlyItem(
  c: Cursor,
  tokens: readonly Token[],
  prefix: string,
): SelectItem {
  const query = readQueryTokens({ ...c.statement, tokens }, prefix);
  const item = isBare(query) ? bareItem(query) : undefined;
  if (item === undefined) throw unexpectedToken(c);
  return item;
}

function isBare(query: Query): boolean {
  const { with: tables, limit, offset, locking, orderBy } = query;
  const others = [tables, limit, offset, locking];
  return orderBy.length === 0 && others.every((part) => part === undefined);
}

function bareItem({ body }: Query): SelectItem | undefined {
  if (body.kind !== "select") return undefined;
  const [item, more] = body.items;
  const lists = [body.from, body.groupBy, body.windows];
  const clauses = [body.where, body.having, body.qualify, more, item?.alias];
  const bare =
    body.distinct === false &&
    lists.every((list) => list.length === 0) &&
    clauses.every((clause) => clause === undefined);
  return bare && item?.value.kind !== "star" ? item : undefined;
}
