// Which statements the mirror answers, and what of their text it is sent. Only what the parser has understood as one SELECT over system
// relations and listed functions gets through; the text itself is never changed.

import type { Resolved } from "../../planner/bind/resolved.ts";
import type { ParsedStatement } from "../../planner/parse/ast.ts";
import {
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
  // Our lexer reads backticks as quotes, PostgreSQL as operators: what one of them takes for a name must not be code to the other.
  if (sql.includes("`")) throw notAnswered("a name in backticks in a query");
  return {
    sql,
    offset,
    parameterCount: parsed.parameterCount,
    repeatable: names.every(isRepeatable),
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
      namesObject(statement))
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

/** DECLARE, PREPARE and DESCRIBE hand on their whole text: the query in it begins where the tree says. */
function textOf({
  statement,
  text,
  offset,
}: ParsedStatement): Pick<CatalogQuery, "sql" | "offset"> {
  if (!/^\s*(?:DECLARE|PREPARE|DESCRIBE|DESC)\b/iu.test(text))
    return { sql: text, offset };
  const before = statement.position - 1 - offset;
  return {
    sql: Array.from(text).slice(before).join(""),
    offset: offset + before,
  };
}
