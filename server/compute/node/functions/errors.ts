// What the kernel says when a statement fails, in PostgreSQL's terms. Emitted SQL and registered functions raise
// `SQLSTATE:message`; the rest are the kernel's own words, of which the common ones are known here.

import { numericFieldOverflow } from "../../../../planner/functions/input.ts";
import { raisedError } from "../../../../planner/functions/raised-error.ts";
import { SqlError } from "../../../../storage/common/errors.ts";
import { saysNoRoom } from "../../../../storage/kernel/no-room.ts";
import type { SqlState } from "../../../../storage/common/sqlstate.ts";

interface Translation {
  readonly pattern: RegExp;
  readonly code: SqlState;
  readonly message: string;
}

const TYPES: Readonly<Record<string, string>> = {
  INT8: "smallint",
  INT16: "smallint",
  INT32: "integer",
  INT64: "bigint",
  INT128: "numeric",
  HUGEINT: "numeric",
  FLOAT: "real",
  DOUBLE: "double precision",
};

const TRANSLATIONS: readonly Translation[] = [
  {
    pattern: /Cannot subtract infinite/i,
    code: "22008",
    message: "cannot subtract infinite timestamps",
  },
  {
    pattern: /Unknown TimeZone/i,
    code: "22023",
    message: "time zone not recognized",
  },
  {
    pattern:
      /Overflow .*\bDECIMAL\b|DECIMAL multiplication|cast(?:ing)? .*to (?:type )?DECIMAL|Could not cast value .* to DECIMAL/i,
    code: "22003",
    message: "numeric field overflow",
  },
  {
    pattern:
      /Overflow in .*timestamp|timestamp.*out of range|Timestamp out of range|Overflow exception in.*timestamp|Date and time not in timestamp range/i,
    code: "22008",
    message: "timestamp out of range",
  },
  {
    pattern: /Date out of range|date.*out of range/i,
    code: "22008",
    message: "date out of range",
  },
  {
    pattern: /interval.*(?:out of range|overflow)|Overflow.*interval/i,
    code: "22008",
    message: "interval out of range",
  },
  {
    pattern: /Invalid unicode|invalid UTF-?8/i,
    code: "22021",
    message: 'invalid byte sequence for encoding "UTF8"',
  },
  {
    pattern:
      /Out of Memory Error|failed to (?:pin|allocate|offload)|could not allocate|memory limit/i,
    code: "53200",
    message: "out of memory",
  },
  {
    pattern: /INTERRUPT|Interrupted!/i,
    code: "57014",
    message: "canceling statement due to user request",
  },
  {
    pattern: /More than one row returned by a subquery/i,
    code: "21000",
    message: "more than one row returned by a subquery used as an expression",
  },
  {
    pattern: /Unsupported join type for flattening correlated subquery/i,
    code: "0A000",
    message: "a correlated subquery over a FULL JOIN is not supported",
  },
  { pattern: /Division by zero/i, code: "22012", message: "division by zero" },
  {
    pattern: /shift (?:by|value) .*out of range|Overflow in left shift/i,
    code: "22003",
    message: "value out of range: overflow",
  },
];

const INTEGER_OVERFLOW =
  /Overflow (?:in|on) .*?(?:\b(INT8|INT16|INT32|INT64|INT128|HUGEINT)\b|\(?(-\d+))/i;
const CAST_OVERFLOW =
  /(?:destination type|Failed to cast decimal value \S+ to type) (\w+)/i;
const CAST_TEXT = /Could not convert string '([\s\S]*?)' to (\w+)/;

/** A cast into numeric(precision, scale) that the value does not fit. */
const DECIMAL_TARGET =
  /\bcast(?:ing)?\b.*? to (?:type )?DECIMAL\((\d+),\s?(\d+)\)/i;

/** Never fails: what is not recognised is XX000 with the kernel's first line. */
export function translateKernelError(message: string): SqlError {
  const raised = raisedError(message);
  if (raised !== undefined) return raised;
  const field = DECIMAL_TARGET.exec(message);
  if (field !== null) {
    return numericFieldOverflow(Number(field[1]), Number(field[2]));
  }
  if (saysNoRoom(message)) {
    return new SqlError("53100", "could not write to disk: no space left");
  }
  const known = TRANSLATIONS.find(({ pattern }) => pattern.test(message));
  if (known !== undefined) return new SqlError(known.code, known.message);
  return (
    conversionError(message) ??
    new SqlError("XX000", `internal error: ${firstLine(message)}`)
  );
}

function conversionError(message: string): SqlError | undefined {
  const cast = CAST_OVERFLOW.exec(message);
  if (cast !== null) {
    const type = TYPES[(cast[1] ?? "").toUpperCase()] ?? "integer";
    return new SqlError("22003", `${type} out of range`);
  }
  const text = CAST_TEXT.exec(message);
  if (text !== null) {
    const type =
      TYPES[(text[2] ?? "").toUpperCase()] ?? (text[2] ?? "").toLowerCase();
    return new SqlError(
      "22P02",
      `invalid input syntax for type ${type}: "${text[1] ?? ""}"`,
    );
  }
  const overflow = INTEGER_OVERFLOW.exec(message);
  if (overflow !== null) {
    const type = TYPES[(overflow[1] ?? "").toUpperCase()];
    return new SqlError(
      "22003",
      `${type ?? typeOfMinimum(overflow[2] ?? "")} out of range`,
    );
  }
  return undefined;
}

/** Division and abs overflow only at a type's lowest value, which tells the type. */
function typeOfMinimum(value: string): string {
  if (value === "-32768") return "smallint";
  return value === "-9223372036854775808" ? "bigint" : "integer";
}

/** True when the statement fails only because decimals were computed in 64 bits: emitted with `wideDecimals` it may succeed. */
export function needsWideDecimals(message: string): boolean {
  return /(?:Overflow in \w+ of|to type) DECIMAL\((?:18\)|18,)/.test(message);
}

function firstLine(message: string): string {
  return message.split("\n")[0] ?? message;
}
