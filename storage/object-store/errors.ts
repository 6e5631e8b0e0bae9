// Every way a store can fail that is not "there is no such object".

import { SqlError } from "../common/errors.ts";

/** 58030, or 53100 when the disk is full; the operating system's words go into the detail. */
export function storeFailed(
  action: string,
  path: string,
  cause: unknown,
): SqlError {
  const code = errorCode(cause);
  const detail = cause instanceof Error ? cause.message : undefined;
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new SqlError(
      "53100",
      `could not ${action} file "${path}": no space left on device`,
      { cause },
    );
  }
  return new SqlError("58030", `could not ${action} file "${path}"`, {
    detail,
    cause,
  });
}

/** The `code` of a Node system error, such as ENOENT. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
