// Deleted rows of a group of files, as a kernel table to join against (Delta protocol, "Deletion Vectors", D7).

import {
  BIGINT,
  DuckDBDataChunk,
  type DuckDBConnection,
} from "../../../storage/kernel/duckdb.ts";
import { readDeletionVector } from "../../../storage/delta/deletion-vector.ts";
import {
  differenceOf,
  NO_ROWS,
  rowsOf,
  type RowSet,
} from "../../../storage/delta/row-set.ts";
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

/** Reads each vector where it lies; one that stands in the log needs no store. */
export function vectorReader(
  storeFor: (location: string) => ObjectStore,
): DeletionVectorReader {
  return (descriptor) => {
    const { storageType, location } = descriptor;
    const store = storeFor(storageType === "i" ? "/" : location);
    return readDeletionVector(store, descriptor);
  };
}

const CHUNK = 2048;

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

export async function fillDeletions(
  connection: DuckDBConnection,
  group: FileGroup,
  read: DeletionVectorReader,
): Promise<void> {
  const table = group.deletions;
  if (table === undefined) return;
  await connection.run(
    `CREATE TEMP TABLE ${table} (file_index BIGINT, row_number BIGINT)`,
  );
  const appender = await connection.createAppender(table, "main", "temp");
  let rows: [bigint, bigint][] = [];
  const flush = (): void => {
    if (rows.length === 0) return;
    const chunk = DuckDBDataChunk.create([BIGINT, BIGINT]);
    chunk.setRows(rows);
    appender.appendDataChunk(chunk);
    rows = [];
  };
  for (const [index, split] of group.splits.entries()) {
    for (const position of rowsOf(await listedRows(split, read))) {
      rows.push([BigInt(index), BigInt(position)]);
      if (rows.length === CHUNK) flush();
    }
  }
  flush();
  appender.closeSync();
}
