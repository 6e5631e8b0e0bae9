// Pulls rows from a result in portions: a portal or cursor gives some now and the rest later.
// Encoded rows are DataRow messages back to back, so a portion is cut at message lengths without decoding anything.

import { invariant } from "../../storage/common/invariant.ts";
import type { EncodedRows, RowSource } from "./result.ts";

export type TextRow = readonly (string | null)[];

export type RowPortion =
  | {
      readonly kind: "encoded";
      readonly bytes: Uint8Array;
      readonly rowCount: number;
    }
  | {
      readonly kind: "text";
      readonly rows: readonly TextRow[];
      readonly rowCount: number;
    };

/** Type byte and length word of a message. */
const HEADER_BYTES = 5;

export class RowReader {
  readonly #text: readonly TextRow[] | undefined;
  readonly #batches: AsyncIterator<EncodedRows> | undefined;
  #rest: EncodedRows | undefined;
  #ended = false;
  #given = 0;

  constructor(source: RowSource) {
    if (source.kind === "text") this.#text = source.rows;
    else this.#batches = source.batches[Symbol.asyncIterator]();
  }

  /** How many rows were given so far. */
  get rowsGiven(): number {
    return this.#given;
  }

  /** Up to `limit` rows, at least one; undefined at the end. A portion may be smaller than what is left. */
  async next(limit: number): Promise<RowPortion | undefined> {
    const rows = this.nextText(limit);
    if (rows !== undefined)
      return rows.length === 0
        ? undefined
        : { kind: "text", rows, rowCount: rows.length };
    const portion = await this.#nextEncoded(limit);
    this.#given += portion?.rowCount ?? 0;
    return portion;
  }

  async #nextEncoded(limit: number): Promise<RowPortion | undefined> {
    const batch = this.#rest ?? (await this.#pull());
    if (batch === undefined) return undefined;
    if (batch.rowCount <= limit) {
      this.#rest = undefined;
      return { kind: "encoded", ...batch };
    }
    const cut = messageOffset(batch.bytes, limit);
    this.#rest = {
      bytes: batch.bytes.subarray(cut),
      rowCount: batch.rowCount - limit,
    };
    return {
      kind: "encoded",
      bytes: batch.bytes.subarray(0, cut),
      rowCount: limit,
    };
  }

  /** Up to `limit` rows made in the gateway, for which nobody has to wait; undefined when rows come from nodes. */
  nextText(limit: number): readonly TextRow[] | undefined {
    if (this.#text === undefined) return undefined;
    const from = this.#given;
    const all = from === 0 && limit >= this.#text.length;
    const rows = all ? this.#text : this.#text.slice(from, from + limit);
    this.#given += rows.length;
    return rows;
  }

  /** Ends the query when rows are left; the promise is of that. */
  close(): Promise<void> | undefined {
    const batches = this.#ended ? undefined : this.#batches;
    this.#ended = true;
    this.#rest = undefined;
    return batches?.return?.().then(() => undefined);
  }

  async #pull(): Promise<EncodedRows | undefined> {
    while (!this.#ended && this.#batches !== undefined) {
      const step = await this.#batches.next();
      if (step.done === true) {
        this.#ended = true;
        return undefined;
      }
      if (step.value.rowCount > 0) return step.value;
    }
    return undefined;
  }
}

/** Where message number `count` (from 0) begins. */
export function messageOffset(bytes: Uint8Array, count: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let offset = 0;
  for (let index = 0; index < count; index += 1) {
    invariant(
      offset + HEADER_BYTES <= bytes.byteLength,
      "a batch holds fewer rows than it says",
    );
    offset += 1 + view.getUint32(offset + 1);
  }
  return offset;
}
