// Every way reading plain files can fail besides what their values are refused for.

import { SqlError } from "../../storage/common/errors.ts";

export function recordTooLong(): SqlError {
  return new SqlError("54000", "a record of more than 64 MB in a file", {
    hint: "Is a quote not closed, or is the file of another format?",
  });
}

/** 22P04, the mode is FAILFAST. */
export function malformedRecord(
  file: string,
  row: number,
  why: string,
): SqlError {
  return new SqlError("22P04", `malformed record ${row} in file "${file}"`, {
    detail: `${why.charAt(0).toUpperCase()}${why.slice(1)}.`,
    hint: "Mode PERMISSIVE reads such records as NULL, DROPMALFORMED leaves them out.",
  });
}

/** 42804 */
export function conflictingTypes(
  column: string,
  files: readonly [string, string],
  types: readonly [string, string],
): SqlError {
  return new SqlError(
    "42804",
    `column "${column}" has different types in the files`,
    {
      detail: `It is ${types[0]} in "${files[0]}" and ${types[1]} in "${files[1]}".`,
      hint: "Give a schema, or read the files apart.",
    },
  );
}

/** 42P01: absent and forbidden read the same. */
export function unreachableFile(name: string): SqlError {
  return new SqlError("42P01", `file "${name}" does not exist`, {
    detail: "It does not lie below the path, or is no data.",
  });
}

export function damagedFile(file: string, why: string): SqlError {
  return new SqlError("XX001", `file "${file}" cannot be read`, {
    detail: why,
  });
}
