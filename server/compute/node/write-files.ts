// Rows -> data files of a Delta table under its location: names never used before, partition folders, statistics taken by
// the kernel while it writes. Files are on disk (fsync) before their drafts are answered; the gateway commits them.

import { randomUUID } from "node:crypto";
import { open, readdir, stat, unlink } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { typeName } from "../../../storage/common/data-type.ts";
import type { DuckDBConnection } from "../../../storage/kernel/duckdb.ts";
import { invariant } from "../../../storage/common/invariant.ts";
import type { LayoutColumn } from "../../../storage/scan/split.ts";
import type { PhysicalColumn } from "../../../planner/physical/plan.ts";
import type { FileDraft, WriteTarget } from "../fragment.ts";
import { quoteName, quoteText, VARIANT_MARKS } from "./kernel-types.ts";
import { partitionTextSql } from "./partition-text.ts";
import { physicalColumns } from "./physical-column.ts";
import { groupVariants, holdsVariant } from "./variant/footer.ts";
import { watchWritten } from "./written-bytes.ts";
import { writtenFiles, type WrittenFile } from "./written-files.ts";
import { fileStats } from "./write-stats.ts";

/** The rows to write: `columns` are the query's, in the order of the target's layout, then the violation where rows are checked. */
export interface RowsToWrite {
  readonly sql: string;
  readonly columns: readonly Pick<PhysicalColumn, "name">[];
  /** For file names: unique for each attempt of each stage. */
  readonly stageId: number;
  readonly attempt: number;
  /** Told now and then how many bytes are on disk. */
  readonly onBytes?: (bytes: number) => void;
}

export async function writeFiles(
  connection: DuckDBConnection,
  rows: RowsToWrite,
  target: WriteTarget,
): Promise<readonly FileDraft[]> {
  const columns = [...target.layout.columns, ...target.tracked];
  invariant(
    columns.length + (target.checked ? 1 : 0) === rows.columns.length,
    "a write gives every column of its table",
  );
  const violation = target.checked ? rows.columns.at(-1) : undefined;
  const selected = columns.flatMap((column, index) => {
    const name = rows.columns[index]?.name;
    invariant(name !== undefined, "columns and layout agree");
    return writtenColumns(name, column, target).map(([part, sql]) => {
      // One column is enough to look at every row.
      const stored = index === 0 ? refused(violation?.name, sql) : sql;
      return `${stored} AS ${quoteName(part)}`;
    });
  });
  const query = `SELECT ${selected.join(", ")} FROM (${withinLength(rows, target)}) AS f`;
  if (target.dry === true) {
    // Every value goes into the answer, so that none is left out.
    await connection.run(`SELECT bit_xor(hash(f)) FROM (${query}) AS f`);
    return [];
  }
  const name = fileNames(rows);
  const { location, layout } = target;
  const partitioned = layout.partitionColumns.length > 0;
  using _watched =
    rows.onBytes &&
    watchWritten({ folder: location, prefix: name, partitioned }, rows.onBytes);
  try {
    const result = await connection.run(
      `COPY (${query}) TO ${quoteText(target.location)} (${copyOptions(name, target)})`,
    );
    const written = writtenFiles(await result.getRowsJson());
    const drafts: FileDraft[] = [];
    // The kernel makes a file even of no rows.
    for (const file of written.filter(({ rowCount }) => rowCount > 0)) {
      drafts.push(await draft(file, target));
    }
    await syncFolders(drafts, target);
    return drafts;
  } catch (error) {
    await removeFiles(name, target);
    throw error;
  }
}

/** What every file of this write is called, up to what the kernel appends for each. */
function fileNames({ stageId, attempt }: RowsToWrite): string {
  return `part-${String(stageId).padStart(5, "0")}-${attempt}-${randomUUID()}-`;
}

/** What a failed write has made is of no use to anyone, least of all on a full disk. Whatever stays is VACUUM's. */
async function removeFiles(name: string, target: WriteTarget): Promise<void> {
  const { location, layout } = target;
  const recursive = layout.partitionColumns.length > 0;
  const found = await readdir(location, { recursive }).catch(() => []);
  for (const path of found) {
    if (basename(path).startsWith(name))
      await unlink(join(location, path)).catch(() => undefined);
  }
}

/** Assignment to varchar(n) and char(n): only blanks beyond the length are cut, char(n) is padded. */
function withinLength(rows: RowsToWrite, target: WriteTarget): string {
  const { sql, columns } = rows;
  const replaced = target.layout.columns.flatMap(({ type }, index) => {
    const name = columns[index]?.name;
    const limited = type.kind === "varchar" || type.kind === "bpchar";
    if (!limited || type.length === undefined || name === undefined) return [];
    const value = quoteName(name);
    const length = String(type.length);
    const message = `22001:value too long for type ${typeName(type)}(${length})`;
    const cut = `left(${value}, ${length})`;
    const kept = type.kind === "bpchar" ? `rpad(${cut}, ${length}, ' ')` : cut;
    return [
      `CASE WHEN length(rtrim(${value}, ' ')) > ${length} THEN error(${quoteText(message)}) ELSE ${kept} END AS ${value}`,
    ];
  });
  return replaced.length === 0
    ? sql
    : `SELECT * REPLACE (${replaced.join(", ")}) FROM (${sql}) AS g`;
}

/** Partition values go into the log as text, so they are made text here; the others get the type the table stores. */
function writtenColumns(
  name: string,
  column: LayoutColumn,
  target: WriteTarget,
): readonly (readonly [name: string, sql: string])[] {
  return target.layout.partitionColumns.includes(column.name)
    ? [[column.physicalName, partitionTextSql(quoteName(name), column.type)]]
    : physicalColumns(name, column);
}

/** The value, or the error that the row's violation names (planner/bind/violation.ts). */
function refused(violation: string | undefined, sql: string): string {
  if (violation === undefined) return sql;
  const error = quoteName(violation);
  return `CASE WHEN ${error} IS NOT NULL THEN error(${error}) ELSE ${sql} END`;
}

function copyOptions(name: string, target: WriteTarget): string {
  const { layout } = target;
  const options = [
    "FORMAT parquet",
    "COMPRESSION snappy",
    "RETURN_STATS true",
    "APPEND true",
    `FILENAME_PATTERN ${quoteText(`${name}{uuid}`)}`,
  ];
  const partitions = layout.partitionColumns.map((partition) => {
    const column = layout.columns.find(
      (candidate) => candidate.name === partition,
    );
    return quoteName(column?.physicalName ?? partition);
  });
  if (partitions.length > 0)
    options.push(`PARTITION_BY (${partitions.join(", ")})`);
  else options.push(`FILE_SIZE_BYTES ${target.targetFileBytes}`);
  const ids = fieldIds(
    layout.columns.filter(
      ({ name: column }) => !layout.partitionColumns.includes(column),
    ),
  );
  if (ids !== undefined) options.push(`FIELD_IDS ${ids}`);
  return options.join(", ");
}

/** The kernel's notation of Parquet field ids; undefined when the table has none. */
function fieldIds(columns: readonly LayoutColumn[]): string | undefined {
  const entries = columns.flatMap((column) => {
    const id = fieldIdOf(column);
    return id === undefined ? [] : [`${quoteText(fileName(column))}: ${id}`];
  });
  return entries.length === 0 ? undefined : `{${entries.join(", ")}}`;
}

/** Of a variant's two columns the first carries its id. */
function fileName({ physicalName, type }: LayoutColumn): string {
  return type.kind === "variant"
    ? physicalName + VARIANT_MARKS[0]
    : physicalName;
}

function fieldIdOf(column: LayoutColumn): string | undefined {
  const { fieldId, children = [], type } = column;
  const names =
    type.kind === "array"
      ? ["element"]
      : type.kind === "map"
        ? ["key", "value"]
        : undefined;
  const nested = children.flatMap((child, index) => {
    const id = fieldIdOf(child);
    return id === undefined
      ? []
      : [`${quoteText(names?.[index] ?? fileName(child))}: ${id}`];
  });
  if (nested.length === 0)
    return fieldId === undefined ? undefined : String(fieldId);
  const own = fieldId === undefined ? [] : [`__duckdb_field_id: ${fieldId}`];
  return `{${[...own, ...nested].join(", ")}}`;
}

async function draft(
  file: WrittenFile,
  target: WriteTarget,
): Promise<FileDraft> {
  const { layout } = target;
  const handle = await open(file.path, "r+");
  let { sizeBytes } = file;
  try {
    if (layout.columns.some(({ type }) => holdsVariant(type)))
      sizeBytes = await groupVariants(handle, sizeBytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
  const { mtimeMs } = await stat(file.path);
  return {
    path: relative(target.location, file.path),
    partitionValues: layout.partitionColumns.map((name) => {
      const column = layout.columns.find(
        (candidate) => candidate.name === name,
      );
      return file.partitionValues.get(column?.physicalName ?? name) ?? null;
    }),
    sizeBytes,
    rowCount: file.rowCount,
    modificationTimeMs: Math.floor(mtimeMs),
    stats: fileStats(file, target),
  };
}

/** A file survives power loss only once its folder's entry is on disk. */
async function syncFolders(
  drafts: readonly FileDraft[],
  target: WriteTarget,
): Promise<void> {
  const folders = new Set<string>([target.location]);
  for (const { path } of drafts) {
    let folder = dirname(path);
    while (folder !== ".") {
      folders.add(`${target.location}/${folder}`);
      folder = dirname(folder);
    }
  }
  for (const folder of folders) {
    const handle = await open(folder, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }
}
