// Aggregates that the log answers: count(*), count(c), min(c) and max(c) over a whole table.
//
//   aggregate by [] [count(*), min(c)]   ->   values (120, 7)
//     scan t
//
// Wrong where a filter is left, and where statistics are not the rows' own values (ColumnStatistics says which are): deletion
// vectors, wide bounds, cut texts and instants, files without statistics (design section 3, checklist K9).

import type { ScanStatistics } from "../../storage/scan/split.ts";
import type { AggregateCall, Literal } from "../logical/expression.ts";
import type { Aggregate, LogicalPlan, Scan } from "../logical/plan.ts";
import { rewrite } from "../logical/walk.ts";
import type { FunctionLookup } from "./rule.ts";

/** Statistics of a scan's files; undefined for a scan that has to be run. */
export type StatisticsSource = (scan: Scan) => ScanStatistics | undefined;

/** The same plan object when nothing could be answered. */
export function answerFromStatistics(
  plan: LogicalPlan,
  source: StatisticsSource,
  functions: FunctionLookup,
): LogicalPlan {
  return rewrite(plan, (node) =>
    node.kind === "aggregate"
      ? (answered(node, source, functions) ?? node)
      : node,
  );
}

/** Scans of a plan whose aggregates could be answered so, were their statistics good enough. */
export function answerableScans(
  plan: LogicalPlan,
  functions: FunctionLookup,
): readonly Scan[] {
  const found: Scan[] = [];
  rewrite(plan, (node) => {
    if (node.kind !== "aggregate") return node;
    const scan = wholeScan(node);
    const all = node.aggregates.every(
      ({ call }) => asked(call, functions) !== undefined,
    );
    if (scan !== undefined && all) found.push(scan);
    return node;
  });
  return found;
}

function answered(
  node: Aggregate,
  source: StatisticsSource,
  functions: FunctionLookup,
): LogicalPlan | undefined {
  const scan = wholeScan(node);
  const statistics = scan && source(scan);
  if (scan === undefined || statistics?.exact !== true) return undefined;
  const row = node.aggregates.map(({ call }) => {
    const question = asked(call, functions);
    const value =
      question && answerOf(question, sourceColumn(scan, call), statistics);
    return value === undefined ? undefined : literal(call, value);
  });
  const known = row.filter((value) => value !== undefined);
  return known.length === row.length
    ? {
        kind: "values",
        columns: node.aggregates.map(({ column }) => column),
        rows: [known],
        note: `from the log of ${scan.table.name}`,
      }
    : undefined;
}

/** One group over all rows of a table. What a view hides stays hidden: its plan must not show a count. */
function wholeScan({
  groups,
  sets,
  grouping,
  input,
}: Aggregate): Scan | undefined {
  return groups.length === 0 &&
    sets.length === 1 &&
    grouping.length === 0 &&
    input.kind === "scan" &&
    input.filters.length === 0 &&
    !input.table.opaque &&
    input.table.governed !== true
    ? input
    : undefined;
}

type Question = "rows" | "values" | "min" | "max";

function asked(
  call: AggregateCall,
  functions: FunctionLookup,
): Question | undefined {
  if (call.filter !== undefined || call.distinct) return undefined;
  const [arg, second] = call.args;
  const name = functions(call.function)?.name;
  if (name === "count" && arg === undefined) return "rows";
  if (arg?.kind !== "column" || second !== undefined) return undefined;
  if (name === "count") return "values";
  // Another type would mean a value computed from the column's.
  const same = arg.type.kind === call.type.kind;
  return (name === "min" || name === "max") && same ? name : undefined;
}

/** Name of the table's column an aggregate is over; undefined for a hidden one. */
function sourceColumn(scan: Scan, { args }: AggregateCall): string | undefined {
  const [arg] = args;
  const column = scan.columns.find(
    ({ id }) => arg?.kind === "column" && id === arg.column,
  );
  return column?.source.kind === "column" ? column.source.name : undefined;
}

/** Canonical text; undefined when the statistics do not tell. */
function answerOf(
  question: Question,
  column: string | undefined,
  { rowCount, columns }: ScanStatistics,
): string | null | undefined {
  if (question === "rows") return String(rowCount);
  const known = column === undefined ? undefined : columns[column];
  if (known === undefined) return undefined;
  if (question === "values")
    return known.exactNullCount === true
      ? String(rowCount - known.nullCount)
      : undefined;
  return known.exactBounds === true ? known[question] : undefined;
}

function literal(call: AggregateCall, value: string | null): Literal {
  return { kind: "literal", type: call.type, value };
}
