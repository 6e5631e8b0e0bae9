// How an external table's plain files are read, from JSON: what `JSON.stringify` of a FilesFormat gives. It enters as unknown.

import type { CsvFormat, FilesFormat, RowMode } from "../files/format.ts";
import { unexpected } from "./row.ts";
import { listOf, memberOf, parseType, textOf } from "./type-json.ts";

/** Throws XX001. */
export function parseFilesFormat(json: unknown): FilesFormat {
  const kind = textOf(json, "kind");
  const common = {
    schema: listOf(memberOf(json, "schema")).map((column) => ({
      name: textOf(column, "name"),
      type: parseType(memberOf(column, "type")),
      nullable: true,
      comment: optionalText(column, "comment"),
    })),
    nameFilter: optionalText(json, "nameFilter"),
    only: undefined,
    skipsCorrupt: memberOf(json, "skipsCorrupt") === true,
  };
  switch (kind) {
    case "parquet":
      return { kind, ...common };
    case "json":
      return {
        kind,
        ...common,
        ...rowRules(json),
        multiLine: memberOf(json, "multiLine") === true,
      };
    case "csv":
      return {
        kind,
        ...common,
        ...rowRules(json),
        header: memberOf(json, "header") === true,
        byHeader: memberOf(json, "byHeader") === true,
        delimiter: textOf(json, "delimiter"),
        quote: textOf(json, "quote"),
        escape: textOf(json, "escape"),
        comment: optionalText(json, "comment"),
        nullValue: textOf(json, "nullValue"),
        multiLine: memberOf(json, "multiLine") === true,
      };
    default:
      throw unexpected("a format of files", kind);
  }
}

function rowRules(
  json: unknown,
): Pick<CsvFormat, "mode" | "corruptColumn" | "inferTypes"> {
  const text = textOf(json, "mode");
  const mode = MODES.find((candidate) => candidate === text);
  if (mode === undefined) throw unexpected("a mode", text);
  const corruptColumn = optionalText(json, "corruptColumn");
  const inferTypes = memberOf(json, "inferTypes") === true;
  return { mode, corruptColumn, inferTypes };
}

const MODES: readonly RowMode[] = ["permissive", "drop-malformed", "failfast"];

function optionalText(json: unknown, name: string): string | undefined {
  return memberOf(json, name) === undefined ? undefined : textOf(json, name);
}
