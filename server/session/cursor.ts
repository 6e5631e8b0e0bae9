// A cursor: where it stands, and FETCH and MOVE in PostgreSQL's terms. Positions: 0 before the first row, n on row n, last + 1 behind the end.
// Rows come straight from the query; SCROLL and held cursors keep them in a spool.

import { queryCanceled } from "../../storage/common/errors.ts";
import type { Cancellation } from "./engine.ts";
import { cursorFormatChanged, forwardOnly } from "./errors.ts";
import type { EncodedRows, OutputColumn, RowSource } from "./result.ts";
import { RowReader } from "./rows.ts";
import type { RowPortion } from "./rows.ts";
import { Spool, type SpoolOptions } from "./spool.ts";

type Formats = readonly ("text" | "binary")[];

export interface CursorOptions {
  readonly name: string;
  /** What declared it, and when: for pg_cursors. */
  readonly text: string;
  readonly createdAtMs: number;
  readonly columns: readonly OutputColumn[];
  /** WITH HOLD. */
  readonly hold: boolean;
  readonly scroll: boolean;
  /** Starts the query; called once, at the first use. */
  readonly run: (
    formats: Formats,
    cancellation: Cancellation,
  ) => Promise<RowSource>;
  /** BINARY: what a simple query's FETCH gives. */
  readonly binary: boolean;
  readonly spool: SpoolOptions;
}

/** A query that runs already, and whose rows others take too. */
export interface RunningQuery {
  readonly reader: RowReader;
  readonly formats: Formats;
  readonly controller: AbortController;
}

export type FetchDirection = "forward" | "backward" | "absolute" | "relative";

export class Cursor {
  readonly name: string;
  readonly columns: readonly OutputColumn[];
  readonly hold: boolean;
  readonly binary: boolean;
  readonly text: string;
  readonly createdAtMs: number;
  readonly #options: CursorOptions;
  readonly #controller: AbortController;
  #formats: Formats | undefined;
  #reader: RowReader | undefined;
  #spool: Spool | undefined;
  #position: number;
  #ended = false;
  #held = false;

  constructor(options: CursorOptions, running?: RunningQuery) {
    this.#options = options;
    this.#controller = running?.controller ?? new AbortController();
    this.#formats = running?.formats;
    this.#reader = running?.reader;
    this.#position = running?.reader.rowsGiven ?? 0;
    this.name = options.name;
    this.columns = options.columns;
    this.hold = options.hold;
    this.binary = options.binary;
    this.text = options.text;
    this.createdAtMs = options.createdAtMs;
    if (options.scroll) this.#spool = this.#newSpool();
  }

  get scroll(): boolean {
    return this.#options.scroll;
  }

  /** Whether its transaction has committed. */
  get isHeld(): boolean {
    return this.#held;
  }

  /** `count` undefined is ALL. Throws 55000, 0A000, 57014, and what the query throws. */
  async fetch(
    direction: FetchDirection,
    count: number | undefined,
    formats: Formats,
    signal: AbortSignal,
  ): Promise<RowSource> {
    await this.#start(formats, signal);
    const range = await this.#range(direction, count, signal);
    if (range.kind === "stream") return this.#stream(range.limit, signal);
    if (range.kind === "none" || this.#spool === undefined) {
      return { kind: "text", rows: [] };
    }
    return this.#spool.read(range.from, range.to);
  }

  /** The number of rows FETCH would have given. */
  async move(
    direction: FetchDirection,
    count: number | undefined,
    signal: AbortSignal,
  ): Promise<number> {
    const formats = this.#formats ?? this.columns.map(() => "text" as const);
    await this.#start(formats, signal);
    const range = await this.#range(direction, count, signal);
    if (range.kind === "none") return 0;
    if (range.kind === "rows") return Math.abs(range.to - range.from) + 1;
    let moved = 0;
    while (moved < range.limit) {
      const portion = await this.#pull(range.limit - moved, signal);
      if (portion === undefined) break;
      moved += portion.rowCount;
    }
    return moved;
  }

  /** Keeps all rows that are left, so that the query can end (COMMIT of WITH HOLD). Throws 53400, 53100, and what the query throws. */
  async spool(): Promise<void> {
    if (this.#held) return;
    const { signal } = this.#controller;
    await this.#start(
      this.#formats ?? this.columns.map(() => "text" as const),
      signal,
    );
    this.#spool ??= this.#newSpool();
    await this.#fill(Infinity, signal);
    this.#held = true;
  }

  async close(): Promise<void> {
    this.#controller.abort(queryCanceled());
    await this.#spool?.close();
    this.#spool = undefined;
    await this.#reader?.close();
  }

  /** From the next row on. */
  #newSpool(): Spool {
    return new Spool(this.name, this.#position + 1, this.#options.spool);
  }

  async #start(formats: Formats, signal: AbortSignal): Promise<void> {
    if (this.#formats === undefined) {
      this.#formats = formats;
      const source = await this.#linked(signal, () =>
        this.#options.run(formats, this.#controller),
      );
      this.#reader = new RowReader(source);
    } else if (this.#formats.some((one, index) => one !== formats[index])) {
      throw cursorFormatChanged(this.name);
    }
  }

  /** Turns a direction into rows of the spool, or into how many rows to pull, and moves there. */
  async #range(
    direction: FetchDirection,
    count: number | undefined,
    signal: AbortSignal,
  ): Promise<Range> {
    switch (direction) {
      case "forward":
        if (count !== undefined && count < 0) return this.#backward(-count);
        return this.#forward(count ?? Infinity, signal);
      case "backward":
        if (count !== undefined && count < 0)
          return this.#forward(-count, signal);
        return this.#backward(count ?? Infinity);
      case "relative":
        return this.#goTo(this.#position + (count ?? 0), signal);
      case "absolute": {
        const target = count ?? 0;
        if (target >= 0) return this.#goTo(target, signal);
        if (!this.scroll) throw forwardOnly();
        await this.#fill(Infinity, signal);
        return this.#goTo(this.#last + 1 + target, signal);
      }
    }
  }

  get #last(): number {
    return this.#spool?.lastRow ?? 0;
  }

  async #forward(count: number, signal: AbortSignal): Promise<Range> {
    if (count === 0) return this.#goTo(this.#position, signal);
    if (this.#spool === undefined) return { kind: "stream", limit: count };
    const from = this.#position + 1;
    await this.#fill(this.#position + count, signal);
    const to = Math.min(this.#position + count, this.#last);
    this.#position = to < this.#position + count ? this.#last + 1 : to;
    return from <= to ? { kind: "rows", from, to } : { kind: "none" };
  }

  #backward(count: number): Range {
    if (!this.scroll) throw forwardOnly();
    if (count === 0) return this.#current();
    const from = this.#position - 1;
    const to = Math.max(this.#position - count, 1);
    this.#position = Math.max(this.#position - count, 0);
    return from >= to ? { kind: "rows", from, to } : { kind: "none" };
  }

  /** One row, or none when the target lies before the first or behind the last. */
  async #goTo(target: number, signal: AbortSignal): Promise<Range> {
    if (this.scroll && this.#spool !== undefined) {
      await this.#fill(target, signal);
      this.#position = Math.min(Math.max(target, 0), this.#last + 1);
      return this.#current();
    }
    if (target === 0 && this.#position === 0) return { kind: "none" };
    if (target <= this.#position) throw forwardOnly();
    if (this.#spool !== undefined) {
      await this.#fill(target, signal);
      this.#position = Math.min(target, this.#last + 1);
      return this.#current();
    }
    while (this.#position < target - 1) {
      const skipped = await this.#pull(target - 1 - this.#position, signal);
      if (skipped === undefined) return { kind: "none" };
    }
    return { kind: "stream", limit: 1 };
  }

  #current(): Range {
    const row = this.#position;
    return row >= 1 && row <= this.#last
      ? { kind: "rows", from: row, to: row }
      : { kind: "none" };
  }

  /** Rows as they come; the position moves with them. */
  async #stream(limit: number, signal: AbortSignal): Promise<RowSource> {
    const first = await this.#pull(limit, signal);
    if (first === undefined) return { kind: "text", rows: [] };
    if (first.kind === "text") {
      return {
        kind: "text",
        rows: await this.#restAsText(first, limit, signal),
      };
    }
    return { kind: "encoded", batches: this.#batches(first, limit, signal) };
  }

  async #restAsText(
    first: RowPortion & { readonly kind: "text" },
    limit: number,
    signal: AbortSignal,
  ): Promise<readonly (readonly (string | null)[])[]> {
    const rows = [...first.rows];
    while (rows.length < limit) {
      const portion = await this.#pull(limit - rows.length, signal);
      if (portion?.kind !== "text") break;
      rows.push(...portion.rows);
    }
    return rows;
  }

  async *#batches(
    first: EncodedRows,
    limit: number,
    signal: AbortSignal,
  ): AsyncGenerator<EncodedRows> {
    yield first;
    let given = first.rowCount;
    while (given < limit) {
      const portion = await this.#pull(limit - given, signal);
      if (portion?.kind !== "encoded") return;
      given += portion.rowCount;
      yield portion;
    }
  }

  /** Pulls rows into the spool, as they come, until it holds `row`. */
  async #fill(row: number, signal: AbortSignal): Promise<void> {
    const spool = this.#spool;
    if (spool === undefined) return;
    while (!this.#ended && spool.lastRow < row) {
      const portion = await this.#next(Infinity, signal);
      if (portion === undefined) return;
      await spool.add(portion);
    }
  }

  async #pull(
    limit: number,
    signal: AbortSignal,
  ): Promise<RowPortion | undefined> {
    const portion = await this.#next(limit, signal);
    this.#position += portion?.rowCount ?? 0;
    return portion;
  }

  async #next(
    limit: number,
    signal: AbortSignal,
  ): Promise<RowPortion | undefined> {
    if (this.#ended || this.#reader === undefined) return undefined;
    const reader = this.#reader;
    const portion = await this.#linked(signal, () => reader.next(limit));
    if (portion === undefined) this.#ended = true;
    return portion;
  }

  /** A cancelled FETCH ends the cursor's query, which lives longer than the statement. */
  async #linked<T>(signal: AbortSignal, step: () => Promise<T>): Promise<T> {
    const cancel = (): void => this.#controller.abort(signal.reason);
    signal.addEventListener("abort", cancel, { once: true });
    try {
      return await step();
    } finally {
      signal.removeEventListener("abort", cancel);
    }
  }
}

type Range =
  | { readonly kind: "none" }
  /** Rows of the spool, backwards when `from` is greater. */
  | { readonly kind: "rows"; readonly from: number; readonly to: number }
  /** Rows still to be pulled. */
  | { readonly kind: "stream"; readonly limit: number };
