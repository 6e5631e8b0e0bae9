// Structs put together from their fields: Databricks' constructors, rows cast to structs, and what assigning to one field of a column
// comes to (`UPDATE … SET s.f = 1`).

import { UNKNOWN, type StructType } from "../../storage/common/data-type.ts";
import type { Expression } from "../logical/expression.ts";
import { asElement } from "./array.ts";
import { NATIVE, kernelType, quoteName } from "./emit.ts";
import type { DuckDbEmitter, FunctionRow } from "./function.ts";

const pack: DuckDbEmitter = ({ args, type }) => {
  const fields = type.kind === "struct" ? type.fields : [];
  const items = fields.flatMap((field, i) => {
    const value = args[i];
    return value === undefined
      ? []
      : [`${quoteName(field.name)} := ${asElement(value, field.type)}`];
  });
  return {
    sql: `struct_pack(${items.join(", ")})::${kernelType(type)}`,
    representation: NATIVE,
  };
};

/** Not callable by name: its result type is the call's, which no list of arguments gives. */
const BUILD: FunctionRow = {
  id: "struct of fields(any)",
  name: "struct of fields",
  kind: "operator",
  args: [{ kind: "any" }],
  variadic: true,
  returns: () => ({ kind: "record" }),
  strict: false,
  volatility: "immutable",
  total: true,
  duckdb: pack,
};

export const STRUCTS: readonly FunctionRow[] = [BUILD];

/**
 * The values that a ROW(…) or a constructor gives a struct's fields: by place where the fields have no names of their own, else the names
 * must be the struct's. Constants are typed by the field they come to. Undefined for other values and other fields.
 */
export function givenFields(
  value: Expression,
  { fields }: StructType,
): readonly Expression[] | undefined {
  if (value.kind !== "call" || value.args.length !== fields.length)
    return undefined;
  const own = value.type.kind === "struct" ? value.type.fields : [];
  const named = fields.every(({ name }, i) =>
    sameWithoutCase(own[i]?.name, name),
  );
  const unnamed = own.every(({ name }, i) => name === unnamedField(i));
  const isGiven =
    value.function === "row(any)" ||
    (value.function === BUILD.id && (named || unnamed));
  return isGiven ? value.args.map(untyped) : undefined;
}

function untyped(value: Expression): Expression {
  return value.kind === "literal" && value.type.kind === "text"
    ? { ...value, type: UNKNOWN }
    : value;
}

function sameWithoutCase(a: string | undefined, b: string): boolean {
  return a?.toLowerCase() === b.toLowerCase();
}

/** Databricks' name of a field that has none, counted from 0. */
export function unnamedField(index: number): string {
  return `col${index + 1}`;
}

/** `fields[i]` is the value of the type's i-th field, already of its type. */
export function structOf(
  type: StructType,
  fields: readonly Expression[],
): Expression {
  return { kind: "call", function: BUILD.id, args: fields, type };
}
