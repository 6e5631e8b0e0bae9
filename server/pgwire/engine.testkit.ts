// A small query engine for protocol tests: SELECT over literals, parameters, casts, arithmetic and generate_series; a table `kept(n)`
// whose inserts wait for COMMIT; `pg_sleep`. It uses the real parser and answers in encoded batches, as nodes do.

import { parseSql } from "../../planner/parse/parse.ts";
import type {
  Expr,
  FromItem,
  ParsedStatement,
  Select,
} from "../../planner/parse/ast.ts";
import { resolveTypeName } from "../../planner/functions/type-name.ts";
import { readValue } from "../../planner/functions/input.ts";
import { INT4, NUMERIC, TEXT, VOID } from "../../storage/common/data-type.ts";
import type { DataType } from "../../storage/common/data-type.ts";
import {
  SqlError,
  notSupported,
  throwIfAborted,
} from "../../storage/common/errors.ts";
import { invariant } from "../../storage/common/invariant.ts";
import type { Scalar } from "../../storage/common/scalar.ts";
import { sessionCommands } from "../session/commands.ts";
import type { PreparedStatement, QueryEngine } from "../session/engine.ts";
import type { EncodedRows, OutputColumn, Result } from "../session/result.ts";
import { encodeBinary } from "./binary.ts";
import { encode } from "./encode.ts";
import { MessageWriter } from "./message-writer.ts";

const BATCH_ROWS = 1000;

interface Row {
  /** Value of the only FROM column. */
  readonly value: string | undefined;
  readonly parameters: readonly Scalar[];
}

interface Bound {
  readonly kind: "select";
  readonly select: Select;
  readonly columns: readonly OutputColumn[];
}

/** With the session's statements in front, as the gateway composes it. */
export function smallEngine(): QueryEngine {
  const kept: string[] = [];
  return sessionCommands({
    parse: (sql) => parseSql(sql),
    prepare: (_session, parsed, declared) =>
      Promise.resolve().then(() => prepare(parsed, declared)),
    execute: (...call) => execute(kept, ...call),
  });
}

function prepare(
  parsed: ParsedStatement,
  declared: readonly (DataType | undefined)[],
): PreparedStatement {
  const { statement } = parsed;
  if (statement.kind === "insert") {
    return { parsed, parameterTypes: [], columns: undefined, plan: undefined };
  }
  if (statement.kind !== "select") throw notSupported(`${statement.kind} is`);
  const { body } = statement.query;
  if (body.kind !== "select") throw notSupported(`${body.kind} is`);
  const types: DataType[] = Array.from(
    { length: Math.max(parsed.parameterCount, declared.length) },
    (_, index) => declared[index] ?? TEXT,
  );
  for (const item of body.items) {
    inferParameters(item.value, types, declared);
    if (body.from.length === 0 && item.value.kind === "column") {
      throw undefinedColumn(item.value);
    }
  }
  const columns = body.items.map((item) => ({
    name: item.alias?.name ?? nameOf(item.value),
    type: typeOf(item.value, types),
  }));
  const plan: Bound = { kind: "select", select: body, columns };
  return { parsed, parameterTypes: types, columns, plan };
}

async function execute(
  kept: string[],
  ...call: Parameters<QueryEngine["execute"]>
): Promise<Result> {
  const [session, prepared, parameters, format, { signal }] = call;
  throwIfAborted(signal);
  const { statement } = prepared.parsed;
  if (statement.kind === "insert") {
    const body = statement.source?.body;
    invariant(body?.kind === "values", "the small engine inserts VALUES");
    const values = body.rows.map((row) => {
      const [first] = row;
      invariant(first !== undefined, "a row has a value");
      return evaluate(first, { value: undefined, parameters }) ?? "";
    });
    session.transaction.onCommit(() => {
      if (values.includes("13")) {
        throw new SqlError("40001", "could not serialize access");
      }
      kept.push(...values);
    });
    return {
      kind: "command",
      tag: `INSERT 0 ${values.length}`,
      rowCount: values.length,
    };
  }
  const { select, columns } = boundOf(prepared);
  invariant(format.kind === "postgres", "protocol tests ask for DataRows");
  await sleepIfAsked(select, signal);
  const values = rowsOf(select.from[0], kept, parameters);
  const batches = encodeAll(select, columns, {
    values,
    parameters,
    formats: format.formats,
    signal,
  });
  return {
    kind: "rows",
    columns,
    rows: { kind: "encoded", batches },
    tag: "SELECT",
    countInTag: true,
  };
}

function boundOf(prepared: PreparedStatement): Bound {
  const { plan, columns = [] } = prepared;
  const { statement } = prepared.parsed;
  invariant(
    typeof plan === "object" && statement.kind === "select",
    "the plan is the one prepare made",
  );
  const { body } = statement.query;
  invariant(body.kind === "select", "only SELECT was bound");
  return { kind: "select", select: body, columns };
}

interface Run {
  readonly values: Iterable<string | undefined>;
  readonly parameters: readonly Scalar[];
  readonly formats: readonly ("text" | "binary")[];
  readonly signal: AbortSignal;
}

async function* encodeAll(
  select: Select,
  columns: readonly OutputColumn[],
  { values, parameters, formats, signal }: Run,
): AsyncGenerator<EncodedRows> {
  const writer = new MessageWriter();
  let rowCount = 0;
  for (const value of values) {
    const cells = select.items.map((item, index) => {
      const text = evaluate(item.value, { value, parameters });
      const type = columns[index]?.type ?? TEXT;
      return text === null || formats[index] !== "binary"
        ? text
        : encodeBinary(type, text);
    });
    encode({ kind: "DataRow", values: cells }, writer);
    rowCount += 1;
    if (rowCount === BATCH_ROWS) {
      yield { bytes: writer.take(), rowCount };
      rowCount = 0;
      // A node's rows come over a socket: others get their turn between batches.
      await new Promise((resolve) => setImmediate(resolve));
      throwIfAborted(signal);
    }
  }
  if (rowCount > 0) yield { bytes: writer.take(), rowCount };
}

function* rowsOf(
  from: FromItem | undefined,
  kept: readonly string[],
  parameters: readonly Scalar[],
): Generator<string | undefined> {
  if (from === undefined) {
    yield undefined;
    return;
  }
  if (from.kind === "table") {
    yield* kept;
    return;
  }
  const call = from.kind === "function" ? from.calls[0] : undefined;
  if (call === undefined) throw notSupported(`FROM ${from.kind} is`);
  const [first = 1, last = 0] = call.args.map((argument) =>
    Number(evaluate(argument.value, { value: undefined, parameters })),
  );
  for (let value = first; value <= last; value += 1) yield String(value);
}

function evaluate(expr: Expr, row: Row): string | null {
  switch (expr.kind) {
    case "literal":
      return literalText(expr);
    case "parameter":
      return row.parameters[expr.index - 1]?.text ?? null;
    case "cast": {
      const text = evaluate(expr.operand, row);
      return text === null
        ? null
        : readValue(text, resolveTypeName(expr.type), {
            timeZone: "UTC",
            dateStyle: "ISO, MDY",
          });
    }
    case "column":
      if (row.value === undefined) throw undefinedColumn(expr);
      return row.value;
    case "operator":
      return arithmetic(expr, row);
    case "call":
      return callText(expr, row);
    default:
      throw notSupported(`${expr.kind} is`, expr.position);
  }
}

function literalText(expr: Expr & { readonly kind: "literal" }): string | null {
  const { value } = expr;
  switch (value.kind) {
    case "null":
      return null;
    case "boolean":
      return value.value ? "t" : "f";
    default:
      return value.text;
  }
}

function arithmetic(
  expr: Expr & { readonly kind: "operator" },
  row: Row,
): string {
  const left = Number(expr.left ? evaluate(expr.left, row) : 0);
  const right = Number(evaluate(expr.right, row));
  switch (expr.operator) {
    case "+":
      return String(left + right);
    case "-":
      return String(left - right);
    case "*":
      return String(left * right);
    case "/":
      if (right === 0) throw new SqlError("22012", "division by zero");
      return String(Math.trunc(left / right));
    default:
      throw notSupported(`operator ${expr.operator} is`, expr.position);
  }
}

function callText(expr: Expr & { readonly kind: "call" }, row: Row): string {
  const args = expr.args.map((argument) => evaluate(argument.value, row));
  const [text = "", count = "0"] = args;
  switch (nameOf(expr)) {
    case "repeat":
      return (text ?? "").repeat(Number(count));
    case "pg_sleep":
      return "";
    default:
      throw new SqlError("42883", `function ${nameOf(expr)}() does not exist`, {
        position: expr.position,
      });
  }
}

async function sleepIfAsked(
  select: Select,
  signal: AbortSignal,
): Promise<void> {
  const [item] = select.items;
  if (item?.value.kind !== "call" || nameOf(item.value) !== "pg_sleep") return;
  const [argument] = item.value.args;
  invariant(argument !== undefined, "pg_sleep has an argument");
  const seconds = evaluate(argument.value, {
    value: undefined,
    parameters: [],
  });
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, Number(seconds) * 1000);
    const stop = (): void => {
      clearTimeout(timer);
      resolve();
    };
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
  });
  throwIfAborted(signal);
}

function inferParameters(
  expr: Expr,
  types: DataType[],
  declared: readonly (DataType | undefined)[],
): void {
  if (expr.kind === "cast" && expr.operand.kind === "parameter") {
    const { index } = expr.operand;
    if (declared[index - 1] === undefined) {
      types[index - 1] = resolveTypeName(expr.type);
    }
  }
  if (expr.kind === "operator") {
    for (const side of [expr.left, expr.right]) {
      if (
        side?.kind === "parameter" &&
        declared[side.index - 1] === undefined
      ) {
        types[side.index - 1] = INT4;
      }
    }
  }
}

function typeOf(expr: Expr, types: readonly DataType[]): DataType {
  switch (expr.kind) {
    case "literal":
      if (expr.value.kind === "integer") return INT4;
      if (expr.value.kind === "decimal") return NUMERIC;
      return expr.value.kind === "boolean" ? { kind: "bool" } : TEXT;
    case "parameter":
      return types[expr.index - 1] ?? TEXT;
    case "cast":
      return resolveTypeName(expr.type);
    case "column":
    case "operator":
      return INT4;
    case "call":
      return nameOf(expr) === "pg_sleep" ? VOID : TEXT;
    default:
      return TEXT;
  }
}

function nameOf(expr: Expr): string {
  switch (expr.kind) {
    case "column":
    case "call":
      return expr.name.parts.at(-1)?.name ?? "";
    case "cast":
      return expr.operand.kind === "column"
        ? nameOf(expr.operand)
        : expr.type.name;
    default:
      return "?column?";
  }
}

function undefinedColumn(expr: Expr): SqlError {
  return new SqlError("42703", `column "${nameOf(expr)}" does not exist`, {
    position: expr.position,
  });
}
