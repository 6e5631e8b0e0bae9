// Databricks' constructors of structs and maps, and rows cast to structs. Their types come from names and values, which no row of the
// function table can say.

import {
  BOOL,
  type DataType,
  type StructType,
} from "../../../storage/common/data-type.ts";
import { mapOf, mapOfArrays } from "../../functions/map.ts";
import { givenFields, structOf, unnamedField } from "../../functions/struct.ts";
import type { Expression } from "../../logical/expression.ts";
import type { CallExpr } from "../../parse/ast.ts";
import { coerce, settleUnknown, unify } from "../coerce.ts";
import { undefinedFunction } from "../../functions/errors.ts";
import {
  duplicateField,
  fieldNameNotConstant,
} from "../errors/errors-value.ts";
import { isNullable } from "../nullability.ts";
import type { StatementContext } from "../statement-context.ts";

type Construct = (
  statement: StatementContext,
  args: readonly Expression[],
  call: CallExpr,
) => Expression | undefined;

/** Undefined from one of these: the arguments are not what it takes. */
const CONSTRUCTORS: Readonly<Record<string, Construct>> = {
  struct: (statement, args, call) =>
    args.length === 0
      ? undefined
      : build(
          statement,
          args.map((value, i) => ({ name: fieldName(call, i), value })),
          call.position,
        ),
  named_struct: namedStruct,
  map: mapConstructor,
  map_from_arrays: mapFromArrays,
};

/** Undefined for other functions. Throws 42883 for arguments that fit none. */
export function constructorCall(
  statement: StatementContext,
  name: string,
  args: readonly Expression[],
  call: CallExpr,
): Expression | undefined {
  const construct = Object.hasOwn(CONSTRUCTORS, name)
    ? CONSTRUCTORS[name]
    : undefined;
  if (construct === undefined) return undefined;
  const built = construct(statement, args, call);
  if (built) return { ...built, position: call.position };
  const types = args.map((arg) => arg.type);
  throw undefinedFunction(name, types, call.position);
}

/** `struct(a, t.b, 1)` has the fields a, b and col3. */
function fieldName(call: CallExpr, index: number): string {
  const value = call.args[index]?.value;
  const part = value?.kind === "column" ? value.name.parts.at(-1) : undefined;
  return part?.name ?? unnamedField(index);
}

function namedStruct(
  statement: StatementContext,
  args: readonly Expression[],
  { position }: CallExpr,
): Expression | undefined {
  if (args.length === 0 || args.length % 2 === 1) return undefined;
  const fields = args.flatMap((key, i) => {
    const value = args[i + 1];
    if (i % 2 === 1 || value === undefined) return [];
    if (key.kind !== "literal" || key.value === null)
      throw fieldNameNotConstant(position);
    return [{ name: key.value, value }];
  });
  return build(statement, fields, position);
}

function build(
  statement: StatementContext,
  given: readonly { readonly name: string; readonly value: Expression }[],
  position: number,
): Expression {
  const seen = new Set<string>();
  const fields = given.map(({ name, value }) => {
    const lower = name.toLowerCase();
    if (seen.has(lower)) throw duplicateField(name, position);
    seen.add(lower);
    return { name, value: settleUnknown(statement, value) };
  });
  const type: StructType = {
    kind: "struct",
    fields: fields.map(({ name, value }) => ({
      name,
      type: value.type,
      nullable: isNullable(value),
    })),
  };
  return structOf(
    type,
    fields.map(({ value }) => value),
  );
}

function mapConstructor(
  statement: StatementContext,
  args: readonly Expression[],
): Expression | undefined {
  if (args.length === 0 || args.length % 2 === 1) return undefined;
  const part = (parity: number): ReturnType<typeof unify> => {
    const own = args.filter((_, i) => i % 2 === parity);
    return unify(statement, own, "MAP");
  };
  const [keys, values] = [part(0), part(1)];
  const entries = keys.expressions.flatMap((key, i) => {
    const value = values.expressions[i];
    return value === undefined ? [] : [key, value];
  });
  return mapOf({ kind: "map", key: keys.type, value: values.type }, entries);
}

function mapFromArrays(
  _: StatementContext,
  args: readonly Expression[],
): Expression | undefined {
  const [keys, values, more] = args;
  if (keys?.type.kind !== "array" || values?.type.kind !== "array" || more)
    return undefined;
  const [key, value] = [keys.type.element, values.type.element];
  return mapOfArrays({ kind: "map", key, value }, keys, values);
}

/** A ROW(…), or a struct whose fields have other names or types, as a struct by place; undefined for other casts. Throws 42846. */
export function castToStruct(
  statement: StatementContext,
  value: Expression,
  type: DataType,
): Expression | undefined {
  if (type.kind !== "struct") return undefined;
  const given = givenFields(value, type);
  if (given !== undefined) return byPlace(statement, given, type);
  if (value.type.kind !== "struct" || namesAgree(value.type, type))
    return undefined;
  const parts = value.type.fields.map((field): Expression => ({
    kind: "field",
    operand: value,
    field: field.name,
    type: field.type,
  }));
  const then = byPlace(statement, parts, type);
  if (then === undefined) return undefined;
  const when: Expression = {
    kind: "is-null",
    operand: value,
    negated: true,
    type: BOOL,
  };
  return {
    kind: "case",
    branches: [{ when, then }],
    otherwise: undefined,
    type,
  };
}

/** The kernel's own cast goes by name. */
function namesAgree(a: StructType, b: StructType): boolean {
  return (
    a.fields.length === b.fields.length &&
    a.fields.every(({ name, type }, i) => {
      const other = b.fields[i];
      if (other?.name.toLowerCase() !== name.toLowerCase()) return false;
      return (
        type.kind !== "struct" ||
        other.type.kind !== "struct" ||
        namesAgree(type, other.type)
      );
    })
  );
}

function byPlace(
  statement: StatementContext,
  parts: readonly Expression[],
  type: StructType,
): Expression | undefined {
  if (parts.length !== type.fields.length) return undefined;
  const fields = type.fields.flatMap((field, i) => {
    const part = parts[i];
    if (part === undefined) return [];
    const nested = castToStruct(statement, part, field.type);
    return [nested ?? coerce(statement, part, field.type, "explicit")];
  });
  return structOf(type, fields);
}
