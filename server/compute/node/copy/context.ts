// Where in the client's rows an error lies, in PostgreSQL's words (CopyFromErrorCallback in commands/copyfrom.c).

import { SqlError } from "../../../../storage/common/errors.ts";
import type { RowDecoder } from "./decoder.ts";

/** Bytes of a line or value that are shown. */
const SHOWN_BYTES = 100;

/** The error with `COPY t, line 3, column a: "x"`; `value` is null for NULL. */
export function inColumn(
  error: SqlError,
  where: {
    readonly table: string;
    readonly decoder: RowDecoder;
    readonly column: string;
    readonly value: string | null;
  },
): SqlError {
  const { table, decoder, column, value } = where;
  const shown = value === null ? "null input" : `"${limited(value)}"`;
  const suffix = decoder.showsValues ? `: ${shown}` : "";
  return withContext(
    error,
    `COPY ${table}, ${decoder.lineName}, column ${column}${suffix}`,
  );
}

/** The error with `COPY t, line 3: "the line"`. */
export function inLine(
  error: SqlError,
  table: string,
  decoder: RowDecoder,
): SqlError {
  const text = decoder.rowText();
  const suffix = text === undefined ? "" : `: "${limited(text)}"`;
  return withContext(error, `COPY ${table}, ${decoder.lineName}${suffix}`);
}

export function withContext(error: SqlError, context: string): SqlError {
  const { code, message, detail, hint, object, cause } = error;
  return new SqlError(code, message, { detail, hint, context, object, cause });
}

function limited(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= SHOWN_BYTES) return text;
  let end = SHOWN_BYTES;
  // Not in the middle of a character.
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return `${bytes.toString("utf8", 0, end)}...`;
}
