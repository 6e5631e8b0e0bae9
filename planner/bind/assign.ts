// Assignment of a value to a table's column: PostgreSQL's assignment casts and their errors.

import { typeName, type DataType } from "../../storage/common/data-type.ts";
import { SqlError } from "../../storage/common/errors.ts";
import type { Expression } from "../logical/expression.ts";
import { tryCoerce } from "./coerce.ts";
import type { StatementContext } from "./statement-context.ts";
import { assignmentMismatch } from "./errors-value.ts";
import { locationOf } from "./location.ts";

/**
 * Constants are cut to nothing but their trailing spaces; other values keep their length, for the writer to refuse what is too long.
 * Throws 42804 when the types do not go together, 22001 for a constant that is too long.
 */
export function assign(
  statement: StatementContext,
  value: Expression,
  column: { readonly name: string; readonly type: DataType },
): Expression {
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

function isLimited(type: DataType): type is DataType & LimitedType {
  const characters = type.kind === "varchar" || type.kind === "bpchar";
  return characters && type.length !== undefined;
}
