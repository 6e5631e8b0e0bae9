// Aggregates as kernel SQL. PostgreSQL's calls may be several kernel aggregates; DISTINCT, ORDER BY and FILTER go into each of them.

import { INT4 } from "../../storage/common/data-type.ts";
import type { ColumnId } from "../../storage/common/ids.ts";
import { NATIVE } from "../functions/emit.ts";
import type { Emitted } from "../functions/function.ts";
import { columnsUsed } from "../logical/columns.ts";
import type { AggregateCall } from "../logical/expression.ts";
import type { Aggregate } from "../logical/plan.ts";
import { expressionsOf, mapAggregateCall } from "../logical/walk.ts";
import {
  aliased,
  closedBlock,
  nameOf,
  renderSelect,
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
  unlimited,
  type EmitContext,
} from "./emit-context.ts";

export function emitAggregate(
  aggregate: Aggregate,
  context: EmitContext,
): Block {
  const plan = withComputedKeys(aggregate, context);
  const input = withOwnColumns(
    plan,
    unlimited(context.emit(plan.input, context), expressionsOf(plan), context),
    context,
  );
  const groups = plan.groups.map(({ column, value }) =>
    emitGroup(column.id, emitOver(value, input.columns, context)),
  );
  const calls = plan.aggregates.map(
    ({ column, call }) =>
      [column.id, emitAggregateCall(call, input, context)] as const,
  );
  const grouping = plan.grouping.map(
    ({ column, groups: over }) =>
      [column.id, emitGrouping(over, groups)] as const,
  );
  const columns: Columns = new Map<ColumnId, Emitted>([
    ...groups.map((group) => [group.id, group.value] as const),
    ...calls,
    ...grouping,
  ]);
  const list = [...columns]
    .map(([id, column]) => aliased(column.sql, nameOf(id)))
    .join(", ");
  // A row without columns is still one row: the kernel needs an aggregate to know it.
  const sql = renderSelect(
    { ...input, orderBy: [] },
    list === "" ? "count(*) AS row_count" : list,
    groupBy(plan, groups),
  );
  return closedBlock(sql, columns);
}

/**
 * The kernel takes an aggregate that reads columns of an enclosing query alone for one of that query: then those columns become some of
 * the rows that are aggregated.
 */
function withOwnColumns(
  plan: Aggregate,
  input: OpenBlock,
  context: EmitContext,
): OpenBlock {
  const isOuter = outerTest(input, context);
  const borrowed = plan.aggregates
    .map(({ call }) => columnsOfCall(call))
    .filter((ids) => ids.every(isOuter))
    .flat();
  return borrowed.length === 0
    ? input
    : withOuterColumns(input, borrowed, context);
}

/** The kernel knows the argument of DISTINCT again in ORDER BY by its text, and two subqueries have two texts. */
function withComputedKeys(plan: Aggregate, context: EmitContext): Aggregate {
  const computed = new ComputedFirst(context);
  const aggregates = plan.aggregates.map((item) =>
    item.call.distinct && item.call.orderBy.length > 0
      ? {
          ...item,
          call: mapAggregateCall(item.call, (value) => computed.refer(value)),
        }
      : item,
  );
  return { ...plan, aggregates, input: computed.below(plan.input) };
}

function columnsOfCall(call: AggregateCall): readonly ColumnId[] {
  const used = new Set<ColumnId>();
  for (const value of [...call.args, ...call.orderBy.map((key) => key.value)])
    columnsUsed(value, used);
  if (call.filter !== undefined) columnsUsed(call.filter, used);
  return [...used];
}

export interface Group {
  readonly id: ColumnId;
  /** What GROUP BY names. */
  readonly key: string;
  readonly value: Emitted;
}

/** Values whose equal forms differ (numeric text) group by a key and show any one of the group. */
export function emitGroup(id: ColumnId, value: Emitted): Group {
  const key = groupable(value);
  return key === value.sql
    ? { id, key: nameOf(id), value }
    : { id, key, value: { ...value, sql: `min(${value.sql})` } };
}

export function groupBy(plan: Aggregate, groups: readonly Group[]): string {
  if (groups.length === 0) return "";
  const list = (set: readonly number[]): string =>
    set.map((index) => groups[index]?.key ?? "").join(", ");
  const [only] = plan.sets;
  const isPlain = plan.sets.length === 1 && only?.length === groups.length;
  return isPlain
    ? `GROUP BY ${list(only)}`
    : `GROUP BY GROUPING SETS (${plan.sets.map((set) => `(${list(set)})`).join(", ")})`;
}

function emitGrouping(
  over: readonly number[],
  groups: readonly Group[],
): Emitted {
  const keys = over.map((index) => groups[index]?.key ?? "").join(", ");
  return {
    sql: `GROUPING(${keys})::INTEGER`,
    type: INT4,
    representation: NATIVE,
  };
}

/** Puts something else in place of each kernel aggregate `sql` (its name is `name`) that the call's emission consists of. */
export type SubstituteAggregate = (sql: string, name: string) => string;

export function emitAggregateCall(
  call: AggregateCall,
  input: OpenBlock,
  context: EmitContext,
  substitute?: SubstituteAggregate,
): Emitted {
  const row = context.functions(call.function);
  const isOrderedSet = row.kind === "ordered-set";
  const args = call.args.map((arg) => emitOver(arg, input.columns, context));
  const within = isOrderedSet
    ? call.orderBy.map((key) => emitOver(key.value, input.columns, context))
    : [];
  const filter =
    call.filter && emitOver(call.filter, input.columns, context).sql;
  const inside = isOrderedSet
    ? ""
    : orderClause(row.name, call, input, context);
  const after = filter === undefined ? "" : ` FILTER (WHERE ${filter})`;
  const emitted = row.duckdb({
    args: [...distinctArgs(row.name, call, args), ...within],
    type: call.type,
    settings: context.settings,
    clauses: {
      distinct: call.distinct,
      inside,
      after,
      withinGroup: isOrderedSet
        ? call.orderBy.map(({ descending, nullsFirst }) => ({
            descending,
            nullsFirst,
          }))
        : [],
      ...(substitute && {
        substitute: (name, given) =>
          substitute(`${name}(${given.join(", ")}${inside})${after}`, name),
      }),
    },
  });
  return { ...emitted, type: call.type };
}

/** Counting distinct values counts their keys. */
function distinctArgs(
  name: string,
  call: AggregateCall,
  args: readonly Emitted[],
): readonly Emitted[] {
  return call.distinct && name === "count"
    ? args.map((arg) => ({ ...arg, sql: groupable(arg) }))
    : args;
}

const ORDER_SENSITIVE: ReadonlySet<string> = new Set([
  "array_agg",
  "string_agg",
  "json_agg",
  "jsonb_agg",
  "json_object_agg",
  "jsonb_object_agg",
]);

/** The call's own ORDER BY, else the order of the subquery it reads, which PostgreSQL's users rely on. */
function orderClause(
  name: string,
  call: AggregateCall,
  input: OpenBlock,
  context: EmitContext,
): string {
  const own = emitSortKeys(call.orderBy, input.columns, context);
  const keys =
    own.length > 0 || call.distinct || !ORDER_SENSITIVE.has(name)
      ? own
      : input.orderBy;
  return keys.length === 0 ? "" : ` ORDER BY ${keys.join(", ")}`;
}
