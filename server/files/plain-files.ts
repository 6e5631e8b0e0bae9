// Plain files as a table pinned for a statement: which files there are now, their columns, and how a scan reads them. Columns that
// were taken from files are kept as long as the same files lie there.

import { createHash } from "node:crypto";
import { LRUCache } from "lru-cache";
import {
  MALFORMED_COLUMN,
  RECORD_COLUMN,
} from "../../planner/logical/text-files.ts";
import { readValue } from "../../planner/functions/input.ts";
import { TEXT, type DataType } from "../../storage/common/data-type.ts";
import { SqlError } from "../../storage/common/errors.ts";
import type { Column, Schema } from "../../storage/common/schema.ts";
import type { FilesFormat } from "../../storage/files/format.ts";
import type { ObjectStore } from "../../storage/object-store/store.ts";
import type { ScanSource } from "../../storage/scan/source.ts";
import { allFiles } from "../../storage/scan/source.ts";
import type {
  LayoutColumn,
  Split,
  TableLayout,
} from "../../storage/scan/split.ts";
import { guessedType, guessText, wider, type Guess } from "./guess-type.ts";
import type { PlainFile } from "./list-files.ts";

/** Files at one moment. */
export interface PinnedFiles {
  readonly schema: Schema;
  /** Of what a scan gives (planner/bind/from-files.ts). */
  readonly layout: TableLayout;
  readonly source: ScanSource;
  /** Equal keys mean the same files, read alike. */
  readonly key: string;
  readonly files: readonly PlainFile[];
}

const KEPT_SCHEMAS = 200;

export class PlainFiles {
  readonly #schemas = new LRUCache<string, readonly Column[]>({
    max: KEPT_SCHEMAS,
  });

  /** Throws 42804, XX001, 0A000, and 22P02 for a folder whose value is not of the declared type. */
  async pin(
    store: ObjectStore,
    files: readonly PlainFile[],
    format: FilesFormat,
  ): Promise<PinnedFiles> {
    const key = keyOf(files, format);
    const found =
      format.schema ?? (await this.#columns(key, store, files, format));
    const partitions = partitionColumns(files, found);
    const names = new Set(partitions.map(({ name }) => name.toLowerCase()));
    const fields = found.filter(({ name }) => !names.has(name.toLowerCase()));
    const corrupt = corruptColumn(format, fields);
    const schema = { columns: [...fields, ...corrupt, ...partitions] };
    const layout = layoutOf(schema.columns, partitions, format);
    const splits = files.map((file) => splitOf(file, partitions));
    return {
      schema,
      layout,
      key,
      files,
      source: {
        layout,
        format,
        files: () => Promise.resolve(allFiles(splits)),
        areThere: () => Promise.resolve(false),
      },
    };
  }

  async #columns(
    key: string,
    store: ObjectStore,
    files: readonly PlainFile[],
    format: FilesFormat,
  ): Promise<readonly Column[]> {
    const known = this.#schemas.get(key);
    if (known !== undefined) return known;
    // Loaded by their first use: a gateway that reads no plain files starts without them.
    const columns =
      format.kind === "parquet"
        ? await (
            await import("./parquet-columns.ts")
          ).parquetColumns(store, files)
        : await (
            await import("./infer-columns.ts")
          ).inferColumns(store, files, format);
    this.#schemas.set(key, columns);
    return columns;
  }
}

function keyOf(files: readonly PlainFile[], format: FilesFormat): string {
  const hash = createHash("sha256").update(JSON.stringify(format));
  for (const { path, sizeBytes, tag } of files)
    hash.update(`\n${path}\n${sizeBytes} ${tag}`);
  return hash.digest("hex");
}

/** The folders `k=v` above the files: of the declared type, else of the one that holds all values. */
function partitionColumns(
  files: readonly PlainFile[],
  declared: readonly Column[],
): readonly Column[] {
  const guesses = new Map<string, Guess>();
  for (const { partition } of files) {
    for (const [name, value] of partition) {
      const guess = value === null ? undefined : guessText(value);
      const narrow = guess === "float8" || guess === "bool" ? "text" : guess;
      guesses.set(name, wider(guesses.get(name), narrow));
    }
  }
  return [...guesses].map(([name, guess]) => {
    const own = declared.find(
      (it) => it.name.toLowerCase() === name.toLowerCase(),
    );
    return {
      name: own?.name ?? name,
      type: own?.type ?? guessedType(guess),
      nullable: true,
    };
  });
}

/** The column of corrupt records, where the columns given do not name it. */
function corruptColumn(
  format: FilesFormat,
  fields: readonly Column[],
): readonly Column[] {
  if (format.kind === "parquet" || format.corruptColumn === undefined)
    return [];
  const name = format.corruptColumn;
  return fields.some((field) => field.name === name)
    ? []
    : [{ name, type: TEXT, nullable: true }];
}

function layoutOf(
  columns: readonly Column[],
  partitions: readonly Column[],
  format: FilesFormat,
): TableLayout {
  const column = (name: string, type: DataType): LayoutColumn => ({
    name,
    physicalName: name,
    type,
  });
  const partitionColumns = partitions.map(({ name }) => name);
  if (format.kind === "parquet")
    return {
      columns: columns.map(({ name, type }) => column(name, type)),
      partitionColumns,
      mapping: "name",
    };
  const fields = columns.filter(({ name }) => name !== format.corruptColumn);
  return {
    columns: [
      ...fields.map(({ name, type }) =>
        column(name, partitionColumns.includes(name) ? type : TEXT),
      ),
      column(RECORD_COLUMN, TEXT),
      column(MALFORMED_COLUMN, TEXT),
    ],
    partitionColumns,
    mapping: "name",
  };
}

function splitOf(file: PlainFile, partitions: readonly Column[]): Split {
  const values = new Map(
    [...file.partition].map(([name, value]) => [name.toLowerCase(), value]),
  );
  return {
    path: file.path,
    sizeBytes: file.sizeBytes,
    partitionValues: partitions.map(({ name, type }) =>
      partitionValue(name, values.get(name.toLowerCase()) ?? null, type),
    ),
  };
}

/** Canonical scalar text. */
function partitionValue(
  name: string,
  text: string | null,
  type: DataType,
): string | null {
  if (text === null) return null;
  try {
    return readValue(text, type, { timeZone: "UTC", dateStyle: "ISO, MDY" });
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    throw new SqlError(error.code, error.message, {
      detail: `It is the value of partition column "${name}" in a folder's name.`,
    });
  }
}
