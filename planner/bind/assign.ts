// Assignment of a value to a table's column: PostgreSQL's assignment casts and their errors.

import { typeName, type DataType } from "../../storage/common/data-type.ts";
import { SqlError } from "../../storage/common/errors.ts";
import type { Expression } from "../logical/expression.ts";
import { tryCoerce } from "./coerce.ts";
import type { StatementContext } from "./statement-context.ts";
import { assignmentMismatch } from "./errors-value.ts";
import { locationOf } from "./location.ts";

/** Throws 42804 when the types do not go together, 22001 for a constant that is too long. */
export function assign(
  statement: StatementContext,
  value: Expression,
  column: { readonly name: string; readonly type: DataType },
): Expression {
  refuseTooLong(value, column.type);
  const stored = tryCoerce(statement, value, column.type, "assignment");
  if (stored) return stored;
  throw assignmentMismatch(
    column.name,
    { target: column.type, actual: value.type },
    locationOf(value),
  );
}

/** Only trailing spaces may be cut. */
function refuseTooLong(value: Expression, type: DataType): void {
  const limited = type.kind === "varchar" || type.kind === "bpchar";
  if (!limited || type.length === undefined || value.kind !== "literal") return;
  const length = Array.from((value.value ?? "").trimEnd()).length;
  if (length > type.length) {
    throw new SqlError(
      "22001",
      `value too long for type ${typeName(type)}(${type.length})`,
    );
  }
}
