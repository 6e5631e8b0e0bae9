// Structs put together from their fields: what assigning to one field of a column comes to (`UPDATE … SET s.f = 1`).

import type { DataType } from "../../storage/common/data-type.ts";
import type { Expression } from "../logical/expression.ts";
import { asElement } from "./array.ts";
import { NATIVE, kernelType, quoteName } from "./emit.ts";
import type { DuckDbEmitter, FunctionRow } from "./function.ts";

type StructType = Extract<DataType, { readonly kind: "struct" }>;

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

/** `fields[i]` is the value of the type's i-th field, already of its type. */
export function structOf(
  type: StructType,
  fields: readonly Expression[],
): Expression {
  return { kind: "call", function: BUILD.id, args: fields, type };
}
