// Reads commits and checkpoints with the kernel: other actions come back parsed, file actions stay in the kernel (design.md D5).

import { readFile } from "node:fs/promises";
import {
  DuckDBStructType,
  type DuckDBConnection,
  type DuckDBType,
} from "../kernel/duckdb.ts";
import type { Action } from "./actions.ts";
import { baseName } from "../object-store/store.ts";
import { damagedLog } from "./errors.ts";
import type { CheckpointShape } from "./file-table/file-sql.ts";
import { queryRows, textOf, numberOf } from "./kernel-rows.ts";
import { isObject, parseJson } from "./json.ts";
import { parseAction } from "./parse-action.ts";
import { quoteFiles, quoteName } from "./sql.ts";

export interface LogFile {
  readonly localPath: string;
  readonly sizeBytes: number;
}

export interface VersionedAction {
  readonly version: number;
  readonly action: Action;
}

/** Lines longer than this are refused by the kernel; only a schema of millions of columns could be. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;
const MIN_BUFFER_BYTES = 64 * 1024;

/**
 * Copies the lines of JSON log files into the connection's temporary table `name` (version, json); the version is read from the file
 * name unless given. Throws XX001 naming file and line for a line that is not JSON.
 */
export async function stageLines(
  connection: DuckDBConnection,
  name: string,
  files: readonly LogFile[],
  source: { readonly tableName: string; readonly version?: number },
): Promise<void> {
  // The kernel allocates twice the longest line it must expect: no line is longer than its file.
  const longest = Math.max(
    MIN_BUFFER_BYTES,
    ...files.map((file) => file.sizeBytes + 1),
  );
  const read = `read_ndjson_objects(${quoteFiles(files.map((file) => file.localPath))},
    maximum_object_size = ${Math.min(longest, MAX_LINE_BYTES)})`;
  const versionSql =
    source.version ??
    "CAST(regexp_extract(filename, '(\\d+)\\.json$', 1) AS BIGINT)";
  const from =
    files.length === 0
      ? "(SELECT NULL AS json, NULL AS filename WHERE false)"
      : read;
  try {
    await connection.run(
      `CREATE OR REPLACE TEMP TABLE ${name} AS
       SELECT CAST(${versionSql} AS BIGINT) AS version, CAST(json AS JSON) AS json FROM ${from}`,
    );
  } catch (error) {
    const line = await malformedLine(error);
    if (line === undefined) throw error;
    throw damagedLog(
      source.tableName,
      baseName(line.path),
      `line ${line.number} is not a JSON object`,
      error,
    );
  }
}

const MALFORMED = /Malformed JSON in file "([^"]*)"/;

/** The kernel names the file of a malformed line, but its line number counts from the end of what it could not read. */
async function malformedLine(
  error: unknown,
): Promise<{ readonly path: string; readonly number: number } | undefined> {
  const path =
    error instanceof Error ? MALFORMED.exec(error.message)?.[1] : undefined;
  if (path === undefined) return undefined;
  const lines = (await readFile(path, "utf8")).split("\n");
  const index = lines.findIndex(
    (line) => line.trim() !== "" && !isObject(parseJson(line)),
  );
  return { path, number: index + 1 };
}

/** Parses the lines that are not file actions as every writer prints them, by version: `null` may stand for an action. Throws XX001. */
export async function otherActions(
  connection: DuckDBConnection,
  lines: string,
  tableName: string,
): Promise<readonly VersionedAction[]> {
  const rows = await queryRows(
    connection,
    `SELECT version, CAST(json AS VARCHAR) FROM ${lines}
     WHERE NOT (starts_with(json, '{"add":{') OR starts_with(json, '{"remove":{') OR starts_with(json, '{"cdc":{'))
     ORDER BY version`,
  );
  return rows.flatMap(([versionValue, line]) => {
    const version = numberOf(versionValue) ?? 0;
    const action = checked(
      parseAction(textOf(line) ?? ""),
      tableName,
      `${String(version).padStart(20, "0")}.json`,
    );
    return action === undefined ? [] : [{ version, action }];
  });
}

function checked(
  parsed: ReturnType<typeof parseAction>,
  tableName: string,
  file: string,
): Action | undefined {
  if (parsed.kind === "damaged")
    throw damagedLog(tableName, file, parsed.reason);
  return parsed.kind === "action" ? parsed.action : undefined;
}

/** A checkpoint's parquet files as one relation, and what its columns are. */
export interface CheckpointRelation {
  readonly sql: string;
  readonly columns: ReadonlySet<string>;
  readonly types: ReadonlyMap<string, DuckDBType>;
  readonly shape: CheckpointShape;
}

export async function openCheckpoint(
  connection: DuckDBConnection,
  files: readonly LogFile[],
): Promise<CheckpointRelation> {
  const list = quoteFiles(files.map((file) => file.localPath));
  const sql = `read_parquet(${list}${files.length > 1 ? ", union_by_name = true" : ""})`;
  const result = await connection.run(`SELECT * FROM ${sql} LIMIT 0`);
  const types = new Map(
    result.columnNames().map((name, index) => [name, result.columnType(index)]),
  );
  const add = types.get("add");
  return {
    sql,
    columns: new Set(types.keys()),
    types,
    shape: {
      stats: memberType(add, ["stats"]) !== undefined,
      deletionVector: memberType(add, ["deletionVector"]) !== undefined,
      has: (member) => memberType(add, [member]) !== undefined,
      hasParsed: (path) => {
        const type = memberType(add, ["stats_parsed", ...path]);
        return type !== undefined && !(type instanceof DuckDBStructType);
      },
    },
  };
}

function memberType(
  type: DuckDBType | undefined,
  path: readonly string[],
): DuckDBType | undefined {
  let current = type;
  for (const name of path) {
    if (!(current instanceof DuckDBStructType)) return undefined;
    const index = current.entryNames.indexOf(name);
    current = index < 0 ? undefined : current.entryTypes[index];
  }
  return current;
}

const OTHER_COLUMNS: readonly string[] = [
  "protocol",
  "metaData",
  "txn",
  "domainMetadata",
  "sidecar",
];

/** Parses a checkpoint's rows that are not file actions. `file` is its name, for errors. */
export async function checkpointActions(
  connection: DuckDBConnection,
  checkpoint: CheckpointRelation,
  tableName: string,
  file: string,
): Promise<readonly Action[]> {
  const columns = OTHER_COLUMNS.filter((column) =>
    checkpoint.columns.has(column),
  );
  if (columns.length === 0) return [];
  const names = columns.map(quoteName);
  const rows = await queryRows(
    connection,
    `SELECT ${names.map((name) => `CAST(to_json(${name}) AS VARCHAR)`).join(", ")} FROM ${checkpoint.sql}
     WHERE ${names.map((name) => `${name} IS NOT NULL`).join(" OR ")}`,
  );
  return rows.flatMap((row) => {
    const index = row.findIndex((value) => value !== null && value !== "null");
    const line = `{"${columns[index] ?? ""}":${textOf(row[index]) ?? "null"}}`;
    const action = checked(parseAction(line), tableName, file);
    return action === undefined ? [] : [action];
  });
}
