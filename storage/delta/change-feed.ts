// The change data feed of a range of versions: the files whose rows are its changes (Delta protocol, "Change Data Files"; checklist
// section 12). A commit that recorded its changes is read by those files alone; of others, added rows are inserts and removed ones
// deletes, and a new deletion vector on the same file changes just the rows in which the vectors differ.

import type { Split } from "../scan/split.ts";
import type { Metadata } from "./actions.ts";
import { changeActions, type ChangeAction } from "./change-actions.ts";
import { checkChangedSchema } from "./definition/change-schema.ts";
import {
  vectorLocation,
  type LoggedVector,
} from "./deletion-vector/deletion-vector-file.ts";
import {
  changeFeedOff,
  damagedLog,
  emptyChangeRange,
  versionNotAvailable,
} from "./errors.ts";
import { isTrue } from "./features.ts";
import { onConnection, stageCommits, type LoadContext } from "./load.ts";
import { withLocalFiles } from "./local-files.ts";
import {
  commitName,
  listLog,
  logFolder,
  type CommitFile,
  type LogListing,
} from "./log.ts";
import { otherActions, type VersionedAction } from "./log-reader.ts";
import { baseName, joinPath } from "../object-store/store.ts";
import { resolveFile } from "./paths.ts";
import type { Snapshot } from "./snapshot.ts";
import {
  fileTimes,
  inCommitTimestampsFrom,
  readableCommits,
} from "./timestamps.ts";

export interface ChangeFeed {
  /** The table at the end of the range: its columns are those of the changes. */
  readonly snapshot: Snapshot;
  readonly from: number;
  readonly files: readonly ChangedFile[];
}

export interface ChangedFile {
  readonly version: number;
  /** Milliseconds since 1970. */
  readonly timestampMs: number;
  /** Undefined: each row says it, in column `_change_type`. */
  readonly changeType: "insert" | "delete" | undefined;
  /** Partition values in the order of the table's partition columns. */
  readonly split: Split;
}

/** The versions at both ends; `find` serves removals that do not say their file's partition values (checklist V4). */
export interface FeedVersions {
  readonly first: Snapshot;
  readonly last: Snapshot;
  readonly find: FindFile;
}

/** Partition values of a file that was live before `version`. */
type FindFile = (
  version: number,
  key: string,
) => Promise<readonly (string | null)[] | undefined>;

/** Throws 22023 for a range that is empty, not there, or without the feed; 0A000 when the schema changed too much; XX001. */
export async function readChangeFeed(
  context: LoadContext,
  versions: FeedVersions,
): Promise<ChangeFeed> {
  const { first, last } = versions;
  const { table, store } = context;
  if (first.version > last.version)
    throw emptyChangeRange(table.name, first.version, last.version);
  requireFeed(table.name, first.version, first.metadata);
  const listing = await listLog(store, table.location);
  const commits = commitsOf(context, listing, first.version, last.version);
  const staged = await readCommits(context, commits, last);
  checkMetadata(context, versions, staged.others);
  const times = commitTimesOf(context, listing, last, staged.others);
  const files: ChangedFile[] = [];
  for (const { version } of commits) {
    const actions = staged.actions.filter((item) => item.version === version);
    const change: Change = {
      last,
      version,
      timestampMs: times.get(version) ?? 0,
      find: versions.find,
    };
    files.push(...(await filesOf(change, actions)));
  }
  return { snapshot: last, from: first.version, files };
}

function requireFeed(
  tableName: string,
  version: number,
  metadata: Metadata,
): void {
  if (!isTrue(metadata, "delta.enableChangeDataFeed"))
    throw changeFeedOff(tableName, version);
}

function commitsOf(
  { table }: LoadContext,
  listing: LogListing,
  from: number,
  to: number,
): readonly CommitFile[] {
  const commits = listing.commits.filter(
    ({ version }) => version >= from && version <= to,
  );
  const gone = commits.findIndex(({ version }, at) => version !== from + at);
  if (gone >= 0 || commits.length !== to - from + 1) {
    const missing = from + (gone >= 0 ? gone : commits.length);
    const oldest = commits.at(-1)?.version ?? to;
    throw versionNotAvailable(table.name, missing, oldest, to);
  }
  return commits;
}

interface StagedCommits {
  readonly actions: readonly ChangeAction[];
  readonly others: readonly VersionedAction[];
}

function readCommits(
  context: LoadContext,
  commits: readonly CommitFile[],
  last: Snapshot,
): Promise<StagedCommits> {
  const { store, table, tempDir } = context;
  const folder = logFolder(table.location);
  const paths = commits.map(({ entry }) => joinPath(folder, entry.name));
  const place = { tempDir, tableName: table.name };
  return withLocalFiles(store, paths, place, (localPaths) => {
    const local = new Map(localPaths.map((path) => [baseName(path), path]));
    return onConnection(context, async (connection) => {
      const name = (file: string): string => local.get(file) ?? file;
      await stageCommits(connection, table.name, commits, name);
      return {
        actions: await changeActions(connection, "lines", last.files.columns),
        others: await otherActions(connection, "lines", table.name),
      };
    });
  });
}

/** The feed must be on, and the columns readable as the last version's, at every version of the range (G3). */
function checkMetadata(
  { table }: LoadContext,
  { first, last }: FeedVersions,
  others: readonly VersionedAction[],
): void {
  checkChangedSchema(last, first.version, first.metadata);
  for (const { version, action } of others) {
    if (action.kind !== "metaData") continue;
    requireFeed(table.name, version, action.metadata);
    checkChangedSchema(last, version, action.metadata);
  }
}

/** In-commit timestamps where they are on, file times moved up to be increasing before (checklist I1, I2). */
function commitTimesOf(
  { table }: LoadContext,
  listing: LogListing,
  last: Snapshot,
  others: readonly VersionedAction[],
): ReadonlyMap<number, number> {
  const times = new Map(
    fileTimes(readableCommits(listing, last.version)).map(
      ({ version, timestampMs }) => [version, timestampMs],
    ),
  );
  const loggedFrom = inCommitTimestampsFrom(last.metadata);
  for (const { version, action } of others) {
    if (action.kind !== "commitInfo" || version < loggedFrom) continue;
    const { inCommitTimestamp } = action.commitInfo;
    if (inCommitTimestamp === undefined)
      throw damagedLog(
        table.name,
        commitName(version),
        "no inCommitTimestamp although the table has them enabled",
      );
    times.set(version, inCommitTimestamp);
  }
  return times;
}

interface Change {
  readonly last: Snapshot;
  readonly version: number;
  readonly timestampMs: number;
  readonly find: FindFile;
}

async function filesOf(
  change: Change,
  actions: readonly ChangeAction[],
): Promise<readonly ChangedFile[]> {
  const recorded = actions.filter(({ kind }) => kind === "cdc");
  if (recorded.length > 0) {
    return Promise.all(
      recorded.map((action) => fileOf(change, action, undefined, {})),
    );
  }
  const byKey = new Map<string, readonly ChangeAction[]>();
  for (const action of actions)
    byKey.set(action.key, [...(byKey.get(action.key) ?? []), action]);
  const files = await Promise.all(
    [...byKey.values()].map((group) => derivedFiles(change, group)),
  );
  return files.flat();
}

/** What the actions on one file mean, by the vectors before and after. */
async function derivedFiles(
  change: Change,
  group: readonly ChangeAction[],
): Promise<readonly ChangedFile[]> {
  const added = group.find(({ kind }) => kind === "add");
  const removed = group.find(({ kind }) => kind === "remove");
  if (added === undefined)
    return removed === undefined
      ? []
      : [await fileOf(change, removed, "delete", { without: removed.vector })];
  if (removed === undefined)
    return [await fileOf(change, added, "insert", { without: added.vector })];
  if (vectorId(added.vector) === vectorId(removed.vector)) return [];
  const files: ChangedFile[] = [];
  if (added.vector !== undefined) {
    const rows = { only: added.vector, without: removed.vector };
    files.push(await fileOf(change, added, "delete", rows));
  }
  if (removed.vector !== undefined) {
    const rows = { only: removed.vector, without: added.vector };
    files.push(await fileOf(change, added, "insert", rows));
  }
  return files;
}

function vectorId(vector: LoggedVector | undefined): string {
  if (vector === undefined) return "";
  return `${vector.storageType}${vector.pathOrInlineDv}@${vector.offset ?? ""}`;
}

interface ChangedRows {
  readonly only?: LoggedVector | undefined;
  readonly without?: LoggedVector | undefined;
}

async function fileOf(
  { last, version, timestampMs, find }: Change,
  action: ChangeAction,
  changeType: ChangedFile["changeType"],
  { only, without }: ChangedRows,
): Promise<ChangedFile> {
  const { table } = last;
  const values = action.partitionValues ?? (await find(version, action.key));
  if (values === undefined)
    throw damagedLog(
      table.name,
      commitName(version),
      `file "${action.key}" is removed without its partition values`,
    );
  return {
    version,
    timestampMs,
    changeType,
    split: {
      path: resolveFile(table, action.key),
      sizeBytes: action.sizeBytes,
      ...(action.rowCount === undefined ? {} : { rowCount: action.rowCount }),
      partitionValues: values,
      ...(without === undefined
        ? {}
        : { deletionVector: vectorLocation(table, without) }),
      ...(only === undefined ? {} : { onlyRows: vectorLocation(table, only) }),
    },
  };
}
