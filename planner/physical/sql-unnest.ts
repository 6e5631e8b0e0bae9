// Rows made from values: unnest and set-returning functions, in the select list of their input, where the kernel runs them without a join.

import { INT8 } from "../../storage/common/data-type.ts";
import type { ColumnId } from "../../storage/common/ids.ts";
import { NATIVE, representationOf } from "../functions/emit.ts";
import type { Emitted } from "../functions/function.ts";
import type { PlanColumn, Series, Unnest } from "../logical/plan.ts";
import { expressionsOf } from "../logical/walk.ts";
import {
  closedBlock,
  renderSelect,
  selectList,
  type Block,
  type Columns,
} from "./block.ts";
import {
  emitOver,
  sealed,
  unlimited,
  type EmitContext,
} from "./emit-context.ts";

interface ListSource {
  /** A kernel list whose elements become the column. */
  readonly list: string;
  readonly column: PlanColumn;
}

export function emitUnnest(plan: Unnest, context: EmitContext): Block {
  return emitLists(plan, context, (columns) =>
    plan.columns.flatMap((column, index) => {
      const array = plan.arrays[index];
      return array === undefined
        ? []
        : [{ column, list: emitOver(array, columns, context).sql }];
    }),
  );
}

/** A set-returning row emits a kernel list: of values for one column, of structs whose fields are the columns for more. */
export function emitSeries(plan: Series, context: EmitContext): Block {
  return emitLists(plan, context, (columns) => {
    const { sql } = context.functions(plan.function).duckdb({
      args: plan.args.map((arg) => emitOver(arg, columns, context)),
      type: plan.columns[0]?.type ?? INT8,
      settings: context.settings,
    });
    if (plan.columns.length <= 1)
      return plan.columns.map((column) => ({ column, list: sql }));
    return plan.columns.map((column, index) => ({
      column,
      list: `list_transform(${sql}, lambda item: item[${index + 1}])`,
    }));
  });
}

/** Lists of one row are read in step, the shorter ones padded with NULL by the kernel, as PostgreSQL does. */
function emitLists(
  plan: Unnest | Series,
  context: EmitContext,
  sources: (columns: Columns) => readonly ListSource[],
): Block {
  const below = unlimited(
    context.emit(plan.input, context),
    expressionsOf(plan),
    context,
  );
  const input = below.orderBy.length > 0 ? sealed(below, context) : below;
  const lists = sources(input.columns);
  const length = lengthOf(lists.map((source) => source.list));
  const made = lists.map(({ column, list }, index): [ColumnId, Emitted] => [
    column.id,
    {
      sql: `unnest(${plan.outer && index === 0 ? padded(list, length) : list})`,
      type: column.type,
      representation: representationOf(column.type),
    },
  ]);
  const ordinality =
    plan.ordinality && numbered(plan.ordinality, plan.outer, length);
  const columns: Columns = new Map([
    ...input.columns,
    ...made,
    ...(ordinality ? [ordinality] : []),
  ]);
  return closedBlock(renderSelect(input, selectList(columns)), columns);
}

function lengthOf(lists: readonly string[]): string {
  const lengths = lists.map((list) => `coalesce(len(${list}), 0)`);
  return lengths.length === 1
    ? lengths.join("")
    : `greatest(${lengths.join(", ")})`;
}

/** One NULL where there is no element, so that the row stays. */
function padded(list: string, length: string): string {
  return `CASE WHEN ${length} = 0 THEN [NULL] ELSE ${list} END`;
}

function numbered(
  column: PlanColumn,
  outer: boolean,
  length: string,
): [ColumnId, Emitted] {
  const numbers = `range(1, ${length} + 1)`;
  const sql = `unnest(${outer ? padded(numbers, length) : numbers})`;
  return [column.id, { sql, type: column.type, representation: NATIVE }];
}
