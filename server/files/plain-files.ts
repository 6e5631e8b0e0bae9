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
  ScanFiles,
  Split,
  TableLayout,
} from "../../storage/scan/split.ts";
import { guessedType, guessText, wider, type Guess } from "./guess-type.ts";
import { mayHold, type FileTimes } from "./file-times.ts";
import type { PlainFile } from "./list-files.ts";
import type { FoundColumns } from "./parquet-columns.ts";

/** Files at one moment. */
export interface PinnedFiles {
  readonly schema: Schema;
  /** Of what a scan gives (planner/bind/from-files.ts). */
  readonly layout: TableLayout;
  readonly source: ScanSource;
  /** Equal keys mean the same files, read alike. */
  readonly key: string;
  readonly files: readonly PlainFile[];
  /** Files that cannot be read and were left out, as the format says. */
  readonly corruptCount: number;
}

const KEPT_SCHEMAS = 200;

export class PlainFiles {
  readonly #known = new LRUCache<string, FoundColumns>({
    max: KEPT_SCHEMAS,
  });

  /** Throws 42804, XX001, 0A000, and 22P02 for a folder whose value is not of the declared type. */
  async pin(
    store: ObjectStore,
    listed: readonly PlainFile[],
    format: FilesFormat,
  ): Promise<PinnedFiles> {
    const key = keyOf(listed, format);
    const found = await this.#find(key, store, listed, format);
    const files = listed.filter(({ path }) => !found.corrupt.has(path));
    const partitions = partitionColumns(files, found.columns);
    const names = new Set(partitions.map(({ name }) => name.toLowerCase()));
    const fields = found.columns.filter(
      ({ name }) => !names.has(name.toLowerCase()),
    );
    const corrupt = corruptColumn(format, fields);
    const schema = { columns: [...fields, ...corrupt, ...partitions] };
    const layout = layoutOf(schema.columns, partitions, format);
    const splits = files.map((file) => splitOf(file, partitions));
    return {
      schema,
      layout,
      key,
      files,
      corruptCount: found.corrupt.size,
      source: {
        layout,
        format,
        files: (predicate) =>
          Promise.resolve(
            keptFiles(
              splits,
              (at) => files[at]?.times,
              (times) => predicate === undefined || mayHold(predicate, times),
            ),
          ),
        areThere: () => Promise.resolve(false),
      },
    };
  }

  async #find(
    key: string,
    store: ObjectStore,
    files: readonly PlainFile[],
    format: FilesFormat,
  ): Promise<FoundColumns> {
    const { schema, skipsCorrupt } = format;
    const opens = format.kind === "parquet" && skipsCorrupt;
    if (schema !== undefined && !opens)
      return { columns: schema, corrupt: NO_PATHS };
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const read = await columnsIn(store, files, format);
    const found = { ...read, columns: schema ?? read.columns };
    this.#known.set(key, found);
    return found;
  }
}

const NO_PATHS: ReadonlySet<string> = new Set();

/** What reads them is loaded by its first use: a gateway that reads no plain files starts without it. */
async function columnsIn(
  store: ObjectStore,
  files: readonly PlainFile[],
  format: FilesFormat,
): Promise<FoundColumns> {
  if (format.kind === "parquet") {
    const { parquetColumns } = await import("./parquet-columns.ts");
    return parquetColumns(store, files, format.skipsCorrupt);
  }
  const { inferColumns } = await import("./infer-columns.ts");
  const columns = await inferColumns(store, files, format);
  return { columns, corrupt: NO_PATHS };
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

/** Those that may hold what is asked for; of most files nothing is known. */
function keptFiles(
  splits: readonly Split[],
  timesOf: (at: number) => FileTimes | undefined,
  mayHoldIn: (times: FileTimes) => boolean,
): ScanFiles {
  const all = allFiles(splits);
  const kept = splits.filter((_, at) => {
    const times = timesOf(at);
    return times === undefined || mayHoldIn(times);
  });
  if (kept.length === splits.length) return all;
  const { filesTotal, bytesTotal } = all.statistics;
  const { splits: left, statistics } = allFiles(kept);
  return {
    splits: left,
    statistics: {
      ...statistics,
      filesTotal,
      bytesTotal,
      prunedBy: ["statistics"],
    },
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
