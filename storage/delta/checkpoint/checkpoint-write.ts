// Writes checkpoints (Delta protocol, "Checkpoints"; checklist C1-C3, C5, R6) from the log itself, not from the file table: an older
// checkpoint and the commits since are reconciled by the kernel, so that nothing a reader may need is lost, and no file is held in JS.

import { randomUUID } from "node:crypto";
import { rm, stat } from "node:fs/promises";
import type { DuckDBConnection } from "../../kernel/duckdb.ts";
import { joinPath } from "../../object-store/store.ts";
import type { Action, Sidecar } from "../actions.ts";
import { mainRows, sidecarRows, type FileRows } from "./checkpoint-sql.ts";
import { tombstoneRetentionMs } from "../definition/durations.ts";
import { supportsReaderFeature } from "../features.ts";
import { printJson } from "../json.ts";
import { numberOf, queryRows } from "../kernel-rows.ts";
import type { LoadContext } from "../load.ts";
import {
  checkpointName,
  LAST_CHECKPOINT,
  logFolder,
  v2CheckpointName,
} from "../log.ts";
import { LOGGED_FILES, withLoggedFiles } from "./logged-files.ts";
import { fieldsJson, printAction } from "../print-action.ts";
import type { Snapshot } from "../snapshot.ts";
import { quoteText } from "../sql.ts";

/** True when written, false when a checkpoint of the version exists. A table whose policy is V2 gets that kind. */
export async function writeCheckpoint(
  context: LoadContext,
  snapshot: Snapshot,
  nowMs: number,
  sidecarRowCount: number = SIDECAR_ROWS,
): Promise<boolean> {
  const { store, table } = context;
  const { version } = snapshot;
  const classic = joinPath(logFolder(table.location), checkpointName(version));
  if ((await store.stat(classic)) !== undefined) return false;
  const written = await withLoggedFiles(
    context,
    version,
    async (connection) => {
      const counts = await dropExpired(connection, snapshot, nowMs);
      const pieces = { context, connection, snapshot, counts };
      return usesV2(snapshot)
        ? writeV2(pieces, sidecarRowCount)
        : writeMain(pieces, classic, {
            lines: otherLines(snapshot),
            v2: false,
          });
    },
  );
  await store.put(
    joinPath(logFolder(table.location), LAST_CHECKPOINT),
    Buffer.from(printJson(fieldsJson({ version, ...written }))),
  );
  return true;
}

/** File actions in one file of a V2 checkpoint; with fewer there are no sidecars. */
const SIDECAR_ROWS = 500_000;

function usesV2(snapshot: Snapshot): boolean {
  return (
    supportsReaderFeature(snapshot.protocol, "v2Checkpoint") &&
    snapshot.properties["delta.checkpointPolicy"]?.toLowerCase() === "v2"
  );
}

interface Counts {
  readonly files: number;
  readonly adds: number;
}

interface Pieces {
  readonly context: LoadContext;
  readonly connection: DuckDBConnection;
  readonly snapshot: Snapshot;
  readonly counts: Counts;
}

/** What `_last_checkpoint` says. */
type Written = Readonly<
  Record<"size" | "sizeInBytes" | "numOfAddFiles", number>
>;

/** Checklist R6: a tombstone is kept until no reader may need its file. */
async function dropExpired(
  connection: DuckDBConnection,
  snapshot: Snapshot,
  nowMs: number,
): Promise<Counts> {
  const oldest = nowMs - tombstoneRetentionMs(snapshot.properties);
  await connection.run(
    `DELETE FROM ${LOGGED_FILES} WHERE NOT is_add AND coalesce(TRY_CAST(json_extract_string(j, '/deletionTimestamp') AS BIGINT), 0) <= ${oldest}`,
  );
  const [row = []] = await queryRows(
    connection,
    `SELECT count(*), count(*) FILTER (WHERE is_add) FROM ${LOGGED_FILES}`,
  );
  return { files: numberOf(row[0]) ?? 0, adds: numberOf(row[1]) ?? 0 };
}

async function writeMain(
  pieces: Pieces,
  target: string,
  main: {
    readonly lines: readonly string[];
    readonly v2: boolean;
    /** The file actions lie in sidecars. */
    readonly withoutFiles?: boolean;
  },
): Promise<Written> {
  const { snapshot, counts } = pieces;
  const files = main.withoutFiles === true ? undefined : fileRows(snapshot);
  const sizeInBytes = await copyTo(
    pieces,
    mainRows(main.lines, files, main.v2),
    target,
  );
  const size = main.lines.length + counts.files;
  return { size, sizeInBytes, numOfAddFiles: counts.adds };
}

/** Checklist C3: all file actions inside, or all in sidecars. */
async function writeV2(
  pieces: Pieces,
  sidecarRowCount: number,
): Promise<Written> {
  const { context, snapshot, counts } = pieces;
  const { version } = snapshot;
  const folder = logFolder(context.table.location);
  const target = joinPath(folder, v2CheckpointName(version, randomUUID()));
  const own = printAction({ kind: "checkpointMetadata", version });
  const lines = [own, ...otherLines(snapshot)];
  if (counts.files <= sidecarRowCount)
    return writeMain(pieces, target, { lines, v2: true });
  const count = Math.ceil(counts.files / sidecarRowCount);
  let bytes = 0;
  for (let index = 0; index < count; index += 1) {
    const path = `${randomUUID()}.parquet`;
    const rows = sidecarRows({
      ...fileRows(snapshot),
      share: { index, count },
    });
    const sizeInBytes = await copyTo(
      pieces,
      rows,
      joinPath(joinPath(folder, "_sidecars"), path),
    );
    bytes += sizeInBytes;
    const sidecar: Sidecar = {
      path,
      sizeInBytes,
      modificationTime: Date.now(),
    };
    lines.push(printAction({ kind: "sidecar", sidecar }));
  }
  const main = await writeMain(pieces, target, {
    lines,
    v2: true,
    withoutFiles: true,
  });
  return { ...main, sizeInBytes: main.sizeInBytes + bytes };
}

/** The rows as a Parquet file at `target`; its size in bytes. */
async function copyTo(
  { context, connection }: Pieces,
  rows: string,
  target: string,
): Promise<number> {
  const file = joinPath(context.tempDir, `checkpoint-${randomUUID()}.parquet`);
  try {
    await connection.run(
      `COPY (${rows}) TO ${quoteText(file)} (FORMAT parquet, COMPRESSION snappy)`,
    );
    const { size } = await stat(file);
    await context.store.upload(file, target);
    return size;
  } finally {
    await rm(file, { force: true });
  }
}

function fileRows({ files, properties }: Snapshot): FileRows {
  const flag = (name: string, otherwise: boolean): boolean => {
    const text = properties[`delta.checkpoint.${name}`]?.toLowerCase();
    return text === undefined ? otherwise : text === "true";
  };
  return {
    columns: files.columns,
    stats: {
      json: flag("writeStatsAsJson", true),
      struct: flag("writeStatsAsStruct", false),
    },
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
