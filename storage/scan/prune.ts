// Scan predicate -> kernel SQL over the file table: a condition that is true for every file that may hold a matching row.
// Partition columns decide exactly (checklist K10); statistics may only prove that no row matches (K2-K8). There is no NOT in
// predicates, so "may match" of the parts composes.

import type {
  FileColumns,
  PartitionColumn,
  StatisticsColumn,
} from "../delta/file-table/file-columns.ts";
import { quoteText } from "../delta/sql.ts";
import type { DataType } from "../common/data-type.ts";
import type { Scalar } from "../common/scalar.ts";
import { unreachable } from "../common/invariant.ts";
import type {
  ColumnPath,
  CompareOperator,
  ScanPredicate,
} from "./predicate.ts";
import { coveringRanges } from "./ranges.ts";
import { comparison, type Comparison } from "./value.ts";

/** Which knowledge to use: EXPLAIN shows what partitions keep before statistics are asked. */
export type Evidence = "partitions" | "partitions and statistics";

const KEEP = "true";
const DROP = "false";

export function mayMatch(
  predicate: ScanPredicate,
  columns: FileColumns,
  evidence: Evidence,
): string {
  switch (predicate.kind) {
    case "constant":
      return predicate.value ? KEEP : DROP;
    case "and":
      return join(predicate.operands, " AND ", KEEP, columns, evidence);
    case "or":
      return join(predicate.operands, " OR ", DROP, columns, evidence);
    case "compare":
      return onColumn(predicate.column, columns, evidence, {
        partition: (column) =>
          partitionCompare(column, predicate.operator, predicate.value),
        statistics: (column) =>
          statisticsCompare(column, predicate.operator, predicate.value),
      });
    case "in":
      return onColumn(predicate.column, columns, evidence, {
        partition: (column) => partitionIn(column, predicate.values),
        statistics: (column) => statisticsIn(column, predicate.values),
      });
    case "is-null":
      return onColumn(predicate.column, columns, evidence, {
        partition: (column) =>
          `${column.sqlName} IS ${predicate.negated ? "NOT " : ""}NULL`,
        statistics: (column) =>
          predicate.negated
            ? someNotNull(column)
            : `coalesce(${column.nullsName} > 0, true)`,
      });
    case "starts-with":
      return onColumn(predicate.column, columns, evidence, {
        partition: (column) => partitionPrefix(column, predicate),
        statistics: (column) => statisticsPrefix(column, predicate),
      });
    default:
      return unreachable(predicate);
  }
}

function join(
  operands: readonly ScanPredicate[],
  operator: string,
  empty: string,
  ...[columns, evidence]: [FileColumns, Evidence]
): string {
  if (operands.length === 0) return empty;
  return `(${operands.map((operand) => mayMatch(operand, columns, evidence)).join(operator)})`;
}

interface ColumnRules {
  readonly partition: (column: PartitionColumn) => string;
  readonly statistics: (column: StatisticsColumn) => string;
}

function onColumn(
  path: ColumnPath,
  columns: FileColumns,
  evidence: Evidence,
  rules: ColumnRules,
): string {
  const partition =
    path.length === 1
      ? columns.partitions.find((column) => column.name === path[0])
      : undefined;
  if (partition !== undefined) return rules.partition(partition);
  if (evidence === "partitions") return KEEP;
  const leaf = columns.statistics.find(
    (column) =>
      column.path.length === path.length &&
      column.path.every((name, index) => name === path[index]),
  );
  return leaf === undefined ? KEEP : rules.statistics(leaf);
}

function anyOf(conditions: readonly string[]): string {
  if (conditions.includes(KEEP)) return KEEP;
  const useful = [...new Set(conditions)].filter((sql) => sql !== DROP);
  return useful.length === 0 ? DROP : `(${useful.join(" OR ")})`;
}

/** One IN for all values of the column's own type, which may be thousands of keys of a join. */
function partitionIn(
  column: PartitionColumn,
  values: readonly Scalar[],
): string {
  const plain: string[] = [];
  const others: string[] = [];
  for (const value of values) {
    const rule =
      column.type.kind === "bpchar"
        ? undefined
        : comparison(column.type, "=", value);
    const isPlain =
      rule?.kind === "compare" &&
      rule.column(column.sqlName) === column.sqlName;
    if (isPlain) plain.push(rule.value);
    else others.push(partitionCompare(column, "=", value));
  }
  const list =
    plain.length === 0
      ? DROP
      : `coalesce(${column.sqlName} IN (${plain.join(", ")}), false)`;
  return anyOf([list, ...others]);
}

/** Many values are tested as a few ranges that cover them: a list of thousands must not become thousands of conditions. */
function statisticsIn(
  column: StatisticsColumn,
  values: readonly Scalar[],
): string {
  const known = values.filter((value) => value.text !== null);
  if (known.length <= RANGES)
    return anyOf(known.map((value) => statisticsCompare(column, "=", value)));
  const ranges = coveringRanges(known, RANGES);
  if (ranges === undefined) return someNotNull(column);
  return anyOf(
    ranges.map(([low, high]) => {
      const above = statisticsCompare(column, ">=", low);
      const below = statisticsCompare(column, "<=", high);
      return `(${above} AND ${below})`;
    }),
  );
}

const RANGES = 64;

function partitionCompare(
  column: PartitionColumn,
  operator: CompareOperator,
  value: Scalar,
): string {
  const rule =
    column.type.kind === "bpchar"
      ? undefined
      : comparison(column.type, operator, value);
  if (rule === undefined) return `${column.sqlName} IS NOT NULL`;
  switch (rule.kind) {
    case "never":
      return DROP;
    case "not-null":
      return `${column.sqlName} IS NOT NULL`;
    case "compare":
      return `coalesce(${rule.column(column.sqlName)} ${rule.operator} ${rule.value}, false)`;
    default:
      return unreachable(rule);
  }
}

type StartsWith = Extract<ScanPredicate, { readonly kind: "starts-with" }>;

function isText({ kind }: DataType): boolean {
  return kind === "text" || kind === "varchar";
}

function partitionPrefix(
  column: PartitionColumn,
  { prefix, negated }: StartsWith,
): string {
  if (!isText(column.type)) return KEEP;
  return `coalesce(${negated ? "NOT " : ""}starts_with(${column.sqlName}, ${quoteText(prefix)}), false)`;
}

/** K7, K8: nullCount equal to numRecords means that every row is NULL, with wide bounds too. */
function someNotNull(column: StatisticsColumn): string {
  return `coalesce(${column.nullsName} < num_records, true)`;
}

function statisticsCompare(
  column: StatisticsColumn,
  operator: CompareOperator,
  value: Scalar,
): string {
  const rule = comparison(column.type, operator, value);
  if (rule?.kind === "never") return DROP;
  if (rule?.kind !== "compare" || column.bounds === undefined)
    return someNotNull(column);
  const bounds = boundsTest(column, rule, column.bounds);
  return bounds === KEEP
    ? someNotNull(column)
    : `(${bounds} AND ${someNotNull(column)})`;
}

type CompareRule = Extract<Comparison, { readonly kind: "compare" }>;

function boundsTest(
  column: StatisticsColumn,
  rule: CompareRule,
  names: { readonly minName: string; readonly maxName: string },
): string {
  const min = rule.column(names.minName);
  const max = rule.column(names.maxName);
  const atLeast = (operator: string): string =>
    `coalesce(${min} ${operator} ${rule.value}, true)`;
  const atMost = (operator: string): string =>
    `coalesce(${max} ${operator} ${rule.value}, true)`;
  switch (rule.operator) {
    case "=":
      return rule.float
        ? `(coalesce(isnan(${rule.value}), true) OR (${atLeast("<=")} AND ${atMost(">=")}))`
        : `(${atLeast("<=")} AND ${atMost(">=")})`;
    case "<":
    case "<=":
      return atLeast(rule.operator);
    case ">":
    case ">=":
      // K5: NaN is above every value, and not every writer counts it in its bounds.
      return rule.float ? KEEP : atMost(rule.operator);
    case "<>":
      // K4: a timestamp's bounds are not its exact values; float columns may hold NaN besides.
      return rule.float ||
        column.type.kind === "timestamp" ||
        column.type.kind === "timestamptz"
        ? KEEP
        : `coalesce(NOT (${min} = ${rule.value} AND ${max} = ${rule.value}), true)`;
  }
}

/**
 * K3: bounds of strings may be prefixes, which still are bounds; compared by bytes as the kernel does. What lies between two texts
 * that begin with the prefix begins with it too.
 */
function statisticsPrefix(
  column: StatisticsColumn,
  { prefix, negated }: StartsWith,
): string {
  if (column.bounds === undefined || !isText(column.type))
    return someNotNull(column);
  const literal = quoteText(prefix);
  const { minName, maxName } = column.bounds;
  const bounds = negated
    ? `coalesce(NOT (starts_with(${minName}, ${literal}) AND starts_with(${maxName}, ${literal})), true)`
    : `coalesce(${maxName} >= ${literal}, true)
    AND coalesce(${minName} <= ${literal} OR starts_with(${minName}, ${literal}), true)`;
  return `(${bounds} AND ${someNotNull(column)})`;
}
