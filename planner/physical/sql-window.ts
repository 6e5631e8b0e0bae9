// Window functions as kernel SQL: each node one SELECT over its input.

import type { ColumnId } from "../../storage/common/ids.ts";
import { numericText } from "../functions/emit.ts";
import type { Emitted } from "../functions/function.ts";
import { columnsUsed } from "../logical/columns.ts";
import type { WindowCall } from "../logical/expression.ts";
import type { Frame, FrameBound, Window } from "../logical/plan.ts";
import { expressionsOf } from "../logical/walk.ts";
import {
  closedBlock,
  renderSelect,
  selectList,
  type Block,
  type Columns,
  type OpenBlock,
} from "./block.ts";
import {
  ComputedFirst,
  outerTest,
  withOuterColumns,
} from "./computed-first.ts";
import { groupable } from "./duckdb-keys.ts";
import {
  emitOver,
  emitSortKeys,
  sealed,
  unlimited,
  type EmitContext,
} from "./emit-context.ts";

export function emitWindow(window: Window, context: EmitContext): Block {
  const plan = withComputedOrder(window, context);
  const below = withOwnColumns(
    plan,
    unlimited(context.emit(plan.input, context), expressionsOf(plan), context),
    context,
  );
  // row_number() OVER () numbers the rows as a sorted subquery gives them.
  const input = below.orderBy.length > 0 ? sealed(below, context) : below;
  const over = ` OVER (${windowClauses(plan, input.columns, context)})`;
  const calls = plan.calls.map(
    ({ column, call }) =>
      [column.id, emitCall(call, over, input.columns, context)] as const,
  );
  const columns: Columns = new Map([...input.columns, ...calls]);
  return closedBlock(renderSelect(input, selectList(columns)), columns);
}

/** The kernel copies what a frame is measured by, and copies no subquery: it becomes a column first. */
function withComputedOrder(plan: Window, context: EmitContext): Window {
  const computed = new ComputedFirst(context);
  const orderBy = plan.orderBy.map((key) => ({
    ...key,
    value: computed.refer(key.value),
  }));
  return { ...plan, orderBy, input: computed.below(plan.input) };
}

/** Nor does it take columns of an enclosing query. */
function withOwnColumns(
  plan: Window,
  input: OpenBlock,
  context: EmitContext,
): OpenBlock {
  const used = new Set<ColumnId>();
  for (const value of expressionsOf(plan)) columnsUsed(value, used);
  return [...used].some(outerTest(input, context))
    ? withOuterColumns(input, [...used], context)
    : input;
}

function windowClauses(
  plan: Window,
  columns: Columns,
  context: EmitContext,
): string {
  const parts: string[] = [];
  const keys = plan.partitionBy.map((key) =>
    groupable(emitOver(key, columns, context)),
  );
  if (keys.length > 0) parts.push(`PARTITION BY ${keys.join(", ")}`);
  const order = emitSortKeys(plan.orderBy, columns, context);
  if (order.length > 0) parts.push(`ORDER BY ${order.join(", ")}`);
  if (plan.frame !== undefined)
    parts.push(emitFrame(plan.frame, columns, context));
  return parts.join(" ");
}

function emitFrame(
  frame: Frame,
  columns: Columns,
  context: EmitContext,
): string {
  const start = emitBound(frame.start, columns, context);
  const end = emitBound(frame.end, columns, context);
  const exclude =
    frame.exclude === undefined
      ? ""
      : ` EXCLUDE ${frame.exclude.replace("-", " ").toUpperCase()}`;
  return `${frame.unit.toUpperCase()} BETWEEN ${start} AND ${end}${exclude}`;
}

function emitBound(
  bound: FrameBound,
  columns: Columns,
  context: EmitContext,
): string {
  switch (bound.kind) {
    case "unbounded-preceding":
      return "UNBOUNDED PRECEDING";
    case "unbounded-following":
      return "UNBOUNDED FOLLOWING";
    case "current-row":
      return "CURRENT ROW";
    case "preceding":
      return `${offset(emitOver(bound.offset, columns, context))} PRECEDING`;
    case "following":
      return `${offset(emitOver(bound.offset, columns, context))} FOLLOWING`;
  }
}

function offset(value: Emitted): string {
  return value.representation.kind === "numeric-text"
    ? `(${numericText(value)})::DOUBLE`
    : value.sql;
}

function emitCall(
  call: WindowCall,
  over: string,
  columns: Columns,
  context: EmitContext,
): Emitted {
  const filter = call.filter && emitOver(call.filter, columns, context).sql;
  const emitted = context.functions(call.function).duckdb({
    args: call.args.map((arg) => emitOver(arg, columns, context)),
    type: call.type,
    settings: context.settings,
    clauses: {
      distinct: call.distinct,
      inside: call.ignoreNulls ? " IGNORE NULLS" : "",
      after: `${filter === undefined ? "" : ` FILTER (WHERE ${filter})`}${over}`,
      withinGroup: [],
    },
  });
  return { ...emitted, type: call.type };
}
