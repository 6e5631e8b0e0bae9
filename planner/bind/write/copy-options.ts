// The options of COPY as PostgreSQL 15 checks them, in its order and with its messages (ProcessCopyOptions in commands/copy.c).

import { SqlError } from "../../../storage/common/errors.ts";
import type { CopyFormat, CopyHeader } from "../../logical/copy-format.ts";
import type { CopyOption, Identifier } from "../../parse/ast.ts";
import { encodingOf } from "./copy-encoding.ts";
import {
  copyOptionConflict,
  copyOptionNeedsValue,
  copyUnsupported,
  invalidCopyOption,
} from "../errors/errors-copy.ts";

/** Column lists are still names: which columns they mean is known only beside the columns copied. */
export interface CopyOptions {
  readonly format: CopyFormat;
  readonly forceQuote: readonly Identifier[] | "all";
  readonly forceNotNull: readonly Identifier[];
  readonly forceNull: readonly Identifier[];
  readonly freeze: boolean;
}

type Direction = "from" | "to";

interface Given {
  format?: "text" | "csv" | "binary";
  freeze?: boolean;
  delimiter?: string;
  null?: string;
  header?: CopyHeader;
  quote?: string;
  escape?: string;
  forceQuote?: readonly Identifier[] | "all";
  forceNotNull?: readonly Identifier[];
  forceNull?: readonly Identifier[];
  encoding?: string;
}

/** Throws 42601, 22023, 0A000. */
export function readCopyOptions(
  options: readonly CopyOption[],
  direction: Direction,
): CopyOptions {
  const given = collect(options, direction);
  const { format: kind = "text" } = given;
  if (kind === "binary") refuseTextOptions(given);
  const csv = kind === "csv";
  const marks = withDefaults(given, csv);
  checkDelimiter(marks);
  if (kind === "binary" && marks.header !== "none") {
    throw copyUnsupported("cannot specify HEADER in BINARY mode");
  }
  checkQuotes(given, marks);
  checkForce(given, csv, direction);
  checkNullText(marks);
  const { forceQuote = [], forceNotNull = [], forceNull = [] } = given;
  const { freeze = false } = given;
  const format = formatOf(kind, marks);
  return { format, forceQuote, forceNotNull, forceNull, freeze };
}

interface Marks {
  readonly csv: boolean;
  readonly delimiter: string;
  readonly null: string;
  readonly header: CopyHeader;
  readonly quote: string;
  readonly escape: string;
}

function withDefaults(given: Given, csv: boolean): Marks {
  const { header = "none", quote = '"' } = given;
  return {
    csv,
    delimiter: given.delimiter ?? (csv ? "," : "\t"),
    null: given.null ?? (csv ? "" : "\\N"),
    header,
    quote,
    escape: given.escape ?? quote,
  };
}

function formatOf(
  kind: "text" | "csv" | "binary",
  { delimiter, null: nullText, header, quote, escape }: Marks,
): CopyFormat {
  switch (kind) {
    case "binary":
      return { kind };
    case "text":
      return { kind, delimiter, null: nullText, header };
    case "csv":
      return {
        kind,
        delimiter,
        null: nullText,
        header,
        quote,
        escape,
        forceQuote: [],
        forceNotNull: [],
        forceNull: [],
      };
  }
}

function collect(options: readonly CopyOption[], direction: Direction): Given {
  const given: Given = {};
  for (const option of options) {
    const read = READERS[option.name];
    if (read === undefined) {
      throw new SqlError("42601", `option "${option.name}" not recognized`, {
        position: option.position,
      });
    }
    const [key, value] = read(option, direction);
    if (given[key] !== undefined) throw copyOptionConflict(option.position);
    Object.assign(given, { [key]: value });
  }
  return given;
}

type Read = (
  option: CopyOption,
  direction: Direction,
) => readonly [keyof Given, Given[keyof Given]];

const READERS: Readonly<Record<string, Read | undefined>> = {
  format: (option) => ["format", formatNamed(option)],
  freeze: (option) => ["freeze", booleanOf(option)],
  delimiter: (option) => ["delimiter", textOf(option)],
  null: (option) => ["null", textOf(option)],
  header: (option, direction) => ["header", headerOf(option, direction)],
  quote: (option) => ["quote", textOf(option)],
  escape: (option) => ["escape", textOf(option)],
  force_quote: (option) => [
    "forceQuote",
    option.value.kind === "star" ? "all" : columnsOf(option),
  ],
  force_not_null: (option) => ["forceNotNull", columnsOf(option)],
  force_null: (option) => ["forceNull", columnsOf(option)],
  encoding: (option) => ["encoding", encodingOf(textOf(option), option)],
};

function formatNamed(option: CopyOption): "text" | "csv" | "binary" {
  const text = textOf(option);
  if (text === "text" || text === "csv" || text === "binary") return text;
  throw invalidCopyOption(
    `COPY format "${text}" not recognized`,
    option.position,
  );
}

/** Throws 42601 for an option without value. */
function textOf({ name, value }: CopyOption): string {
  switch (value.kind) {
    case "none":
      throw copyOptionNeedsValue(name, "a parameter");
    case "text":
      return value.text;
    case "star":
      return "*";
    case "columns":
      return value.columns.map((column) => column.name).join(".");
  }
}

function booleanOf(option: CopyOption): boolean {
  const found = booleanWord(option);
  if (found === undefined) {
    throw copyOptionNeedsValue(option.name, "a Boolean value");
  }
  return found;
}

/** `header` alone is true. */
function booleanWord(option: CopyOption): boolean | undefined {
  if (option.value.kind === "none") return true;
  switch (textOf(option).toLowerCase()) {
    case "true":
    case "on":
    case "1":
      return true;
    case "false":
    case "off":
    case "0":
      return false;
    default:
      return undefined;
  }
}

function headerOf(option: CopyOption, direction: Direction): CopyHeader {
  const found = booleanWord(option);
  if (found !== undefined) return found ? "names" : "none";
  if (textOf(option).toLowerCase() !== "match") {
    throw copyOptionNeedsValue(option.name, 'a Boolean value or "match"');
  }
  if (direction === "to") {
    throw copyUnsupported('cannot use "match" with HEADER in COPY TO');
  }
  return "match";
}

function columnsOf(option: CopyOption): readonly Identifier[] {
  if (option.value.kind === "columns") return option.value.columns;
  throw invalidCopyOption(
    `argument to option "${option.name}" must be a list of column names`,
    option.position,
  );
}

function refuseTextOptions(given: Given): void {
  for (const name of ["delimiter", "null"] as const) {
    if (given[name] === undefined) continue;
    throw new SqlError(
      "42601",
      `cannot specify ${name.toUpperCase()} in BINARY mode`,
    );
  }
}

const LINE_ENDS = /[\r\n]/;
/** What the text format gives a meaning of its own. */
const TAKEN = "\\.abcdefghijklmnopqrstuvwxyz0123456789";

function checkDelimiter({ delimiter, null: nullText, csv }: Marks): void {
  if (!isOneByte(delimiter)) {
    throw copyUnsupported("COPY delimiter must be a single one-byte character");
  }
  if (LINE_ENDS.test(delimiter)) {
    throw invalidCopyOption(
      "COPY delimiter cannot be newline or carriage return",
    );
  }
  if (LINE_ENDS.test(nullText)) {
    throw invalidCopyOption(
      "COPY null representation cannot use newline or carriage return",
    );
  }
  if (!csv && TAKEN.includes(delimiter)) {
    throw invalidCopyOption(`COPY delimiter cannot be "${delimiter}"`);
  }
}

function isOneByte(text: string): boolean {
  return text.length === 1 && text.charCodeAt(0) < 0x80;
}

function checkQuotes(
  given: Given,
  { csv, delimiter, quote, escape }: Marks,
): void {
  if (!csv && given.quote !== undefined) {
    throw copyUnsupported("COPY quote available only in CSV mode");
  }
  if (csv && !isOneByte(quote)) {
    throw copyUnsupported("COPY quote must be a single one-byte character");
  }
  if (csv && delimiter === quote) {
    throw invalidCopyOption("COPY delimiter and quote must be different");
  }
  if (!csv && given.escape !== undefined) {
    throw copyUnsupported("COPY escape available only in CSV mode");
  }
  if (csv && !isOneByte(escape)) {
    throw copyUnsupported("COPY escape must be a single one-byte character");
  }
}

function checkForce(given: Given, csv: boolean, direction: Direction): void {
  const rules = [
    ["force quote", given.forceQuote, "to"],
    ["force not null", given.forceNotNull, "from"],
    ["force null", given.forceNull, "from"],
  ] as const;
  for (const [name, value, only] of rules) {
    if (value === undefined) continue;
    if (!csv) throw copyUnsupported(`COPY ${name} available only in CSV mode`);
    if (direction !== only) {
      throw copyUnsupported(
        `COPY ${name} only available using COPY ${only.toUpperCase()}`,
      );
    }
  }
}

function checkNullText({ null: nullText, csv, delimiter, quote }: Marks): void {
  if (nullText.includes(delimiter)) {
    throw copyUnsupported(
      "COPY delimiter must not appear in the NULL specification",
    );
  }
  if (csv && nullText.includes(quote)) {
    throw copyUnsupported(
      "CSV quote character must not appear in the NULL specification",
    );
  }
}
