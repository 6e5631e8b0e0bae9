// Plans as text for tests and EXPLAIN: one node a line, inputs indented, columns as `name#id`. Stable for a given plan.

import type { LogicalPlan, PlanColumn, ProjectItem } from "./plan.ts";
import { printExpression, printSortKeys } from "./print-expression.ts";
import {
  describeAggregate,
  describeFrame,
  describeWindowCall,
} from "./print-call.ts";
import { children, subplansOf } from "./walk.ts";

/** Lines without a final newline. Plans of subquery expressions follow the inputs, each under `subquery`. */
export function printPlan(plan: LogicalPlan, indent = 0): string {
  const margin = "  ".repeat(indent);
  const lines = [`${margin}${describeNode(plan)}`];
  for (const subplan of subplansOf(plan)) {
    lines.push(`${margin}  subquery`, printPlan(subplan, indent + 2));
  }
  for (const child of children(plan)) lines.push(printPlan(child, indent + 1));
  return lines.join("\n");
}

/** The node alone, on one line. */
// eslint-disable-next-line complexity -- one case a node
export function describeNode(plan: LogicalPlan): string {
  switch (plan.kind) {
    case "scan":
      return `scan ${plan.table.name}@${plan.table.version} [${columns(plan.columns)}]${suffix(
        "where",
        plan.filters.map((filter) => printExpression(filter)).join(" and "),
      )}`;
    case "values":
      return `values [${columns(plan.columns)}] ${plan.rows
        .map((row) => `(${row.map((e) => printExpression(e)).join(", ")})`)
        .join(", ")}${plan.note === undefined ? "" : ` ${plan.note}`}`;
    case "filter":
      return `filter ${printExpression(plan.predicate)}`;
    case "project":
      return `project [${items(plan.items)}]`;
    case "join":
      return `${plan.lateral ? "lateral " : ""}${plan.type} join${
        plan.mark ? ` [${column(plan.mark)}]` : ""
      }${suffix("on", plan.condition && printExpression(plan.condition))}`;
    case "aggregate":
      return describeAggregate(plan);
    case "window":
      return `window${suffix("partition by", plan.partitionBy.map((e) => printExpression(e)).join(", "))}${suffix(
        "order by",
        printSortKeys(plan.orderBy),
      )}${plan.frame ? ` ${describeFrame(plan.frame)}` : ""} [${plan.calls
        .map(
          (item) =>
            `${column(item.column)} := ${describeWindowCall(item.call)}`,
        )
        .join(", ")}]`;
    case "sort":
      return `sort ${printSortKeys(plan.keys)}`;
    case "limit":
      return `limit ${plan.count ? printExpression(plan.count) : "all"}${suffix(
        "offset",
        plan.offset && printExpression(plan.offset),
      )}${suffix("with ties", plan.ties && printSortKeys(plan.ties))}`;
    case "distinct":
      return `distinct${suffix("on", plan.on?.map((e) => printExpression(e)).join(", "))}${suffix(
        "order by",
        printSortKeys(plan.orderBy),
      )}`;
    case "set-operation":
      return `${plan.operator}${plan.all ? " all" : ""} [${columns(plan.columns)}]`;
    case "unnest":
      return `${plan.outer ? "outer " : ""}unnest ${plan.arrays
        .map((e) => printExpression(e))
        .join(", ")} [${columns(withOrdinality(plan))}]`;
    case "series":
      return `${plan.outer ? "outer " : ""}series ${plan.function} (${plan.args
        .map((e) => printExpression(e))
        .join(", ")}) [${columns(withOrdinality(plan))}]`;
    case "common-table":
      return `with ${plan.name}(${plan.id})${describeMaterialized(plan.materialized)}`;
    case "common-table-ref":
      return `common ${plan.name}(${plan.id}) [${columns(plan.columns)}]`;
    case "recursive-table":
      return `recursive ${plan.name}(${plan.id})${plan.all ? " all" : ""} [${columns(plan.columns)}]`;
    case "barrier":
      return "barrier";
  }
}

function describeMaterialized(materialized: boolean | undefined): string {
  if (materialized === undefined) return "";
  return materialized ? " materialized" : " not materialized";
}

function withOrdinality(plan: {
  readonly columns: readonly PlanColumn[];
  readonly ordinality: PlanColumn | undefined;
}): readonly PlanColumn[] {
  return plan.ordinality ? [...plan.columns, plan.ordinality] : plan.columns;
}

function items(list: readonly ProjectItem[]): string {
  return list.map(describeItem).join(", ");
}

/** `a#1` when the column passes under its own id, else `a#2 := value`. */
export function describeItem(item: ProjectItem): string {
  const { value } = item;
  return value.kind === "column" && value.column === item.column.id
    ? column(item.column)
    : `${column(item.column)} := ${printExpression(value)}`;
}

function columns(list: readonly PlanColumn[]): string {
  return list.map(column).join(", ");
}

function column(item: PlanColumn): string {
  return `${item.name}#${item.id}`;
}

function suffix(word: string, text: string | undefined): string {
  return text === undefined || text === "" ? "" : ` ${word} ${text}`;
}
