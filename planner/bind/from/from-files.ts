// Rows of plain text files: the scan gives each field as text, and a projection reads it as PostgreSQL's input function of its type
// does. The mode says what a field that cannot be read does to its row.

import {
  BOOL,
  TEXT,
  type DataType,
} from "../../../storage/common/data-type.ts";
import type { PinnedTable } from "../../../storage/catalog/view.ts";
import type { Column } from "../../../storage/common/schema.ts";
import type { FilesFormat } from "../../../storage/files/format.ts";
import type { Expression } from "../../logical/expression.ts";
import type {
  LogicalPlan,
  PlanColumn,
  ProjectItem,
  Scan,
} from "../../logical/plan.ts";
import { MALFORMED_COLUMN, RECORD_COLUMN } from "../../logical/text-files.ts";
import { reference } from "../query/output.ts";
import type { StatementContext } from "../statement-context.ts";

export type TextFormat = Exclude<FilesFormat, { readonly kind: "parquet" }>;

export interface BoundFiles {
  readonly plan: LogicalPlan;
  /** In the order of the schema. */
  readonly columns: readonly PlanColumn[];
}

/** What a scan of these files reads: fields are texts, and behind them stand the record and what is wrong with it. */
export function scannedColumns(
  { schema, layout }: PinnedTable,
  format: TextFormat,
): readonly Column[] {
  const text = (name: string): Column => ({ name, type: TEXT, nullable: true });
  const fields = schema.columns.flatMap((column) => {
    if (layout.partitionColumns.includes(column.name)) return [column];
    return column.name === format.corruptColumn ? [] : [text(column.name)];
  });
  return [...fields, text(RECORD_COLUMN), text(MALFORMED_COLUMN)];
}

/** `scan` reads `scannedColumns`, then hidden columns, which are passed on. */
export function readFields(
  statement: StatementContext,
  scan: Scan,
  pinned: PinnedTable,
  format: TextFormat,
): BoundFiles {
  const { layout, schema } = pinned;
  const given = new Map(scan.columns.map((column) => [column.name, column]));
  const valueOf = (name: string): Expression => {
    const column = given.get(name);
    return column
      ? reference(column)
      : { kind: "literal", type: TEXT, value: null };
  };
  const problems: Expression[] = [isNotNull(valueOf(MALFORMED_COLUMN))];
  const items = schema.columns.map(({ name, type }): ProjectItem => {
    const column = statement.newColumn(name, type);
    const value = valueOf(name);
    if (layout.partitionColumns.includes(name) || name === format.corruptColumn)
      return { column, value };
    if (type.kind !== "text") {
      const read = readAs(value, type, true);
      problems.push({
        kind: "and",
        operands: [isNotNull(value), isNull(read)],
        type: BOOL,
      });
    }
    return { column, value: readAs(value, type, format.mode !== "failfast") };
  });
  const [first = TRUE] = problems;
  const bad: Expression =
    problems.length < 2
      ? first
      : { kind: "or", operands: problems, type: BOOL };
  const record: Expression = {
    kind: "case",
    branches: [{ when: bad, then: valueOf(RECORD_COLUMN) }],
    otherwise: undefined,
    type: TEXT,
  };
  const hidden = scan.columns
    .filter(({ source }) => source.kind === "metadata")
    .map((column): ProjectItem => ({ column, value: reference(column) }));
  const input: LogicalPlan =
    format.mode === "drop-malformed"
      ? {
          kind: "filter",
          predicate: { kind: "not", operand: bad, type: BOOL },
          input: scan,
        }
      : scan;
  const shown = items.map((item) =>
    item.column.name === format.corruptColumn
      ? { ...item, value: record }
      : item,
  );
  return {
    plan: { kind: "project", items: [...shown, ...hidden], input },
    columns: items.map(({ column }) => column),
  };
}

const TRUE: Expression = { kind: "literal", type: BOOL, value: "true" };

function isNull(operand: Expression): Expression {
  return { kind: "is-null", operand, negated: false, type: BOOL };
}

function isNotNull(operand: Expression): Expression {
  return { kind: "is-null", operand, negated: true, type: BOOL };
}

function readAs(
  operand: Expression,
  type: DataType,
  attempt: boolean,
): Expression {
  if (type.kind === "text") return operand;
  return { kind: "cast", operand, type, attempt, position: undefined };
}
