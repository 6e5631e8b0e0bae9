// Assignment to a field of a struct column: the column's old value with some fields replaced.

import type { DataType } from "../../../storage/common/data-type.ts";
import type { Column } from "../../../storage/common/schema.ts";
import { structOf } from "../../functions/struct.ts";
import type { Expression } from "../../logical/expression.ts";
import type { Identifier } from "../../parse/ast.ts";
import { tryCoerce } from "../coerce.ts";
import { matching } from "../names.ts";
import type { StatementContext } from "../statement-context.ts";
import {
  assignedTwice,
  fieldMismatch,
  fieldOfScalar,
  noSuchField,
} from "./errors.ts";

export interface FoundField {
  /** Names from the column's type down, as stored. */
  readonly path: readonly string[];
  readonly name: string;
  readonly type: DataType;
}

export interface FieldValue {
  readonly path: readonly string[];
  readonly value: Expression;
}

/** Throws 42703, 42804. */
export function findField(
  column: Column,
  names: readonly Identifier[],
  position: number,
): FoundField {
  let { name, type }: { readonly name: string; readonly type: DataType } =
    column;
  const path = names.map((part) => {
    if (type.kind !== "struct") {
      throw fieldOfScalar(part.name, name, type, position);
    }
    const [field] = matching(type.fields, part, (it) => it.name);
    if (!field) throw noSuchField(part.name, name, position);
    ({ name, type } = field);
    return field.name;
  });
  return { path, name, type };
}

/** Throws 42804. */
export function assignField(
  statement: StatementContext,
  value: Expression,
  { name, type }: FoundField,
  position: number,
): Expression {
  const stored = tryCoerce(statement, value, type, "assignment");
  if (stored) return stored;
  throw fieldMismatch(name, { target: type, actual: value.type }, position);
}

/** Fields that no value replaces stay; of a NULL they are NULL. Throws 42601 where two values meet. */
export function withFields(
  old: Expression,
  values: readonly FieldValue[],
  column: string,
): Expression {
  const whole = values.find(({ path }) => path.length === 0);
  if (whole) {
    if (values.length > 1) throw assignedTwice(column);
    return whole.value;
  }
  const { type } = old;
  if (type.kind !== "struct") throw assignedTwice(column);
  const fields = type.fields.map((field): Expression => {
    const part: Expression = {
      kind: "field",
      operand: old,
      field: field.name,
      type: field.type,
    };
    const below = values
      .filter(({ path }) => path[0] === field.name)
      .map(({ path, value }) => ({ path: path.slice(1), value }));
    return below.length === 0 ? part : withFields(part, below, column);
  });
  return structOf(type, fields);
}
