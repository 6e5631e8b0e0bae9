// Every way a statement can give a row what its table does not take.

import { notSupported, SqlError } from "../../../storage/common/errors.ts";

/** 428C9 */
export function identityAssigned(
  column: string,
  command: "insert" | "update",
  position: number | undefined,
): SqlError {
  return new SqlError(
    "428C9",
    command === "insert"
      ? `cannot insert a non-DEFAULT value into column "${column}"`
      : `column "${column}" can only be updated to DEFAULT`,
    {
      detail: `Column "${column}" is an identity column defined as GENERATED ALWAYS.`,
      position,
    },
  );
}

/** 42P10 */
export function notPartitionColumn(
  column: string,
  table: string,
  position: number,
): SqlError {
  return new SqlError(
    "42P10",
    `column "${column}" is not a partition column of table "${table}"`,
    { position },
  );
}

/** 0A000: `a subquery in REPLACE WHERE is not supported`. */
export function notConstant(what: string, position: number): SqlError {
  return notSupported(`${what} is`, position);
}

/** 0A000 */
export function hiddenInReplaceWhere(position: number): SqlError {
  return notSupported(
    "a hidden or masked column in REPLACE WHERE is",
    position,
  );
}

/** 2200H: the next value would not fit bigint. */
export function noSpaceForIdentity(column: string): SqlError {
  return new SqlError(
    "2200H",
    `identity column "${column}" has reached the end of its values`,
  );
}
