// Rows kept in memory for cursors that move back or outlive their transaction, with a byte limit.
// Rows count from 1, as cursor positions do; encoded portions are kept whole and cut at message lengths when read.

import { spoolFull } from "./errors.ts";
import type { EncodedRows, RowSource } from "./result.ts";
import { messageOffset } from "./rows.ts";
import type { RowPortion } from "./rows.ts";

interface Chunk {
  /** Number of its first row. */
  readonly first: number;
  readonly portion: RowPortion;
}

export class Spool {
  readonly #limitBytes: number;
  readonly #chunks: Chunk[] = [];
  /** Number of the first row it can hold: those before were given away. */
  readonly #firstRow: number;
  #rowCount = 0;
  #sizeBytes = 0;

  constructor(firstRow: number, limitBytes: number) {
    this.#firstRow = firstRow;
    this.#limitBytes = limitBytes;
  }

  /** Number of the last row held. */
  get lastRow(): number {
    return this.#firstRow + this.#rowCount - 1;
  }

  /** Throws 53200 when the limit is passed. */
  add(portion: RowPortion): void {
    this.#sizeBytes += portionBytes(portion);
    if (this.#sizeBytes > this.#limitBytes) throw spoolFull(this.#limitBytes);
    this.#chunks.push({ first: this.lastRow + 1, portion });
    this.#rowCount += portion.rowCount;
  }

  /** Rows `from` to `to`, both included and both held; backwards when `from` is greater. */
  read(from: number, to: number): RowSource {
    const step = from <= to ? 1 : -1;
    const numbers = Array.from(
      { length: Math.abs(to - from) + 1 },
      (_, index) => from + index * step,
    );
    const text: (readonly (string | null)[])[] = [];
    const encoded: Uint8Array[] = [];
    for (const number of numbers) {
      const chunk = this.#chunkOf(number);
      if (chunk === undefined) continue;
      const { portion } = chunk;
      const index = number - chunk.first;
      if (portion.kind === "text") text.push(portion.rows[index] ?? []);
      else encoded.push(rowBytes(portion.bytes, index));
    }
    return encoded.length > 0
      ? { kind: "encoded", batches: once(encoded) }
      : { kind: "text", rows: text };
  }

  #chunkOf(row: number): Chunk | undefined {
    let low = 0;
    let high = this.#chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#chunks[middle]?.first ?? 0) <= row) low = middle;
      else high = middle - 1;
    }
    return this.#chunks[low];
  }
}

function rowBytes(bytes: Uint8Array, index: number): Uint8Array {
  const start = messageOffset(bytes, index);
  const rest = bytes.subarray(start);
  return rest.subarray(0, messageOffset(rest, 1));
}

// eslint-disable-next-line @typescript-eslint/require-await -- RowSource is pulled, also where nothing is waited for
async function* once(rows: readonly Uint8Array[]): AsyncGenerator<EncodedRows> {
  yield { bytes: Buffer.concat(rows), rowCount: rows.length };
}

function portionBytes(portion: RowPortion): number {
  if (portion.kind === "encoded") return portion.bytes.byteLength;
  let size = 0;
  for (const row of portion.rows) {
    for (const cell of row) size += 8 + (cell?.length ?? 0) * 2;
  }
  return size;
}
