// The last step by kind of statement: a bound statement goes to what runs it.

import type { BoundStatement } from "../planner/bind/bound.ts";
import type { Resolved } from "../planner/bind/resolve/resolved.ts";
import type { ResultColumn } from "../planner/logical/plan.ts";
import type { Statement } from "../planner/parse/ast.ts";
import { notSupported } from "../storage/common/errors.ts";
import { invariant } from "../storage/common/invariant.ts";
import { runAlterTable } from "./define/run-alter.ts";
import { runCreateFunction } from "./define/run-create-function.ts";
import { runCreateView } from "./define/run-create-view.ts";
import { runCreateTable } from "./define/run-create.ts";
import { runSetPolicies } from "./define/run-set-policies.ts";
import { explainColumns, runExplain } from "./run-explain.ts";
import { runQuery, type RunContext } from "./run-query.ts";
import type { OutputColumn, Result } from "./session/result.ts";
import { noteQuery } from "./write/block-reads.ts";
import { runChange, type ChangeStatement } from "./write/run-change.ts";
import { isCopy, runCopy } from "./write/run-copy.ts";
import { copyIntoColumns, runCopyInto } from "./write/run-copy-into.ts";
import { runInsert } from "./write/run-insert.ts";

/** Throws what the statement throws; 0A000 for what may not run where it stands. */
export function runBound(
  bound: BoundStatement,
  resolved: Resolved,
  context: RunContext,
): Promise<Result> | Result {
  const { statement } = resolved;
  if (statement.kind === "explain")
    return runExplain(bound, statement, context, (run) => {
      const written = runWrite(bound, statement.statement, run);
      invariant(written !== undefined, "only rows are written with a plan");
      return written;
    });
  if (bound.kind === "query" || bound.kind === "copy-to")
    noteQuery(bound.query.plan, context);
  if (bound.kind === "query") return runQuery(bound.query, context);
  if (isCopy(bound)) return runCopy(bound, context);
  if (bound.kind === "copy-into") return runCopyInto(bound, context);
  const written = runWrite(bound, statement, context);
  if (written !== undefined) return written;
  if (bound.kind === "alter-table")
    return runAlterTable(bound, statement, context);
  const created = runDefinition(bound, resolved, context);
  if (created !== undefined) return created;
  if (bound.kind === "create-table" && statement.kind === "create-table")
    return runCreateTable(bound, statement, resolved, context);
  if (bound.kind === "create-table-as" && statement.kind === "create-table-as")
    return runCreateTable(bound, statement, resolved, context);
  throw notSupported(
    `${statement.kind.replaceAll("-", " ").toUpperCase()} here is`,
    statement.position,
  );
}

/** Undefined for what changes no rows of a table. */
function runWrite(
  bound: BoundStatement,
  statement: Statement,
  context: RunContext,
): Promise<Result> | undefined {
  if (bound.kind === "insert" && statement.kind === "insert")
    return runInsert(bound, statement, context);
  if (bound.kind === "change" && isChange(statement))
    return runChange(bound, statement, context);
  return undefined;
}

/** Views, functions and policies: rows of the metastore alone. */
function runDefinition(
  bound: BoundStatement,
  resolved: Resolved,
  context: RunContext,
): Result | undefined {
  const { statement } = resolved;
  if (bound.kind === "set-policies") return runSetPolicies(bound, context);
  if (bound.kind === "create-view" && statement.kind === "create-view")
    return runCreateView(bound, statement, resolved, context);
  if (bound.kind === "create-function" && statement.kind === "create-function")
    return runCreateFunction(bound, statement, resolved, context);
  return undefined;
}

function isChange(statement: Statement): statement is ChangeStatement {
  const { kind } = statement;
  return ["insert", "update", "delete", "merge"].includes(kind);
}

/** What Describe tells; undefined where there are no rows. */
export function outputColumns(
  bound: BoundStatement,
  statement: Statement,
): readonly OutputColumn[] | undefined {
  if (statement.kind === "explain") return explainColumns(statement);
  if (bound.kind === "copy-into") return copyIntoColumns(bound);
  return resultColumns(bound)?.map(({ name, type, origin }) => ({
    name,
    type,
    ...origin,
  }));
}

function resultColumns(
  bound: BoundStatement,
): readonly ResultColumn[] | undefined {
  switch (bound.kind) {
    case "query":
      return bound.query.columns;
    case "insert":
    case "change":
      return bound.returning;
    default:
      return undefined;
  }
}
