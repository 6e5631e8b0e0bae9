// An aggregate in two halves: fragments compute the kernel aggregates of their files, the last stage combines them inside the
// same PostgreSQL-faithful emission (avg stays one exact division of the combined sum by the combined count).

import {
  FLOAT8,
  INT8,
  numeric,
  type DataType,
} from "../../storage/common/data-type.ts";
import type { ColumnId } from "../../storage/common/ids.ts";
import { castTo, decimal, kernelType, NATIVE } from "../functions/emit.ts";
import type { Emitted } from "../functions/function.ts";
import type { AggregateCall } from "../logical/expression.ts";
import type { Aggregate } from "../logical/plan.ts";
import { expressionsOf } from "../logical/walk.ts";
import {
  aliased,
  closedBlock,
  nameOf,
  openBlock,
  renderSelect,
  type Block,
  type Columns,
  type OpenBlock,
} from "./block.ts";
import { emitOver, unlimited, type EmitContext } from "./emit-context.ts";
import type { PhysicalColumn } from "./plan.ts";
import { emitAggregateCall, emitGroup, groupBy } from "./sql-aggregate.ts";

export interface SplitAggregate {
  /** What each fragment runs. */
  readonly sql: string;
  readonly columns: readonly PhysicalColumn[];
  /** The aggregate's rows, from the relation that holds all fragments' rows. */
  readonly final: (relation: string) => Block;
}

/** Undefined when some call cannot be combined from parts: DISTINCT, ordered, or a kernel aggregate without a combination. */
export function splitAggregate(
  plan: Aggregate,
  context: EmitContext,
): SplitAggregate | undefined {
  if (!isSplittable(plan)) return undefined;
  const input = unlimited(
    context.emit(plan.input, context),
    expressionsOf(plan),
    context,
  );
  const groups = plan.groups.map(({ column, value }) => ({
    column,
    group: emitGroup(column.id, emitOver(value, input.columns, context)),
  }));
  const parts: Part[] = [];
  const calls: (readonly [ColumnId, Emitted])[] = [];
  for (const { column, call } of plan.aggregates) {
    const final = splitCall(call, input, context, parts);
    if (final === undefined) return undefined;
    calls.push([column.id, final]);
  }
  const keys = groups.map(({ group }) => group);
  const list = [
    ...keys.map((group) => aliased(group.value.sql, nameOf(group.id))),
    ...parts.map((part) => `${part.sql} AS ${part.column.name}`),
  ].join(", ");
  const sql = renderSelect(
    { ...input, orderBy: [] },
    list,
    groupBy(plan, keys),
  );
  const stored: Columns = new Map(
    keys.map((group) => [group.id, { ...group.value, sql: nameOf(group.id) }]),
  );
  return {
    sql,
    columns: [
      ...[...stored.values()].map(physical),
      ...parts.map((part) => part.column),
    ],
    final: (relation) => combined(plan, relation, stored, new Map(calls)),
  };
}

function physical(column: Emitted): PhysicalColumn {
  const { sql, type, representation } = column;
  return { name: sql, type, representation };
}

function combined(
  plan: Aggregate,
  relation: string,
  stored: Columns,
  calls: Columns,
): Block {
  const groups = [...stored].map(([id, column]) => emitGroup(id, column));
  const columns: Columns = new Map<ColumnId, Emitted>([
    ...groups.map((group) => [group.id, group.value] as const),
    ...calls,
  ]);
  const list = [...columns]
    .map(([id, column]) => aliased(column.sql, nameOf(id)))
    .join(", ");
  const input = openBlock(relation, stored);
  return closedBlock(renderSelect(input, list, groupBy(plan, groups)), columns);
}

/** One grouping set with every group: others would need to know which set a partial row is of. */
function isSplittable(plan: Aggregate): boolean {
  const [only] = plan.sets;
  return (
    plan.sets.length === 1 &&
    only?.length === plan.groups.length &&
    plan.grouping.length === 0 &&
    plan.groups.length + plan.aggregates.length > 0
  );
}

/** A kernel aggregate that fragments compute. */
interface Part {
  readonly sql: string;
  readonly column: PhysicalColumn;
}

/** Adds the call's parts; the result combines them. */
function splitCall(
  call: AggregateCall,
  input: OpenBlock,
  context: EmitContext,
  parts: Part[],
): Emitted | undefined {
  if (call.distinct || call.orderBy.length > 0) return undefined;
  const [arg] = call.args.map((value) =>
    emitOver(value, input.columns, context),
  );
  const missing: string[] = [];
  const final = emitAggregateCall(call, input, context, (sql, name) => {
    const shape = partOf(name, arg);
    if (shape === undefined) {
      missing.push(name);
      return "NULL";
    }
    const column: PhysicalColumn = {
      name: `p${parts.length}`,
      ...shape.column,
    };
    const kernel = kernelType(column.type, column.representation);
    parts.push({ sql: shape.cast ? castTo(sql, kernel) : sql, column });
    return shape.combine(column.name);
  });
  return missing.length === 0 ? final : undefined;
}

interface PartShape {
  readonly column: Omit<PhysicalColumn, "name">;
  /** The kernel's result is wider than what Parquet carries exactly (HUGEINT) or than needed. */
  readonly cast: boolean;
  readonly combine: (part: string) => string;
}

function partOf(name: string, arg: Emitted | undefined): PartShape | undefined {
  switch (name) {
    case "count":
      return {
        column: { type: INT8, representation: NATIVE },
        cast: false,
        combine: (part) => `coalesce(sum(${part}), 0)::BIGINT`,
      };
    case "sum": {
      const column = arg && sumColumn(arg);
      return (
        column && { column, cast: true, combine: (part) => `sum(${part})` }
      );
    }
    case "min":
    case "max":
    case "bool_and":
    case "bool_or":
    case "bit_and":
    case "bit_or":
    case "bit_xor":
    case "any_value":
      return (
        arg && {
          column: { type: arg.type, representation: arg.representation },
          cast: false,
          combine: (part) => `${name}(${part})`,
        }
      );
    default:
      return undefined;
  }
}

/** Exact sums travel as the widest decimal: the kernel's HUGEINT would become a double in Parquet. */
function sumColumn(arg: Emitted): Omit<PhysicalColumn, "name"> | undefined {
  const exact = (scale: number): Omit<PhysicalColumn, "name"> => ({
    type: numeric(38, scale),
    representation: decimal(38, scale),
  });
  if (arg.representation.kind === "decimal")
    return exact(arg.representation.scale);
  return arg.representation.kind === "native" ? nativeSum(arg.type) : undefined;

  function nativeSum(type: DataType): ReturnType<typeof exact> | undefined {
    switch (type.kind) {
      case "int1":
      case "int2":
      case "int4":
      case "int8":
        return exact(0);
      case "float4":
      case "float8":
        return { type: FLOAT8, representation: NATIVE };
      default:
        return undefined;
    }
  }
}
