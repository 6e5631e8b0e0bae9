// Every file action a version knows, live files and tombstones, as a temporary kernel table with the whole action as JSON: what
// checkpoints, RESTORE and VACUUM need and the narrow file table of a snapshot does not keep (checklist R3, R4, R6).

import {
  DuckDBStructType,
  type DuckDBConnection,
} from "../../kernel/duckdb.ts";
import { baseName, joinPath } from "../../object-store/store.ts";
import type { Action, AddFile } from "../actions.ts";
import { damagedLog } from "../errors.ts";
import { vectorId } from "../file-table/file-sql.ts";
import { findSidecars, onConnection, type LoadContext } from "../load.ts";
import { queryRows, textOf } from "../kernel-rows.ts";
import { withLocalFiles } from "../local-files.ts";
import {
  listLog,
  logFolder,
  segmentsFor,
  type CheckpointFiles,
  type LogSegment,
} from "../log.ts";
import { parseAction } from "../parse-action.ts";
import { decodePath } from "../paths.ts";
import {
  checkpointActions,
  openCheckpoint,
  otherActions,
  stageLines,
  type CheckpointRelation,
  type LogFile,
} from "../log-reader.ts";
import { jsonPointer, pathKey, quoteName, quoteText } from "../sql.ts";
import { statsTextSql } from "./stats-sql.ts";

/** Columns: `is_add`, `key` (decoded path), `dv_id` ('' without a vector), `j` (the action). One row a key and vector. */
export const LOGGED_FILES = "logged_files";

/** Runs `work` on a connection that holds LOGGED_FILES as of `version`. Throws as reading the log does. */
export async function withLoggedFiles<T>(
  context: LoadContext,
  version: number,
  work: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  return await onConnection(context, async (connection) => {
    await stageLoggedFiles(context, connection, version);
    return await work(connection);
  });
}

/** Files that are added, as the log says it: `sql` gives their actions `j` as text. */
export async function loggedAdds(
  connection: DuckDBConnection,
  sql: string,
): Promise<readonly AddFile[]> {
  const rows = await queryRows(connection, sql);
  return rows.flatMap(([json]) => {
    const parsed = parseAction(`{"add":${textOf(json) ?? "null"}}`);
    return parsed.kind === "action" && parsed.action.kind === "add"
      ? [parsed.action.add]
      : [];
  });
}

/** Makes LOGGED_FILES as of `version` on the connection, in the place of an earlier one. */
export async function stageLoggedFiles(
  context: LoadContext,
  connection: DuckDBConnection,
  version: number,
): Promise<void> {
  const { store, table } = context;
  const listing = await listLog(store, table.location);
  for (const segment of segmentsFor(table, listing, version)) {
    if (await stageSegment(context, connection, segment)) return;
  }
  throw damagedLog(
    table.name,
    "_delta_log",
    "every checkpoint lacks a file it names",
  );
}

/** False when the checkpoint lacks a sidecar. */
async function stageSegment(
  context: LoadContext,
  connection: DuckDBConnection,
  segment: LogSegment,
): Promise<boolean> {
  const folder = logFolder(context.table.location);
  const entries = [
    ...segment.commits.map((commit) => commit.entry),
    ...(segment.checkpoint?.files ?? []),
  ];
  const place = { tempDir: context.tempDir, tableName: context.table.name };
  return withLocalFiles(
    context.store,
    entries.map((entry) => joinPath(folder, entry.name)),
    place,
    async (paths) => {
      const files = paths.map((localPath, index) => ({
        localPath,
        sizeBytes: entries[index]?.sizeBytes ?? 0,
      }));
      const commits = files.slice(0, segment.commits.length);
      const base = await checkpointRows(context, connection, {
        segment,
        files: files.slice(segment.commits.length),
      });
      if (base === undefined) return false;
      await stageLines(connection, "lines", commits, {
        tableName: context.table.name,
      });
      await base.run([...base.selects, ...lineSelects("lines")]);
      return true;
    },
  );
}

interface BaseRows {
  readonly selects: readonly string[];
  /** Reconciles the selects; while it runs, the files they read are at hand. */
  run(selects: readonly string[]): Promise<void>;
}

async function checkpointRows(
  context: LoadContext,
  connection: DuckDBConnection,
  source: { readonly segment: LogSegment; readonly files: readonly LogFile[] },
): Promise<BaseRows | undefined> {
  const run = (selects: readonly string[]): Promise<void> =>
    reconcile(connection, selects);
  const { checkpoint } = source.segment;
  if (checkpoint === undefined) return { selects: [], run };
  const { version } = checkpoint;
  const tableName = context.table.name;
  const { selects, names } = await openMain(
    context,
    connection,
    checkpoint,
    source.files,
  );
  if (names.length === 0) return { selects, run };
  const sidecars = await findSidecars(context, names);
  if (sidecars === undefined) return undefined;
  return {
    selects,
    run: (all) =>
      withLocalFiles(
        context.store,
        sidecars.map(({ path }) => path),
        { tempDir: context.tempDir, tableName },
        async (paths) => {
          const files = paths.map((localPath, index) => ({
            localPath,
            sizeBytes: sidecars[index]?.sizeBytes ?? 0,
          }));
          const relation = await openCheckpoint(connection, files);
          await run([...all, ...relationSelects(relation, version)]);
        },
      ),
  };
}

interface MainFile {
  readonly selects: readonly string[];
  /** Of its sidecars. */
  readonly names: readonly string[];
}

async function openMain(
  context: LoadContext,
  connection: DuckDBConnection,
  { version, format, files: entries }: CheckpointFiles,
  files: readonly LogFile[],
): Promise<MainFile> {
  const tableName = context.table.name;
  if (format === "json") {
    const lines = "checkpoint_lines";
    await stageLines(connection, lines, files, { tableName, version });
    const found = await otherActions(connection, lines, tableName);
    const names = sidecarsAmong(found.map(({ action }) => action));
    return { selects: lineSelects(lines), names };
  }
  const relation = await openCheckpoint(connection, files);
  const name = entries[0]?.name ?? "";
  const names = sidecarsAmong(
    await checkpointActions(connection, relation, tableName, name),
  );
  return { selects: relationSelects(relation, version), names };
}

function sidecarsAmong(actions: readonly Action[]): readonly string[] {
  return actions.flatMap((action) =>
    action.kind === "sidecar" ? [action.sidecar.path] : [],
  );
}

/** Base names of the sidecars a checkpoint names. Throws as reading the log does. */
export async function sidecarNames(
  context: LoadContext,
  checkpoint: CheckpointFiles,
): Promise<readonly string[]> {
  const folder = logFolder(context.table.location);
  const place = { tempDir: context.tempDir, tableName: context.table.name };
  const paths = checkpoint.files.map(({ name }) => joinPath(folder, name));
  return await onConnection(context, (connection) =>
    withLocalFiles(context.store, paths, place, async (local) => {
      const files = local.map((localPath, index) => ({
        localPath,
        sizeBytes: checkpoint.files[index]?.sizeBytes ?? 0,
      }));
      const main = await openMain(context, connection, checkpoint, files);
      return main.names.map((name) => baseName(decodePath(name)));
    }),
  );
}

/** File actions among lines staged by `stageLines`. */
function lineSelects(lines: string): readonly string[] {
  return ["add", "remove"].map(
    (kind) =>
      `SELECT version, ${kind === "add"} AS is_add, json_extract(json, '/${kind}') AS j
       FROM ${lines} WHERE json_extract_string(json, '/${kind}/path') IS NOT NULL`,
  );
}

/** Members of a file action; a checkpoint's `stats_parsed` is turned into `stats` where it has no text. */
const MEMBERS: readonly string[] = [
  "path",
  "partitionValues",
  "size",
  "modificationTime",
  "deletionTimestamp",
  "extendedFileMetadata",
  "dataChange",
  "tags",
  "deletionVector",
  "baseRowId",
  "defaultRowCommitVersion",
  "clusteringProvider",
];

function relationSelects(
  relation: CheckpointRelation,
  version: number,
): readonly string[] {
  return ["add", "remove"].flatMap((column) => {
    const type = relation.types.get(column);
    if (!(type instanceof DuckDBStructType)) return [];
    const has = (member: string): boolean => type.entryNames.includes(member);
    const members = MEMBERS.filter(has).map(
      (member) => `${quoteName(member)} := "${column}".${quoteName(member)}`,
    );
    const parsed = type.entryTypes[type.entryNames.indexOf("stats_parsed")];
    const stats = [
      ...(has("stats") ? [`"${column}".stats`] : []),
      ...(parsed === undefined
        ? []
        : [statsTextSql(`"${column}".stats_parsed`, parsed)]),
    ];
    if (stats.length > 0)
      members.push(`stats := coalesce(${stats.join(", ")})`);
    return [
      `SELECT ${version} AS version, ${column === "add"} AS is_add, to_json(struct_pack(${members.join(", ")})) AS j
       FROM ${relation.sql} WHERE "${column}".path IS NOT NULL`,
    ];
  });
}

/** The newest action of a key wins; within one commit an add beats a remove. */
async function reconcile(
  connection: DuckDBConnection,
  selects: readonly string[],
): Promise<void> {
  const vector = (member: string): string =>
    `json_extract_string(j, ${quoteText(jsonPointer(["deletionVector", member]))})`;
  await connection.run(`
    CREATE OR REPLACE TEMP TABLE ${LOGGED_FILES} AS
    SELECT is_add, key, dv_id, j FROM (
      SELECT version, is_add, j, ${pathKey("json_extract_string(j, '/path')")} AS key,
        ${vectorId(vector("storageType"), vector("pathOrInlineDv"), vector("offset"))} AS dv_id
      FROM (${selects.join(" UNION ALL ")})
    )
    QUALIFY row_number() OVER (PARTITION BY key, dv_id ORDER BY version DESC, is_add DESC) = 1`);
}
