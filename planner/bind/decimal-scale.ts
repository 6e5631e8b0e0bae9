// How many digits after the point a numeric expression can show: what a Delta column made from it needs. PostgreSQL keeps a scale
// with each value; a Delta decimal has one for all.

import type { DataType } from "../../storage/common/data-type.ts";
import type { ColumnId } from "../../storage/common/ids.ts";
import { functionById } from "../functions/registry.ts";
import type { AggregateCall, Call, Expression } from "../logical/expression.ts";
import type { LogicalPlan } from "../logical/plan.ts";
import { nodesOf } from "../logical/walk.ts";

/** Undefined where the scale differs by value: division, averages, roots. */
export function scaleOf(
  plan: LogicalPlan,
  column: ColumnId,
): number | undefined {
  const sources = sourcesOf(plan);
  const seen = new Set<ColumnId>();
  const ofColumn = (id: ColumnId, type: DataType): number | undefined => {
    const declared = declaredScale(type);
    const source = sources.get(id);
    if (declared !== undefined || !source || seen.has(id)) return declared;
    seen.add(id);
    const scale =
      "kind" in source
        ? ofExpression(source)
        : ofFunction(source.function, source.args);
    seen.delete(id);
    return scale;
  };
  const largest = (parts: readonly Expression[]): number | undefined => {
    const scales = parts.map((part) => ofExpression(part));
    const known = scales.filter((scale) => scale !== undefined);
    return known.length === scales.length ? Math.max(0, ...known) : undefined;
  };
  const ofFunction = (
    id: string,
    args: readonly Expression[],
  ): number | undefined => {
    const [left, right] = args.map((arg) => ofExpression(arg));
    const { name } = functionById(id);
    if (WIDEST_ARGUMENT.has(name)) return largest(args);
    if (name === "*" && left !== undefined && right !== undefined) {
      return left + right;
    }
    if (name !== "round" && name !== "trunc") return undefined;
    return args.length === 1 ? 0 : constantScale(args[1]);
  };
  const ofExpression = (expression: Expression): number | undefined => {
    switch (expression.kind) {
      case "literal":
        return (expression.value ?? "").split(".")[1]?.length ?? 0;
      case "column":
        return ofColumn(expression.column, expression.type);
      case "call":
        return ofFunction(expression.function, expression.args);
      case "case":
        return largest([
          ...expression.branches.map((branch) => branch.then),
          ...(expression.otherwise ? [expression.otherwise] : []),
        ]);
      case "cast":
        return (
          declaredScale(expression.type) ??
          (expression.type.kind === "numeric"
            ? declaredScale(expression.operand.type)
            : undefined)
        );
      default:
        return declaredScale(expression.type);
    }
  };
  return ofColumn(column, { kind: "numeric" });
}

/** Functions whose result shows no more digits than the argument that shows most. */
const WIDEST_ARGUMENT: ReadonlySet<string> = new Set([
  "+",
  "-",
  "%",
  "sum",
  "min",
  "max",
  "abs",
  "coalesce",
  "greatest",
  "least",
]);

function declaredScale(type: DataType): number | undefined {
  switch (type.kind) {
    case "int1":
    case "int2":
    case "int4":
    case "int8":
      return 0;
    case "numeric":
      return type.precision === undefined ? undefined : (type.scale ?? 0);
    default:
      return undefined;
  }
}

function constantScale(argument: Expression | undefined): number | undefined {
  if (argument?.kind !== "literal" || argument.value === null) return undefined;
  return Math.max(0, Number(argument.value));
}

type Source = Expression | Pick<AggregateCall | Call, "function" | "args">;

/** What makes each column of the plan. */
function sourcesOf(plan: LogicalPlan): ReadonlyMap<ColumnId, Source> {
  const sources = new Map<ColumnId, Source>();
  for (const node of nodesOf(plan)) {
    if (node.kind === "project") {
      const made = node.items.filter(
        ({ column, value }) =>
          value.kind !== "column" || value.column !== column.id,
      );
      for (const { column, value } of made) sources.set(column.id, value);
    }
    if (node.kind === "aggregate") {
      for (const { column, call } of node.aggregates) {
        sources.set(column.id, call);
      }
    }
  }
  return sources;
}
