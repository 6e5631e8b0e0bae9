// Types and values that do not go together, and what INSERT and CREATE refuse; in PostgreSQL's wording.

import { typeName, type DataType } from "../../../storage/common/data-type.ts";
import { SqlError } from "../../../storage/common/errors.ts";

/** 42804 `argument of WHERE must be type boolean, not type integer`. */
export function wrongArgumentType(
  clause: string,
  types: { readonly expected: string; readonly actual: DataType },
  position?: number,
): SqlError {
  return new SqlError(
    "42804",
    `argument of ${clause} must be type ${types.expected}, not type ${typeName(types.actual)}`,
    { position },
  );
}
export function assignmentMismatch(
  column: string,
  types: { readonly target: DataType; readonly actual: DataType },
  position?: number,
): SqlError {
  return new SqlError(
    "42804",
    `column "${column}" is of type ${typeName(types.target)} but expression is of type ${typeName(types.actual)}`,
    {
      position,
      hint: "You will need to rewrite or cast the expression.",
    },
  );
}
export function cannotSubscript(type: DataType, position?: number): SqlError {
  return new SqlError(
    "42804",
    `cannot subscript type ${typeName(type)} because it does not support subscripting`,
    { position },
  );
}
export function indeterminateParameter(
  index: number,
  position?: number,
): SqlError {
  return new SqlError(
    "42P18",
    `could not determine data type of parameter $${index}`,
    { position },
  );
}
export function inconsistentParameter(
  index: number,
  types: { readonly first: DataType; readonly second: DataType },
  position?: number,
): SqlError {
  return new SqlError(
    "42P08",
    `inconsistent types deduced for parameter $${index}`,
    {
      position,
      detail: `${typeName(types.first)} versus ${typeName(types.second)}`,
    },
  );
}
export function insertTooMany(
  what: "expressions" | "target columns",
  position?: number,
): SqlError {
  return new SqlError(
    "42601",
    what === "expressions"
      ? "INSERT has more expressions than target columns"
      : "INSERT has more target columns than expressions",
    { position },
  );
}
export function columnSpecifiedTwice(
  name: string,
  position?: number,
): SqlError {
  return new SqlError("42701", `column "${name}" specified more than once`, {
    position,
  });
}
export function tooManyColumnNames(
  statement: "CREATE VIEW" | "CREATE TABLE AS",
  position?: number,
): SqlError {
  return new SqlError(
    "42601",
    statement === "CREATE VIEW"
      ? "CREATE VIEW specifies more column names than columns"
      : "too many column names were specified",
    { position },
  );
}

/** 42804: a struct goes into a column of structs with the same fields. */
export function otherFields(column: string, position?: number): SqlError {
  return new SqlError(
    "42804",
    `column "${column}" holds structs of other fields than the expression`,
    {
      hint: "Give the same fields in the same order, or write WITH SCHEMA EVOLUTION.",
      position,
    },
  );
}

/** A field of `named_struct(…)` whose name is not known when the statement is bound. */
export function fieldNameNotConstant(position: number): SqlError {
  return new SqlError(
    "42601",
    "field names of named_struct must be constant strings",
    { position },
  );
}

export function duplicateField(name: string, position: number): SqlError {
  return new SqlError(
    "42701",
    `field name "${name}" specified more than once`,
    {
      position,
    },
  );
}
