// Every way a statement can give a row what its table does not take.

import { SqlError } from "../../storage/common/errors.ts";

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

/** 2200H: the next value would not fit bigint. */
export function noSpaceForIdentity(column: string): SqlError {
  return new SqlError(
    "2200H",
    `identity column "${column}" has reached the end of its values`,
  );
}
