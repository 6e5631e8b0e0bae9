// One submitted statement: its state, its rows in chunks, its end (http-api sections 4.1 and 4.2).

import { SqlError, queryCanceled } from "../../storage/common/errors.ts";
import type { Identity } from "../../auth/principal.ts";
import type { Session } from "../session/session.ts";
import {
  DEFAULT_OUTPUT,
  type OutputColumn,
  type Result,
  type ResultFormat,
  type RowSource,
} from "../session/result.ts";
import type { QueryEngine } from "../session/engine.ts";
import { INT8 } from "../../storage/common/data-type.ts";
import { Readers } from "./links/readers.ts";
import { toScalars, type BoundParameters } from "./parameters.ts";
import { CHUNK_FORMATS } from "./results/chunk-format.ts";
import {
  collectRows,
  type Collected,
  type Wanted,
} from "./results/collect-rows.ts";
import type { StoredResult } from "./results/result-store.ts";

export type StatementState =
  "PENDING" | "RUNNING" | "SUCCEEDED" | "FAILED" | "CANCELED" | "CLOSED";

export interface Submission {
  readonly id: string;
  readonly sql: string;
  readonly parameters: BoundParameters;
  readonly wanted: Wanted;
}

export class Statement {
  readonly submission: Submission;
  readonly owner: string;
  readonly identity: Identity;
  /** Settles, never rejects, when the statement has ended. */
  readonly ended: Promise<void>;
  state: StatementState = "PENDING";
  error: SqlError | undefined;
  /** What its rows came to; undefined until it has succeeded, and once it is closed. */
  outcome: Collected | undefined;
  /** The rows of `outcome`. */
  readonly stored: StoredResult;
  readonly readers: Readers = new Readers();
  endedAtMs = 0;
  readonly #controller = new AbortController();
  readonly #session: Session;
  #closed = false;

  constructor(
    submission: Submission,
    stored: StoredResult,
    session: Session,
    engine: QueryEngine,
  ) {
    this.submission = submission;
    this.stored = stored;
    this.owner = session.identity.principal.id;
    this.identity = session.identity;
    this.#session = session;
    this.ended = this.#run(engine);
  }

  cancel(): void {
    this.#controller.abort(queryCanceled());
  }

  /** Frees the rows and ends the links to them, at once or when it has ended: SUCCEEDED becomes CLOSED. */
  async close(): Promise<void> {
    this.#closed = true;
    this.cancel();
    if (this.endedAtMs !== 0) await this.#free();
  }

  async #free(): Promise<void> {
    this.outcome = undefined;
    if (this.state === "SUCCEEDED") this.state = "CLOSED";
    this.readers.endWhere(() => true);
    await this.stored.close();
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
    if (this.#closed || this.outcome === undefined) await this.#free();
    await this.#session.close();
  }

  async #execute(engine: QueryEngine): Promise<Collected> {
    const session = this.#session;
    const { sql, parameters, wanted } = this.submission;
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
        formatOf(wanted, prepared.columns, output.timeZone),
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

  #collect(result: Result): Promise<Collected> {
    const { columns, rows } = rowsOf(result);
    return collectRows(rows, columns, this.submission.wanted, this.stored);
  }
}

/** How the nodes shall encode the rows. */
function formatOf(
  wanted: Wanted,
  columns: readonly OutputColumn[] | undefined,
  timeZone: string,
): ResultFormat {
  const kind = CHUNK_FORMATS[wanted.format].encoding;
  const output = { ...DEFAULT_OUTPUT, timeZone };
  return kind === "arrow"
    ? { kind, names: (columns ?? []).map(({ name }) => name), output }
    : { kind, output };
}

interface Rows {
  readonly columns: readonly OutputColumn[];
  readonly rows: RowSource;
}

/** Every result as rows: none at all of most statements that are no queries. */
function rowsOf(result: Result): Rows {
  if (result.kind === "rows") return result;
  const affected = result.kind === "command" ? affectedRows(result) : undefined;
  if (affected === undefined)
    return { columns: [], rows: { kind: "text", rows: [] } };
  const cells = affected.map(([, count]) => String(count));
  return {
    columns: affected.map(([name]) => ({ name, type: INT8 })),
    rows: { kind: "text", rows: [cells] },
  };
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
