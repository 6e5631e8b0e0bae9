// Every way the client's rows can be refused, in PostgreSQL's words (commands/copyfrom.c, copyfromparse.c).

import { SqlError } from "../../../../storage/common/errors.ts";

/** 22P04 */
function badFormat(message: string, hint?: string): SqlError {
  return new SqlError("22P04", message, { hint });
}

/** 57014: the client gave up. */
export function copyFailed(reason: string): SqlError {
  return new SqlError("57014", `COPY from stdin failed: ${reason}`);
}

export function missingData(column: string): SqlError {
  return badFormat(`missing data for column "${column}"`);
}

export function extraData(): SqlError {
  return badFormat("extra data after last expected column");
}

export function unterminatedQuote(): SqlError {
  return badFormat("unterminated CSV quoted field");
}

/** A line end that is not the one the data began with. */
export function strayLineEnd(
  kind: "newline" | "carriage return",
  csv: boolean,
): SqlError {
  const code = kind === "newline" ? "\\n" : "\\r";
  return csv
    ? badFormat(
        `unquoted ${kind} found in data`,
        `Use quoted CSV field to represent ${kind}.`,
      )
    : badFormat(
        `literal ${kind} found in data`,
        `Use "${code}" to represent ${kind}.`,
      );
}

export function corruptEndMarker(): SqlError {
  return badFormat("end-of-copy marker corrupt");
}

export function endMarkerMismatch(): SqlError {
  return badFormat("end-of-copy marker does not match previous newline style");
}

export function headerFieldCount(found: number, expected: number): SqlError {
  return badFormat(
    `wrong number of fields in header line: got ${found}, expected ${expected}`,
  );
}

export function headerMismatch(
  field: number,
  found: string,
  expected: string,
): SqlError {
  return badFormat(
    `column name mismatch in header line field ${field}: got ${found}, expected "${expected}"`,
  );
}

export function unknownSignature(): SqlError {
  return badFormat("COPY file signature not recognized");
}

export function invalidHeader(what: string): SqlError {
  return badFormat(`invalid COPY file header (${what})`);
}

export function unrecognizedFlags(): SqlError {
  return badFormat("unrecognized critical flags in COPY file header");
}

export function fieldCountMismatch(found: number, expected: number): SqlError {
  return badFormat(`row field count is ${found}, expected ${expected}`);
}

export function unexpectedEnd(): SqlError {
  return badFormat("unexpected EOF in COPY data");
}

export function invalidFieldSize(): SqlError {
  return badFormat("invalid field size");
}

export function dataAfterEnd(): SqlError {
  return badFormat("received copy data after EOF marker");
}

/** 22P03 */
export function incorrectBinary(): SqlError {
  return new SqlError("22P03", "incorrect binary data format");
}
