// Runs emitted plans in an in-process kernel over tables made of VALUES, so that tests compare rows, not text.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kernelFunctions } from "../../server/compute/node/functions/kernel-functions.ts";
import { Kernel } from "../../storage/kernel/kernel.ts";
import type { DuckDBConnection } from "../../storage/kernel/duckdb.ts";
import { kernelType } from "../functions/emit.ts";
import type { EmitSettings } from "../functions/function.ts";
import type { LogicalPlan, Scan } from "../logical/plan.ts";
import { outputOf } from "../logical/walk.ts";
import { scansOf } from "../optimize/pruning.ts";
import { emitPlan } from "./duckdb-sql.ts";

export const SETTINGS: EmitSettings = {
  timeZone: "UTC",
  dateStyle: "ISO, MDY",
  intervalStyle: "postgres",
  byteaOutput: "hex",
  extraFloatDigits: 1,
};

/** Cells as kernel literals, `NULL` included; by table name. */
export type TestTables = Readonly<
  Record<string, readonly (readonly string[])[]>
>;

export class TestKernel implements AsyncDisposable {
  readonly connection: DuckDBConnection;
  readonly #kernel: Kernel;
  readonly #folder: string;

  private constructor(
    kernel: Kernel,
    connection: DuckDBConnection,
    folder: string,
  ) {
    this.#kernel = kernel;
    this.connection = connection;
    this.#folder = folder;
  }

  static async open(): Promise<TestKernel> {
    const folder = mkdtempSync(join(tmpdir(), "sluice-plan-"));
    const kernel = await Kernel.open({
      threads: 1,
      memoryBytes: 500_000_000,
      tempDir: join(folder, "temp"),
      tempBytes: 1_000_000_000,
      allowedDirs: [folder],
      functions: kernelFunctions(),
    });
    return new TestKernel(kernel, await kernel.connect(), folder);
  }

  /** A path in the kernel's own folder. */
  path(name: string): string {
    return join(this.#folder, name);
  }

  /** Rows as arrays of the kernel's text, NULL as null. */
  async query(sql: string): Promise<readonly (readonly (string | null)[])[]> {
    const reader = await this.connection.runAndReadAll(sql);
    return reader
      .getRows()
      .map((row) =>
        row.map((value) => (value === null ? null : String(value))),
      );
  }

  /** The plan's rows over the tables. */
  rows(
    plan: LogicalPlan,
    tables: TestTables,
  ): Promise<readonly (readonly (string | null)[])[]> {
    const output = outputOf(plan).map((column) => column.id);
    const { sql } = emitPlan(plan, output, SETTINGS);
    return this.query(withTables(sql, plan, tables));
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.connection.closeSync();
    rmSync(this.#folder, { recursive: true, force: true });
    return this.#kernel[Symbol.asyncDispose]();
  }
}

/** The query with its scans as common table expressions, as a node supplies them. */
export function withTables(
  sql: string,
  plan: LogicalPlan,
  tables: TestTables,
): string {
  const definitions = scansOf(plan).map(
    (scan) =>
      `scan_${scan.table.scanId} AS (${scanSql(scan, tables[scan.table.name.replace("public.", "")] ?? [])})`,
  );
  return definitions.length === 0
    ? sql
    : `WITH ${definitions.join(", ")} ${sql}`;
}

type ScanColumn = Scan["columns"][number];

/** Rows of a table hold every column by its number, and lie in one file; the scan picks its own. */
export function scanSql(
  scan: Scan,
  rows: readonly (readonly string[])[],
): string {
  const list = (cells: (column: ScanColumn) => string): string =>
    scan.columns
      .map(
        (column) =>
          `(${cells(column)})::${kernelType(column.type)} AS c${column.id}`,
      )
      .join(", ");
  if (rows.length === 0) return `SELECT ${list(() => "NULL")} WHERE false`;
  return rows
    .map((row, i) => `SELECT ${list((column) => cell(column, row, i))}`)
    .join(" UNION ALL ");
}

function cell(
  { source }: ScanColumn,
  row: readonly string[],
  rowIndex: number,
): string {
  if (source.kind === "column") return row[source.number - 1] ?? "NULL";
  switch (source.field) {
    case "file_path":
      return "'file'";
    case "row_index":
      return String(rowIndex);
    default:
      return "NULL";
  }
}
