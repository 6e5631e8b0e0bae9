// The name of a result column without alias: PostgreSQL's FigureColname.

import type { Expr, TypeName } from "../parse/ast.ts";

const UNNAMED = "?column?";

export function columnNameOf(expression: Expr): string {
  return figure(expression)?.name ?? UNNAMED;
}

interface Figured {
  readonly name: string;
  /** A name that a cast around it keeps. */
  readonly strong: boolean;
}

function strong(name: string): Figured {
  return { name, strong: true };
}

// eslint-disable-next-line complexity -- one case a kind of expression
function figure(expression: Expr): Figured | undefined {
  switch (expression.kind) {
    case "column":
      return strong(expression.name.parts.at(-1)?.name ?? UNNAMED);
    case "field":
      return strong(expression.field.name);
    case "call":
      return strong(expression.name.parts.at(-1)?.name ?? UNNAMED);
    case "subscript":
    case "collate":
      return figure(expression.operand);
    case "cast": {
      const inner = figure(expression.operand);
      return inner?.strong === true
        ? inner
        : { name: typeNameShown(expression.type), strong: false };
    }
    case "case": {
      const inner = expression.otherwise && figure(expression.otherwise);
      return inner?.strong === true ? inner : { name: "case", strong: false };
    }
    case "array":
      return strong("array");
    case "row":
      return strong("row");
    case "grouping":
      return strong("grouping");
    case "at-time-zone":
      return strong("timezone");
    case "keyword":
      return strong(expression.keyword);
    case "subquery":
      return subqueryName(expression);
    default:
      return undefined;
  }
}

function subqueryName(
  expression: Extract<Expr, { kind: "subquery" }>,
): Figured | undefined {
  if (expression.form !== "scalar") return strong(expression.form);
  const { body } = expression.query;
  if (body.kind === "values") return strong("column1");
  const item = body.kind === "select" ? body.items[0] : undefined;
  if (!item) return undefined;
  return item.alias ? strong(item.alias.name) : figure(item.value);
}

/** pg_type's own spelling. */
const INTERNAL: Readonly<Record<string, string>> = {
  boolean: "bool",
  smallint: "int2",
  int: "int4",
  integer: "int4",
  bigint: "int8",
  real: "float4",
  float: "float8",
  double: "float8",
  "double precision": "float8",
  decimal: "numeric",
  dec: "numeric",
  string: "text",
  char: "bpchar",
  character: "bpchar",
  "character varying": "varchar",
  "timestamp with time zone": "timestamptz",
  "timestamp without time zone": "timestamp",
  "time without time zone": "time",
};

function typeNameShown(type: TypeName): string {
  return Object.hasOwn(INTERNAL, type.name)
    ? (INTERNAL[type.name] ?? type.name)
    : type.name;
}
