// Shared by the parser's tests: parsing one statement, and comparing trees without what printing does not keep.

import { SqlError } from "../../storage/common/errors.ts";
import { invariant } from "../../storage/common/invariant.ts";
import type { Expr, Statement } from "./ast.ts";
import { parseSql } from "./parse.ts";
import type { ParameterMarkers } from "./rewriter.ts";

export function parseOne(sql: string, markers?: ParameterMarkers): Statement {
  const statements = parseSql(sql, markers);
  invariant(statements.length === 1, `${statements.length} statements`);
  const only = statements[0];
  invariant(only !== undefined, "no statement");
  return only.statement;
}

/** The first output expression of `SELECT …`. */
export function parseExpr(text: string, markers?: ParameterMarkers): Expr {
  const statement = parseOne(`SELECT ${text}`, markers);
  invariant(statement.kind === "select", statement.kind);
  const { body } = statement.query;
  invariant(body.kind === "select", body.kind);
  const item = body.items[0];
  invariant(item !== undefined, "an empty select list");
  return item.value;
}

interface Failure {
  readonly code: string;
  readonly message: string;
  readonly position: number | undefined;
}

/** The error a text gives; fails the test when it parses. */
export function failureOf(sql: string, markers?: ParameterMarkers): Failure {
  try {
    parseSql(sql, markers);
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    const { code, message, position } = error;
    return { code, message, position };
  }
  throw new SqlError("XX000", `parsed without an error: ${sql}`);
}

// Positions, quoting (printed names are always quoted) and the user's own spelling of a view.
const NOT_PRINTED: ReadonlySet<string> = new Set([
  "position",
  "quoted",
  "source",
]);

/** A copy of a tree without the fields that printing does not keep. */
export function bare(tree: unknown): unknown {
  if (Array.isArray(tree)) return tree.map(bare);
  if (typeof tree !== "object" || tree === null) return tree;
  return Object.fromEntries(
    Object.entries(tree)
      .filter(([key, value]) => value !== undefined && !isDropped(key, value))
      .map(([key, value]) => [key, bare(value)]),
  );
}

// `source` is also the name of a query inside INSERT, MERGE and ANY: only text is dropped.
function isDropped(key: string, value: unknown): boolean {
  return (
    NOT_PRINTED.has(key) && (key !== "source" || typeof value === "string")
  );
}
