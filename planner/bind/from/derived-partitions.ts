// Generation expressions of partition columns that predicates on their base column can be carried over to, as Delta's partition filter
// generation does (delta-spark, OptimizablePartitionExpression). An expression of another shape derives nothing: its partitions are read.

import type { PinnedTable } from "../../../storage/catalog/view.ts";
import { SqlError } from "../../../storage/common/errors.ts";
import type {
  Column,
  StoredExpression,
} from "../../../storage/common/schema.ts";
import {
  PART_FIELDS,
  type DerivedPartition,
  type PartitionForm,
} from "../../logical/derived-partition.ts";
import type { CallExpr, Expr } from "../../parse/ast.ts";
import { parseExpression } from "../define/stored-expression.ts";

export function derivedPartitions({
  schema: { columns },
  layout,
}: Pick<PinnedTable, "schema" | "layout">): readonly DerivedPartition[] {
  return columns.flatMap((column) =>
    column.generated === undefined ||
    !layout.partitionColumns.includes(column.name)
      ? []
      : (derived(column, column.generated, columns) ?? []),
  );
}

function derived(
  column: Column,
  stored: StoredExpression,
  columns: readonly Column[],
): DerivedPartition | undefined {
  const read = shapeOf(stored);
  if (read === undefined) return undefined;
  const base = baseOf(read.base, columns);
  if (base === undefined || !fits(read.form, base, column)) return undefined;
  return {
    column: column.name,
    type: column.type,
    base: base.name,
    baseType: base.type,
    form: read.form,
    exact: isExact(read.form, base, stored),
  };
}

interface Shape {
  readonly base: string;
  readonly form: PartitionForm;
}

function shapeOf(stored: StoredExpression): Shape | undefined {
  try {
    return readShape(parseExpression(stored.text), stored.ours);
  } catch (error) {
    if (error instanceof SqlError) return undefined;
    throw error;
  }
}

/** Spark's names ignore case; ours are compared so too, and two columns never differ by case alone. */
function baseOf(name: string, columns: readonly Column[]): Column | undefined {
  const [only, other] = columns.filter(
    (column) => column.name.toLowerCase() === name.toLowerCase(),
  );
  return other === undefined && only?.generated === undefined
    ? only
    : undefined;
}

function readShape(expression: Expr, ours: boolean): Shape | undefined {
  switch (expression.kind) {
    case "column": {
      const [name, more] = expression.name.parts;
      return name === undefined || more !== undefined
        ? undefined
        : { base: name.name, form: { kind: "same" } };
    }
    case "cast":
      return expression.attempt || expression.type.arrayDepth > 0
        ? undefined
        : castTo(
            expression.type.name,
            readShape(expression.operand, ours),
            expression.type.modifiers.length > 0,
          );
    case "call":
      return readCall(expression, ours);
    default:
      return undefined;
  }
}

const INTEGERS: ReadonlySet<string> = new Set(["int2", "int4", "int8"]);

/** Casts that leave a part as it is, and the day of a moment; what a cast to another type does, `fits` does not know. */
function castTo(
  type: string,
  inner: Shape | undefined,
  modified: boolean,
): Shape | undefined {
  if (inner === undefined || modified) return undefined;
  const { base, form } = inner;
  if (form.kind === "part") return INTEGERS.has(type) ? inner : undefined;
  if (type !== "date") return undefined;
  switch (form.kind) {
    case "same":
      return { base, form: { kind: "date", unit: "day" } };
    case "date":
      return inner;
    case "moment":
      return { base, form: { kind: "date", unit: dayOrLonger(form.unit) } };
    default:
      return undefined;
  }
}

function dayOrLonger(unit: string): string {
  return ["hour", "minute", "second"].includes(unit) ? "day" : unit;
}

/** Unit names of date_trunc and trunc in Spark; PostgreSQL's, where it has the same, mean the same. */
const UNITS: Readonly<Record<string, string>> = {
  year: "year",
  yyyy: "year",
  yy: "year",
  quarter: "quarter",
  month: "month",
  mon: "month",
  mm: "month",
  week: "week",
  day: "day",
  dd: "day",
  hour: "hour",
  minute: "minute",
  second: "second",
};

/** Calls only Spark reads so. */
function readCall(call: CallExpr, ours: boolean): Shape | undefined {
  const name = builtinName(call);
  const args = call.args.map(({ value }) => value);
  const [first, second] = args;
  if (name === undefined || first === undefined) return undefined;
  switch (`${name}/${args.length}`) {
    case "date_trunc/2":
      return over(second, momentOf(textOf(first)));
    case "extract/2":
      return over(second, partOf(textOf(first)?.toLowerCase()));
    case "substring/3":
    case "substr/3":
      return textOf(second) === "1"
        ? over(first, prefixOf(args[2]))
        : undefined;
    case "left/2":
      return over(first, prefixOf(second));
    default:
      return ours ? undefined : readSparkCall(name, args);
  }
}

function readSparkCall(
  name: string,
  [first, second, third]: readonly Expr[],
): Shape | undefined {
  if (third !== undefined) return undefined;
  if (second === undefined)
    return name === "date" || name === "to_date"
      ? over(first, { kind: "date", unit: "day" })
      : over(first, partOf(name === "dayofmonth" ? "day" : name));
  const text = textOf(second) ?? "";
  switch (name) {
    case "trunc": {
      const unit = UNITS[text.toLowerCase()];
      return unit === undefined || !LONG_UNITS.has(unit)
        ? undefined
        : over(first, { kind: "date", unit });
    }
    case "date_format":
      return PATTERN.test(text)
        ? over(first, { kind: "formatted", pattern: text })
        : undefined;
    default:
      return undefined;
  }
}

/** Of any other unit Spark's `trunc` gives NULL. */
const LONG_UNITS: ReadonlySet<string> = new Set([
  "year",
  "quarter",
  "month",
  "week",
]);
/** Of fixed width, from the coarsest field on: texts in the order of the moments. */
const PATTERN = /^yyyy(?:[-/_ ]?MM(?:[-/_ ]?dd(?:[-/_ ]?HH)?)?)?$/;

/** A plain call of a function that no schema, or pg_catalog, is named for. */
function builtinName(call: CallExpr): string | undefined {
  const { parts } = call.name;
  const [name, schema, more] = parts.toReversed();
  const plain =
    more === undefined &&
    (schema === undefined || schema.name === "pg_catalog") &&
    !call.star &&
    !call.distinct &&
    !call.variadic &&
    call.filter === undefined &&
    call.over === undefined;
  return plain ? name?.name.toLowerCase() : undefined;
}

/** The form applied to a bare column. */
function over(
  operand: Expr | undefined,
  form: PartitionForm | undefined,
): Shape | undefined {
  if (operand?.kind !== "column" || form === undefined) return undefined;
  const inner = readShape(operand, true);
  return inner && { base: inner.base, form };
}

function textOf(expression: Expr | undefined): string | undefined {
  if (expression?.kind !== "literal") return undefined;
  const { value } = expression;
  return value.kind === "string" || value.kind === "integer"
    ? value.text
    : undefined;
}

function momentOf(text: string | undefined): PartitionForm | undefined {
  const unit = UNITS[text?.toLowerCase() ?? ""];
  return unit === undefined ? undefined : { kind: "moment", unit };
}

function partOf(name: string | undefined): PartitionForm | undefined {
  const field = PART_FIELDS.find((known) => known === name);
  return field === undefined ? undefined : { kind: "part", field };
}

function prefixOf(expression: Expr | undefined): PartitionForm | undefined {
  const text = textOf(expression) ?? "";
  return /^[1-9]\d{0,8}$/.test(text)
    ? { kind: "prefix", length: Number(text) }
    : undefined;
}

const MOMENTS: ReadonlySet<string> = new Set([
  "date",
  "timestamp",
  "timestamptz",
]);
const TEXTS: ReadonlySet<string> = new Set(["text", "varchar"]);
/** Types whose equal values have one text, so that a copy compares as the original does. */
const COPIED: ReadonlySet<string> = new Set([
  ...INTEGERS,
  ...MOMENTS,
  ...TEXTS,
  "int1",
  "bool",
]);

const DAYS: ReadonlySet<string> = new Set(["date"]);

/** Types a form is known for, and those it then gives. */
const TYPES: Readonly<
  Record<
    PartitionForm["kind"],
    readonly [from: ReadonlySet<string>, to: ReadonlySet<string>]
  >
> = {
  same: [COPIED, COPIED],
  date: [MOMENTS, DAYS],
  moment: [MOMENTS, new Set(["timestamp", "timestamptz"])],
  part: [MOMENTS, INTEGERS],
  formatted: [MOMENTS, TEXTS],
  prefix: [TEXTS, TEXTS],
};

/** Whether the form of this base gives values of just the partition column's type. */
function fits(form: PartitionForm, base: Column, column: Column): boolean {
  const [from, to] = [base.type.kind, column.type.kind];
  const [bases, values] = TYPES[form.kind];
  if (!bases.has(from) || !values.has(to)) return false;
  if (form.kind === "same")
    return from === to || (TEXTS.has(from) && TEXTS.has(to));
  return form.kind !== "part" || form.field !== "hour" || from !== "date";
}

/**
 * Where no time zone comes in. Spark's date_trunc, and date_format of a timestamp, go by way of an instant: a wall clock that summer
 * time leaves out becomes another.
 */
function isExact(
  form: PartitionForm,
  base: Column,
  { ours }: StoredExpression,
): boolean {
  if (form.kind === "same" || form.kind === "prefix") return true;
  if (base.type.kind === "timestamptz") return false;
  if (form.kind === "moment") return ours && base.type.kind === "timestamp";
  return form.kind !== "formatted" || base.type.kind === "date";
}
