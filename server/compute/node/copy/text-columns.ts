// Rows of texts -> chunks of the kernel, appended to a table. Short strings are laid out here as the kernel holds them, a column of
// a chunk in one copy; long ones, which the kernel has to keep elsewhere, take a call each.

import {
  bindings,
  DuckDBDataChunk,
  VARCHAR,
  type DuckDBConnection,
} from "../../../../storage/kernel/duckdb.ts";
import { quoteName } from "../kernel-types.ts";
import { NULL_FIELD, type Fields } from "./fields.ts";

type Appender = Awaited<ReturnType<DuckDBConnection["createAppender"]>>;

const CHUNK_ROWS = 2048;

/** A temporary table of text columns that is filled row by row. */
export class TextColumns implements Disposable {
  readonly #appender: Appender;
  readonly #columns: readonly TextColumn[];
  #row = 0;

  private constructor(appender: Appender, count: number) {
    this.#appender = appender;
    this.#columns = Array.from({ length: count }, () => new TextColumn());
  }

  /** Replaces what was in the table. */
  static async open(
    connection: DuckDBConnection,
    table: string,
    names: readonly string[],
  ): Promise<TextColumns> {
    const columns = names.map((name) => `${quoteName(name)} VARCHAR`);
    await connection.run(
      `CREATE OR REPLACE TEMPORARY TABLE ${quoteName(table)} (${columns.join(", ")})`,
    );
    return new TextColumns(
      await connection.createAppender(table, undefined, "temp"),
      names.length,
    );
  }

  add(fields: Fields): void {
    for (let place = 0; place < this.#columns.length; place++) {
      this.#columns[place]?.set(this.#row, fields, place);
    }
    this.#row += 1;
    if (this.#row === CHUNK_ROWS) this.#append();
  }

  /** Everything added is in the table then. */
  flush(): void {
    if (this.#row > 0) this.#append();
    this.#appender.flushSync();
  }

  [Symbol.dispose](): void {
    this.#appender.closeSync();
  }

  #append(): void {
    const chunk = DuckDBDataChunk.create(
      this.#columns.map(() => VARCHAR),
      this.#row,
    );
    this.#columns.forEach((column, place) =>
      column.moveTo(
        bindings.data_chunk_get_vector(chunk.chunk, place),
        this.#row,
      ),
    );
    this.#appender.appendDataChunk(chunk);
    this.#row = 0;
  }
}

/** A string as the kernel holds it: u32 length, then up to 12 bytes; of a longer one a prefix and a pointer. */
const HEADER_BYTES = 16;
const INLINE_BYTES = 12;

type Vector = ReturnType<typeof bindings.data_chunk_get_vector>;

/** One column of the chunk being filled. */
class TextColumn {
  readonly #headers = new Uint8Array(CHUNK_ROWS * HEADER_BYTES);
  readonly #valid = new Uint8Array(CHUNK_ROWS / 8).fill(0xff);
  #anyNull = false;
  /** Rows of long strings, and where each ends in `#long`. */
  readonly #longRows: number[] = [];
  readonly #longEnds: number[] = [];
  #long = new Uint8Array(0);
  #used = 0;

  set(row: number, fields: Fields, place: number): void {
    const bytes = fields.bytes[place];
    const start = fields.start[place] ?? 0;
    const end = fields.end[place] ?? NULL_FIELD;
    const at = row * HEADER_BYTES;
    const headers = this.#headers;
    const length = end - start;
    if (end === NULL_FIELD || bytes === undefined) {
      this.#anyNull = true;
      this.#valid[row >> 3] = (this.#valid[row >> 3] ?? 0) & ~(1 << (row & 7));
      headers.fill(0, at, at + HEADER_BYTES);
    } else if (length > INLINE_BYTES) {
      this.#keep(row, bytes, start, end);
      headers.fill(0, at, at + HEADER_BYTES);
    } else {
      headers[at] = length;
      headers[at + 1] = 0;
      headers[at + 2] = 0;
      headers[at + 3] = 0;
      for (let i = 0; i < INLINE_BYTES; i++) {
        headers[at + 4 + i] = i < length ? (bytes[start + i] ?? 0) : 0;
      }
    }
  }

  /** Fills the vector and is empty again. */
  moveTo(vector: Vector, rows: number): void {
    bindings.copy_data_to_vector(
      vector,
      0,
      this.#headers.buffer,
      0,
      rows * HEADER_BYTES,
    );
    if (this.#anyNull) {
      bindings.vector_ensure_validity_writable(vector);
      const size = Math.ceil(rows / 64) * 8;
      bindings.copy_data_to_vector_validity(
        vector,
        0,
        this.#valid.buffer,
        0,
        size,
      );
      this.#valid.fill(0xff);
      this.#anyNull = false;
    }
    let start = 0;
    this.#longRows.forEach((row, index) => {
      const end = this.#longEnds[index] ?? start;
      bindings.vector_assign_string_element_len(
        vector,
        row,
        this.#long.subarray(start, end),
      );
      start = end;
    });
    this.#longRows.length = 0;
    this.#longEnds.length = 0;
    this.#used = 0;
  }

  #keep(row: number, bytes: Uint8Array, start: number, end: number): void {
    const needed = this.#used + end - start;
    if (this.#long.length < needed) {
      const larger = new Uint8Array(needed * 2);
      larger.set(this.#long.subarray(0, this.#used));
      this.#long = larger;
    }
    this.#long.set(bytes.subarray(start, end), this.#used);
    this.#used = needed;
    this.#longRows.push(row);
    this.#longEnds.push(needed);
  }
}
