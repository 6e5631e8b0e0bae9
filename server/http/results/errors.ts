// Every way keeping a result can fail.

import { SqlError } from "../../../storage/common/errors.ts";

/** 54000, in the words several clients look for before they ask again with EXTERNAL_LINKS (http-api section 4.7). */
export function inlineLimitExceeded(limitBytes: number): SqlError {
  return new SqlError("54000", "Inline byte limit exceeded", {
    detail: `Statements executed with disposition=INLINE can have a result size of at most ${limitBytes} bytes.`,
    hint: "Use the disposition EXTERNAL_LINKS, ask for fewer rows or columns, or set row_limit.",
  });
}

/** 53100: `who` is whose results are too many, "this user" or "all users". */
export function resultsFull(who: string, limitBytes: number): SqlError {
  return new SqlError("53100", "result is too large to keep", {
    detail: `At most ${limitBytes} bytes of results are kept for ${who}.`,
    hint: "Close statements whose results are no longer needed, or ask for fewer rows.",
  });
}

/** 53100, or 58030 where something else than room is missing. */
export function resultNotWritten(full: boolean, cause: unknown): SqlError {
  return full
    ? new SqlError("53100", "could not write result: no space left", { cause })
    : new SqlError("58030", "could not write result", { cause });
}
