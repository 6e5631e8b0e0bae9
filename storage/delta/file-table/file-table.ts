// The live files of a table as a kernel table outside the JS heap (design.md D5): a row a file and life span, so that one table
// serves every version it has passed through, and a commit is applied by a few statements.

import { randomUUID } from "node:crypto";
import type { DuckDBConnection } from "../../kernel/duckdb.ts";
import { COMPRESSED, type Kernel } from "../../kernel/kernel.ts";
import type { FileColumns } from "./file-columns.ts";
import {
  createFileTable,
  fileActionBatch,
  insertBatch,
  insertCheckpoint,
  insertTombstones,
  retireFiles,
} from "./file-sql.ts";
import type { CheckpointRelation } from "../log-reader.ts";
import { numberOf, queryRows } from "../kernel-rows.ts";

export class FileTable {
  readonly name: string;
  readonly columns: FileColumns;
  readonly #kernel: Kernel;
  #rowCount = 0;
  #liveCount = 0;
  #uses = 0;
  #dropped = false;
  #dropping: Promise<void> | undefined;

  private constructor(kernel: Kernel, columns: FileColumns) {
    this.#kernel = kernel;
    this.columns = columns;
    this.name = `${COMPRESSED}.delta_files_${randomUUID().replaceAll("-", "")}`;
  }

  static async create(
    kernel: Kernel,
    connection: DuckDBConnection,
    columns: FileColumns,
  ): Promise<FileTable> {
    const table = new FileTable(kernel, columns);
    await connection.run(createFileTable(table.name, columns));
    return table;
  }

  /** Rows kept, dead ones included. */
  get rowCount(): number {
    return this.#rowCount;
  }

  /** True when most rows describe files that no current version has: loading anew would be smaller. */
  get isMostlyDead(): boolean {
    return this.#rowCount > 2 * this.#liveCount + DEAD_ROWS_ALLOWED;
  }

  /**
   * At most what the kernel holds for it, by the way it allocates column segments: a tiny table with many columns is not tiny, and
   * only whole row groups are compressed.
   */
  get sizeBytes(): number {
    const { partitions, statistics, members } = this.columns;
    const bounded = statistics.filter((column) => column.bounds !== undefined);
    const texts = [
      ...bounded.flatMap(({ type }) => [type, type]),
      ...partitions.map(({ type }) => type),
    ];
    const textCount =
      TEXT_COLUMNS +
      texts.filter((type) => type.kind === "text" || type.kind === "varchar")
        .length;
    const longCount =
      LONG_COLUMNS +
      statistics.length +
      members.length +
      TEXT_COLUMNS +
      texts.length -
      textCount;
    return (
      textCount * segmentBytes(this.#rowCount, TEXT_BYTES) +
      longCount * segmentBytes(this.#rowCount, LONG_BYTES)
    );
  }

  /** Adds the files of a checkpoint of `version`. The table must be empty or hold other parts of the same checkpoint. */
  async loadCheckpoint(
    connection: DuckDBConnection,
    checkpoint: CheckpointRelation,
    version: number,
    sizeBytes: number,
  ): Promise<void> {
    const streamed = sizeBytes > STREAMED_ABOVE_BYTES;
    await connection.run(
      insertCheckpoint(this.name, checkpoint.sql, this.columns, {
        version,
        shape: checkpoint.shape,
        streamed,
      }),
    );
  }

  /** Applies the file actions of commits staged by `stageLines`; all or nothing. */
  async apply(connection: DuckDBConnection, lines: string): Promise<void> {
    await connection.run(
      `CREATE OR REPLACE TEMP TABLE batch AS ${fileActionBatch(`SELECT * FROM ${lines}`, this.columns)}`,
    );
    await connection.run("BEGIN TRANSACTION");
    try {
      await connection.run(retireFiles(this.name, "batch"));
      await connection.run(insertBatch(this.name, "batch", this.columns));
      await connection.run("COMMIT");
    } catch (error) {
      await connection.run("ROLLBACK");
      throw error;
    }
  }

  /** Notes, of commits staged by `stageLines`, which files they remove of another table. After `apply`. */
  async noteRemoved(
    connection: DuckDBConnection,
    lines: string,
  ): Promise<void> {
    const batch = fileActionBatch(`SELECT * FROM ${lines}`, this.columns);
    await connection.run(insertTombstones(this.name, `(${batch})`));
  }

  async count(connection: DuckDBConnection): Promise<void> {
    const rows = await queryRows(
      connection,
      `SELECT count(*), count(*) FILTER (WHERE removed_at IS NULL) FROM ${this.name}`,
    );
    this.#rowCount = numberOf(rows[0]?.[0]) ?? 0;
    this.#liveCount = numberOf(rows[0]?.[1]) ?? 0;
  }

  /** Compresses a large table. Not possible while others change theirs: it stays as it is then. */
  async compact(connection: DuckDBConnection): Promise<void> {
    if (this.#rowCount < COMPACTED_FROM_ROWS) return;
    await connection.run(`CHECKPOINT ${COMPRESSED}`).catch(() => undefined);
  }

  /** Undefined when the table was dropped meanwhile. While `work` runs it is not. */
  async use<T>(
    work: (connection: DuckDBConnection) => Promise<T>,
  ): Promise<{ readonly value: T } | undefined> {
    if (this.#dropped) return undefined;
    this.#uses += 1;
    try {
      return { value: await this.#kernel.use(work) };
    } finally {
      this.#uses -= 1;
      await this.#dropWhenIdle();
    }
  }

  /** Gives the memory back, once nobody uses the table any more. */
  async release(): Promise<void> {
    this.#dropped = true;
    await this.#dropWhenIdle();
  }

  async #dropWhenIdle(): Promise<void> {
    if (this.#dropped && this.#uses === 0) await this.#drop();
  }

  #drop(): Promise<void> {
    this.#dropping ??= this.#run(`DROP TABLE IF EXISTS ${this.name}`);
    return this.#dropping;
  }

  async #run(sql: string): Promise<void> {
    await this.#kernel.use((connection) => connection.run(sql));
  }
}

/** The fixed columns of file-sql.ts: key, dv_id, dv_storage, dv_path, raw; the rest are longs and flags. */
const TEXT_COLUMNS = 5;
const LONG_COLUMNS = 9;
const LONG_BYTES = 9;
/** A string's head and, on average, what lies beside it. */
const TEXT_BYTES = 40;
const FIRST_SEGMENT_ROWS = 2048;
const BLOCK_BYTES = 256 * 1024;

function segmentBytes(rows: number, width: number): number {
  if (rows <= FIRST_SEGMENT_ROWS)
    return FIRST_SEGMENT_ROWS * Math.min(width, 17);
  return Math.ceil((rows * width) / BLOCK_BYTES) * BLOCK_BYTES;
}

const COMPACTED_FROM_ROWS = 10_000;
const DEAD_ROWS_ALLOWED = 10_000;
/** Below, an intermediate copy makes the kernel plan faster; above, it would cost memory. */
const STREAMED_ABOVE_BYTES = 256 * 1024;
