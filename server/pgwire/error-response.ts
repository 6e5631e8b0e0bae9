// SqlError and notices to the fields of ErrorResponse and NoticeResponse (manual, "Error and Notice Message Fields").
// File and line are left out, and routine where no driver asks for PostgreSQL's: they would name our own code.

import { SqlError } from "../../storage/common/errors.ts";
import type { Notice } from "../session/notice.ts";
import type { BackendMessage, ReportField } from "./messages.ts";

/** What is not an SqlError is a fault of ours: the client learns that, and the caller logs the cause. */
export function asSqlError(error: unknown): SqlError {
  return error instanceof SqlError
    ? error
    : new SqlError("XX000", "internal error", { cause: error });
}

export function errorResponse(
  error: SqlError,
  severity: "ERROR" | "FATAL" = "ERROR",
): BackendMessage {
  const { object = {} } = error;
  return {
    kind: "ErrorResponse",
    fields: present([
      ["S", severity],
      ["V", severity],
      ["C", error.code],
      ["M", error.message],
      ["D", error.detail],
      ["H", error.hint],
      ["P", error.position?.toString()],
      ["W", error.context],
      ["s", object.schema],
      ["t", object.table],
      ["c", object.column],
      ["n", object.constraint],
      ["R", error.routine],
    ]),
  };
}

export function noticeResponse(notice: Notice): BackendMessage {
  return {
    kind: "NoticeResponse",
    fields: present([
      ["S", notice.severity],
      ["V", notice.severity],
      ["C", notice.code],
      ["M", notice.message],
      ["D", notice.detail],
      ["H", notice.hint],
    ]),
  };
}

function present(
  fields: readonly (readonly [string, string | undefined])[],
): readonly ReportField[] {
  return fields.flatMap(([code, value]) =>
    value === undefined ? [] : [[code, value] as const],
  );
}
