// COPY FROM on a node: the client's rows are decoded as they come and written in portions, so that memory stays flat however many
// there are. A portion that fails is looked through for the row PostgreSQL would have named.

import type { DuckDBConnection } from "../../../../storage/kernel/duckdb.ts";
import { SqlError, throwIfAborted } from "../../../../storage/common/errors.ts";
import { CLIENT_RELATION } from "../../../../planner/physical/lower-client.ts";
import type { ClientData } from "../../../session/result.ts";
import type {
  ClientRows,
  FileDraft,
  Fragment,
  WriteTarget,
} from "../../fragment.ts";
import { writeFiles } from "../write-files.ts";
import { inLine } from "./context.ts";
import { copyFailed } from "./errors.ts";
import { fewestFailing, inRow, unreadableRow } from "./locate.ts";
import type { DecoderPlace, RowDecoder } from "./decoder.ts";
import { rowDecoder } from "./row-decoder.ts";
import { TextColumns } from "./text-columns.ts";

export interface Load {
  readonly connection: DuckDBConnection;
  readonly fragment: Fragment;
  readonly client: ClientRows;
  readonly target: WriteTarget;
  readonly signal: AbortSignal;
  /** Waits until the kernel may be put to work. */
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>;
  /** Translates what the kernel throws. */
  readonly failure: (error: unknown) => Promise<SqlError>;
}

/** Bytes of the client's data written at once: a data file's worth, that the kernel holds easily. */
const PORTION_BYTES = 64 * 1024 * 1024;
/** Between two looks at whether the statement was cancelled. */
const ROWS_BETWEEN_CHECKS = 10_000;

export async function loadRows(
  load: Load,
  data: AsyncIterable<ClientData>,
): Promise<readonly FileDraft[]> {
  const decoder = rowDecoder(load.client.format, load.client.fields);
  const drafts: FileDraft[] = [];
  let portion = await Portion.open(load, decoder);
  try {
    for await (const piece of data) {
      throwIfAborted(load.signal);
      if (piece.kind === "failed") {
        await portion.write();
        throw inLine(copyFailed(piece.reason), load.client.tableName, decoder);
      }
      await portion.add(piece.bytes);
      if (portion.size < PORTION_BYTES) continue;
      drafts.push(...(await portion.write()));
      portion[Symbol.dispose]();
      portion = await Portion.open(load, decoder);
    }
    await portion.end();
    drafts.push(...(await portion.write()));
    return drafts;
  } finally {
    portion[Symbol.dispose]();
    if (!load.signal.aborted) {
      await load.connection.run(`DROP TABLE IF EXISTS temp.${CLIENT_RELATION}`);
    }
  }
}

class Portion implements Disposable {
  readonly #load: Load;
  readonly #decoder: RowDecoder;
  readonly #columns: TextColumns;
  readonly #place: DecoderPlace;
  /** What the rows were decoded from, kept for errors. */
  readonly #pieces: Uint8Array[];
  #atEnd = false;
  #rows = 0;
  size = 0;

  private constructor(load: Load, decoder: RowDecoder, columns: TextColumns) {
    this.#load = load;
    this.#decoder = decoder;
    this.#columns = columns;
    this.#place = decoder.place;
    this.#pieces = [decoder.rest()];
  }

  static async open(load: Load, decoder: RowDecoder): Promise<Portion> {
    const names = load.client.fields.map(({ name }) => name);
    const columns = await TextColumns.open(
      load.connection,
      CLIENT_RELATION,
      names,
    );
    return new Portion(load, decoder, columns);
  }

  /** Throws what the first bad row of the portion is refused for. */
  async add(bytes: Uint8Array): Promise<void> {
    this.#pieces.push(bytes);
    this.size += bytes.length;
    this.#decoder.push(bytes);
    await this.#decode(false);
  }

  /** No more bytes come. */
  async end(): Promise<void> {
    this.#atEnd = true;
    await this.#decode(true);
  }

  async write(): Promise<readonly FileDraft[]> {
    this.#columns.flush();
    const { connection, fragment, target, failure, inTurn } = this.#load;
    try {
      return await inTurn(() => writeFiles(connection, fragment, target));
    } catch (error) {
      throwIfAborted(this.#load.signal);
      throw await this.#firstError(await failure(error));
    }
  }

  [Symbol.dispose](): void {
    this.#columns[Symbol.dispose]();
  }

  async #decode(atEnd: boolean): Promise<void> {
    try {
      while (this.#decoder.next(atEnd)) {
        this.#decoder.checkCount();
        this.#columns.add(this.#decoder.fields);
        this.#rows += 1;
        if (this.#rows % ROWS_BETWEEN_CHECKS === 0)
          throwIfAborted(this.#load.signal);
      }
    } catch (error) {
      throwIfAborted(this.#load.signal);
      if (!(error instanceof SqlError)) throw error;
      throw await this.#firstError(error);
    }
  }

  /** What PostgreSQL, which goes row by row, would have failed for first. */
  async #firstError(found: SqlError): Promise<SqlError> {
    const { client } = this.#load;
    const portion = {
      place: this.#place,
      pieces: this.#pieces,
      atEnd: this.#atEnd,
    };
    this.#columns.flush();
    const unreadable = unreadableRow(portion, client);
    const readable = unreadable?.rowsBefore ?? this.#rows;
    const refused = await this.#refusal(readable);
    if (refused === undefined) return unreadable?.error ?? found;
    const rows = await fewestFailing(
      readable,
      async (count) => (await this.#refusal(count)) !== undefined,
    );
    const error = (await this.#refusal(rows)) ?? refused;
    return inRow(error, portion, client, rows - 1);
  }

  /** Why the first `rows` rows may not be written; undefined when they may. */
  async #refusal(rows: number): Promise<SqlError | undefined> {
    if (rows === 0) return undefined;
    const { connection, fragment, target, failure } = this.#load;
    const violation = target.checked
      ? fragment.columns.at(-1)?.name
      : undefined;
    const columns = fragment.columns.map(({ name }) => `max(hash(${name}))`);
    const first = `min(${violation ?? "NULL::VARCHAR"})`;
    try {
      const reader = await connection.runAndReadAll(
        `WITH ${CLIENT_RELATION} AS (FROM temp.${CLIENT_RELATION} WHERE rowid < ${rows}) SELECT ${[first, ...columns].join(", ")} FROM (${fragment.sql}) AS f`,
      );
      const message = reader.getRowsJson()[0]?.[0];
      return typeof message === "string"
        ? await failure(new Error(message))
        : undefined;
    } catch (error) {
      return await failure(error);
    }
  }
}
