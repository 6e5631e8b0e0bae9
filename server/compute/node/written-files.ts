// What COPY ... RETURN_STATS answers, one row a file, in our words.

import { invariant } from "../../../storage/common/invariant.ts";

export interface WrittenFile {
  readonly path: string;
  readonly rowCount: number;
  readonly sizeBytes: number;
  /** By path of names, as the kernel writes it: `"a"`, `"s"."x"`. */
  readonly columns: ReadonlyMap<string, ColumnFacts>;
  /** By physical name; absent for NULL. */
  readonly partitionValues: ReadonlyMap<string, string>;
}

/** `min`, `max`, `null_count`, `num_values`, `has_nan`: the kernel's text, absent where it kept none. */
export type ColumnFacts = ReadonlyMap<string, string>;

/** @param rows filename, count, file_size_bytes, footer_size_bytes, column_statistics, partition_keys */
export function writtenFiles(
  rows: readonly (readonly unknown[])[],
): readonly WrittenFile[] {
  return rows.map((row) => {
    const [path, count, size, , columns, partitions] = row;
    invariant(typeof path === "string", "COPY names its files");
    return {
      path,
      rowCount: Number(count),
      sizeBytes: Number(size),
      columns: new Map(
        entriesOf(columns).map(([name, facts]) => [name, textEntries(facts)]),
      ),
      partitionValues: textEntries(partitions),
    };
  });
}

function textEntries(value: unknown): ReadonlyMap<string, string> {
  return new Map(
    entriesOf(value).flatMap(([key, text]): [string, string][] =>
      typeof text === "string" ? [[key, text]] : [],
    ),
  );
}

/** Maps come as lists of `{key, value}`. */
function entriesOf(value: unknown): [string, unknown][] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((entry: unknown): [string, unknown][] =>
    typeof entry === "object" &&
    entry !== null &&
    "key" in entry &&
    "value" in entry &&
    typeof entry.key === "string"
      ? [[entry.key, entry.value]]
      : [],
  );
}
