// project [a] (join on (b = c) (scan x [a, b, z]) (scan y [c, w]))   ->   the same over scan x [a, b] and scan y [c]
// Keeps what the plan's output, expressions and row counts need. DISTINCT, INTERSECT, EXCEPT and UNION compare whole rows: nothing is dropped below them.

import type { ColumnId } from "../../../storage/common/ids.ts";
import type { DataType } from "../../../storage/common/data-type.ts";
import { columnsUsed } from "../../logical/columns.ts";
import type {
  Aggregate,
  CommonTable,
  LogicalPlan,
  PlanColumn,
  ProjectItem,
  Scan,
  SetOperation,
  Values,
} from "../../logical/plan.ts";
import {
  expressionsOf,
  mapChildren,
  mapExpressions,
  nodesOf,
  outputOf,
  rewrite,
  rewriteSubqueries,
  subplansOf,
} from "../../logical/walk.ts";
import { columnRef } from "../conjuncts.ts";
import { isVolatile } from "../facts.ts";
import { definePlanRule, type FunctionLookup, type Rule } from "../rule.ts";

export const pruneColumns: Rule = definePlanRule(
  "prune-columns",
  (root, { functions }) => {
    const pruned = pruneWhole(root, functions);
    return pruned === root ? undefined : pruned;
  },
);

type Needed = ReadonlySet<ColumnId>;

/** A plan whose whole output counts: the root, the plan of a subquery, the definition of a common table. */
function pruneWhole(plan: LogicalPlan, functions: FunctionLookup): LogicalPlan {
  const output = outputOf(plan);
  const pruned = prune(
    plan,
    new Set(output.map((column) => column.id)),
    functions,
  );
  return exactly(pruned, output);
}

/** The plan with this output: a projection when pruning left more (a column only a filter reads) or another order. */
function exactly(
  plan: LogicalPlan,
  output: readonly PlanColumn[],
): LogicalPlan {
  const now = outputOf(plan);
  const same =
    now.length === output.length &&
    now.every((column, i) => column.id === output[i]?.id);
  return same
    ? plan
    : {
        kind: "project",
        items: output.map((column) => ({ column, value: columnRef(column) })),
        input: plan,
      };
}

/** Gives at least the needed columns of the plan; what else it gives no one reads. */
function prune(
  plan: LogicalPlan,
  needed: Needed,
  functions: FunctionLookup,
): LogicalPlan {
  const inner = mapExpressions(plan, (expression) =>
    rewriteSubqueries(expression, (subplan) => pruneWhole(subplan, functions)),
  );
  const down = (child: LogicalPlan, extra: Needed): LogicalPlan =>
    prune(child, extra, functions);
  switch (inner.kind) {
    case "scan":
      return pruneScan(inner, needed);
    case "values":
      return pruneValues(inner, needed, functions);
    case "project": {
      const items = inner.items.filter(
        (item) =>
          needed.has(item.column.id) || isVolatile(item.value, functions),
      );
      const kept =
        items.length === inner.items.length ? inner : { ...inner, items };
      return mapChildren(kept, (child) => down(child, used(kept)));
    }
    case "aggregate": {
      const kept = pruneAggregate(inner, needed);
      return mapChildren(kept, (child) => down(child, used(kept)));
    }
    case "window": {
      const calls = inner.calls.filter((item) => needed.has(item.column.id));
      if (calls.length === 0) return down(inner.input, needed);
      const kept =
        calls.length === inner.calls.length ? inner : { ...inner, calls };
      return mapChildren(kept, (child) =>
        down(child, union(needed, used(kept))),
      );
    }
    case "set-operation":
      return pruneSetOperation(inner, needed, functions);
    case "common-table":
      return pruneCommonTable(inner, needed, functions);
    case "recursive-table":
      return {
        ...inner,
        base: pruneWhole(inner.base, functions),
        recursive: pruneWhole(inner.recursive, functions),
        input: down(inner.input, needed),
      };
    case "distinct":
      return inner.on === undefined
        ? mapChildren(inner, (child) => pruneWhole(child, functions))
        : mapChildren(inner, (child) =>
            down(child, union(needed, used(inner))),
          );
    default:
      // A lateral right side reads columns of the left: they count as used by the join.
      return mapChildren(inner, (child) =>
        down(child, union(needed, usedBelow(inner))),
      );
  }
}

function used(plan: LogicalPlan): Set<ColumnId> {
  const found = new Set<ColumnId>();
  for (const expression of expressionsOf(plan)) columnsUsed(expression, found);
  return found;
}

function usedBelow(plan: LogicalPlan): ReadonlySet<ColumnId> {
  const found = used(plan);
  if (plan.kind !== "join" || !plan.lateral) return found;
  for (const node of nodesOf(plan.right)) {
    for (const expression of expressionsOf(node))
      columnsUsed(expression, found);
  }
  return found;
}

function union(a: Needed, b: Needed): Needed {
  return new Set([...a, ...b]);
}

/** A scan keeps one column when nothing is read of it, the narrowest: rows still count. */
function pruneScan(plan: Scan, needed: Needed): Scan {
  const read = union(needed, used(plan));
  const columns = plan.columns.filter((column) => read.has(column.id));
  if (columns.length === plan.columns.length) return plan;
  const narrowest = plan.columns
    .toSorted((a, b) => width(a.type) - width(b.type))
    .slice(0, 1);
  return { ...plan, columns: columns.length > 0 ? columns : narrowest };
}

function width(type: DataType): number {
  return WIDTHS[type.kind] ?? 50;
}

/** Bytes a value; strings and what is not listed count as long. */
const WIDTHS: Readonly<Partial<Record<DataType["kind"], number>>> = {
  bool: 1,
  int1: 1,
  int2: 2,
  int4: 4,
  date: 4,
  float4: 4,
  int8: 8,
  float8: 8,
  timestamp: 8,
  timestamptz: 8,
  numeric: 16,
  struct: 1000,
  array: 1000,
  map: 1000,
  variant: 1000,
};

function pruneValues(
  plan: Values,
  needed: Needed,
  functions: FunctionLookup,
): Values {
  const kept = plan.columns.flatMap((column, index) =>
    needed.has(column.id) ||
    plan.rows.some((row) => row[index] && isVolatile(row[index], functions))
      ? [index]
      : [],
  );
  if (kept.length === plan.columns.length) return plan;
  const pick = <T>(list: readonly T[]): readonly T[] =>
    list.filter((_, index) => kept.includes(index));
  return { ...plan, columns: pick(plan.columns), rows: plan.rows.map(pick) };
}

/** Groups stay: they decide the rows. */
function pruneAggregate(plan: Aggregate, needed: Needed): Aggregate {
  const isNeeded = (item: { readonly column: PlanColumn }): boolean =>
    needed.has(item.column.id);
  const aggregates = plan.aggregates.filter(isNeeded);
  const grouping = plan.grouping.filter(isNeeded);
  return aggregates.length === plan.aggregates.length &&
    grouping.length === plan.grouping.length
    ? plan
    : { ...plan, aggregates, grouping };
}

function pruneSetOperation(
  plan: SetOperation,
  needed: Needed,
  functions: FunctionLookup,
): LogicalPlan {
  const whole = plan.operator !== "union" || !plan.all;
  if (whole || plan.columns.every((column) => needed.has(column.id))) {
    return mapChildren(plan, (child) => pruneWhole(child, functions));
  }
  const kept = plan.columns.flatMap((column, index) =>
    needed.has(column.id) ? [index] : [],
  );
  const [first, second] = plan.inputs;
  return {
    ...plan,
    columns: plan.columns.filter((_, index) => kept.includes(index)),
    inputs: [
      narrowed(first, kept, functions),
      narrowed(second, kept, functions),
    ],
  };
}

/** The plan with the columns at these places only. */
function narrowed(
  plan: LogicalPlan,
  kept: readonly number[],
  functions: FunctionLookup,
): LogicalPlan {
  const output = outputOf(plan);
  const items: readonly ProjectItem[] = kept.flatMap((index) => {
    const column = output[index];
    return column === undefined ? [] : [{ column, value: columnRef(column) }];
  });
  const below = prune(
    plan,
    new Set(items.map((item) => item.column.id)),
    functions,
  );
  return exactly(
    below,
    items.map((item) => item.column),
  );
}

/** The definition gives what some reference needs, by place. */
function pruneCommonTable(
  plan: CommonTable,
  needed: Needed,
  functions: FunctionLookup,
): LogicalPlan {
  const input = prune(plan.input, needed, functions);
  const kept = placesRead(plan, input, needed);
  if (kept.length === outputOf(plan.definition).length || kept.length === 0) {
    const definition = pruneWhole(plan.definition, functions);
    return { ...plan, definition, input };
  }
  return {
    ...plan,
    definition: narrowed(plan.definition, kept, functions),
    input: rewrite(input, (node) =>
      node.kind === "common-table-ref" && node.id === plan.id
        ? {
            ...node,
            columns: node.columns.filter((_, index) => kept.includes(index)),
          }
        : node,
    ),
  };
}

/** Places of the definition's columns that some reference is read at. */
function placesRead(
  plan: CommonTable,
  input: LogicalPlan,
  needed: Needed,
): readonly number[] {
  const nodes = [...nodesOf(input)];
  const read = new Set<ColumnId>(needed);
  for (const node of nodes) {
    for (const id of used(node)) read.add(id);
    for (const whole of readWhole(node)) {
      for (const column of outputOf(whole)) read.add(column.id);
    }
  }
  const references = nodes.filter(
    (node) => node.kind === "common-table-ref" && node.id === plan.id,
  );
  return outputOf(plan.definition).flatMap((_, index) => {
    const isRead = references.some((reference) => {
      const column = outputOf(reference)[index];
      return column !== undefined && read.has(column.id);
    });
    return isRead ? [index] : [];
  });
}

/** Plans whose every column counts to the node: compared as rows, matched by place, or the result of a subquery. */
function readWhole(node: LogicalPlan): readonly LogicalPlan[] {
  const subplans = subplansOf(node);
  switch (node.kind) {
    case "distinct":
      return node.on === undefined ? [node.input, ...subplans] : subplans;
    case "set-operation":
      return node.inputs;
    case "common-table":
      return [node.definition];
    case "recursive-table":
      return [node.base, node.recursive];
    default:
      return subplans;
  }
}
