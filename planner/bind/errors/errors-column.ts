// Columns and relations of a query that cannot be told apart or found, in PostgreSQL's wording.

import { typeName, type DataType } from "../../../storage/common/data-type.ts";
import { SqlError } from "../../../storage/common/errors.ts";

export interface ColumnHelp {
  readonly hint?: string | undefined;
  readonly detail?: string | undefined;
}
/** 42703 `column "x" does not exist`, or `column t.x does not exist` when it was qualified. */
export function undefinedColumn(
  name: string,
  qualifier: string | undefined,
  position?: number,
  help: ColumnHelp = {},
): SqlError {
  const shown = qualifier === undefined ? `"${name}"` : `${qualifier}.${name}`;
  return new SqlError("42703", `column ${shown} does not exist`, {
    position,
    ...help,
  });
}
/** 42703 `column "x" of relation "t" does not exist`: the targets of INSERT. */
export function undefinedTargetColumn(
  name: string,
  relation: string,
  position?: number,
): SqlError {
  return new SqlError(
    "42703",
    `column "${name}" of relation "${relation}" does not exist`,
    { position },
  );
}
/** 42703 `column "x" not found in data type jsonb`: a field that the struct lacks. */
export function undefinedField(
  name: string,
  type: DataType,
  position?: number,
): SqlError {
  return new SqlError(
    "42703",
    `column "${name}" not found in data type ${type.kind === "struct" ? "struct" : typeName(type)}`,
    { position },
  );
}
/** 42809 `column notation .f applied to type integer, which is not a composite type`. */
export function notComposite(
  name: string,
  type: DataType,
  position?: number,
): SqlError {
  return new SqlError(
    "42809",
    `column notation .${name} applied to type ${typeName(type)}, which is not a composite type`,
    { position },
  );
}
export function ambiguousColumn(name: string, position?: number): SqlError {
  return new SqlError("42702", `column reference "${name}" is ambiguous`, {
    position,
  });
}
export function ambiguousTable(name: string, position?: number): SqlError {
  return new SqlError("42P09", `table reference "${name}" is ambiguous`, {
    position,
  });
}
/** 42P01 `missing FROM-clause entry for table "t"`. */
export function missingFromEntry(name: string, position?: number): SqlError {
  return new SqlError(
    "42P01",
    `missing FROM-clause entry for table "${name}"`,
    {
      position,
    },
  );
}
/** 42P01 for a table of the FROM list that this place cannot see, or that an alias hides. */
export function invalidFromReference(
  name: string,
  position: number | undefined,
  alias: string | undefined,
): SqlError {
  return new SqlError(
    "42P01",
    `invalid reference to FROM-clause entry for table "${name}"`,
    {
      position,
      hint:
        alias === undefined
          ? `There is an entry for table "${name}", but it cannot be referenced from this part of the query.`
          : `Perhaps you meant to reference the table alias "${alias}".`,
    },
  );
}
export function duplicateAlias(name: string, position?: number): SqlError {
  return new SqlError(
    "42712",
    `table name "${name}" specified more than once`,
    { position },
  );
}
/** 42P10 `table "t" has 2 columns available but 3 columns specified`; of a common table `WITH query "t"`. */
export function tooManyColumnAliases(
  relation: string,
  counts: {
    readonly available: number;
    readonly specified: number;
    readonly of?: "table" | "WITH query";
  },
  position?: number,
): SqlError {
  return new SqlError(
    "42P10",
    `${counts.of ?? "table"} "${relation}" has ${counts.available} columns available but ${counts.specified} columns specified`,
    { position },
  );
}
export function missingUsingColumn(
  name: string,
  side: "left" | "right",
  position?: number,
): SqlError {
  return new SqlError(
    "42703",
    `column "${name}" specified in USING clause does not exist in ${side} table`,
    { position },
  );
}
export function ambiguousUsingColumn(
  name: string,
  side: "left" | "right",
  position?: number,
): SqlError {
  return new SqlError(
    "42702",
    `common column name "${name}" appears more than once in ${side} table`,
    { position },
  );
}
export function repeatedUsingColumn(name: string, position?: number): SqlError {
  return new SqlError(
    "42701",
    `column name "${name}" appears more than once in USING clause`,
    { position },
  );
}
/** 42601: `SELECT *` without FROM. */
export function starWithoutTables(position?: number): SqlError {
  return new SqlError(
    "42601",
    "SELECT * with no tables specified is not valid",
    { position },
  );
}
