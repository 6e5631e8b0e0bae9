// Deleted rows of a group of files, as a kernel table to join against (Delta protocol, "Deletion Vectors", D7).

import { LRUCache } from "lru-cache";
import { SqlError } from "../../../storage/common/errors.ts";
import {
  BIGINT,
  BLOB,
  DuckDBBlobValue,
  DuckDBDataChunk,
  type DuckDBAppender,
  type DuckDBConnection,
  type DuckDBType,
  type DuckDBValue,
} from "../../../storage/kernel/duckdb.ts";
import { readDeletionVector } from "../../../storage/delta/deletion-vector/deletion-vector.ts";
import {
  CHUNK_ROWS,
  differenceOf,
  NO_ROWS,
  valuesOf,
  type RowSet,
} from "../../../storage/delta/deletion-vector/row-set.ts";
import type { ObjectStore } from "../../../storage/object-store/store.ts";
import type {
  DeletionVectorDescriptor,
  Split,
} from "../../../storage/scan/split.ts";
import type { FileGroup } from "./scan-sql.ts";

/** Throws when the vector is missing or damaged (D8). */
export type DeletionVectorReader = (
  descriptor: DeletionVectorDescriptor,
) => Promise<RowSet>;

/** Serialized; in memory they are of the same order. */
const REMOTE_VECTOR_BYTES = 64 * 1024 * 1024;

/**
 * Reads each vector where it lies; one that stands in the log needs no store. Those of remote stores are kept: their files never
 * change, and each costs two requests.
 */
export function vectorReader(
  storeFor: (location: string) => ObjectStore,
): DeletionVectorReader {
  const remote = new LRUCache<string, RowSet>({
    maxSize: REMOTE_VECTOR_BYTES,
    sizeCalculation: (_rows, key) => Number(key.split(" ", 1)[0]) + 1_000,
  });
  return async (descriptor) => {
    const { storageType, location, offset, sizeInBytes } = descriptor;
    const store = storeFor(storageType === "i" ? "/" : location);
    if (storageType === "i" || store.localPath(location) !== undefined)
      return readDeletionVector(store, descriptor);
    const key = `${sizeInBytes} ${offset ?? ""} ${location}`;
    const known = remote.get(key);
    if (known !== undefined) return known;
    const rows = await readDeletionVector(store, descriptor);
    remote.set(key, rows);
    return rows;
  };
}

const CHUNK = 2048;

/** What it throws says whose vector it was. */
export function vectorsOfTable(
  tableName: string,
  read: DeletionVectorReader,
): DeletionVectorReader {
  return async (descriptor) => {
    try {
      return await read(descriptor);
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      const { code, message, detail, hint } = error;
      const whose = `It belongs to table "${tableName}".`;
      throw new SqlError(code, message, {
        detail: detail === undefined ? whose : `${detail} ${whose}`,
        hint,
        cause: error,
      });
    }
  };
}

/** Rows to leave out; with `onlyRows` those to read. */
async function listedRows(
  { deletionVector, onlyRows }: Split,
  read: DeletionVectorReader,
): Promise<RowSet> {
  const deleted =
    deletionVector === undefined ? NO_ROWS : await read(deletionVector);
  return onlyRows === undefined
    ? deleted
    : differenceOf(await read(onlyRows), deleted);
}

/**
 * Fills the group's table, and gives the group as its scan must read it: chunks of 65,536 rows most of which could be listed go as
 * bitmaps to a table of their own, which is many times smaller and asked by position instead of joined row by row.
 */
export async function fillDeletions(
  connection: DuckDBConnection,
  group: FileGroup,
  read: DeletionVectorReader,
): Promise<FileGroup> {
  const table = group.deletions;
  if (table === undefined) return group;
  await connection.run(
    `CREATE TEMP TABLE ${table} (file_index BIGINT, row_number BIGINT)`,
  );
  const listed = appending(
    await connection.createAppender(table, "main", "temp"),
    [BIGINT, BIGINT],
  );
  const dense: DenseChunk[] = [];
  for (const [index, split] of group.splits.entries()) {
    for (const [number, chunk] of await listedRows(split, read)) {
      if (chunk.kind === "bits" && !group.keeps) {
        dense.push({ fileIndex: index, number, bits: chunk.bits });
        continue;
      }
      for (const value of valuesOf(chunk))
        listed.add([BigInt(index), BigInt(number * CHUNK_ROWS + value)]);
    }
  }
  listed.close();
  if (dense.length === 0) return group;
  const bitmaps = `${table}_bits`;
  await fillBitmaps(connection, bitmaps, dense);
  return { ...group, bitmaps };
}

interface DenseChunk {
  readonly fileIndex: number;
  /** Of the chunk in its file, from 0. */
  readonly number: number;
  readonly bits: Uint8Array;
}

async function fillBitmaps(
  connection: DuckDBConnection,
  table: string,
  chunks: readonly DenseChunk[],
): Promise<void> {
  const staged = `${table}_staged`;
  await connection.run(
    `CREATE TEMP TABLE ${staged} (file_index BIGINT, chunk BIGINT, bits BLOB)`,
  );
  const rows = appending(
    await connection.createAppender(staged, "main", "temp"),
    [BIGINT, BIGINT, BLOB],
  );
  for (const { fileIndex, number, bits } of chunks) {
    // The kernel's bit 0 is the highest of the first byte.
    const mirrored = bits.map((byte) => MIRRORED[byte] ?? 0);
    rows.add([
      BigInt(fileIndex),
      BigInt(number),
      new DuckDBBlobValue(mirrored),
    ]);
  }
  rows.close();
  await connection.run(
    `CREATE TEMP TABLE ${table} AS SELECT file_index, chunk, CAST(bits AS BIT) AS bits FROM ${staged}`,
  );
  await connection.run(`DROP TABLE ${staged}`);
}

/** Bytes with their bits in the other order. */
const MIRRORED: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) =>
  Array.from(
    { length: 8 },
    (_bit, at) => ((byte >> at) & 1) << (7 - at),
  ).reduce((sum, bit) => sum | bit, 0),
);

type Row = readonly DuckDBValue[];

/** Rows to an appender, a kernel chunk at a time. */
function appending(
  appender: DuckDBAppender,
  types: readonly DuckDBType[],
): { readonly add: (row: Row) => void; readonly close: () => void } {
  let rows: Row[] = [];
  const flush = (): void => {
    if (rows.length === 0) return;
    const chunk = DuckDBDataChunk.create(types);
    chunk.setRows(rows);
    appender.appendDataChunk(chunk);
    rows = [];
  };
  return {
    add: (row) => {
      rows.push(row);
      if (rows.length === CHUNK) flush();
    },
    close: () => {
      flush();
      appender.closeSync();
    },
  };
}
