// Footers of data files, kept by path and size: data files never change under a name.

import { open, type FileHandle } from "node:fs/promises";
import { parquetMetadata } from "hyparquet";
import { LRUCache } from "lru-cache";
import { SqlError } from "../../../storage/common/errors.ts";
import {
  damagedDataFile,
  missingDataFile,
} from "../../../storage/cache/errors.ts";
import { unreadableDataFile } from "../errors.ts";
import { fileSchema, type FileSchema } from "./file-schema.ts";

/** Footers are mostly smaller, so one read does. */
const TAIL_BYTES = 32 * 1024;
const TRAILER_BYTES = 8;
const CONCURRENCY = 16;

interface DataFile {
  readonly path: string;
  /** Where it is read, when that is not `path`. */
  readonly localPath?: string;
  readonly sizeBytes: number;
}

export class FooterCache {
  readonly #schemas: LRUCache<string, FileSchema>;

  /** @param entries about 2 kB each for a table of 20 columns */
  constructor(entries: number) {
    this.#schemas = new LRUCache({ max: entries });
  }

  /** In the order of `files`. Throws 58P01 and XX001, naming table and file. */
  async read(
    table: string,
    files: readonly DataFile[],
  ): Promise<readonly FileSchema[]> {
    const schemas: FileSchema[] = [];
    for (let at = 0; at < files.length; at += CONCURRENCY) {
      const some = files.slice(at, at + CONCURRENCY);
      schemas.push(
        ...(await Promise.all(some.map((file) => this.#one(table, file)))),
      );
    }
    return schemas;
  }

  async #one(table: string, file: DataFile): Promise<FileSchema> {
    const key = `${file.sizeBytes}:${file.path}`;
    const known = this.#schemas.get(key);
    if (known !== undefined) return known;
    const schema = await readSchema(table, file);
    this.#schemas.set(key, schema);
    return schema;
  }
}

/** Footers are shared by thousands of equal files; each is parsed once, but its text is not kept. */
async function readSchema(
  table: string,
  { path, localPath = path }: DataFile,
): Promise<FileSchema> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(localPath, "r");
    const tail = await readTail(handle, table, path);
    return fileSchema(parquetMetadata(tail));
  } catch (error) {
    throw asDataFileError(table, path, error);
  } finally {
    await handle?.close();
  }
}

async function readTail(
  handle: FileHandle,
  table: string,
  path: string,
): Promise<ArrayBuffer> {
  const { size } = await handle.stat();
  if (size < TRAILER_BYTES + 4) {
    throw damagedDataFile(table, path, "it is too short to be Parquet");
  }
  const first = await readAt(handle, size, Math.min(size, TAIL_BYTES));
  const trailer = Buffer.from(first).subarray(-TRAILER_BYTES);
  if (trailer.toString("latin1", 4) !== "PAR1") {
    throw damagedDataFile(table, path, "it does not end as Parquet");
  }
  const needed = trailer.readUInt32LE(0) + TRAILER_BYTES;
  if (needed > size) {
    throw damagedDataFile(table, path, "its footer is cut off");
  }
  return needed <= first.byteLength ? first : readAt(handle, size, needed);
}

async function readAt(
  handle: FileHandle,
  size: number,
  length: number,
): Promise<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(
      bytes,
      done,
      length - done,
      size - length + done,
    );
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes.buffer;
}

function asDataFileError(
  table: string,
  path: string,
  error: unknown,
): SqlError {
  if (error instanceof SqlError) return error;
  const code = errorCode(error);
  if (code === "ENOENT" || code === "ENOTDIR")
    return missingDataFile(table, path);
  if (code !== undefined) return unreadableDataFile(table, path, error);
  return damagedDataFile(table, path, "its footer is not valid", error);
}

function errorCode(error: unknown): string | undefined {
  return error instanceof Error &&
    "code" in error &&
    typeof error.code === "string"
    ? error.code
    : undefined;
}
