// Does a bound expression mean in Spark's SQL what it means in ours? Only then may an expression that Spark wrote be computed here, or
// one of ours be given to Spark. What is not listed differs, or is not known to agree.

import type { DataType } from "../../../storage/common/data-type.ts";
import { functionById } from "../../functions/registry.ts";
import { someExpression } from "../../logical/expression-walk.ts";
import type { Call, Cast, Expression } from "../../logical/expression.ts";

/** Why the two differ, as a clause; undefined when they agree. */
export function foreignMeaning(
  text: string,
  expression: Expression,
): string | undefined {
  if (text.includes("\\"))
    return "a backslash in a string means different things in Spark and PostgreSQL";
  if (text.includes('"'))
    return "double quotes mean different things in Spark and PostgreSQL";
  let reason: string | undefined;
  someExpression(expression, (part) => {
    reason ??= differenceOf(part);
    return reason !== undefined;
  });
  return reason;
}

function differenceOf(part: Expression): string | undefined {
  switch (part.kind) {
    case "call":
      return differentCall(part);
    case "cast":
      return differentCast(part);
    case "subquery":
      return "it has a subquery";
    case "parameter":
      return "it has a parameter";
    default:
      return undefined;
  }
}

/** Names of rows of the function table that give the same value for all arguments of all their types. */
const SAME: ReadonlySet<string> = new Set([
  ...["=", "<>", "<", "<=", ">", ">=", "+", "-", "*", "%", "||"],
  ...["~~", "!~~", "is distinct from", "is not distinct from"],
  ...["coalesce", "nullif", "greatest", "least", "abs", "ceil", "ceiling"],
  ...["floor", "mod", "sqrt", "length", "char_length", "character_length"],
  ...["upper", "lower", "trim", "btrim", "ltrim", "rtrim", "reverse"],
  ...["replace", "date_trunc", "extract", "date_part", "now", "md5"],
  ...["current_timestamp", "current_date", "rand"],
]);

const INEXACT: ReadonlySet<string> = new Set(["float4", "float8"]);
const INTEGERS: ReadonlySet<string> = new Set(["int1", "int2", "int4", "int8"]);
const MOMENTS: ReadonlySet<string> = new Set([
  "date",
  "timestamp",
  "timestamptz",
]);

function differentCall(call: Call): string | undefined {
  const { name } = functionById(call.function);
  const types = call.args.map((arg) => arg.type.kind);
  const moments = types.filter((type) => MOMENTS.has(type)).length;
  if (name === "-" && moments > 1)
    return "the difference of two times has another type in Spark";
  if (SAME.has(name)) return undefined;
  if (name === "/" && types.every((type) => INEXACT.has(type)))
    return undefined;
  if (name === "round" && types[0] === "numeric") return undefined;
  if (name === "substring" || name === "substr") {
    const start = call.args[1];
    const positive =
      start?.kind === "literal" && /^[1-9]\d*$/.test(start.value ?? "");
    return positive
      ? undefined
      : "substring counts differently in Spark from a start that is not known to be positive";
  }
  if (name === "/") return "division has another result in Spark";
  return `function or operator "${name}" is not known to mean the same in Spark`;
}

function differentCast({ operand, type }: Cast): string | undefined {
  const same =
    widens(operand.type, type) ||
    (type.kind === "date" && MOMENTS.has(operand.type.kind)) ||
    (isText(type) &&
      (INTEGERS.has(operand.type.kind) ||
        isText(operand.type) ||
        ["date", "bool", "uuid"].includes(operand.type.kind))) ||
    (isText(operand.type) && (INTEGERS.has(type.kind) || type.kind === "date"));
  return same
    ? undefined
    : `a cast from ${operand.type.kind} to ${type.kind} is not known to mean the same in Spark`;
}

function isText({ kind }: DataType): boolean {
  return kind === "text" || kind === "varchar" || kind === "bpchar";
}

function widens(from: DataType, to: DataType): boolean {
  if (INTEGERS.has(from.kind))
    return (
      INTEGERS.has(to.kind) || to.kind === "numeric" || INEXACT.has(to.kind)
    );
  if (from.kind === "numeric") {
    const grows =
      to.kind === "numeric" &&
      (to.precision === undefined || (to.scale ?? 0) >= (from.scale ?? 0));
    // PostgreSQL and Spark both take the nearest double.
    return grows || to.kind === "float8" || from.precision === undefined;
  }
  return from.kind === "float4" && to.kind === "float8";
}
