// The kernel's streaming result, encoded chunk by chunk. Awaiting each send is the back-pressure: the kernel stops when its
// own small buffer is full.

import type {
  DuckDBConnection,
  DuckDBDataChunk,
  DuckDBResult,
} from "../../../storage/kernel/duckdb.ts";
import { throwIfAborted } from "../../../storage/common/errors.ts";
import type { PhysicalColumn } from "../../../planner/physical/plan.ts";
import type { EncodedRows, ResultFormat } from "../../session/result.ts";
import { rowEncoder } from "./encode/rows.ts";
import { youngCollector } from "../young-garbage.ts";

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
/** What a batch of several chunks should not exceed by much: the gateway holds it whole. */
const BATCH_BYTES = 2 * 1024 * 1024;
/** What the runtime counts of a chunk, roughly. */
const CHUNK_BYTES = 128 * 1024;

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
  const encoder = await rowEncoder(
    sink.format,
    sink.columns,
    result.columnTypes(),
  );
  let sent = 0;
  let toldAt = sink.now();
  let pending: DuckDBDataChunk[] = [];
  let chunksWanted = 1;
  const collect = youngCollector();
  const flush = async (): Promise<void> => {
    if (pending.length === 0) return;
    const rows = encoder.encode(pending);
    const chunkBytes = rows.bytes.byteLength / pending.length;
    chunksWanted = Math.min(
      Math.max(1, Math.floor(BATCH_BYTES / chunkBytes)),
      encoder.chunksPerBatch,
    );
    pending = [];
    sent += rows.rowCount;
    await sink.rows(rows);
  };
  // The kernel works on the next chunk while this one is encoded.
  let next = fetchNext(result);
  let done = false;
  try {
    while (!done) {
      throwIfAborted(sink.signal);
      const fetched = await next;
      if (fetched.kind === "failed") throw fetched.error;
      if (fetched.chunk === undefined) {
        done = true;
        continue;
      }
      pending.push(fetched.chunk);
      collect(CHUNK_BYTES);
      next = fetchNext(result);
      if (pending.length >= chunksWanted) await flush();
      if (sent > 0 && sink.now() - toldAt >= PROGRESS_EVERY_MS) {
        toldAt = sink.now();
        await sink.progress(Math.max(0, connection.progress.percentage));
      }
    }
  } finally {
    // The connection is closed next, which must not happen under a fetch.
    if (!done) connection.interrupt();
    await next;
  }
  await flush();
  return sent;
}

type Fetched =
  | { readonly kind: "fetched"; readonly chunk: DuckDBDataChunk | undefined }
  | { readonly kind: "failed"; readonly error: unknown };

/** Never rejects, since it may fail while nobody waits for it. */
async function fetchNext(result: DuckDBResult): Promise<Fetched> {
  try {
    const chunk = await result.fetchChunk();
    return {
      kind: "fetched",
      chunk: chunk === null || chunk.rowCount === 0 ? undefined : chunk,
    };
  } catch (error) {
    return { kind: "failed", error };
  }
}
