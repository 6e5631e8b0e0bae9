// A written file becomes an `add` action (Delta protocol, "Add File and Remove File"; checklist V1, P1, W6).

import type { DataType } from "../common/data-type.ts";
import type { LayoutColumn, TableLayout } from "../scan/split.ts";
import type { AddFile } from "./actions.ts";
import { encodePath } from "./paths.ts";

/** What a compute node reports of a file it wrote (server/compute/fragment.ts has the same shape). */
export interface WrittenFile {
  /** Relative to the table root, as on disk. */
  readonly path: string;
  /** Canonical scalar text, in the order of the partition columns. */
  readonly partitionValues: readonly (string | null)[];
  readonly sizeBytes: number;
  readonly rowCount: number;
  readonly modificationTimeMs: number;
  readonly stats: string;
}

export function addAction(file: WrittenFile, layout: TableLayout): AddFile {
  const partitionValues: Record<string, string | null> = {};
  layout.partitionColumns.forEach((name, index) => {
    const column = layout.columns.find((candidate) => candidate.name === name);
    const value = file.partitionValues[index] ?? null;
    if (column !== undefined)
      partitionValues[column.physicalName] = partitionText(column, value);
  });
  return {
    path: encodePath(file.path),
    partitionValues,
    size: file.sizeBytes,
    modificationTime: Math.floor(file.modificationTimeMs),
    dataChange: true,
    stats: file.stats,
  };
}

function partitionText(
  column: LayoutColumn,
  value: string | null,
): string | null {
  return value === null ? null : partitionValueText(column.type, value);
}

/** Canonical scalar text -> the text of a partition value in the log, which is also what the folder name escapes. */
export function partitionValueText(type: DataType, text: string): string {
  switch (type.kind) {
    case "bool":
      return text === "t" || text === "true" ? "true" : "false";
    case "timestamptz":
      return isoUtc(text);
    case "bytea":
      return Buffer.from(text.replace(/^\\x/, ""), "hex").toString("utf8");
    default:
      return text;
  }
}

/** `2021-01-01 00:00:00.5+00` -> `2021-01-01T00:00:00.500000Z`. */
function isoUtc(text: string): string {
  const match = /^(\S+) (\d\d:\d\d:\d\d)(?:\.(\d+))?\+00$/.exec(text);
  if (match === null) return text;
  return `${match[1] ?? ""}T${match[2] ?? ""}.${(match[3] ?? "").padEnd(6, "0")}Z`;
}
