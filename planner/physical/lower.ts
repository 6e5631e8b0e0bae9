// Logical plan -> stages. One stage on one node for most queries; for a large scan, fragments over shares of its files, each with
// its part of the aggregate, top-n or distinct above it, and a last stage over their rows when one is needed.

import type { ColumnId } from "../../storage/common/ids.ts";
import { INT8 } from "../../storage/common/data-type.ts";
import type { EmitSettings } from "../functions/function.ts";
import type {
  Aggregate,
  CommonTableRef,
  Limit,
  LogicalPlan,
  Scan,
} from "../logical/plan.ts";
import { outputOf } from "../logical/walk.ts";
import { estimator, groupsOf, type Estimator } from "../optimize/estimate.ts";
import { lookupFunction } from "../optimize/function-lookup.ts";
import { scansOf } from "../optimize/pruning.ts";
import { nameOf, openBlock, type Block } from "./block.ts";
import { falliblePolicy } from "./fence.ts";
import { emitContext, emitPlan } from "./duckdb-sql.ts";
import { splitAggregate } from "./partial-aggregate.ts";
import {
  isBroadcastSmall,
  isCarriedSmall,
  isExchangeable,
  peakBytes,
  SCATTER_BYTES,
  scatterCandidates,
  type ScanSource,
} from "./placement.ts";
import type {
  PhysicalColumn,
  PhysicalPlan,
  PhysicalScan,
  Stage,
} from "./plan.ts";
import {
  replaceNode,
  splitPoint,
  withEnclosingTables,
  type SplitPoint,
} from "./split-point.ts";

export interface Cluster {
  readonly nodes: number;
  /** By scan id: what the scan's predicate keeps. */
  readonly scans: ScanSource;
  readonly nodeMemoryBytes: number;
  readonly settings: EmitSettings;
  /** `scatter` switches scattering off. */
  readonly disabled?: ReadonlySet<string>;
  /** The only scan that may be scattered; absent when any may. */
  readonly scatterScan?: number;
  /** Smallest scan that is scattered, in bytes kept. */
  readonly scatterBytes?: number;
}

/** `output`: the result's columns, in order; ids may repeat. */
export function lower(
  plan: LogicalPlan,
  output: readonly ColumnId[],
  cluster: Cluster,
): PhysicalPlan {
  const estimate = estimator(
    (scanId) => cluster.scans.get(scanId),
    lookupFunction,
  );
  // From the root, so that references to common tables are estimated after their definitions.
  estimate(plan);
  const context: LowerContext = { plan, output, cluster, estimate };
  const lowered = scattered(context) ?? single(context, singleReason(context));
  const fallible = falliblePolicy(plan, lookupFunction);
  return fallible === undefined ? lowered : { ...lowered, fallible };
}

interface LowerContext {
  readonly plan: LogicalPlan;
  readonly output: readonly ColumnId[];
  readonly cluster: Cluster;
  readonly estimate: Estimator;
}

function single(context: LowerContext, reason: string): PhysicalPlan {
  const { plan, output, cluster, estimate } = context;
  const { sql, columns } = emitPlan(plan, output, cluster.settings);
  const stage: Stage = {
    id: 0,
    sql,
    scans: scansOf(plan).map(physicalScan),
    inputs: [],
    distribution: { kind: "single" },
    columns,
    estimate: {
      rows: Math.round(estimate(plan).rows),
      peakBytes: peak(plan, context),
    },
    reason,
  };
  return { stages: [stage], output: columns };
}

function singleReason({ plan, cluster }: LowerContext): string {
  if (scansOf(plan).length === 0) return "no scan";
  if (cluster.nodes < 2) return "one node";
  const candidates = scatterCandidates(
    plan,
    cluster.scans,
    cluster.scatterBytes ?? SCATTER_BYTES,
  );
  return candidates.length === 0 ? "small scan" : "one node does as well";
}

function peak(plan: LogicalPlan, context: LowerContext): number {
  return Math.min(
    peakBytes(plan, context.estimate),
    context.cluster.nodeMemoryBytes,
  );
}

function physicalScan(scan: Scan): PhysicalScan {
  return {
    scanId: scan.table.scanId,
    columns: scan.columns.map((column) => ({
      alias: nameOf(column.id),
      source:
        column.source.kind === "column"
          ? { kind: "column", name: column.source.name }
          : column.source,
    })),
  };
}

/** The first way of scattering that pays, the largest scan first. */
function scattered(context: LowerContext): PhysicalPlan | undefined {
  const { plan, cluster } = context;
  if (cluster.nodes < 2 || cluster.disabled?.has("scatter") === true)
    return undefined;
  for (const scanId of scatterCandidates(
    plan,
    cluster.scans,
    cluster.scatterBytes ?? SCATTER_BYTES,
  )) {
    if (cluster.scatterScan !== undefined && scanId !== cluster.scatterScan)
      continue;
    const point = splitPoint(plan, scanId);
    if (
      point === undefined ||
      !isBroadcastSmall(point.fragment, scanId, cluster.scans)
    )
      continue;
    const found = scatterAt(point, scanId, context);
    if (found !== undefined) return found;
  }
  return undefined;
}

function scatterAt(
  point: SplitPoint,
  scanId: number,
  context: LowerContext,
): PhysicalPlan | undefined {
  const parent = point.above.at(-1);
  if (parent === undefined) return toClient(point, scanId, context);
  if (parent.kind === "aggregate") {
    const split = partialAggregate(point, parent, scanId, context);
    if (split !== undefined) return split;
  }
  return rowsOfFragments(partialRows(point), point, scanId, context);
}

/** Fragments answer the client themselves, in any order. */
function toClient(
  point: SplitPoint,
  scanId: number,
  context: LowerContext,
): PhysicalPlan {
  const { cluster, output, estimate } = context;
  const { sql, columns } = emitPlan(point.fragment, output, cluster.settings);
  const stage = scatterStage(
    { plan: point.fragment, sql, columns, rows: estimate(point.fragment).rows },
    scanId,
    context,
  );
  return { stages: [stage], output: columns };
}

interface FragmentStage {
  readonly plan: LogicalPlan;
  readonly sql: string;
  readonly columns: readonly PhysicalColumn[];
  readonly rows: number;
}

function scatterStage(
  fragment: FragmentStage,
  scanId: number,
  context: LowerContext,
): Stage {
  const files = context.cluster.scans.get(scanId)?.filesKept ?? 0;
  return {
    id: 0,
    sql: fragment.sql,
    scans: scansOf(fragment.plan).map(physicalScan),
    inputs: [],
    distribution: { kind: "scatter", scanId },
    columns: fragment.columns,
    estimate: {
      rows: Math.round(fragment.rows),
      peakBytes: peak(fragment.plan, context),
    },
    reason: `${files} files on ${Math.min(files, context.cluster.nodes)} nodes`,
  };
}

function partialAggregate(
  point: SplitPoint,
  aggregate: Aggregate,
  scanId: number,
  context: LowerContext,
): PhysicalPlan | undefined {
  const { cluster, estimate } = context;
  const plan = withEnclosingTables({ ...point, fragment: aggregate });
  // Common tables the fragment needs stand around the aggregate's input, where the partial query reads them.
  const inner = withEnclosingTables(point);
  const local: Aggregate = { ...aggregate, input: inner };
  const split = splitAggregate(
    local,
    emitContext(context.plan, cluster.settings),
  );
  if (split?.columns.every((column) => isExchangeable(column.type)) !== true)
    return undefined;
  const groups = groupsOf(
    aggregate.groups.map((group) => group.value),
    estimate(aggregate.input),
  );
  const rows = groups * cluster.nodes;
  if (!isCarriedSmall(rows, scanId, cluster.scans)) return undefined;
  const stage = scatterStage(
    { plan, sql: split.sql, columns: split.columns, rows },
    scanId,
    context,
  );
  return withLastStage(
    stage,
    aggregate,
    split.final(stageRelation(stage.id)),
    context,
  );
}

/** What each fragment may do already: its own top-n, limit or distinct rows, which the last stage does again over all. */
function partialRows(point: SplitPoint): LogicalPlan {
  const parent = point.above.at(-1);
  const grand = point.above.at(-2);
  if (parent?.kind === "sort" && grand?.kind === "limit") {
    const bounded = partialLimit(grand);
    if (bounded !== undefined)
      return { ...bounded, input: { ...parent, input: point.fragment } };
  }
  if (parent?.kind === "limit") {
    const bounded = partialLimit(parent);
    if (bounded !== undefined) return { ...bounded, input: point.fragment };
  }
  if (parent?.kind === "distinct" && parent.on === undefined)
    return { ...parent, input: point.fragment };
  return point.fragment;
}

/** Every fragment keeps what the limit and its offset together reach. */
function partialLimit(limit: Limit): Limit | undefined {
  const count = constant(limit.count);
  const offset = limit.offset === undefined ? 0n : constant(limit.offset);
  if (limit.ties !== undefined || count === undefined || offset === undefined)
    return undefined;
  return {
    ...limit,
    count: { kind: "literal", type: INT8, value: String(count + offset) },
    offset: undefined,
  };
}

function constant(expression: Limit["count"]): bigint | undefined {
  if (expression?.kind !== "literal" || expression.value === null)
    return undefined;
  return /^\d+$/u.test(expression.value) ? BigInt(expression.value) : undefined;
}

function rowsOfFragments(
  local: LogicalPlan,
  point: SplitPoint,
  scanId: number,
  context: LowerContext,
): PhysicalPlan | undefined {
  const { cluster, estimate } = context;
  const columns = outputOf(point.fragment);
  if (!columns.every((column) => isExchangeable(column.type))) return undefined;
  const rows =
    local === point.fragment
      ? estimate(local).rows
      : estimate(local).rows * cluster.nodes;
  if (!isCarriedSmall(rows, scanId, cluster.scans)) return undefined;
  const plan = withEnclosingTables({ ...point, fragment: local });
  const emitted = emitPlan(
    plan,
    columns.map((column) => column.id),
    cluster.settings,
  );
  const stage = scatterStage({ plan, ...emitted, rows }, scanId, context);
  const stored = emitted.columns.map(
    ({ name, type, representation }, index) => {
      const id = columns[index]?.id;
      return id === undefined
        ? []
        : [[id, { sql: name, type, representation }] as const];
    },
  );
  const block = openBlock(stageRelation(stage.id), new Map(stored.flat()));
  return withLastStage(stage, point.fragment, block, context);
}

function stageRelation(id: number): string {
  return `stage_${id}`;
}

/** The rest of the plan on one node, with the fragments' rows in place of `replaced`. */
function withLastStage(
  stage: Stage,
  replaced: LogicalPlan,
  block: Block,
  context: LowerContext,
): PhysicalPlan {
  const { plan, output, cluster, estimate } = context;
  const reference: CommonTableRef = {
    kind: "common-table-ref",
    id: -1 - stage.id,
    name: stageRelation(stage.id),
    columns: outputOf(replaced),
  };
  const rest = replaceNode(plan, replaced, reference);
  const { sql, columns } = emitPlan(
    rest,
    output,
    cluster.settings,
    new Map([[reference.id, block]]),
  );
  const last: Stage = {
    id: stage.id + 1,
    sql,
    scans: scansOf(rest).map(physicalScan),
    inputs: [stage.id],
    distribution: { kind: "single" },
    columns,
    estimate: {
      rows: Math.round(estimate(plan).rows),
      peakBytes: peak(rest, context),
    },
    reason: `combines ${cluster.nodes} nodes`,
  };
  return { stages: [stage, last], output: columns };
}
