// Rows out of each node, from the statistics of Delta files: row counts, bounds, NULL counts, ANALYZE's distinct counts.
// Guesses follow the usual assumptions (even spread, independent columns); they decide order and placement, never answers.

import type { ColumnId } from "../../storage/common/ids.ts";
import type { ScanStatistics } from "../../storage/scan/split.ts";
import { unreachable } from "../../storage/common/invariant.ts";
import type { Expression } from "../logical/expression.ts";
import type {
  Aggregate,
  CommonTableRef,
  Join,
  Limit,
  LogicalPlan,
  PlanColumn,
  Project,
  Scan,
} from "../logical/plan.ts";
import { outputOf } from "../logical/walk.ts";
import { columnEquality } from "./comparison.ts";
import { conjunctsOf } from "./conjuncts.ts";
import { columnProfile, type ColumnProfile, type Profile } from "./profile.ts";
import type { FunctionLookup } from "./rule.ts";
import { selectivity } from "./selectivity.ts";

/** Rows a scan is taken to have when storage was not asked. */
const UNKNOWN_ROWS = 1_000;
const UNNEST_ROWS = 5;
const SERIES_ROWS = 100;
const RECURSION_FACTOR = 10;

export type Estimator = (plan: LogicalPlan) => Profile;

/** Each node is estimated once per estimator. */
export function estimator(
  source: (scanId: number) => ScanStatistics | undefined,
  functions: FunctionLookup,
): Estimator {
  const cache = new WeakMap<LogicalPlan, Profile>();
  const tables = new Map<number, NamedProfile>();
  const estimate: Estimator = (plan) => {
    const known = cache.get(plan);
    if (known !== undefined) return known;
    const profile = profileOf(plan, { estimate, source, functions, tables });
    cache.set(plan, profile);
    return profile;
  };
  return estimate;
}

interface Context {
  readonly estimate: Estimator;
  readonly source: (scanId: number) => ScanStatistics | undefined;
  readonly functions: FunctionLookup;
  /** Profiles of common tables, by id. */
  readonly tables: Map<number, NamedProfile>;
}

interface NamedProfile {
  readonly profile: Profile;
  /** The definition's columns, by place. */
  readonly output: readonly PlanColumn[];
}

// eslint-disable-next-line complexity -- one case a node
function profileOf(plan: LogicalPlan, context: Context): Profile {
  const { estimate } = context;
  switch (plan.kind) {
    case "scan":
      return ofScan(plan, context);
    case "values":
      return { rows: plan.rows.length, columns: new Map() };
    case "filter":
      return filtered(
        estimate(plan.input),
        conjunctsOf(plan.predicate),
        context,
      );
    case "project":
      return ofProject(plan, context);
    case "join":
      return ofJoin(plan, context);
    case "aggregate":
      return ofAggregate(plan, context);
    case "limit":
      return ofLimit(plan, context);
    case "distinct": {
      const input = estimate(plan.input);
      const keys =
        plan.on ??
        outputOf(plan).map((column): Expression => ({
          kind: "column",
          column: column.id,
          name: column.name,
          type: column.type,
          nullable: column.nullable,
        }));
      return scaled(input, groupsOf(keys, input));
    }
    case "window":
    case "sort":
    case "barrier":
      return estimate(plan.input);
    case "set-operation": {
      const [first, second] = plan.inputs.map(estimate);
      const left = first?.rows ?? 0;
      const right = second?.rows ?? 0;
      const rows =
        plan.operator === "union"
          ? left + right
          : plan.operator === "except"
            ? left
            : Math.min(left, right);
      return { rows, columns: new Map() };
    }
    case "unnest":
      return scaled(
        estimate(plan.input),
        estimate(plan.input).rows * UNNEST_ROWS,
      );
    case "series":
      return scaled(
        estimate(plan.input),
        estimate(plan.input).rows * SERIES_ROWS,
      );
    case "common-table":
      context.tables.set(plan.id, {
        profile: estimate(plan.definition),
        output: outputOf(plan.definition),
      });
      return estimate(plan.input);
    case "common-table-ref":
      return ofReference(plan, context);
    case "recursive-table": {
      const rows = estimate(plan.base).rows * RECURSION_FACTOR;
      const profile: Profile = { rows, columns: new Map() };
      context.tables.set(plan.id, { profile, output: plan.columns });
      return estimate(plan.input);
    }
    default:
      return unreachable(plan);
  }
}

function ofScan(plan: Scan, context: Context): Profile {
  const statistics = context.source(plan.table.scanId);
  const rows = statistics?.rowCount ?? UNKNOWN_ROWS;
  const columns = new Map<ColumnId, ColumnProfile>();
  for (const column of plan.columns) {
    const known =
      column.source.kind === "column"
        ? statistics?.columns[column.source.name]
        : undefined;
    columns.set(column.id, columnProfile(column.type, known, rows));
  }
  return filtered({ rows, columns }, plan.filters, context);
}

function filtered(
  input: Profile,
  conjuncts: readonly Expression[],
  context: Context,
): Profile {
  const share = conjuncts.reduce(
    (product, conjunct) =>
      product * selectivity(conjunct, input, context.functions),
    1,
  );
  return scaled(input, input.rows * share);
}

/** Fewer rows have at most as many distinct values. */
export function scaled(input: Profile, rows: number): Profile {
  const columns = new Map(
    [...input.columns].map(([id, column]) => [
      id,
      column.distinct <= rows
        ? column
        : { ...column, distinct: Math.max(1, rows) },
    ]),
  );
  return { rows, columns };
}

function ofProject(plan: Project, context: Context): Profile {
  const input = context.estimate(plan.input);
  const columns = new Map<ColumnId, ColumnProfile>();
  for (const { column, value } of plan.items) {
    const known =
      value.kind === "column" ? input.columns.get(value.column) : undefined;
    if (known !== undefined) columns.set(column.id, known);
  }
  return { rows: input.rows, columns };
}

function ofJoin(plan: Join, context: Context): Profile {
  const left = context.estimate(plan.left);
  const right = context.estimate(plan.right);
  const columns = new Map([...left.columns, ...right.columns]);
  const both: Profile = { rows: left.rows * right.rows, columns };
  const matches = filtered(both, conjunctsOf(plan.condition), context).rows;
  switch (plan.type) {
    case "inner":
    case "cross":
      return scaled(both, matches);
    case "left":
      return scaled(both, Math.max(left.rows, matches));
    case "right":
      return scaled(both, Math.max(right.rows, matches));
    case "full":
      return scaled(both, Math.max(left.rows + right.rows, matches));
    case "semi":
      return scaled(left, left.rows * keptBySemi(plan, left, right, context));
    case "anti":
      return scaled(
        left,
        left.rows * (1 - keptBySemi(plan, left, right, context) * 0.9),
      );
    case "mark":
    case "single":
      return { rows: left.rows, columns };
  }
}

/** The share of left's key values that right has. */
function keptBySemi(
  plan: Join,
  left: Profile,
  right: Profile,
  context: Context,
): number {
  let share = 1;
  for (const conjunct of conjunctsOf(plan.condition)) {
    const equality = columnEquality(conjunct, context.functions);
    if (equality === undefined) continue;
    const ids = [equality.left.column, equality.right.column];
    const mine = ids
      .map((id) => left.columns.get(id))
      .find((known) => known !== undefined);
    const theirs = ids
      .map((id) => right.columns.get(id))
      .find((known) => known !== undefined);
    if (mine === undefined || theirs === undefined) continue;
    share = Math.min(
      share,
      theirs.distinct / Math.max(mine.distinct, theirs.distinct, 1),
    );
  }
  return share === 1
    ? Math.min(1, right.rows / Math.max(left.rows, 1), 0.9) || 0.5
    : share;
}

/** Known once the common table around it was estimated. */
function ofReference(plan: CommonTableRef, context: Context): Profile {
  const table = context.tables.get(plan.id);
  if (table === undefined) return { rows: UNKNOWN_ROWS, columns: new Map() };
  const columns = new Map<ColumnId, ColumnProfile>();
  for (const [index, column] of plan.columns.entries()) {
    const source = table.output[index];
    const known = source && table.profile.columns.get(source.id);
    if (known !== undefined) columns.set(column.id, known);
  }
  return { rows: table.profile.rows, columns };
}

function ofAggregate(plan: Aggregate, context: Context): Profile {
  const input = context.estimate(plan.input);
  const rows = plan.sets.reduce((sum, set) => {
    const keys = set.flatMap((index) => plan.groups[index]?.value ?? []);
    return sum + groupsOf(keys, input);
  }, 0);
  const columns = new Map<ColumnId, ColumnProfile>();
  for (const { column, value } of plan.groups) {
    const known =
      value.kind === "column" ? input.columns.get(value.column) : undefined;
    if (known !== undefined) columns.set(column.id, known);
  }
  return scaled({ rows, columns }, rows);
}

/** Number of groups: the product of the keys' distinct values, at most the rows; unknown keys count as a tenth of the rows. */
export function groupsOf(keys: readonly Expression[], input: Profile): number {
  const product = keys.reduce((groups, key) => {
    const known =
      key.kind === "column" ? input.columns.get(key.column) : undefined;
    return groups * (known?.distinct ?? Math.max(1, input.rows / 10));
  }, 1);
  return keys.length === 0 ? 1 : Math.min(product, Math.max(input.rows, 1));
}

function ofLimit(plan: Limit, context: Context): Profile {
  const input = context.estimate(plan.input);
  const count =
    plan.count?.kind === "literal" && plan.count.value !== null
      ? Number(plan.count.value)
      : Infinity;
  return Number.isNaN(count)
    ? input
    : scaled(input, Math.min(input.rows, count));
}
