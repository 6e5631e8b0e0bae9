// One submitted statement: its state, its rows in chunks, its end (http-api sections 4.1 and 4.2).

import { SqlError, queryCanceled } from "../../storage/common/errors.ts";
import type { Identity } from "../../auth/principal.ts";
import type { Session } from "../session/session.ts";
import {
  DEFAULT_OUTPUT,
  type OutputColumn,
  type Result,
  type RowSource,
} from "../session/result.ts";
import type { QueryEngine } from "../session/engine.ts";
import { INT8 } from "../../storage/common/data-type.ts";
import { toScalars, type BoundParameters } from "./parameters.ts";

export type StatementState =
  "PENDING" | "RUNNING" | "SUCCEEDED" | "FAILED" | "CANCELED" | "CLOSED";

/** Rows of a chunk as JSON text: `["1",null],["2","x"]`. */
export interface Chunk {
  readonly rowOffset: number;
  readonly rowCount: number;
  readonly json: string;
}

export interface StatementOutcome {
  readonly columns: readonly OutputColumn[];
  readonly chunks: readonly Chunk[];
  readonly rowCount: number;
  readonly truncated: boolean;
}

export interface Submission {
  readonly id: string;
  readonly sql: string;
  readonly parameters: BoundParameters;
  readonly rowLimit: number | undefined;
  readonly byteLimit: number | undefined;
}

/** A chunk is closed once it holds this much text. */
const CHUNK_BYTES = 2 * 1024 * 1024;
const INLINE_LIMIT_BYTES = 26_214_400;

export class Statement {
  readonly submission: Submission;
  readonly owner: string;
  readonly identity: Identity;
  /** Settles, never rejects, when the statement has ended. */
  readonly ended: Promise<void>;
  state: StatementState = "PENDING";
  error: SqlError | undefined;
  outcome: StatementOutcome | undefined;
  endedAtMs = 0;
  readonly #controller = new AbortController();
  readonly #session: Session;

  constructor(submission: Submission, session: Session, engine: QueryEngine) {
    this.submission = submission;
    this.owner = session.identity.principal.id;
    this.identity = session.identity;
    this.#session = session;
    this.ended = this.#run(engine);
  }

  cancel(): void {
    this.#controller.abort(queryCanceled());
  }

  /** Frees the rows: SUCCEEDED becomes CLOSED. */
  close(): void {
    this.cancel();
    this.outcome = undefined;
    if (this.state === "SUCCEEDED") this.state = "CLOSED";
  }

  async #run(engine: QueryEngine): Promise<void> {
    // Answers with wait_timeout 0s show PENDING, so nothing runs before the submitting request was answered.
    await new Promise((next) => setImmediate(next));
    this.state = "RUNNING";
    try {
      this.outcome = await this.#execute(engine);
      this.state = "SUCCEEDED";
    } catch (error) {
      this.error =
        error instanceof SqlError
          ? error
          : new SqlError("XX000", "internal error", { cause: error });
      this.state =
        this.#controller.signal.aborted && this.error.code === "57014"
          ? "CANCELED"
          : "FAILED";
    }
    this.endedAtMs = this.#session.clock.now();
    await this.#session.close();
  }

  async #execute(engine: QueryEngine): Promise<StatementOutcome> {
    const session = this.#session;
    const { sql, parameters } = this.submission;
    const [parsed, second] = engine.parse(sql, parameters.markers);
    if (parsed === undefined)
      throw new SqlError("42601", "the statement is empty");
    if (second !== undefined) {
      throw new SqlError("42601", "one statement expected", {
        position: second.offset + 1,
        hint: "Send each statement in a request of its own.",
      });
    }
    session.transaction.beginStatement(false);
    session.startRunning(this.#controller, parsed.text, this.submission.id);
    try {
      const prepared = await engine.prepare(
        session,
        parsed,
        parameters.types,
        this.#controller,
      );
      const output = session.settings.output();
      const scalars = toScalars(parameters, output.timeZone);
      const result = await engine.execute(
        session,
        prepared,
        scalars,
        {
          kind: "json",
          output: { ...DEFAULT_OUTPUT, timeZone: output.timeZone },
        },
        this.#controller,
      );
      const outcome = await this.#collect(result);
      await session.endStatement();
      session.ended(
        result.kind === "command" ? { rowCount: result.rowCount } : outcome,
      );
      return outcome;
    } catch (error) {
      session.ended({ error });
      await session.fail();
      throw error;
    } finally {
      session.stopRunning();
    }
  }

  async #collect(result: Result): Promise<StatementOutcome> {
    if (result.kind === "rows") {
      const chunks = new ChunkBuilder(this.submission);
      for await (const batch of jsonBatches(
        result.rows,
        this.submission.rowLimit,
      )) {
        if (!chunks.add(batch.json, batch.rowCount)) break;
      }
      return chunks.finish(result.columns);
    }
    const affected =
      result.kind === "command" ? affectedRows(result) : undefined;
    if (affected === undefined)
      return { columns: [], chunks: [], rowCount: 0, truncated: false };
    const cells = affected.map(([, count]) => JSON.stringify(String(count)));
    const chunk = { rowOffset: 0, rowCount: 1, json: `[${cells.join(",")}]` };
    return {
      columns: affected.map(([name]) => ({ name, type: INT8 })),
      chunks: [chunk],
      rowCount: 1,
      truncated: false,
    };
  }
}

/** What statements that change rows answer, as Databricks does; undefined for others. */
function affectedRows({
  tag,
  rowCount,
  changed,
}: Extract<Result, { readonly kind: "command" }>):
  readonly (readonly [name: string, count: number])[] | undefined {
  if (rowCount === undefined) return undefined;
  const all = ["num_affected_rows", rowCount] as const;
  switch (tag.split(" ")[0]) {
    case "INSERT":
      return [all, ["num_inserted_rows", rowCount]];
    case "UPDATE":
    case "DELETE":
      return [all];
    case "MERGE":
      return [
        all,
        ["num_updated_rows", changed?.updated ?? 0],
        ["num_deleted_rows", changed?.deleted ?? 0],
        ["num_inserted_rows", changed?.inserted ?? 0],
      ];
    default:
      return undefined;
  }
}

interface JsonBatch {
  readonly json: string;
  readonly rowCount: number;
}

async function* jsonBatches(
  source: RowSource,
  rowLimit: number | undefined,
): AsyncGenerator<JsonBatch> {
  if (source.kind === "text") {
    const rows = source.rows.slice(0, rowLimit);
    yield {
      json: rows.map((row) => JSON.stringify(row)).join(","),
      rowCount: rows.length,
    };
    return;
  }
  for await (const batch of source.batches) {
    yield {
      json: Buffer.from(
        batch.bytes.buffer,
        batch.bytes.byteOffset,
        batch.bytes.byteLength,
      ).toString("utf8"),
      rowCount: batch.rowCount,
    };
  }
}

/** Joins batches into chunks and keeps the limits. */
class ChunkBuilder {
  readonly #submission: Submission;
  readonly #chunks: Chunk[] = [];
  #open: string[] = [];
  #openBytes = 0;
  #openRows = 0;
  #totalBytes = 0;
  #totalRows = 0;
  #truncated = false;

  constructor(submission: Submission) {
    this.#submission = submission;
  }

  /** False when a limit is reached and nothing more is wanted. Throws 54000 beyond the inline limit. */
  add(json: string, rowCount: number): boolean {
    if (rowCount === 0) return true;
    const { rowLimit = Infinity, byteLimit = Infinity } = this.#submission;
    const left = rowLimit - this.#totalRows;
    const kept = rowCount <= left ? { json, rowCount } : firstRows(json, left);
    if (kept.rowCount < rowCount) this.#truncated = true;
    if (this.#totalBytes + kept.json.length > byteLimit) {
      this.#truncated = true;
      return false;
    }
    this.#append(kept);
    return !this.#truncated;
  }

  #append({ json, rowCount }: JsonBatch): void {
    if (rowCount === 0) return;
    this.#open.push(json);
    this.#openBytes += json.length;
    this.#openRows += rowCount;
    this.#totalBytes += json.length;
    this.#totalRows += rowCount;
    if (this.#totalBytes > INLINE_LIMIT_BYTES) {
      throw new SqlError("54000", "Inline byte limit exceeded", {
        detail: `Statements executed with disposition=INLINE can have a result size of at most ${INLINE_LIMIT_BYTES} bytes.`,
        hint: "Ask for fewer rows or columns, or set row_limit.",
      });
    }
    if (this.#openBytes >= CHUNK_BYTES) this.#close();
  }

  #close(): void {
    if (this.#openRows === 0) return;
    const rowOffset = this.#totalRows - this.#openRows;
    this.#chunks.push({
      rowOffset,
      rowCount: this.#openRows,
      json: this.#open.join(","),
    });
    this.#open = [];
    this.#openBytes = 0;
    this.#openRows = 0;
  }

  finish(columns: readonly OutputColumn[]): StatementOutcome {
    this.#close();
    return {
      columns,
      chunks: this.#chunks,
      rowCount: this.#totalRows,
      truncated: this.#truncated,
    };
  }
}

/** Cuts a batch: only the one in which the row limit falls is ever parsed. */
function firstRows(json: string, count: number): JsonBatch {
  const rows = JSON.parse(`[${json}]`) as readonly unknown[];
  return {
    json: rows
      .slice(0, count)
      .map((row) => JSON.stringify(row))
      .join(","),
    rowCount: count,
  };
}
