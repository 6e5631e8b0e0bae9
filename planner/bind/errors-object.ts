// Errors of statements that name objects to drop, alter or create, in PostgreSQL's wording.

import { SqlError } from "../../storage/common/errors.ts";

/** 42P01 `table "t" does not exist`, as DROP says it. */
export function undefinedObject(
  type: "table" | "view",
  name: string,
  position?: number,
): SqlError {
  return new SqlError("42P01", `${type} "${name}" does not exist`, {
    position,
  });
}

/** 42883 `could not find a function named "f"`. */
export function undefinedFunctionName(
  name: string,
  position?: number,
): SqlError {
  return new SqlError("42883", `could not find a function named "${name}"`, {
    position,
  });
}
