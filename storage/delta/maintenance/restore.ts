// RESTORE: the actions that make a table's files, schema and properties those of an older version again, in a new commit. The
// protocol stays: features are not taken away by going back (checklist F4).

import { throwIfAborted } from "../../common/errors.ts";
import type { DuckDBConnection } from "../../kernel/duckdb.ts";
import type { Action, AddFile, Metadata } from "../actions.ts";
import { vectorLocation } from "../deletion-vector/deletion-vector-file.ts";
import { missingFile, restoreNeedsFeature } from "../errors.ts";
import { impliedFeatures } from "../features.ts";
import { queryRows } from "../kernel-rows.ts";
import type { LoadContext } from "../load.ts";
import {
  LOGGED_FILES,
  loggedAdds,
  stageLoggedFiles,
  withLoggedFiles,
} from "../checkpoint/logged-files.ts";
import { canonicalPath, decodePath, resolveFile } from "../paths.ts";
import type { Snapshot } from "../snapshot.ts";

export interface Restoration {
  readonly actions: readonly Action[];
  readonly added: readonly AddFile[];
  readonly removed: readonly AddFile[];
  /** Bytes and files of the table afterwards. */
  readonly filesAfter: number;
  readonly bytesAfter: number;
  /** Columns or partitioning change. */
  readonly changesSchema: boolean;
}

export interface RestoreRun {
  /** Milliseconds since 1970: when the files that go were removed. */
  readonly nowMs: number;
  readonly signal: AbortSignal;
}

/**
 * What turns `current` into `wanted`. Throws 58P01 naming the first file of the older version that is gone, 0A000 when that version
 * needs a feature the table no longer has.
 */
export async function planRestore(
  context: LoadContext,
  current: Snapshot,
  wanted: Snapshot,
  run: RestoreRun,
): Promise<Restoration> {
  checkFeatures(current, wanted);
  const diff = await withLoggedFiles(context, current.version, (connection) =>
    difference(context, connection, wanted),
  );
  await checkFiles(context, diff.added, run.signal);
  const metadata = restoredMetadata(current.metadata, wanted.metadata);
  const actions: Action[] = [
    ...(sameMetadata(current.metadata, metadata)
      ? []
      : [{ kind: "metaData" as const, metadata }]),
    ...domainActions(current, wanted),
    ...diff.removed.map((add): Action => removal(add, run.nowMs)),
    ...diff.added.map((add): Action => ({
      kind: "add",
      add: { ...add, dataChange: true },
    })),
  ];
  return {
    ...diff,
    actions,
    changesSchema:
      current.metadata.schemaString !== metadata.schemaString ||
      current.metadata.partitionColumns.join("\u0000") !==
        metadata.partitionColumns.join("\u0000"),
  };
}

function checkFeatures(current: Snapshot, wanted: Snapshot): void {
  const known = new Set(impliedFeatures(current.protocol));
  const missing = impliedFeatures(wanted.protocol).filter(
    (feature) => !known.has(feature),
  );
  if (missing.length > 0)
    throw restoreNeedsFeature(current.table.name, wanted.version, missing);
}

type Difference = Pick<
  Restoration,
  "added" | "removed" | "filesAfter" | "bytesAfter"
>;

/** On a connection that holds the current version's files. */
async function difference(
  context: LoadContext,
  connection: DuckDBConnection,
  wanted: Snapshot,
): Promise<Difference> {
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE current_files AS SELECT key, dv_id, j FROM ${LOGGED_FILES} WHERE is_add`,
  );
  await stageLoggedFiles(context, connection, wanted.version);
  await connection.run(`DELETE FROM ${LOGGED_FILES} WHERE NOT is_add`);
  const added = await loggedAdds(
    connection,
    `SELECT CAST(j AS VARCHAR) FROM ${LOGGED_FILES} AS w
     WHERE NOT EXISTS (FROM current_files AS c WHERE c.key = w.key AND c.dv_id = w.dv_id) ORDER BY key`,
  );
  const removed = await loggedAdds(
    connection,
    `SELECT CAST(j AS VARCHAR) FROM current_files AS c
     WHERE NOT EXISTS (FROM ${LOGGED_FILES} AS w WHERE c.key = w.key AND c.dv_id = w.dv_id) ORDER BY key`,
  );
  const [row = []] = await queryRows(
    connection,
    `SELECT count(*), coalesce(sum(CAST(json_extract_string(j, '/size') AS BIGINT)), 0)::BIGINT FROM ${LOGGED_FILES}`,
  );
  return {
    added,
    removed,
    filesAfter: Number(row[0]),
    bytesAfter: Number(row[1]),
  };
}

/** Files looked at side by side. */
const STAT_BATCH = 64;

async function checkFiles(
  { store, table }: LoadContext,
  added: readonly AddFile[],
  signal: AbortSignal,
): Promise<void> {
  const paths = new Set(
    added.flatMap((add) => {
      const vector =
        add.deletionVector && vectorLocation(table, add.deletionVector);
      const file = resolveFile(table, canonicalPath(decodePath(add.path)));
      return vector === undefined || vector.storageType === "i"
        ? [file]
        : [file, vector.location];
    }),
  );
  const all = [...paths];
  for (let from = 0; from < all.length; from += STAT_BATCH) {
    throwIfAborted(signal);
    const batch = all.slice(from, from + STAT_BATCH);
    const found = await Promise.all(batch.map((path) => store.stat(path)));
    const gone = batch.find((_, index) => found[index] === undefined);
    if (gone !== undefined) throw missingFile(table.name, gone);
  }
}

function removal(add: AddFile, nowMs: number): Action {
  const { path, partitionValues, size, tags, deletionVector } = add;
  const { baseRowId, defaultRowCommitVersion } = add;
  return {
    kind: "remove",
    remove: {
      path,
      deletionTimestamp: nowMs,
      dataChange: true,
      extendedFileMetadata: true,
      partitionValues,
      size,
      ...(tags === undefined ? {} : { tags }),
      ...(deletionVector === undefined ? {} : { deletionVector }),
      ...(baseRowId === undefined ? {} : { baseRowId }),
      ...(defaultRowCommitVersion === undefined
        ? {}
        : { defaultRowCommitVersion }),
    },
  };
}

/** Facts about the log and its ids that going back must not undo (checklist I2, M3). */
const KEPT_PROPERTIES: readonly string[] = [
  "delta.enableInCommitTimestamps",
  "delta.inCommitTimestampEnablementVersion",
  "delta.inCommitTimestampEnablementTimestamp",
  "delta.columnMapping.maxColumnId",
];

function restoredMetadata(current: Metadata, wanted: Metadata): Metadata {
  const configuration: Record<string, string> = { ...wanted.configuration };
  for (const key of KEPT_PROPERTIES) {
    const value = current.configuration[key];
    if (value !== undefined) configuration[key] = value;
  }
  return { ...wanted, id: current.id, configuration };
}

function sameMetadata(a: Metadata, b: Metadata): boolean {
  return metadataKey(a) === metadataKey(b);
}

function metadataKey(metadata: Metadata): string {
  const { configuration, name, description } = metadata;
  return JSON.stringify([
    metadata.schemaString,
    metadata.partitionColumns,
    Object.entries(configuration).sort(([a], [b]) => (a < b ? -1 : 1)),
    name ?? null,
    description ?? null,
  ]);
}

/** Row tracking's high-water mark only rises (checklist W8). */
const KEPT_DOMAIN = "delta.rowTracking";

function domainActions(current: Snapshot, wanted: Snapshot): readonly Action[] {
  const names = new Set([...current.domains.keys(), ...wanted.domains.keys()]);
  names.delete(KEPT_DOMAIN);
  return [...names].flatMap((name): Action[] => {
    const before = current.domains.get(name);
    const after = wanted.domains.get(name);
    if (before?.configuration === after?.configuration) return [];
    if (after !== undefined) return [{ kind: "domainMetadata", domain: after }];
    return before === undefined
      ? []
      : [{ kind: "domainMetadata", domain: { ...before, removed: true } }];
  });
}
