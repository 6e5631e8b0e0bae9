// Small results that session commands share.

import { TEXT } from "../../storage/common/data-type.ts";
import type { OutputColumn, Result } from "./result.ts";

export function done(tag: string): Result {
  return { kind: "command", tag };
}

export function textColumns(
  ...names: readonly string[]
): readonly OutputColumn[] {
  return names.map((name) => ({ name, type: TEXT }));
}

/** Rows of text cells whose tag has no count. */
export function textRows(
  columns: readonly OutputColumn[],
  rows: readonly (readonly (string | null)[])[],
  tag: string,
): Result {
  return {
    kind: "rows",
    columns,
    rows: { kind: "text", rows },
    tag,
    countInTag: false,
  };
}
