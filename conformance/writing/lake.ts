// A lake of hand-made Delta tables under two gateways: one writes, the other reads what the log says and shares nothing with the first.

import {
  cpSync,
  mkdtempSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type pg from "pg";
import { startTestGateway, type TestGateway } from "../harness.ts";

export interface TableSpec {
  /** Column names with Delta's type names; a type behind `!` is NOT NULL. */
  readonly columns: Readonly<Record<string, string>>;
  readonly partitionBy?: readonly string[];
  readonly properties?: Readonly<Record<string, string>>;
  readonly features?: readonly string[];
}

export interface WritingLake extends AsyncDisposable {
  readonly dir: string;
  readonly writer: TestGateway;
  readonly reader: TestGateway;
  /** Every line of a commit, parsed. */
  commit(table: string, version: number): readonly LogLine[];
  versions(table: string): readonly number[];
  /** Rows as text, sorted, as the reader sees them now. */
  read(sql: string): Promise<readonly string[]>;
}

export type LogLine = Readonly<
  Record<string, Readonly<Record<string, unknown>>>
>;

export interface WritingLakeOptions {
  readonly nodes?: number;
  /** Folders of tables that are copied into the lake, by table name. */
  readonly copies?: Readonly<Record<string, string>>;
}

export async function startWritingLake(
  tables: Readonly<Record<string, TableSpec>>,
  { nodes = 1, copies = {} }: WritingLakeOptions = {},
): Promise<WritingLake> {
  const dir = mkdtempSync(join(tmpdir(), "sluice-lake-"));
  for (const [name, spec] of Object.entries(tables)) makeTable(dir, name, spec);
  for (const [name, from] of Object.entries(copies))
    cpSync(from, join(dir, "public", name), { recursive: true });
  const lakes = { lake: dir };
  const [writer, reader] = await Promise.all([
    startTestGateway({ lakes, nodes }),
    startTestGateway({ lakes }),
  ]);
  const client = await connectTo(reader);
  const log = (table: string): string =>
    join(dir, "public", table, "_delta_log");
  return {
    dir,
    writer,
    reader,
    commit: (table, version) =>
      readFileSync(
        join(log(table), `${String(version).padStart(20, "0")}.json`),
        "utf8",
      )
        .trim()
        .split("\n")
        .map(parseLine),
    versions: (table) =>
      readdirSync(log(table))
        .flatMap((name) => /^(\d{20})\.json$/.exec(name)?.[1] ?? [])
        .map(Number)
        .sort((a, b) => a - b),
    read: async (sql) => {
      const { rows } = await client.query<(string | null)[]>({
        text: sql,
        rowMode: "array",
      });
      return rows.map((row) => row.map(textOf).join("|")).sort();
    },
    [Symbol.asyncDispose]: async () => {
      await writer[Symbol.asyncDispose]();
      await reader[Symbol.asyncDispose]();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Cells as PostgreSQL's text, tables of schema `public` by their bare names. */
export async function connectTo(gateway: TestGateway): Promise<pg.Client> {
  return gateway.connect({ database: "lake", raw: true });
}

function parseLine(line: string): LogLine {
  return JSON.parse(line) as LogLine;
}

function textOf(cell: string | null): string {
  return cell ?? "NULL";
}

function makeTable(dir: string, name: string, spec: TableSpec): void {
  const { columns, partitionBy = [], properties = {}, features = [] } = spec;
  const fields = Object.entries(columns).map(([column, type]) => ({
    name: column,
    type: type.replace(/^!/, ""),
    nullable: !type.startsWith("!"),
    metadata: {},
  }));
  const both = ["deletionVectors", "columnMapping"];
  const protocol = {
    minReaderVersion: 3,
    minWriterVersion: 7,
    readerFeatures: features.filter((feature) => both.includes(feature)),
    writerFeatures: features,
  };
  const lines = [
    { commitInfo: { timestamp: 1, operation: "CREATE TABLE" } },
    { protocol },
    {
      metaData: {
        id: `id-${name}`,
        format: { provider: "parquet", options: {} },
        schemaString: JSON.stringify({ type: "struct", fields }),
        partitionColumns: partitionBy,
        configuration: properties,
        createdTime: 1,
      },
    },
  ];
  const log = join(dir, "public", name, "_delta_log");
  mkdirSync(log, { recursive: true });
  writeFileSync(
    join(log, "00000000000000000000.json"),
    lines.map((line) => `${JSON.stringify(line)}\n`).join(""),
  );
}
