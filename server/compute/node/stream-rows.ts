// The kernel's streaming result, encoded chunk by chunk. Awaiting each send is the back-pressure: the kernel stops when its
// own small buffer is full.

import type {
  DuckDBConnection,
  DuckDBDataChunk,
} from "../../../storage/kernel/duckdb.ts";
import { throwIfAborted } from "../../../storage/common/errors.ts";
import type { PhysicalColumn } from "../../../planner/physical/plan.ts";
import type { EncodedRows, ResultFormat } from "../../session/result.ts";
import { rowEncoder } from "./encode/rows.ts";

export interface RowSink {
  readonly format: ResultFormat;
  readonly columns: readonly PhysicalColumn[];
  readonly rowLimit: number | undefined;
  readonly now: () => number;
  readonly rows: (rows: EncodedRows) => Promise<void>;
  /** Told about once a second, after the first rows. */
  readonly progress: (percent: number) => Promise<void>;
  readonly signal: AbortSignal;
}

const PROGRESS_EVERY_MS = 1000;

/** Gives the number of rows sent. */
export async function streamRows(
  connection: DuckDBConnection,
  sql: string,
  sink: RowSink,
): Promise<number> {
  const limited =
    sink.rowLimit === undefined
      ? sql
      : `SELECT * FROM (${sql}) LIMIT ${sink.rowLimit}`;
  const prepared = await connection.prepare(limited);
  const result = await prepared.stream();
  prepared.destroySync();
  const encoder = rowEncoder(sink.format, sink.columns, result.columnTypes());
  let sent = 0;
  let toldAt = sink.now();
  let pending: DuckDBDataChunk[] = [];
  const flush = async (): Promise<void> => {
    if (pending.length === 0) return;
    const rows = encoder.encode(pending);
    pending = [];
    sent += rows.rowCount;
    await sink.rows(rows);
  };
  for (;;) {
    throwIfAborted(sink.signal);
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) break;
    pending.push(chunk);
    if (pending.length >= encoder.chunksPerBatch) await flush();
    if (sent > 0 && sink.now() - toldAt >= PROGRESS_EVERY_MS) {
      toldAt = sink.now();
      await sink.progress(Math.max(0, connection.progress.percentage));
    }
  }
  await flush();
  return sent;
}
