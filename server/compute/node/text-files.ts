// CSV and JSON files on a node: their rows as texts in a temporary table, of those columns alone that the scan asks for. What a text
// means is the fragment's SQL to say.

import { open, realpath, type FileHandle } from "node:fs/promises";
import type { DuckDBConnection } from "../../../storage/kernel/duckdb.ts";
import { SqlError, throwIfAborted } from "../../../storage/common/errors.ts";
import type { CsvFormat, JsonFormat } from "../../../storage/files/format.ts";
import { invariant } from "../../../storage/common/invariant.ts";
import { baseName } from "../../../storage/object-store/store.ts";
import type { Split } from "../../../storage/scan/split.ts";
import {
  MALFORMED_COLUMN,
  RECORD_COLUMN,
} from "../../../planner/logical/text-files.ts";
import { missingDataFile } from "../../../storage/cache/errors.ts";
import { textOfFile } from "../../files/compressed.ts";
import { CsvRows, type TextRows } from "../../files/csv-rows.ts";
import { malformedRecord } from "../../files/errors.ts";
import { headerNames } from "../../files/infer-columns.ts";
import { JsonRows } from "../../files/json-rows.ts";
import { unreadableDataFile } from "../errors.ts";
import type { FragmentScan } from "../fragment.ts";
import { Fields, NULL_FIELD } from "./copy/fields.ts";
import { TextColumns } from "./copy/text-columns.ts";
import type { FileGroup } from "./scan-sql.ts";

const PIECE_BYTES = 1024 * 1024;

type TextFormat = CsvFormat | JsonFormat;

/** Where a file's value goes: a field of its rows, or one of the two texts beside them. Undefined: the file has no such column. */
type Origin = number | "record" | "malformed" | undefined;

/** Fills `table` and gives the one group that reads it. Throws 22P04 in mode FAILFAST, 58P01, 54000. */
export async function textGroup(
  connection: DuckDBConnection,
  scan: FragmentScan,
  read: {
    readonly format: TextFormat;
    readonly table: string;
    readonly signal: AbortSignal;
  },
): Promise<FileGroup> {
  const { format, table, signal } = read;
  const { partitionColumns, columns } = scan.layout;
  const all = columns.flatMap(({ name }) =>
    partitionColumns.includes(name) ? [] : [name],
  );
  const asked = new Set(
    scan.columns.flatMap(({ source }) =>
      source.kind === "column" ? [source.name] : [],
    ),
  );
  const wanted = all.filter((name) => asked.has(name));
  using rows = await TextColumns.open(connection, table, [
    ...wanted.map((_, place) => `t${place}`),
    "file_index",
    "file_row_number",
  ]);
  const reader: Reader = { scan, format, all, wanted, to: rows, signal };
  const beginnings = new ReadAhead(scan.tableName, scan.splits);
  for (const [index, split] of scan.splits.entries())
    await readFile(reader, split, { index, begun: beginnings.take(index) });
  rows.flush();
  return {
    splits: scan.splits,
    schema: { columns: [], properties: new Map() },
    deletions: undefined,
    keeps: false,
    texts: {
      relation: `(SELECT * REPLACE (CAST(file_row_number AS BIGINT) AS file_row_number) FROM temp.${table})`,
      columns: new Map(wanted.map((name, place) => [name, `t${place}`])),
    },
  };
}

interface Reader {
  readonly scan: FragmentScan;
  readonly format: TextFormat;
  /** Fields in the order of the layout, then the two texts beside them. */
  readonly all: readonly string[];
  readonly wanted: readonly string[];
  readonly to: TextColumns;
  readonly signal: AbortSignal;
}

async function readFile(
  reader: Reader,
  { path }: Split,
  file: { readonly index: number; readonly begun: Promise<Begun> },
): Promise<void> {
  const { format, to } = reader;
  const source = rowsOf(reader);
  const name = baseName(path);
  let plan: FilePlan | undefined;
  let rowNumber = 0;
  const out = new Fields();
  const index = Buffer.from(String(file.index));
  const take = (atEnd: boolean): void => {
    if (plan === undefined) {
      const names = headerOf(source, format, atEnd);
      if (names === "unread" && !atEnd) return;
      plan = filePlan(reader, names);
    }
    while (source.next(atEnd)) {
      const { count } = source.fields;
      const problem =
        source.problem ??
        (format.kind === "csv" && count !== plan.fieldCount
          ? `it has ${count} fields instead of ${plan.fieldCount}`
          : undefined);
      if (problem !== undefined && format.mode === "failfast")
        throw malformedRecord(name, rowNumber + 1, problem);
      addRow(out, source, plan.origins, problem);
      out.add(index, 0, index.length);
      const number = Buffer.from(String(rowNumber));
      out.add(number, 0, number.length);
      to.add(out);
      rowNumber += 1;
    }
  };
  for await (const piece of textOfFile(path, piecesOf(await file.begun))) {
    throwIfAborted(reader.signal);
    source.push(piece);
    take(false);
  }
  take(true);
}

interface FilePlan {
  /** By column wanted. */
  readonly origins: readonly Origin[];
  /** Fields a CSV record has. */
  readonly fieldCount: number;
}

function rowsOf({ format, all }: Reader): TextRows {
  return format.kind === "csv"
    ? new CsvRows(format)
    : new JsonRows(
        all.filter((name) => !BESIDE.has(name)),
        format.multiLine,
      );
}

const BESIDE: ReadonlySet<string> = new Set([RECORD_COLUMN, MALFORMED_COLUMN]);

/** Undefined without a header; `unread` when its end has not come. */
function headerOf(
  rows: TextRows,
  format: TextFormat,
  atEnd: boolean,
): readonly string[] | "unread" | undefined {
  if (format.kind === "json" || !format.header) return undefined;
  return headerNames(rows, format, atEnd) ?? "unread";
}

/** Columns taken from files are found by the file's own header; declared ones, and those without a header, by their place. */
function filePlan(
  { format, all, wanted }: Reader,
  names: readonly string[] | "unread" | undefined,
): FilePlan {
  const fields = all.filter((name) => !BESIDE.has(name));
  const byName =
    names !== undefined &&
    names !== "unread" &&
    format.kind === "csv" &&
    format.byHeader
      ? names.map((name) => name.toLowerCase())
      : undefined;
  const placeOf = (name: string): Origin => {
    const place =
      byName === undefined
        ? fields.indexOf(name)
        : byName.indexOf(name.toLowerCase());
    return place < 0 ? undefined : place;
  };
  return {
    fieldCount: byName?.length ?? fields.length,
    origins: wanted.map((name) => {
      if (name === RECORD_COLUMN) return "record";
      return name === MALFORMED_COLUMN ? "malformed" : placeOf(name);
    }),
  };
}

/** The fields wanted; of a record that cannot be split, only what it is. */
function addRow(
  out: Fields,
  source: TextRows,
  origins: readonly Origin[],
  problem: string | undefined,
): void {
  const { fields, problem: unreadable } = source;
  out.reset(0);
  for (const origin of origins) {
    if (origin === "record") addBytes(out, source.record());
    else if (origin === "malformed") {
      if (problem === undefined) out.addNull();
      else addBytes(out, Buffer.from(problem));
    } else if (
      origin === undefined ||
      unreadable !== undefined ||
      origin >= fields.count ||
      fields.end[origin] === NULL_FIELD
    ) {
      out.addNull();
    } else {
      out.add(
        fields.bytes[origin] ?? NOTHING,
        fields.start[origin] ?? 0,
        fields.end[origin] ?? 0,
      );
    }
  }
}

const NOTHING = new Uint8Array(0);

function addBytes(out: Fields, bytes: Uint8Array): void {
  out.add(bytes, 0, bytes.length);
}

/** The file that was listed, and not what a link put in its place leads to. Throws 58P01, 58030. */
async function opened(
  table: string,
  path: string,
  localPath: string,
): Promise<FileHandle> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(localPath, "r");
    if (localPath === path && (await realpath(path)) !== path)
      throw missingDataFile(table, path);
    return handle;
  } catch (error) {
    await handle?.close();
    if (error instanceof SqlError) throw error;
    const gone =
      error instanceof Error && "code" in error && error.code === "ENOENT";
    throw gone
      ? missingDataFile(table, path)
      : unreadableDataFile(table, path, error);
  }
}

/** A small file's bytes, or an open large one. */
type Begun = { readonly bytes: Uint8Array } | { readonly handle: FileHandle };

const AHEAD = 8;

/** Begins to read the next few files while one is taken in: most of a small file's time is waiting for the disk. */
class ReadAhead {
  readonly #table: string;
  readonly #splits: readonly Split[];
  readonly #begun = new Map<number, Promise<Begun>>();

  constructor(table: string, splits: readonly Split[]) {
    this.#table = table;
    this.#splits = splits;
  }

  /** Taken in order. Throws 58P01, 58030. */
  take(index: number): Promise<Begun> {
    const until = Math.min(this.#splits.length, index + AHEAD);
    for (let next = index; next < until; next += 1) {
      const split = this.#splits[next];
      const small = (split?.sizeBytes ?? 0) <= PIECE_BYTES;
      if (split === undefined || this.#begun.has(next)) continue;
      if (next > index && !small) continue;
      const begun = this.#begin(split, small);
      // Whoever takes it hears of a failure; after an earlier file's, nobody does.
      begun.catch(() => undefined);
      this.#begun.set(next, begun);
    }
    const own = this.#begun.get(index);
    invariant(own !== undefined, "the file was begun");
    this.#begun.delete(index);
    return own;
  }

  async #begin(
    { path, localPath = path }: Split,
    small: boolean,
  ): Promise<Begun> {
    const handle = await opened(this.#table, path, localPath);
    if (!small) return { handle };
    try {
      return { bytes: await handle.readFile() };
    } finally {
      await handle.close();
    }
  }
}

async function* piecesOf(begun: Begun): AsyncGenerator<Uint8Array> {
  if ("bytes" in begun) {
    yield begun.bytes;
    return;
  }
  await using handle = begun.handle;
  const buffer = Buffer.allocUnsafe(PIECE_BYTES);
  for (;;) {
    const { bytesRead } = await handle.read(buffer, 0, PIECE_BYTES, null);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}
