// A query whose rows are constants (`select 1`, a folded session function) is answered without a node.

import type { Expression, Literal } from "../planner/logical/expression.ts";
import type { LogicalPlan, ResultColumn } from "../planner/logical/plan.ts";
import type { DataType } from "../storage/common/data-type.ts";
import type { ColumnId } from "../storage/common/ids.ts";
import type { OutputSettings } from "./session/result.ts";

const ROW_LIMIT = 1000;

type Rows = readonly (readonly (string | null)[])[];

/** PostgreSQL's text of every cell; undefined when the plan computes anything, or a value's text depends on settings. */
export function constantRows(
  plan: LogicalPlan,
  columns: readonly ResultColumn[],
  output: OutputSettings,
): Rows | undefined {
  const rows = literalRows(plan);
  if (rows === undefined || rows.length > ROW_LIMIT) return undefined;
  const cells = rows.map((row) => columns.map(({ id }) => row.get(id)));
  const plain = cells.every((row) =>
    row.every((cell) => cell !== undefined && isPlain(cell.type, output)),
  );
  return plain
    ? cells.map((row) => row.map((cell) => cell?.value ?? null))
    : undefined;
}

function literalRows(
  plan: LogicalPlan,
): readonly ReadonlyMap<ColumnId, Literal>[] | undefined {
  if (plan.kind === "values") {
    const rows = plan.rows.map((row) => literals(row));
    if (rows.some((row) => row === undefined)) return undefined;
    return rows.map(
      (row) =>
        new Map(
          plan.columns
            .map(({ id }, at) => [id, row?.[at]] as const)
            .filter(isFilled),
        ),
    );
  }
  if (plan.kind !== "project" || plan.input.kind !== "values") return undefined;
  const values = literals(plan.items.map(({ value }) => value));
  if (values === undefined) return undefined;
  const row = new Map(
    plan.items
      .map(({ column }, at) => [column.id, values[at]] as const)
      .filter(isFilled),
  );
  return plan.input.rows.map(() => row);
}

function literals(
  expressions: readonly Expression[],
): readonly Literal[] | undefined {
  const found = expressions.filter(
    (expression) => expression.kind === "literal",
  );
  return found.length === expressions.length ? found : undefined;
}

function isFilled(
  entry: readonly [ColumnId, Literal | undefined],
): entry is readonly [ColumnId, Literal] {
  return entry[1] !== undefined;
}

const ALWAYS_PLAIN: ReadonlySet<DataType["kind"]> = new Set([
  "bool",
  "int2",
  "int4",
  "int8",
  "text",
  "varchar",
  "name",
  "oid",
  "uuid",
  "unknown",
  "void",
]);

/** Types whose canonical text is their output text under these settings. */
function isPlain(type: DataType, output: OutputSettings): boolean {
  const iso = output.dateStyle.startsWith("ISO");
  switch (type.kind) {
    case "numeric":
      return type.scale === undefined;
    case "date":
    case "timestamp":
      return iso;
    case "timestamptz":
      return iso && output.timeZone === "UTC";
    case "array":
      return isPlain(type.element, output);
    default:
      return ALWAYS_PLAIN.has(type.kind);
  }
}
