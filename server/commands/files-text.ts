// How plain files are read, as the clauses of CREATE TABLE that say so again (planner/bind/from/file-options.ts reads them).

import { quoteString } from "../../planner/parse/print/print-name.ts";
import { unreachable } from "../../storage/common/invariant.ts";
import type { Column } from "../../storage/common/schema.ts";
import type {
  CsvFormat,
  FilesFormat,
  JsonFormat,
  RowMode,
} from "../../storage/files/format.ts";

/** The columns to declare; none where those of each file's header count. */
export function declaredColumns(files: FilesFormat): readonly Column[] {
  const byHeader = files.kind === "csv" && files.byHeader;
  return byHeader ? [] : (files.schema ?? []);
}

/** `OPTIONS (…)` of all that is not as by default; undefined where nothing is. */
export function optionsText(files: FilesFormat): string | undefined {
  const given = optionsOf(files).flatMap(([name, text]) =>
    text === undefined ? [] : [`${quoteString(name)} = ${quoteString(text)}`],
  );
  return given.length === 0 ? undefined : `OPTIONS (${given.join(", ")})`;
}

type Option = readonly [name: string, text: string | undefined];

function optionsOf(files: FilesFormat): readonly Option[] {
  const common: readonly Option[] = [
    ["pathGlobFilter", files.nameFilter],
    ["ignoreCorruptFiles", flag(files.skipsCorrupt)],
  ];
  switch (files.kind) {
    case "parquet":
      return common;
    case "json":
      return [...common, ...rowOptions(files)];
    case "csv":
      return [
        ...common,
        ["header", flag(files.header)],
        ["sep", unless(",", files.delimiter)],
        ["quote", unless('"', files.quote)],
        ["escape", unless("\\", files.escape)],
        ["comment", files.comment],
        ["nullValue", unless("", files.nullValue)],
        ...rowOptions(files),
      ];
    default:
      return unreachable(files);
  }
}

const MODES: Readonly<Record<RowMode, string | undefined>> = {
  permissive: undefined,
  "drop-malformed": "DROPMALFORMED",
  failfast: "FAILFAST",
};

function rowOptions(files: CsvFormat | JsonFormat): readonly Option[] {
  return [
    ["mode", MODES[files.mode]],
    ["columnNameOfCorruptRecord", files.corruptColumn],
    ["inferSchema", flag(files.inferTypes)],
    ["multiLine", flag(files.multiLine)],
  ];
}

function flag(value: boolean): string | undefined {
  return value ? "true" : undefined;
}

function unless(byDefault: string, value: string): string | undefined {
  return value === byDefault ? undefined : value;
}
