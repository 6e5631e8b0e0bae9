// Writes a classic checkpoint (Delta protocol, "Checkpoints"; checklist C1, C2, C5, R6) from the log itself, not from the file table:
// an older checkpoint and the commits since are reconciled by one kernel statement, so that nothing a reader may need is lost.

import { randomUUID } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import type { DuckDBConnection } from "../kernel/duckdb.ts";
import { baseName, joinPath } from "../object-store/store.ts";
import type { Action } from "./actions.ts";
import { supportsReaderFeature } from "./features.ts";
import { logError, numberOf, queryRows } from "./kernel-rows.ts";
import type { LoadContext } from "./load.ts";
import { withLocalFiles } from "./local-files.ts";
import {
  checkpointName,
  LAST_CHECKPOINT,
  listLog,
  logFolder,
  segmentsFor,
  type LogSegment,
} from "./log.ts";
import {
  openCheckpoint,
  stageLines,
  type CheckpointRelation,
} from "./log-reader.ts";
import { fieldsJson, printAction } from "./print-action.ts";
import { printJson } from "./json.ts";
import type { Snapshot } from "./snapshot.ts";
import { pathKey, quoteText } from "./sql.ts";

/**
 * True when written. False when a checkpoint of the version exists, or when the table's checkpoints are of a kind we cannot extend
 * (V2, or statistics as structs only): its log is then read from the older one.
 */
export async function writeCheckpoint(
  context: LoadContext,
  snapshot: Snapshot,
  nowMs: number,
): Promise<boolean> {
  const { store, table } = context;
  if (supportsReaderFeature(snapshot.protocol, "v2Checkpoint")) return false;
  const target = joinPath(
    logFolder(table.location),
    checkpointName(snapshot.version),
  );
  if ((await store.stat(target)) !== undefined) return false;
  const [segment] = segmentsFor(
    table,
    await listLog(store, table.location),
    snapshot.version,
  );
  if (segment === undefined || segment.checkpoint?.format === "json")
    return false;
  const file = joinPath(context.tempDir, `checkpoint-${randomUUID()}.parquet`);
  try {
    const counts = await buildFile(context, snapshot, segment, { file, nowMs });
    if (counts === undefined) return false;
    const bytes = await readFile(file);
    await store.put(target, bytes);
    await store.put(
      joinPath(logFolder(table.location), LAST_CHECKPOINT),
      Buffer.from(
        printJson(
          fieldsJson({
            version: snapshot.version,
            size: counts.rows,
            sizeInBytes: bytes.length,
            numOfAddFiles: counts.adds,
          }),
        ),
      ),
    );
    return true;
  } finally {
    await rm(file, { force: true });
  }
}

interface Target {
  readonly file: string;
  readonly nowMs: number;
}

async function buildFile(
  context: LoadContext,
  snapshot: Snapshot,
  segment: LogSegment,
  target: Target,
): Promise<{ readonly rows: number; readonly adds: number } | undefined> {
  const folder = logFolder(context.table.location);
  const names = [
    ...segment.commits.map((commit) => commit.entry.name),
    ...(segment.checkpoint?.files ?? []).map((entry) => entry.name),
  ];
  const place = { tempDir: context.tempDir, tableName: context.table.name };
  return withLocalFiles(
    context.store,
    names.map((name) => joinPath(folder, name)),
    place,
    async (paths) => {
      const local = (name: string): string =>
        paths.find((path) => baseName(path) === name) ?? name;
      const connection = await context.kernel.connect();
      try {
        const commits = segment.commits.map(({ entry }) => ({
          localPath: local(entry.name),
          sizeBytes: entry.sizeBytes,
        }));
        await stageLines(connection, "lines", commits, {
          tableName: context.table.name,
        });
        const base =
          segment.checkpoint === undefined
            ? undefined
            : await openCheckpoint(
                connection,
                segment.checkpoint.files.map((entry) => ({
                  localPath: local(entry.name),
                  sizeBytes: entry.sizeBytes,
                })),
              );
        if (base !== undefined && !canExtend(base)) return undefined;
        return await copyRows(connection, snapshot, {
          base,
          baseVersion: segment.checkpoint?.version ?? -1,
          target,
        });
      } catch (error) {
        throw logError(context.table.name, error);
      } finally {
        connection.closeSync();
      }
    },
  );
}

function canExtend(base: CheckpointRelation): boolean {
  const structOnly = !base.shape.stats && base.shape.hasParsed(["numRecords"]);
  return (
    !structOnly &&
    !base.columns.has("sidecar") &&
    !base.columns.has("checkpointMetadata")
  );
}

interface Sources {
  readonly base: CheckpointRelation | undefined;
  readonly baseVersion: number;
  readonly target: Target;
}

async function copyRows(
  connection: DuckDBConnection,
  snapshot: Snapshot,
  sources: Sources,
): Promise<{ readonly rows: number; readonly adds: number }> {
  const { base, baseVersion, target } = sources;
  const key = pathKey("json_extract_string(j, '/path')");
  const fromBase = ["add", "remove"].flatMap((column) =>
    base?.columns.has(column) === true
      ? [
          `SELECT ${baseVersion} AS version, ${column === "add"} AS is_add, to_json("${column}") AS j
           FROM ${base.sql} WHERE "${column}".path IS NOT NULL`,
        ]
      : [],
  );
  const fromCommits = ["add", "remove"].map(
    (kind) =>
      `SELECT version, ${kind === "add"} AS is_add, json_extract(json, '/${kind}') AS j
       FROM lines WHERE json_extract_string(json, '/${kind}/path') IS NOT NULL`,
  );
  await connection.run(`
    CREATE OR REPLACE TEMP TABLE files AS
    SELECT is_add, j FROM (${[...fromBase, ...fromCommits].join(" UNION ALL ")})
    QUALIFY row_number() OVER (
      PARTITION BY ${key}, json_extract_string(j, ['/deletionVector/storageType', '/deletionVector/pathOrInlineDv', '/deletionVector/offset'])
      ORDER BY version DESC, is_add DESC) = 1`);
  const oldest = target.nowMs - tombstoneRetentionMs(snapshot.properties);
  await connection.run(
    `DELETE FROM files WHERE NOT is_add AND coalesce(TRY_CAST(json_extract_string(j, '/deletionTimestamp') AS BIGINT), 0) <= ${oldest}`,
  );
  await connection.run(
    `COPY (${checkpointRows(otherLines(snapshot))}) TO ${quoteText(target.file)} (FORMAT parquet, COMPRESSION snappy)`,
  );
  const rows = await queryRows(
    connection,
    "SELECT count(*), count(*) FILTER (WHERE is_add) FROM files",
  );
  const adds = numberOf(rows[0]?.[1]) ?? 0;
  return {
    rows: (numberOf(rows[0]?.[0]) ?? 0) + otherLines(snapshot).length,
    adds,
  };
}

/** Everything but files, as lines of a commit. */
function otherLines(snapshot: Snapshot): readonly string[] {
  const actions: Action[] = [
    { kind: "protocol", protocol: snapshot.protocol },
    { kind: "metaData", metadata: snapshot.metadata },
    ...[...snapshot.transactions.values()].map((txn): Action => ({
      kind: "txn",
      txn,
    })),
    ...[...snapshot.domains.values()].map((domain): Action => ({
      kind: "domainMetadata",
      domain,
    })),
  ];
  return actions.map(printAction);
}

const MAP = '"MAP(VARCHAR, VARCHAR)"';
const VECTOR = `{"storageType":"VARCHAR","pathOrInlineDv":"VARCHAR","offset":"INTEGER","sizeInBytes":"INTEGER","cardinality":"BIGINT"}`;

/** The columns of a checkpoint, in json_transform's notation. */
const STRUCTURES: Readonly<Record<string, string>> = {
  txn: `{"appId":"VARCHAR","version":"BIGINT","lastUpdated":"BIGINT"}`,
  add: `{"path":"VARCHAR","partitionValues":${MAP},"size":"BIGINT","modificationTime":"BIGINT","dataChange":"BOOLEAN","stats":"VARCHAR","tags":${MAP},"deletionVector":${VECTOR},"baseRowId":"BIGINT","defaultRowCommitVersion":"BIGINT","clusteringProvider":"VARCHAR"}`,
  remove: `{"path":"VARCHAR","deletionTimestamp":"BIGINT","dataChange":"BOOLEAN","extendedFileMetadata":"BOOLEAN","partitionValues":${MAP},"size":"BIGINT","deletionVector":${VECTOR},"baseRowId":"BIGINT","defaultRowCommitVersion":"BIGINT"}`,
  metaData: `{"id":"VARCHAR","name":"VARCHAR","description":"VARCHAR","format":{"provider":"VARCHAR","options":${MAP}},"schemaString":"VARCHAR","partitionColumns":["VARCHAR"],"createdTime":"BIGINT","configuration":${MAP}}`,
  protocol: `{"minReaderVersion":"INTEGER","minWriterVersion":"INTEGER","readerFeatures":["VARCHAR"],"writerFeatures":["VARCHAR"]}`,
  domainMetadata: `{"domain":"VARCHAR","configuration":"VARCHAR","removed":"BOOLEAN"}`,
};

function checkpointRows(lines: readonly string[]): string {
  const values = lines.map((line) => `(${quoteText(line)}::JSON)`).join(", ");
  const select = (pick: (column: string) => string, from: string): string =>
    `SELECT ${Object.entries(STRUCTURES)
      .map(
        ([column, structure]) =>
          `from_json(${pick(column)}, ${quoteText(structure)}) AS "${column}"`,
      )
      .join(", ")} FROM ${from}`;
  const others = select(
    (column) => `json_extract(line, '/${column}')`,
    `(VALUES ${values}) AS t(line)`,
  );
  const files = select((column) => {
    if (column === "add") return "CASE WHEN is_add THEN j END";
    return column === "remove"
      ? "CASE WHEN NOT is_add THEN j END"
      : "NULL::JSON";
  }, "files");
  return `${others} UNION ALL ${files}`;
}

const DEFAULT_RETENTION_MS = 7 * 24 * 3_600_000;
const UNITS_MS: Readonly<Record<string, number>> = {
  millisecond: 1,
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
};

/** `delta.deletedFileRetentionDuration`, such as `interval 1 week`; a week when absent or not understood. */
export function tombstoneRetentionMs(
  properties: Readonly<Record<string, string>>,
): number {
  const text = properties["delta.deletedFileRetentionDuration"]?.toLowerCase();
  if (text === undefined) return DEFAULT_RETENTION_MS;
  const parts = [
    ...text
      .replace(/^\s*interval\s+/, "")
      .matchAll(/(\d+)\s*([a-z]+?)s?(?:\s+|$)/g),
  ];
  const total = parts.reduce(
    (sum, part) =>
      sum + Number(part[1]) * (UNITS_MS[part[2] ?? ""] ?? Number.NaN),
    0,
  );
  return parts.length === 0 || Number.isNaN(total)
    ? DEFAULT_RETENTION_MS
    : total;
}
