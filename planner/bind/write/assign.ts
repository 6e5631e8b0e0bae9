// Assignment of a value to a table's column: PostgreSQL's assignment casts and their errors.

import {
  BOOL,
  sameType,
  typeName,
  type DataType,
  type StructField,
  type StructType,
} from "../../../storage/common/data-type.ts";
import { SqlError } from "../../../storage/common/errors.ts";
import type { Expression } from "../../logical/expression.ts";
import { givenFields, structOf } from "../../functions/struct.ts";
import { tryCoerce } from "../coerce.ts";
import { sameWithoutCase } from "../names.ts";
import type { StatementContext } from "../statement-context.ts";
import { assignmentMismatch, otherFields } from "../errors/errors-value.ts";
import { locationOf } from "../location.ts";

/**
 * Constants are cut to nothing but their trailing spaces; other values keep their length, for the writer to refuse what is too long.
 * Throws 42804 when the types do not go together, 22001 for a constant that is too long.
 */
export function assign(
  statement: StatementContext,
  value: Expression,
  column: { readonly name: string; readonly type: DataType },
): Expression {
  const { type } = column;
  const given = type.kind === "struct" ? givenFields(value, type) : undefined;
  if (type.kind === "struct" && given !== undefined) {
    const parts = type.fields.flatMap((field, i) => {
      const part = given[i];
      return part === undefined ? [] : [assign(statement, part, field)];
    });
    return structOf(type, parts);
  }
  if (type.kind === "struct" && value.type.kind === "struct") {
    const { fields } = value.type;
    if (!sameFields(fields, type.fields))
      throw otherFields(column.name, locationOf(value));
    return structAs(type, value, fields, (part, field) =>
      assign(statement, part, field),
    );
  }
  refuseTooLong(value, column.type);
  const target =
    isLimited(column.type) && value.kind !== "literal"
      ? { kind: column.type.kind }
      : column.type;
  const stored = tryCoerce(statement, value, target, "assignment");
  if (stored) return stored;
  throw assignmentMismatch(
    column.name,
    { target: column.type, actual: value.type },
    locationOf(value),
  );
}

/** As `assign`, with fields of structs in any order: those the value lacks are NULL. */
export function assignByName(
  statement: StatementContext,
  value: Expression,
  column: { readonly name: string; readonly type: DataType },
): Expression {
  const { type } = column;
  return type.kind === "struct" && value.type.kind === "struct"
    ? structAs(type, value, value.type.fields, (part, field) =>
        assignByName(statement, part, field),
      )
    : assign(statement, value, column);
}

/** Field by field: the kernel has rules of its own for structs that differ. */
function structAs(
  type: StructType,
  value: Expression,
  given: readonly StructField[],
  store: (part: Expression, field: StructField) => Expression,
): Expression {
  if (sameType(value.type, type)) return value;
  const fields = type.fields.map((field): Expression => {
    const found = given.find((it) => sameWithoutCase(it.name, field.name));
    if (found === undefined)
      return { kind: "literal", type: field.type, value: null };
    const part: Expression = {
      kind: "field",
      operand: value,
      field: found.name,
      type: found.type,
    };
    return store(part, field);
  });
  return {
    kind: "case",
    type,
    branches: [
      {
        when: { kind: "is-null", operand: value, negated: true, type: BOOL },
        then: structOf(type, fields),
      },
    ],
    otherwise: undefined,
  };
}

/** The same names in the same order. */
function sameFields(
  a: readonly StructField[],
  b: readonly StructField[],
): boolean {
  return (
    a.length === b.length &&
    a.every(({ name }, i) => sameWithoutCase(b[i]?.name, name))
  );
}

/** Only trailing spaces may be cut. */
function refuseTooLong(value: Expression, type: DataType): void {
  if (!isLimited(type) || value.kind !== "literal") return;
  const length = Array.from((value.value ?? "").trimEnd()).length;
  if (length > type.length) {
    throw new SqlError(
      "22001",
      `value too long for type ${typeName(type)}(${type.length})`,
    );
  }
}

interface LimitedType {
  readonly kind: "varchar" | "bpchar";
  readonly length: number;
}

/** Whether values have a greatest length, to which a write cuts their trailing spaces, and char(n) is padded. */
export function isLimited(type: DataType): type is DataType & LimitedType {
  const characters = type.kind === "varchar" || type.kind === "bpchar";
  return characters && type.length !== undefined;
}
