// A logical plan as one DuckDB query over relations `scan_<scanId>` (and `stage_<id>`), columns named `c<ColumnId>`.
// The text is natural SQL, so that the kernel's own optimizer sees what a person would have written.

import type { ColumnId } from "../../storage/common/ids.ts";
import { SqlError } from "../../storage/common/errors.ts";
import { invariant } from "../../storage/common/invariant.ts";
import type { EmitSettings } from "../functions/function.ts";
import { functionById } from "../functions/registry.ts";
import type { Expression } from "../logical/expression.ts";
import type {
  Filter,
  Limit,
  LogicalPlan,
  Project,
  Sort,
} from "../logical/plan.ts";
import { expressionsOf, outputOf } from "../logical/walk.ts";
import { conjunctsOf } from "../optimize/conjuncts.ts";
import {
  aliased,
  closedBlock,
  nameOf,
  renderSelect,
  type Block,
  type Columns,
} from "./block.ts";
import { ComputedFirst } from "./computed-first.ts";
import {
  emitOver,
  emitSortKeys,
  nameSource,
  opened,
  readable,
  sealed,
  unlimited,
  withoutWith,
  type EmitContext,
} from "./emit-context.ts";
import { needsFence } from "./fence.ts";
import type { PhysicalColumn } from "./plan.ts";
import { emitAggregate } from "./sql-aggregate.ts";
import { emitJoin } from "./sql-join.ts";
import { emitDistinct, emitSetOperation, emitValues } from "./sql-set.ts";
import {
  emitCommonTable,
  emitCommonTableRef,
  emitRecursiveTable,
  emitScan,
} from "./sql-table.ts";
import { emitSeries, emitUnnest } from "./sql-unnest.ts";
import { emitWindow } from "./sql-window.ts";

export interface EmittedPlan {
  /** Begins with SELECT, VALUES or an opening bracket. */
  readonly sql: string;
  readonly columns: readonly PhysicalColumn[];
}

/** Common tables that are not in the plan: what earlier stages give, by the id their references carry. */
export type StageBlocks = ReadonlyMap<number, Block>;

/** The plan's query with these columns in this order; an id may repeat. */
export function emitPlan(
  plan: LogicalPlan,
  output: readonly ColumnId[],
  settings: EmitSettings,
  stages: StageBlocks = new Map(),
): EmittedPlan {
  const context = emitContext(plan, settings, stages);
  return emitRoot(context.emit(plan, context), output, context);
}

export function emitContext(
  plan: LogicalPlan,
  settings: EmitSettings,
  stages: StageBlocks = new Map(),
): EmitContext {
  return {
    settings,
    functions: functionById,
    outer: new Map(),
    tables: new Map(),
    stages,
    fence: needsFence(plan, functionById),
    names: nameSource(),
    emit: emitNode,
  };
}

/** A block as a stage's query: exactly these columns, unique names, and no WITH in front. */
export function emitRoot(
  block: Block,
  output: readonly ColumnId[],
  context: EmitContext,
): EmittedPlan {
  const names = output.map((id, index) =>
    output.indexOf(id) === index ? nameOf(id) : `${nameOf(id)}_${index}`,
  );
  const picked = output.map((id) => {
    const column = block.columns.get(id);
    invariant(column !== undefined, `the plan gives column ${id}`);
    return column;
  });
  const columns = picked.map(({ type, representation }, index) => ({
    name: names[index] ?? "",
    type,
    representation,
  }));
  const same =
    block.columns.size === output.length &&
    [...block.columns.keys()].every((id, i) => id === output[i]);
  if (same) return { sql: withoutWith(block, context), columns };
  const open = opened(block, context);
  const list = output.map((id, index) =>
    aliased(open.columns.get(id)?.sql ?? "", names[index] ?? ""),
  );
  return { sql: renderSelect(open, list.join(", ")), columns };
}

function emitNode(plan: LogicalPlan, context: EmitContext): Block {
  switch (plan.kind) {
    case "scan":
      return emitScan(plan, context);
    case "values":
      return emitValues(plan, context);
    case "filter":
      return emitFilter(plan, context);
    case "project":
      return emitProject(plan, context);
    case "join":
      return emitJoin(plan, context);
    case "aggregate":
      return emitAggregate(plan, context);
    case "window":
      return emitWindow(plan, context);
    case "sort":
      return emitSort(plan, context);
    case "limit":
      return plan.ties === undefined
        ? emitLimit(plan, context)
        : emitTies(plan, context);
    case "distinct":
      return emitDistinct(plan, context);
    case "set-operation":
      return emitSetOperation(plan, context);
    default:
      return emitOther(plan, context);
  }
}

function emitOther(
  plan: Extract<
    LogicalPlan,
    {
      kind:
        | "unnest"
        | "series"
        | "common-table"
        | "common-table-ref"
        | "recursive-table"
        | "barrier";
    }
  >,
  context: EmitContext,
): Block {
  switch (plan.kind) {
    case "unnest":
      return emitUnnest(plan, context);
    case "series":
      return emitSeries(plan, context);
    case "common-table":
      return emitCommonTable(plan, context);
    case "common-table-ref":
      return emitCommonTableRef(plan, context);
    case "recursive-table":
      return emitRecursiveTable(plan, context);
    case "barrier":
      return emitBarrier(context.emit(plan.input, context), context);
  }
}

function emitFilter(plan: Filter, context: EmitContext): Block {
  const computed = new ComputedFirst(context);
  const predicate = computed.operands(plan.predicate);
  const input = unlimited(
    context.emit(computed.below(plan.input), context),
    [predicate],
    context,
  );
  const where = conjunctsOf(predicate).map(
    (part) => emitOver(part, input.columns, context).sql,
  );
  const block = { ...input, where: [...input.where, ...where] };
  if (predicate === plan.predicate) return block;
  const given = new Set(outputOf(plan).map(({ id }) => id));
  const columns = [...input.columns].filter(([id]) => given.has(id));
  return { ...block, columns: new Map(columns) };
}

function emitProject(plan: Project, context: EmitContext): Block {
  const computed = new ComputedFirst(context);
  const items = plan.items.map(({ column, value }) => ({
    column,
    value: computed.operands(value),
  }));
  const input = readable(
    context.emit(computed.below(plan.input), context),
    items.map(({ value }) => value),
    context,
  );
  const columns: Columns = new Map(
    items.map(({ column, value }) => [
      column.id,
      emitOver(value, input.columns, context),
    ]),
  );
  return { ...input, columns };
}

function emitSort(plan: Sort, context: EmitContext): Block {
  const input = unlimited(
    context.emit(plan.input, context),
    expressionsOf(plan),
    context,
  );
  return { ...input, orderBy: emitSortKeys(plan.keys, input.columns, context) };
}

function emitLimit(plan: Limit, context: EmitContext): Block {
  const block = opened(context.emit(plan.input, context), context);
  const input =
    block.limit === undefined && block.offset === undefined
      ? block
      : sealed(block, context);
  return {
    ...input,
    limit: plan.count && rowCount(plan.count, "LIMIT", context),
    offset: plan.offset && rowCount(plan.offset, "OFFSET", context),
  };
}

/** A literal as it is, NULL as no limit; anything else is computed by the kernel. */
function rowCount(
  value: Expression,
  clause: "LIMIT" | "OFFSET",
  context: EmitContext,
): string | undefined {
  if (value.kind !== "literal")
    return `(${emitOver(value, new Map(), context).sql})`;
  if (value.value?.startsWith("-") === true) {
    throw new SqlError(
      clause === "LIMIT" ? "2201W" : "2201X",
      `${clause} must not be negative`,
    );
  }
  return value.value ?? undefined;
}

/** WITH TIES by rank: the row at the limit has at most that rank, its peers the same, the rest a higher one. */
function emitTies(plan: Limit, context: EmitContext): Block {
  const keys = plan.ties ?? [];
  const input = unlimited(
    context.emit(plan.input, context),
    expressionsOf(plan),
    context,
  );
  const order = emitSortKeys(keys, input.columns, context).join(", ");
  const ranked = renderSelect(
    { ...input, orderBy: [] },
    [...input.columns]
      .map(([id, column]) => `${aliased(column.sql, nameOf(id))}, `)
      .join("") +
      `rank() OVER (ORDER BY ${order}) AS tie_rank, row_number() OVER (ORDER BY ${order}) AS tie_row`,
  );
  const skipped =
    (plan.offset && rowCount(plan.offset, "OFFSET", context)) ?? "0";
  const count = plan.count && rowCount(plan.count, "LIMIT", context);
  const where = [
    ...(count === undefined ? [] : [`tie_rank <= ${count} + ${skipped}`]),
    ...(skipped === "0" ? [] : [`tie_row > ${skipped}`]),
  ];
  const closed = closedBlock(ranked, input.columns);
  const open = sealed(closed, context);
  return { ...open, where, orderBy: ["tie_row ASC"] };
}

/** No kernel filter passes a LIMIT; this one is never reached. */
const EVERY_ROW = "9223372036854775807";

function emitBarrier(block: Block, context: EmitContext): Block {
  if (!context.fence) return block;
  const open = opened(block, context);
  return open.limit === undefined
    ? sealed({ ...open, limit: EVERY_ROW }, context)
    : sealed(open, context);
}
