// What UPDATE and MERGE refuse, in PostgreSQL's wording.

import { typeName, type DataType } from "../../../storage/common/data-type.ts";
import { SqlError } from "../../../storage/common/errors.ts";

/** 21000: two rows that INSERT … ON CONFLICT DO UPDATE proposes have one key. */
export function proposedTwice(): SqlError {
  return new SqlError(
    "21000",
    "ON CONFLICT DO UPDATE command cannot affect row a second time",
    {
      hint: "Ensure that no rows proposed for insertion within the same command have duplicate constrained values.",
    },
  );
}
/** 42601, found when the whole statement has been read: PostgreSQL gives no position. */
export function assignedTwice(column: string): SqlError {
  return new SqlError(
    "42601",
    `multiple assignments to same column "${column}"`,
  );
}
export function rowWidth(position: number): SqlError {
  return new SqlError(
    "42601",
    "number of columns does not match number of values",
    { position },
  );
}
export function rowSource(position: number): SqlError {
  return new SqlError(
    "0A000",
    "source for a multiple-column UPDATE item must be a sub-SELECT or ROW() expression",
    { position },
  );
}
/** 42804: `c.f` where `c` has no fields. */
export function fieldOfScalar(
  field: string,
  column: string,
  type: DataType,
  position: number,
): SqlError {
  return new SqlError(
    "42804",
    `cannot assign to field "${field}" of column "${column}" because its type ${typeName(type)} is not a composite type`,
    { position },
  );
}
/** 42703: a field the struct lacks. */
export function noSuchField(
  field: string,
  column: string,
  position: number,
): SqlError {
  return new SqlError(
    "42703",
    `cannot assign to field "${field}" of column "${column}" because there is no such column in data type struct`,
    { position },
  );
}
export function defaultOfField(position: number): SqlError {
  return new SqlError("0A000", "cannot set a subfield to DEFAULT", {
    position,
  });
}
export function fieldMismatch(
  field: string,
  types: { readonly target: DataType; readonly actual: DataType },
  position: number | undefined,
): SqlError {
  return new SqlError(
    "42804",
    `subfield "${field}" is of type ${typeName(types.target)} but expression is of type ${typeName(types.actual)}`,
    {
      position,
      hint: "You will need to rewrite or cast the expression.",
    },
  );
}
/** 42712: the source of MERGE has the target's name. */
export function sourceNamedAsTarget(name: string): SqlError {
  return new SqlError("42712", `name "${name}" specified more than once`, {
    detail: "The name is used both as MERGE target table and data source.",
  });
}
export function unreachableClause(): SqlError {
  return new SqlError(
    "42601",
    "unreachable WHEN clause specified after unconditional WHEN clause",
  );
}
/** 42703 for `UPDATE SET *` and `INSERT *`, in the words of Delta (DELTA_MERGE_UNRESOLVED_EXPRESSION). */
export function unresolvedStar(
  column: string,
  clause: "UPDATE" | "INSERT",
  available: readonly string[],
  position: number,
): SqlError {
  return new SqlError(
    "42703",
    `cannot resolve ${column} in ${clause} clause given columns ${available.join(", ")}`,
    { position },
  );
}
