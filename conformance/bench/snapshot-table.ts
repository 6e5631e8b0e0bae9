// A Delta table of many small files: a checkpoint and eleven newer commits. Few of its files hold rows of their own; all others are
// links to one that no query of the bench matches, so that a table of a million files costs no disk.

import { linkSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Kernel } from "../../storage/kernel/kernel.ts";

export const TARGETS = 24;
const NEWER_COMMITS = 11;
const PARTITIONS = 100;
const ROWS_PER_FILE = 1000;
/** File systems limit the links to one file. */
const LINKS_PER_FILE = 30_000;

export interface WideTable {
  /** Ids that one row of one file has, each in another file. */
  readonly targets: readonly number[];
}

/** File `i` holds the ids from `1000 i` on, as its statistics say; it lies in partition `i % 100`. */
export async function writeWideTable(
  folder: string,
  files: number,
): Promise<WideTable> {
  const log = join(folder, "_delta_log");
  mkdirSync(log, { recursive: true });
  for (let part = 0; part < PARTITIONS; part += 1)
    mkdirSync(join(folder, `part=${part}`));
  await using kernel = await Kernel.open({
    threads: 2,
    memoryBytes: 2_000_000_000,
    tempDir: join(folder, "_temp"),
    tempBytes: 10_000_000_000,
    allowedDirs: [folder],
    functions: [],
  });
  const connection = await kernel.connect();
  const step = Math.floor(files / TARGETS);
  const targets = Array.from({ length: TARGETS }, (_, index) => index * step);
  const own = new Set(targets);
  for (const file of targets)
    await connection.run(
      `COPY (SELECT ${file * ROWS_PER_FILE} AS id, 'row' AS payload) TO '${join(folder, pathOf(file))}' (FORMAT parquet)`,
    );
  let source = "";
  for (let file = 0; file < files + NEWER_COMMITS; file += 1) {
    if (file % LINKS_PER_FILE === 0) {
      source = join(folder, `_source-${file}.parquet`);
      await connection.run(
        `COPY (SELECT -1::BIGINT AS id, 'none' AS payload) TO '${source}' (FORMAT parquet)`,
      );
    }
    if (!own.has(file)) linkSync(source, join(folder, pathOf(file)));
  }
  await connection.run(
    `COPY (${checkpointSql(files)}) TO '${join(log, `${name(files)}.checkpoint.parquet`)}' (FORMAT parquet, ROW_GROUP_SIZE 100000)`,
  );
  connection.closeSync();
  writeFileSync(
    join(log, "_last_checkpoint"),
    JSON.stringify({ version: files, size: files + 2 }),
  );
  writeFileSync(join(log, `${name(files)}.json`), addLine(0));
  for (let commit = 1; commit <= NEWER_COMMITS; commit += 1)
    writeFileSync(
      join(log, `${name(files + commit)}.json`),
      addLine(files + commit - 1),
    );
  return { targets: targets.map((file) => file * ROWS_PER_FILE) };
}

/** As if each file had been a commit of its own: the checkpoint's version is the number of files. */
function name(version: number): string {
  return String(version).padStart(20, "0");
}

function pathOf(file: number): string {
  return `part=${file % PARTITIONS}/part-${String(file).padStart(8, "0")}.parquet`;
}

const SIZE_BYTES = 600;

function addLine(file: number): string {
  const low = file * ROWS_PER_FILE;
  const stats = JSON.stringify({
    numRecords: ROWS_PER_FILE,
    minValues: { id: low, payload: "a" },
    maxValues: { id: low + ROWS_PER_FILE - 1, payload: "z" },
    nullCount: { id: 0, payload: 0 },
  });
  const add = {
    path: pathOf(file),
    partitionValues: { part: String(file % PARTITIONS) },
    size: SIZE_BYTES,
    modificationTime: 1_700_000_000_000,
    dataChange: true,
    stats,
  };
  return `${JSON.stringify({ add })}\n`;
}

const SCHEMA = JSON.stringify({
  type: "struct",
  fields: (
    [
      ["id", "long"],
      ["payload", "string"],
      ["part", "integer"],
    ] as const
  ).map(([field, type]) => ({
    name: field,
    type,
    nullable: true,
    metadata: {},
  })),
});

function checkpointSql(files: number): string {
  const add = `struct_pack(
    path := 'part=' || i % ${PARTITIONS} || '/part-' || lpad(i::VARCHAR, 8, '0') || '.parquet',
    "partitionValues" := MAP {'part': (i % ${PARTITIONS})::VARCHAR},
    size := ${SIZE_BYTES}::BIGINT, "modificationTime" := 1700000000000::BIGINT, "dataChange" := false,
    stats := '{"numRecords":${ROWS_PER_FILE},"minValues":{"id":' || i * ${ROWS_PER_FILE} || ',"payload":"a"},"maxValues":{"id":'
      || (i * ${ROWS_PER_FILE} + ${ROWS_PER_FILE - 1}) || ',"payload":"z"},"nullCount":{"id":0,"payload":0}}')`;
  const metadata = `struct_pack(id := 'f1d2d2f9-24e9-86ac-1b32-b1c0c5d1a2b3', name := NULL::VARCHAR, description := NULL::VARCHAR,
    format := struct_pack(provider := 'parquet', options := MAP([]::VARCHAR[], []::VARCHAR[])),
    "schemaString" := '${SCHEMA}', "partitionColumns" := ['part'], "createdTime" := 1700000000000::BIGINT,
    configuration := MAP([]::VARCHAR[], []::VARCHAR[]))`;
  const protocol =
    'struct_pack("minReaderVersion" := 1, "minWriterVersion" := 2)';
  return `SELECT NULL AS "add", NULL AS "metaData", ${protocol} AS protocol
    UNION ALL SELECT NULL, ${metadata}, NULL
    UNION ALL SELECT ${add}, NULL, NULL FROM range(${files}) AS r(i)`;
}
