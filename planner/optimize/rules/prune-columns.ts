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
  switch (type.kind) {
    case "bool":
    case "int1":
      return 1;
    case "int2":
      return 2;
    case "int4":
    case "date":
    case "float4":
      return 4;
    case "int8":
    case "float8":
    case "timestamp":
    case "timestamptz":
      return 8;
    case "numeric":
      return 16;
    case "struct":
    case "array":
    case "map":
    case "variant":
      return 1000;
    default:
      return 50;
  }
}

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
  const references = [...nodesOf(input)].filter(
    (node) => node.kind === "common-table-ref" && node.id === plan.id,
  );
  const reads = new Set<ColumnId>(needed);
  for (const node of nodesOf(input)) {
    for (const expression of expressionsOf(node))
      columnsUsed(expression, reads);
    if (comparesRows(node))
      for (const column of outputOf(node)) reads.add(column.id);
    if (node.kind === "set-operation") {
      for (const side of node.inputs)
        for (const column of outputOf(side)) reads.add(column.id);
    }
    if (node.kind === "common-table" || node.kind === "recursive-table") {
      const parts =
        node.kind === "common-table"
          ? [node.definition]
          : [node.base, node.recursive];
      for (const part of parts)
        for (const column of outputOf(part)) reads.add(column.id);
    }
    for (const expression of expressionsOf(node))
      readBySubqueries(expression, reads);
  }
  const width = outputOf(plan.definition).length;
  const kept = Array.from({ length: width }, (_, index) => index).filter(
    (index) =>
      references.some((node) => {
        const column = outputOf(node)[index];
        return column !== undefined && reads.has(column.id);
      }),
  );
  if (kept.length === width || kept.length === 0) {
    return {
      ...plan,
      definition: pruneWhole(plan.definition, functions),
      input,
    };
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

function comparesRows(node: LogicalPlan): boolean {
  return node.kind === "distinct" && node.on === undefined;
}

/** What a subquery gives counts whole. */
function readBySubqueries(
  expression: Parameters<typeof rewriteSubqueries>[0],
  reads: Set<ColumnId>,
): void {
  rewriteSubqueries(expression, (subplan) => {
    for (const column of outputOf(subplan)) reads.add(column.id);
    return subplan;
  });
}
