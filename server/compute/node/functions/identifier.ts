// parse_ident, and Unicode's normal forms.

import { SqlError } from "../../../../storage/common/errors.ts";
import {
  BOOLEAN,
  LIST,
  VARCHAR,
  listValue,
} from "../../../../storage/kernel/duckdb.ts";
import { boolean, text } from "./arguments.ts";
import type { KernelFunction } from "./define.ts";

const SPACE = /[ \t\n\r\f\v]*/y;
const WORD = /[A-Za-z_\u0080-\u{10ffff}][A-Za-z0-9_$\u0080-\u{10ffff}]*/uy;
const QUOTED = /"((?:[^"]|"")*)"/y;

function matchAt(
  pattern: RegExp,
  source: string,
  at: number,
): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(source);
}

function afterSpace(source: string, at: number): number {
  return at + (matchAt(SPACE, source, at)?.[0].length ?? 0);
}

/** The parts of a qualified name, unquoted ones in lower case. `strict`: nothing may follow. 22023. */
function parseIdentifier(source: string, strict: boolean): readonly string[] {
  const parts: string[] = [];
  let at = afterSpace(source, 0);
  for (;;) {
    const part = readPart(source, at, parts.length > 0);
    parts.push(part.name);
    at = afterSpace(source, part.end);
    if (source[at] !== ".") break;
    at = afterSpace(source, at + 1);
  }
  if (at < source.length && strict) throw invalid(source);
  return parts;
}

function readPart(
  source: string,
  at: number,
  afterDot: boolean,
): { readonly name: string; readonly end: number } {
  if (source[at] === '"') {
    const found = matchAt(QUOTED, source, at);
    if (found === null)
      throw invalid(source, "String has unclosed double quotes.");
    const name = (found[1] ?? "").replaceAll('""', '"');
    if (name === "")
      throw invalid(source, "Quoted identifier must not be empty.");
    return { name, end: at + found[0].length };
  }
  const word = matchAt(WORD, source, at)?.[0];
  if (word !== undefined) {
    const name = word.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
    return { name, end: at + word.length };
  }
  if (source[at] === ".")
    throw invalid(source, 'No valid identifier before ".".');
  throw afterDot
    ? invalid(source, 'No valid identifier after ".".')
    : invalid(source);
}

function invalid(source: string, detail?: string): SqlError {
  return new SqlError(
    "22023",
    `string is not a valid identifier: "${source}"`,
    detail === undefined ? {} : { detail },
  );
}

function normalized(value: string, form: string): string {
  const name = form.toUpperCase();
  if (!["NFC", "NFD", "NFKC", "NFKD"].includes(name)) {
    throw new SqlError("22023", `invalid normalization form: ${form}`);
  }
  return value.normalize(name);
}

export const IDENTIFIER_FUNCTIONS: readonly KernelFunction[] = [
  {
    name: "pg_parse_ident",
    parameters: [VARCHAR, BOOLEAN],
    returns: LIST(VARCHAR),
    call: (source, strict) =>
      listValue(parseIdentifier(text(source), boolean(strict))),
  },
  {
    name: "pg_normalize",
    parameters: [VARCHAR, VARCHAR],
    returns: VARCHAR,
    call: (value, form) => normalized(text(value), text(form)),
  },
];
