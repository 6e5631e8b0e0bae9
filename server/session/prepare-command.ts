// PREPARE, EXECUTE and DEALLOCATE: prepared statements that SQL names. They share their names with the protocol's.

import type {
  DeallocateStatement,
  ExecuteStatement,
  Expr,
  ParsedStatement,
  PrepareStatement,
  SelectItem,
} from "../../planner/parse/ast.ts";
import { plainQuery } from "../../planner/parse/tree/plain-query.ts";
import { resolveTypeName } from "../../planner/functions/type-name.ts";
import { withoutModifier } from "../../planner/functions/types.ts";
import { DEFAULT_OUTPUT } from "./result.ts";
import type { Result, ResultFormat } from "./result.ts";
import type { DataType } from "../../storage/common/data-type.ts";
import type { Scalar } from "../../storage/common/scalar.ts";
import { done } from "./command-result.ts";
import { readTextRows } from "./data-row.ts";
import type { Cancellation, PreparedStatement, QueryEngine } from "./engine.ts";
import {
  duplicatePreparedStatement,
  undefinedPreparedStatement,
  wrongParameterCount,
} from "./errors.ts";
import type { Session } from "./session.ts";
import { typeSyntax } from "./type-syntax.ts";

interface Prepare {
  readonly parsed: ParsedStatement;
  /** The same statement, narrowed. */
  readonly statement: PrepareStatement;
}

interface ExecuteRun {
  readonly format: ResultFormat;
  readonly cancellation: Cancellation;
}

/** Throws 42P05, 42704, and what preparing the statement throws. */
export async function runPrepare(
  session: Session,
  engine: QueryEngine,
  { parsed, statement }: Prepare,
  cancellation: Cancellation,
): Promise<Result> {
  if (session.statements.has(statement.name)) {
    throw duplicatePreparedStatement(statement.name);
  }
  const declared = statement.types.map((type) =>
    type.name === "unknown"
      ? undefined
      : withoutModifier(resolveTypeName(type)),
  );
  const prepared = await engine.prepare(
    session,
    { ...parsed, statement: statement.statement },
    declared,
    cancellation,
  );
  session.statements.add(statement.name, prepared, {
    text: parsed.text,
    atMs: session.transaction.statementStartedAtMs,
    by: "sql",
  });
  return done("PREPARE");
}

/** Throws 26000, 42601, and what the statement throws. */
export async function runExecute(
  session: Session,
  engine: QueryEngine,
  statement: ExecuteStatement,
  { format, cancellation }: ExecuteRun,
): Promise<Result> {
  const prepared = namedStatement(session, statement.name);
  const expected = prepared.parameterTypes.length;
  if (statement.args.length !== expected) {
    throw wrongParameterCount(statement.name, expected, statement.args.length);
  }
  const parameters =
    expected === 0
      ? []
      : await evaluateArguments(session, engine, statement, {
          types: prepared.parameterTypes,
          cancellation,
        });
  return engine.execute(session, prepared, parameters, format, cancellation);
}

export function runDeallocate(
  session: Session,
  statement: DeallocateStatement,
): Result {
  if (statement.name === undefined) {
    session.statements.removeAll();
    return done("DEALLOCATE ALL");
  }
  if (!session.statements.remove(statement.name)) {
    throw undefinedPreparedStatement(statement.name);
  }
  return done("DEALLOCATE");
}

function namedStatement(session: Session, name: string): PreparedStatement {
  if (name === "") throw undefinedPreparedStatement(name);
  return session.statements.get(name);
}

interface Arguments {
  readonly types: readonly DataType[];
  readonly cancellation: Cancellation;
}

/** Arguments are expressions: the engine evaluates them as one row, cast to the parameters' types. */
async function evaluateArguments(
  session: Session,
  engine: QueryEngine,
  statement: ExecuteStatement,
  { types, cancellation }: Arguments,
): Promise<readonly Scalar[]> {
  const { position } = statement;
  const row = await engine.prepare(
    session,
    {
      statement: {
        kind: "select",
        position,
        query: plainQuery({
          items: statement.args.map((value, index) =>
            argument(value, types[index]),
          ),
          from: [],
          position,
        }),
      },
      text: "",
      offset: 0,
      parameterCount: 0,
    },
    [],
    cancellation,
  );
  const result = await engine.execute(
    session,
    row,
    [],
    {
      kind: "postgres",
      formats: types.map(() => "text" as const),
      output: DEFAULT_OUTPUT,
    },
    cancellation,
  );
  const [cells = []] =
    result.kind === "rows" ? await readTextRows(result.rows) : [];
  return types.map((type, index) => ({ type, text: cells[index] ?? null }));
}

/** The argument as a column, cast where the statement declares a type. */
function argument(operand: Expr, declared: DataType | undefined): SelectItem {
  const { position } = operand;
  if (declared === undefined) return { value: operand, position };
  const type = typeSyntax(declared, position);
  const value: Expr = {
    kind: "cast",
    operand,
    type,
    attempt: false,
    position,
  };
  return { value, position };
}
