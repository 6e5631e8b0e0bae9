// Which statements the mirror answers, and what of their text it is sent. Only what the parser has understood as one SELECT over system
// relations and listed functions gets through; the text itself is never changed.

import type { Resolved } from "../../planner/bind/resolve/resolved.ts";
import type { ParsedStatement } from "../../planner/parse/ast.ts";
import { tokenize } from "../../planner/parse/lexer.ts";
import { isSymbol, isWord, type Token } from "../../planner/parse/token.ts";
import {
  ENDING,
  isCatalogFunction,
  isRepeatable,
  mayRelay,
} from "./catalog-functions.ts";
import { notAnswered, notRelayed } from "./errors.ts";

export interface CatalogQuery {
  readonly sql: string;
  /** Characters before `sql` in the string the user sent. */
  readonly offset: number;
  /** Highest `$n`. */
  readonly parameterCount: number;
  /** The same question has the same answer while nothing it can see changes. */
  readonly repeatable: boolean;
  /** It looks at sessions, or ends them. */
  readonly aboutSessions: boolean;
  /** It looks at the session's own prepared statements or cursors. */
  readonly aboutOwn: boolean;
}

/** Undefined when the statement is the planner's. Throws 0A000 for what looks at the catalog but may not be relayed. */
export function catalogQuery(
  parsed: ParsedStatement,
  resolved: Resolved,
): CatalogQuery | undefined {
  if (!asksCatalog(parsed, resolved)) return undefined;
  const { statement } = parsed;
  if (statement.kind !== "select")
    throw notAnswered(statement.kind.replaceAll("-", " ").toUpperCase());
  for (const relation of resolved.relations.values()) {
    if (relation.kind === "system" && relation.schema === "system")
      throw notAnswered(`system.${relation.name}`);
  }
  const names = [...resolved.functionNames];
  const refused = names.find((name) => !mayRelay(name));
  if (refused !== undefined) throw notRelayed(refused);
  const { sql, offset } = textOf(parsed);
  const reads = (...views: readonly string[]): boolean =>
    [...resolved.relations.values()].some(
      (relation) => relation.kind === "system" && views.includes(relation.name),
    );
  const readsActivity = reads("pg_stat_activity");
  const aboutOwn = reads("pg_prepared_statements", "pg_cursors");
  return {
    sql,
    offset,
    parameterCount: parsed.parameterCount,
    repeatable: !readsActivity && !aboutOwn && names.every(isRepeatable),
    aboutSessions: readsActivity || names.some((name) => ENDING.has(name)),
    aboutOwn,
  };
}

function asksCatalog(parsed: ParsedStatement, resolved: Resolved): boolean {
  if (resolved.systemRelations === "only") return true;
  const { statement } = parsed;
  const onlyCommon = [...resolved.relations.values()].every(
    ({ kind }) => kind === "common-table",
  );
  return (
    statement.kind === "select" &&
    onlyCommon &&
    resolved.calls.size === 0 &&
    ([...resolved.functionNames].some(isCatalogFunction) ||
      namesObject(statement) ||
      endsComputed(statement))
  );
}

/** `pg_cancel_backend(…)` of what is not written out: the planner folds constants only. */
function endsComputed(node: unknown): boolean {
  if (typeof node !== "object" || node === null) return false;
  if (isEndingCall(node) && !isConstantCall(node)) return true;
  return Object.values(node).some(endsComputed);
}

function isEndingCall(node: object): node is { readonly args: unknown } {
  if (!("kind" in node) || node.kind !== "call" || !("args" in node))
    return false;
  const parts = "name" in node ? JSON.stringify(node.name) : "";
  return [...ENDING].some((name) => parts.toLowerCase().includes(`"${name}"`));
}

function isConstantCall({ args }: { readonly args: unknown }): boolean {
  return (
    Array.isArray(args) &&
    args.every(
      ({ value }: { readonly value?: { readonly kind?: string } }) =>
        value?.kind === "literal",
    )
  );
}

/** `'t'::regclass` and its relatives, which look a name up. */
function namesObject(node: unknown): boolean {
  if (typeof node !== "object" || node === null) return false;
  if (
    "kind" in node &&
    node.kind === "cast" &&
    "type" in node &&
    isObjectType(node.type)
  )
    return true;
  return Object.values(node).some(namesObject);
}

function isObjectType(type: unknown): boolean {
  return (
    typeof type === "object" &&
    type !== null &&
    "name" in type &&
    typeof type.name === "string" &&
    type.name.startsWith("reg")
  );
}

/**
 * DECLARE and DESCRIBE hand on their whole text: the query in it begins behind the words that introduce it. Whatever does not begin as
 * a query does not leave the gateway.
 */
function textOf({
  text,
  offset,
}: ParsedStatement): Pick<CatalogQuery, "sql" | "offset"> {
  const { tokens } = tokenize(text);
  // Our lexer reads backticks as quotes, PostgreSQL as operators: what one of them takes for a name must not be code to the other.
  if (tokens.some(({ kind }) => kind === "backtick"))
    throw notAnswered("a name in backticks in a query");
  const start = tokens[introduction(tokens)];
  if (start === undefined || !beginsQuery(start))
    throw notAnswered("this form of a query");
  return {
    sql: text.slice(start.start),
    offset: offset + start.position - 1,
  };
}

/** How many tokens stand before the query. */
function introduction(tokens: readonly Token[]): number {
  const [first] = tokens;
  if (isWord(first, "declare"))
    return tokens.findIndex((token) => isWord(token, "for")) + 1;
  if (isWord(first, "describe") || isWord(first, "desc"))
    return isWord(tokens[1], "query") ? 2 : 1;
  return 0;
}

function beginsQuery(token: Token): boolean {
  return token.kind === "word"
    ? QUERY_WORDS.has(token.text)
    : isSymbol(token, "(");
}

const QUERY_WORDS: ReadonlySet<string> = new Set([
  "select",
  "table",
  "values",
  "with",
]);
