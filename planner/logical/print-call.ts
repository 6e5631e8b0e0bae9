// Aggregate and window calls as text.

import type { AggregateCall, WindowCall } from "./expression.ts";
import type { Aggregate, Frame, FrameBound } from "./plan.ts";
import { printExpression, printSortKeys } from "./print-expression.ts";

export function describeAggregate(plan: Aggregate): string {
  const groups = plan.groups
    .map((item) => {
      const name = `${item.column.name}#${item.column.id}`;
      return item.value.kind === "column" &&
        item.value.column === item.column.id
        ? name
        : `${name} := ${printExpression(item.value)}`;
    })
    .join(", ");
  const [only] = plan.sets;
  const plain = plan.sets.length === 1 && only?.length === plan.groups.length;
  const sets = plain
    ? ""
    : ` sets ${plan.sets.map((set) => `(${set.join(",")})`).join("")}`;
  const calls = [
    ...plan.aggregates.map(
      (item) =>
        `${item.column.name}#${item.column.id} := ${describeAggregateCall(item.call)}`,
    ),
    ...plan.grouping.map(
      (item) =>
        `${item.column.name}#${item.column.id} := grouping(${item.groups.join(",")})`,
    ),
  ].join(", ");
  return `aggregate by [${groups}]${sets} [${calls}]`;
}

export function describeAggregateCall(call: AggregateCall): string {
  const order = printSortKeys(call.orderBy);
  return `${nameOf(call.function)}(${call.distinct ? "distinct " : ""}${call.args
    .map((arg) => printExpression(arg))
    .join(
      ", ",
    )}${order === "" ? "" : ` order by ${order}`})${describeFilter(call)}`;
}

export function describeWindowCall(call: WindowCall): string {
  return `${nameOf(call.function)}(${call.distinct ? "distinct " : ""}${call.args
    .map((arg) => printExpression(arg))
    .join(
      ", ",
    )})${call.ignoreNulls ? " ignore nulls" : ""}${describeFilter(call)}`;
}

/** `sum` of `sum(int8)`. */
function nameOf(id: string): string {
  return id.replace(/\(.*$/su, "");
}

function describeFilter(call: AggregateCall | WindowCall): string {
  return call.filter ? ` filter ${printExpression(call.filter)}` : "";
}

export function describeFrame(frame: Frame): string {
  const exclude = frame.exclude ? ` exclude ${frame.exclude}` : "";
  return `${frame.unit} ${describeBound(frame.start)}..${describeBound(frame.end)}${exclude}`;
}

function describeBound(bound: FrameBound): string {
  return "offset" in bound
    ? `${printExpression(bound.offset)} ${bound.kind}`
    : bound.kind;
}
