// PostgreSQL's unistr: Unicode escapes of a text to the characters they stand for.

import { SqlError } from "../../../../storage/common/errors.ts";

const ESCAPE =
  /\\(?:(\\)|([0-9A-Fa-f]{4})|\+([0-9A-Fa-f]{6})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|)/g;

/** Throws 42601 for what is no escape and for half a surrogate pair, 22023 for what is no character. */
export function unistr(value: string): string {
  const read = value.replace(
    ESCAPE,
    (escape: string, backslash: string | undefined, ...rest: unknown[]) => {
      if (backslash !== undefined) return backslash;
      const digits = rest.slice(0, 4).find((part) => typeof part === "string");
      if (typeof digits !== "string") throw invalidEscape();
      return character(Number.parseInt(digits, 16), escape);
    },
  );
  if (/\p{Surrogate}/u.test(read)) {
    throw new SqlError("42601", "invalid Unicode surrogate pair");
  }
  return read;
}

function character(code: number, escape: string): string {
  if (code === 0 || code > 0x10ffff) {
    throw new SqlError(
      "22023",
      `invalid Unicode code point: ${escape
        .replace(/^\\[+uU]?/, "")
        .replace(/^0+(?=.{4})/, "")
        .toUpperCase()}`,
    );
  }
  return code > 0xffff ? String.fromCodePoint(code) : String.fromCharCode(code);
}

function invalidEscape(): SqlError {
  return new SqlError("42601", "invalid Unicode escape", {
    hint: "Unicode escapes must be \\XXXX, \\+XXXXXX, \\uXXXX, or \\UXXXXXXXX.",
  });
}
