// COPY and COPY INTO as text.

import { unreachable } from "../../../storage/common/invariant.ts";
import type {
  CopyIntoStatement,
  CopyOption,
  CopyStatement,
  NamedText,
} from "../ast.ts";
import { printExpression } from "./print-expression.ts";
import {
  joinParts,
  printColumnList,
  printName,
  quoteName,
  quoteString,
} from "./print-name.ts";
import type { QueryPrinter } from "./print-query.ts";

export function printCopy(p: QueryPrinter, copy: CopyStatement): string {
  const { source, target } = copy;
  const options = copy.options.map((option) => printCopyOption(option));
  return joinParts(
    "COPY",
    source.kind === "table"
      ? `${printName(source.name)}${printColumnList(source.columns)}`
      : `(${p.query(source.query)})`,
    copy.direction.toUpperCase(),
    target === "file" || target === "program"
      ? `${target === "file" ? "" : "PROGRAM "}'${target}'`
      : target.toUpperCase(),
    options.length === 0 ? undefined : `WITH (${options.join(", ")})`,
    copy.where && `WHERE ${printExpression(copy.where, p.query)}`,
  );
}

function printCopyOption({ name, value }: CopyOption): string {
  switch (value.kind) {
    case "none":
      return quoteName(name);
    case "star":
      return `${quoteName(name)} *`;
    case "text":
      return `${quoteName(name)} ${quoteString(value.text)}`;
    case "columns":
      return `${quoteName(name)} ${printColumnList(value.columns).trim()}`;
    default:
      return unreachable(value);
  }
}

export function printCopyInto(
  p: QueryPrinter,
  copy: CopyIntoStatement,
): string {
  const { byPosition, files, query, format, chosen, validate } = copy;
  const matched =
    byPosition?.length === 0
      ? "BY POSITION"
      : byPosition && printColumnList(byPosition).trim();
  return joinParts(
    "COPY INTO",
    printName(copy.table),
    matched,
    `FROM ${query === undefined ? quoteString(files.path) : `(${p.query(query)})`}`,
    format === undefined ? undefined : `FILEFORMAT = ${quoteName(format)}`,
    validate &&
      `VALIDATE ${validate.rows === undefined ? "ALL" : `${validate.rows} ROWS`}`,
    chosen?.kind === "files"
      ? `FILES = (${chosen.names.map(quoteString).join(", ")})`
      : chosen && `PATTERN = ${quoteString(chosen.pattern)}`,
    printNamedTexts("FORMAT_OPTIONS", copy.formatOptions),
    printNamedTexts("COPY_OPTIONS", copy.copyOptions),
  );
}

export function printNamedTexts(
  clause: string,
  texts: readonly NamedText[],
): string | undefined {
  const pairs = texts.map(
    ({ name, text }) => `${quoteString(name)} = ${quoteString(text)}`,
  );
  return pairs.length === 0 ? undefined : `${clause} (${pairs.join(", ")})`;
}
