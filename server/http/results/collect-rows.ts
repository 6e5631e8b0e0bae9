// A statement's rows -> chunks in its stored result, as they come: what cannot be written at once is not asked for. The limits of
// http-api sections 4.1 and 4.7 are kept here.

import type {
  EncodedRows,
  OutputColumn,
  RowSource,
} from "../../session/result.ts";
import { CHUNK_FORMATS, type ApiFormat, type Place } from "./chunk-format.ts";
import { inlineLimitExceeded } from "./errors.ts";
import type { ByteSpan, StoredResult } from "./result-store.ts";

export type Disposition =
  "INLINE" | "EXTERNAL_LINKS" | "INLINE_OR_EXTERNAL_LINKS";

/** What the client asked for. */
export interface Wanted {
  readonly format: ApiFormat;
  readonly disposition: Disposition;
  readonly rowLimit: number | undefined;
  readonly byteLimit: number | undefined;
}

export interface Chunk extends ByteSpan {
  /** From 0 in the result. */
  readonly rowOffset: number;
  readonly rowCount: number;
}

export interface Collected {
  readonly columns: readonly OutputColumn[];
  readonly chunks: readonly Chunk[];
  readonly rowCount: number;
  readonly byteCount: number;
  /** A limit left rows out. */
  readonly truncated: boolean;
  /** Whether answers hold the rows or links to them. */
  readonly delivery: "inline" | "links";
}

/** A chunk is closed once it holds this much: an answer is put together in memory, a link's body is sent from the disk. */
const INLINE_CHUNK_BYTES = 2 * 1024 * 1024;
const LINKED_CHUNK_BYTES = 16 * 1024 * 1024;
const INLINE_LIMIT_BYTES = 26_214_400;
const LINKED_LIMIT_BYTES = 100 * 1024 ** 3;
/** The most an answer holds where the client would take a link as well; as base64 a third more. */
const EITHER_INLINE_BYTES = 4 * 1024 * 1024;

/** Throws 54000 beyond the inline limit, 53100 without room, and what the rows throw. */
export async function collectRows(
  source: RowSource,
  columns: readonly OutputColumn[],
  wanted: Wanted,
  stored: StoredResult,
): Promise<Collected> {
  const chunks = new ChunkWriter(columns, wanted, stored);
  for await (const rows of encodedRows(source, columns, wanted.format)) {
    if (!(await chunks.add(rows))) break;
  }
  return chunks.finish();
}

async function* encodedRows(
  source: RowSource,
  columns: readonly OutputColumn[],
  format: ApiFormat,
): AsyncGenerator<EncodedRows> {
  if (source.kind === "encoded") yield* source.batches;
  else if (source.rows.length > 0)
    yield await CHUNK_FORMATS[format].fromText(source.rows, columns);
}

class ChunkWriter {
  readonly #columns: readonly OutputColumn[];
  readonly #wanted: Wanted;
  readonly #stored: StoredResult;
  readonly #chunkBytes: number;
  readonly #chunks: Chunk[] = [];
  /** Of the open chunk; without rows none is open. */
  #open = { offset: 0, rowOffset: 0 };
  #totalRows = 0;
  #truncated = false;

  constructor(
    columns: readonly OutputColumn[],
    wanted: Wanted,
    stored: StoredResult,
  ) {
    this.#columns = columns;
    this.#wanted = wanted;
    this.#stored = stored;
    this.#chunkBytes =
      wanted.disposition === "INLINE" ? INLINE_CHUNK_BYTES : LINKED_CHUNK_BYTES;
  }

  /** False when a limit is reached and nothing more is wanted. */
  async add(rows: EncodedRows): Promise<boolean> {
    if (rows.rowCount === 0) return true;
    const kept = await this.#withinLimits(rows);
    if (kept === undefined || kept.rowCount < rows.rowCount)
      this.#truncated = true;
    if (kept !== undefined) await this.#append(kept);
    return !this.#truncated;
  }

  async finish(): Promise<Collected> {
    await this.#close();
    await this.#stored.finish();
    return {
      columns: this.#columns,
      chunks: this.#chunks,
      rowCount: this.#totalRows,
      byteCount: this.#stored.sizeBytes,
      truncated: this.#truncated,
      delivery: this.#delivery(),
    };
  }

  #delivery(): Collected["delivery"] {
    const { disposition, format } = this.#wanted;
    if (disposition !== "INLINE_OR_EXTERNAL_LINKS")
      return disposition === "INLINE" ? "inline" : "links";
    const small =
      this.#chunks.length <= 1 && this.#stored.sizeBytes <= EITHER_INLINE_BYTES;
    return small && format !== "CSV" ? "inline" : "links";
  }

  /** Undefined when not even one row fits. */
  async #withinLimits(rows: EncodedRows): Promise<EncodedRows | undefined> {
    const { rowLimit = Infinity, byteLimit = LINKED_LIMIT_BYTES } =
      this.#wanted;
    const byRows = await this.#first(rows, rowLimit - this.#totalRows);
    const leftBytes = byteLimit - this.#stored.sizeBytes;
    let fitting = byRows;
    while (fitting !== undefined && fitting.bytes.byteLength > leftBytes) {
      const { rowCount, bytes } = fitting;
      const share = Math.max(0, leftBytes / bytes.byteLength);
      const count = Math.min(rowCount - 1, Math.floor(rowCount * share));
      fitting = await this.#first(fitting, count);
    }
    return fitting;
  }

  #first(
    rows: EncodedRows,
    count: number,
  ): EncodedRows | undefined | Promise<EncodedRows> {
    if (count <= 0) return undefined;
    return count >= rows.rowCount
      ? rows
      : CHUNK_FORMATS[this.#wanted.format].firstRows(rows, count);
  }

  async #append(rows: EncodedRows): Promise<void> {
    const { format, disposition } = this.#wanted;
    await this.#stored.append(
      CHUNK_FORMATS[format].pieces(rows, this.#place(), this.#columns),
    );
    this.#totalRows += rows.rowCount;
    const sizeBytes = this.#stored.sizeBytes;
    if (disposition === "INLINE" && sizeBytes > INLINE_LIMIT_BYTES)
      throw inlineLimitExceeded(INLINE_LIMIT_BYTES);
    if (sizeBytes - this.#open.offset >= this.#chunkBytes) await this.#close();
  }

  #place(): Place {
    if (this.#totalRows === 0) return "opens-result";
    return this.#totalRows === this.#open.rowOffset
      ? "opens-chunk"
      : "continues-chunk";
  }

  async #close(): Promise<void> {
    const { offset, rowOffset } = this.#open;
    const rowCount = this.#totalRows - rowOffset;
    if (rowCount === 0) return;
    const { end } = CHUNK_FORMATS[this.#wanted.format];
    if (end.length > 0) await this.#stored.append([end]);
    const sizeBytes = this.#stored.sizeBytes - offset;
    this.#chunks.push({ rowOffset, rowCount, offset, sizeBytes });
    this.#open = {
      offset: this.#stored.sizeBytes,
      rowOffset: this.#totalRows,
    };
  }
}
