// What a table of the demo lake is: its columns, and kernel SQL that makes its rows from numbers alone, so that every
// first start writes the same rows.

import type { DataType } from "../../storage/common/data-type.ts";

export interface DemoTable {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly DemoColumn[];
  readonly partitionColumns: readonly string[];
  /** Each part becomes its own data files: queries whose columns are `columns`, in order. */
  readonly parts: readonly string[];
  /** True: one commit for each part, as a table grown over time; false: one commit for all. */
  readonly commitEachPart: boolean;
}

export interface DemoColumn {
  readonly name: string;
  readonly type: DataType;
}

/** A whole number from 0 below `count`, the same for the same row and salt. */
export function pick(
  row: string,
  salt: number,
  count: number | string,
): string {
  return `(hash(${row}, ${salt}) % ${count})::INTEGER`;
}

/** One of `words`. */
export function word(
  row: string,
  salt: number,
  words: readonly string[],
): string {
  const list = words
    .map((item) => `'${item.replaceAll("'", "''")}'`)
    .join(", ");
  return `list_extract([${list}], ${pick(row, salt, words.length)} + 1)`;
}

/** Some words with blanks between. */
export function words(
  row: string,
  salt: number,
  list: readonly string[],
  count: number,
): string {
  return Array.from({ length: count }, (_, at) =>
    word(row, salt * 16 + at, list),
  ).join(" || ' ' || ");
}
