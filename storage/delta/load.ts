// Builds a version from a log segment, and moves a built one forward commit by commit. The file table ends up in the kernel, the
// rest as plain values. Delta protocol, "Action Reconciliation", "Checkpoints"; checklist sections 2, 3 and 9.

import type { DuckDBConnection } from "../kernel/duckdb.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { baseName, joinPath, type ObjectStore } from "../object-store/store.ts";
import type { Action } from "./actions.ts";
import { memberNames } from "./file-table/file-columns.ts";
import { FileTable } from "./file-table/file-table.ts";
import { damagedLog } from "./errors.ts";
import { logError, numberOf, queryRows } from "./kernel-rows.ts";
import { withLocalFiles } from "./local-files.ts";
import {
  commitName,
  logFolder,
  type CheckpointFiles,
  type CommitFile,
  type LogSegment,
} from "./log.ts";
import {
  checkpointActions,
  openCheckpoint,
  otherActions,
  stageLines,
  type CheckpointRelation,
  type LogFile,
} from "./log-reader.ts";
import { changesColumns, EMPTY_STATE, replay } from "./replay.ts";
import { checkState, type TableState } from "./snapshot.ts";
import type { TableRef } from "./table-ref.ts";

export interface LoadContext {
  readonly kernel: Kernel;
  readonly store: ObjectStore;
  /** A folder the kernel may read; copies of log files of remote stores go there. */
  readonly tempDir: string;
  readonly table: TableRef;
}

/** A version in the kernel. */
export interface LoadedVersion {
  readonly version: number;
  /** Version of the checkpoint it began with, -1 without one: of later commits, the file table knows each one's files. */
  readonly baseVersion: number;
  readonly checked: TableState;
  readonly files: FileTable;
}

/** Undefined when the segment's checkpoint lacks a sidecar (checklist C4): an older one has to do. */
export async function loadSegment(
  context: LoadContext,
  segment: LogSegment,
): Promise<LoadedVersion | undefined> {
  const paths = [
    ...segment.commits.map((commit) => commit.entry.name),
    ...(segment.checkpoint?.files ?? []).map((file) => file.name),
  ];
  const folder = logFolder(context.table.location);
  const place = { tempDir: context.tempDir, tableName: context.table.name };
  return withLocalFiles(
    context.store,
    paths.map((name) => joinPath(folder, name)),
    place,
    async (localPaths) => {
      const local = new Map(localPaths.map((path) => [baseName(path), path]));
      return onConnection(context, (connection) =>
        loadWith(
          context,
          connection,
          segment,
          (name) => local.get(name) ?? name,
        ),
      );
    },
  );
}

/** What the kernel says of a log comes out in our words. */
export async function onConnection<T>(
  context: LoadContext,
  work: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  try {
    return await context.kernel.use(work);
  } catch (error) {
    throw logError(context.table.name, error);
  }
}

type LocalName = (name: string) => string;

async function loadWith(
  context: LoadContext,
  connection: DuckDBConnection,
  segment: LogSegment,
  localName: LocalName,
): Promise<LoadedVersion | undefined> {
  const opened =
    segment.checkpoint === undefined
      ? NO_CHECKPOINT
      : await readCheckpoint(
          context,
          connection,
          segment.checkpoint,
          localName,
        );
  if (opened === undefined) return undefined;
  const { table } = context;
  await stageCommits(connection, table.name, segment.commits, localName);
  const actions =
    segment.commits.length === 0
      ? []
      : await otherActions(connection, "lines", table.name);
  const base = replay(EMPTY_STATE, opened.actions);
  const state = replay(
    base,
    actions.map((entry) => entry.action),
  );
  const checked = checkState(table, state, lastFile(segment));
  const files = await FileTable.create(
    context.kernel,
    connection,
    checked.columns,
  );
  try {
    const baseVersion = segment.checkpoint?.version ?? -1;
    await opened.fill(files, baseVersion);
    if (segment.commits.length > 0) {
      await checkFileActions(connection, table.name);
      await files.apply(connection, "lines");
    }
    await files.count(connection);
    await files.compact(connection);
    return { version: segment.version, baseVersion, checked, files };
  } catch (error) {
    await files.release();
    throw error;
  }
}

/** A file action without a path is damage: passed over, rows would be missing or come back. */
async function checkFileActions(
  connection: DuckDBConnection,
  tableName: string,
): Promise<void> {
  const [found = []] = await queryRows(
    connection,
    `SELECT min(version) FROM lines
     WHERE NOT contains(json, '"path":"') AND (json_type(json, '/add') = 'OBJECT' OR json_type(json, '/remove') = 'OBJECT')
       AND coalesce(json_extract_string(json, '/add/path'), json_extract_string(json, '/remove/path')) IS NULL`,
  );
  const version = numberOf(found[0]);
  if (version === null) return;
  const reason = "a file action has no path";
  throw damagedLog(tableName, commitName(version), reason);
}

function lastFile({ commits, checkpoint, version }: LogSegment): string {
  const last = commits.at(-1)?.entry ?? checkpoint?.files[0];
  return last?.name ?? commitName(version);
}

/** Their lines become the temporary table `lines`. */
export async function stageCommits(
  connection: DuckDBConnection,
  tableName: string,
  commits: readonly CommitFile[],
  localName: LocalName,
): Promise<void> {
  if (commits.length === 0) return;
  await stageLines(
    connection,
    "lines",
    commits.map(({ entry }) => ({
      localPath: localName(entry.name),
      sizeBytes: entry.sizeBytes,
    })),
    { tableName },
  );
}

interface OpenedCheckpoint {
  readonly actions: readonly Action[];
  fill(files: FileTable, version: number): Promise<void>;
}

const NO_CHECKPOINT: OpenedCheckpoint = {
  actions: [],
  fill: () => Promise.resolve(),
};

async function readCheckpoint(
  context: LoadContext,
  connection: DuckDBConnection,
  checkpoint: CheckpointFiles,
  localName: LocalName,
): Promise<OpenedCheckpoint | undefined> {
  const files = checkpoint.files.map((entry) => ({
    localPath: localName(entry.name),
    sizeBytes: entry.sizeBytes,
  }));
  const fileName = checkpoint.files[0]?.name ?? "";
  const main =
    checkpoint.format === "json"
      ? await openJsonCheckpoint(context, connection, files, checkpoint.version)
      : await openParquetCheckpoint(context, connection, files, fileName);
  const names = main.actions.flatMap((action) =>
    action.kind === "sidecar" ? [action.sidecar.path] : [],
  );
  if (names.length === 0) return main;
  const sidecars = await findSidecars(context, names);
  if (sidecars === undefined) return undefined;
  return {
    actions: main.actions,
    fill: async (table, version) => {
      await main.fill(table, version);
      const place = { tempDir: context.tempDir, tableName: context.table.name };
      const paths = sidecars.map((sidecar) => sidecar.path);
      await withLocalFiles(context.store, paths, place, async (localPaths) => {
        const parts = localPaths.map((localPath, index) => ({
          localPath,
          sizeBytes: sidecars[index]?.sizeBytes ?? 0,
        }));
        await fillFrom(
          connection,
          await openCheckpoint(connection, parts),
          parts,
          { table, version },
        );
      });
    },
  };
}

/** A V2 checkpoint whose main file is JSON: the same lines as a commit. */
async function openJsonCheckpoint(
  context: LoadContext,
  connection: DuckDBConnection,
  files: readonly LogFile[],
  version: number,
): Promise<OpenedCheckpoint> {
  await stageLines(connection, "checkpoint_lines", files, {
    tableName: context.table.name,
    version,
  });
  const actions = await otherActions(
    connection,
    "checkpoint_lines",
    context.table.name,
  );
  return {
    actions: actions.map((entry) => entry.action),
    fill: (table) => table.apply(connection, "checkpoint_lines"),
  };
}

async function openParquetCheckpoint(
  context: LoadContext,
  connection: DuckDBConnection,
  files: readonly LogFile[],
  fileName: string,
): Promise<OpenedCheckpoint> {
  const relation = await openCheckpoint(connection, files);
  return {
    actions: await checkpointActions(
      connection,
      relation,
      context.table.name,
      fileName,
    ),
    fill: (table, version) =>
      fillFrom(connection, relation, files, { table, version }),
  };
}

async function fillFrom(
  connection: DuckDBConnection,
  relation: CheckpointRelation,
  files: readonly LogFile[],
  target: { readonly table: FileTable; readonly version: number },
): Promise<void> {
  if (!relation.columns.has("add")) return;
  const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  await target.table.loadCheckpoint(
    connection,
    relation,
    target.version,
    sizeBytes,
  );
}

/** Undefined when one is missing. */
export async function findSidecars(
  context: LoadContext,
  names: readonly string[],
): Promise<
  readonly { readonly path: string; readonly sizeBytes: number }[] | undefined
> {
  const folder = joinPath(logFolder(context.table.location), "_sidecars");
  const found: { readonly path: string; readonly sizeBytes: number }[] = [];
  for (const name of names) {
    // A full URI names a file of the same folder: only its last part counts, so that no log can point elsewhere.
    const path = joinPath(folder, baseName(decodePath(name)));
    const entry = await context.store.stat(path);
    if (entry === undefined) return undefined;
    found.push({ path, sizeBytes: entry.sizeBytes });
  }
  return found;
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/**
 * Moves `loaded` past `commits`, which follow it without a gap. Undefined when the columns change, or the cache has dropped the
 * table: the version is loaded anew.
 */
export async function advance(
  context: LoadContext,
  loaded: LoadedVersion,
  commits: readonly CommitFile[],
): Promise<LoadedVersion | undefined> {
  const folder = logFolder(context.table.location);
  const place = { tempDir: context.tempDir, tableName: context.table.name };
  const paths = commits.map((commit) => joinPath(folder, commit.entry.name));
  return withLocalFiles(context.store, paths, place, async (localPaths) => {
    const local = new Map(localPaths.map((path) => [baseName(path), path]));
    const result = await loaded.files.use(async (connection) => {
      try {
        await stageCommits(
          connection,
          context.table.name,
          commits,
          (name) => local.get(name) ?? name,
        );
        return await applyStaged(
          context,
          loaded,
          commits.at(-1)?.version ?? loaded.version,
          connection,
        );
      } catch (error) {
        throw logError(context.table.name, error);
      }
    });
    return result?.value;
  });
}

async function applyStaged(
  context: LoadContext,
  loaded: LoadedVersion,
  version: number,
  connection: DuckDBConnection,
): Promise<LoadedVersion | undefined> {
  const actions = await otherActions(connection, "lines", context.table.name);
  const state = replay(
    loaded.checked.state,
    actions.map((entry) => entry.action),
  );
  if (
    state.metadata !== undefined &&
    changesColumns(loaded.checked.metadata, state.metadata)
  )
    return undefined;
  const checked = checkState(context.table, state, commitName(version));
  if (memberNames(checked.columns) !== memberNames(loaded.checked.columns))
    return undefined;
  await checkFileActions(connection, context.table.name);
  await loaded.files.apply(connection, "lines");
  await loaded.files.count(connection);
  return { ...loaded, version, checked };
}
