// Optimistic commits (checklist sections 14 and 15): put-if-absent of the next version; on a lost race every winner is checked, and
// the commit either moves behind them or is given back as a conflict.

import { randomUUID } from "node:crypto";
import { invariant } from "../common/invariant.ts";
import { joinPath } from "../object-store/store.ts";
import { mayMatch } from "../scan/prune.ts";
import { numberOf, queryRows } from "./kernel-rows.ts";
import type { Action, CommitInfo, Metadata, Protocol } from "./actions.ts";
import { writeCheckpoint } from "./checkpoint/checkpoint-write.ts";
import { writeChecksum } from "./checkpoint/checksum.ts";
import {
  findConflict,
  type OurCommit,
  type WinningCommit,
} from "./conflict.ts";
import {
  damagedLog,
  missingCommits,
  tooManyRaces,
  unknownOutcome,
} from "./errors.ts";
import { checkRowsMayGo, checkWritable, isTrue } from "./features.ts";
import type { Json } from "./json.ts";
import type { LoadContext } from "./load.ts";
import { cleanLog } from "./checkpoint/log-cleanup.ts";
import { commitName, logFolder } from "./log.ts";
import { parseAction } from "./parse-action.ts";
import { fieldsJson, printAction, record } from "./print-action.ts";
import { withRowIds } from "./row-tracking.ts";
import type { Snapshot } from "./snapshot.ts";
import type { TableRef } from "./table-ref.ts";
import type { DeltaTables } from "./tables.ts";
import { readCommitInfo } from "./timestamps.ts";
import type { TransactionReads } from "./transaction-reads.ts";

export interface CommitRequest {
  /** The version the transaction read; the commit follows it or, after a lost race, a later one. */
  readonly readVersion: number;
  /** Everything but commitInfo. */
  readonly actions: readonly Action[];
  /** As DESCRIBE HISTORY shows it: `WRITE`, `DELETE`. */
  readonly operation: string;
  readonly operationParameters: Readonly<Record<string, string>>;
  readonly operationMetrics?: Readonly<Record<string, string>>;
  readonly reads: TransactionReads;
  /** Known beforehand when a metastore intent names it; else made here. */
  readonly txnId?: string;
  readonly userName?: string;
}

export type CommitOutcome =
  | {
      readonly kind: "committed";
      readonly version: number;
      readonly checkpoint: CheckpointOutcome;
    }
  /** `reason` completes "commit `version` …". */
  | {
      readonly kind: "conflict";
      readonly winner: { readonly version: number; readonly reason: string };
    };

/** A commit stands whether or not the checkpoint after it could be written, and the log cleaned. */
export type CheckpointOutcome =
  | { readonly kind: "not due" | "written" }
  | { readonly kind: "failed"; readonly error: unknown };

/** Races lost in a row before 40001. */
const MAX_ATTEMPTS = 200;

/**
 * Commits `request.actions` to an existing table. Throws 0A000 when the table's features do not let us write, 40001 after too many
 * lost races, 58030 when the store does not tell whether the commit happened. `now` in milliseconds since 1970.
 */
export async function commit(
  tables: DeltaTables,
  table: TableRef,
  request: CommitRequest,
  now: () => number,
): Promise<CommitOutcome> {
  const context = tables.contextOf(table);
  const read = await tables.snapshot(table, {
    kind: "version",
    version: request.readVersion,
  });
  checkWritable(table.name, read.protocol, read.metadata);
  checkActions(table, read, request.actions);
  const txnId = request.txnId ?? randomUUID();
  let version = request.readVersion + 1;
  let { domains } = read;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const { info, inCommitTimestamp } = await commitInfoFor(context, read, {
      request,
      txnId,
      version,
      now,
    });
    const enabled = withEnablement(read, request.actions, {
      version,
      inCommitTimestamp,
    });
    const actions = withRowIds(enabled, {
      table: table.name,
      protocol: protocolAfter(read, request.actions),
      metadata: metadataAfter(read, request.actions),
      domains,
      version,
    });
    if (await put(context, version, txnId, [info, ...actions])) {
      tables.noteCommit(table);
      if (version === request.readVersion + 1)
        await noteChecksum(context, read, {
          version,
          txnId,
          inCommitTimestamp,
          actions,
        });
      return {
        kind: "committed",
        version,
        checkpoint: await checkpointIfDue(tables, read, version, now()),
      };
    }
    const winner = await checkWinners(tables, read, request, version);
    if (winner.kind === "conflict") return winner;
    ({ next: version, domains } = winner);
  }
  throw tooManyRaces(table.name, MAX_ATTEMPTS);
}

function checkActions(
  table: TableRef,
  read: Snapshot,
  actions: readonly Action[],
): void {
  const added = new Set<string>();
  const removed = new Set<string>();
  for (const action of actions) {
    if (action.kind === "add") {
      invariant(!added.has(action.add.path), "a commit adds one path twice");
      added.add(action.add.path);
    }
    if (action.kind === "remove") {
      const { path } = action.remove;
      invariant(!removed.has(path), "a commit removes one path twice");
      removed.add(path);
    }
  }
  const removesRows = actions.some(
    (action) => action.kind === "remove" && action.remove.dataChange,
  );
  if (removesRows) checkRowsMayGo(table.name, read.protocol, read.metadata);
}

interface InfoInput {
  readonly request: CommitRequest;
  readonly txnId: string;
  readonly version: number;
  readonly now: () => number;
}

async function commitInfoFor(
  context: LoadContext,
  read: Snapshot,
  input: InfoInput,
): Promise<{
  readonly info: Action;
  readonly inCommitTimestamp: number | undefined;
}> {
  const { request, txnId, version, now } = input;
  const timestamp = now();
  const inCommitTimestamp = isTrue(
    metadataAfter(read, request.actions),
    IN_COMMIT_TIMESTAMPS,
  )
    ? await nextInCommitTimestamp(context, version, timestamp)
    : undefined;
  const info = commitInfoAction({
    request,
    txnId,
    timestamp,
    inCommitTimestamp,
    isolationLevel: isolationOf(read),
  });
  return { info, inCommitTimestamp };
}

const IN_COMMIT_TIMESTAMPS = "delta.enableInCommitTimestamps";

function metadataAfter(read: Snapshot, actions: readonly Action[]): Metadata {
  const changed = actions.find(({ kind }) => kind === "metaData");
  return changed?.kind === "metaData" ? changed.metadata : read.metadata;
}

function protocolAfter(read: Snapshot, actions: readonly Action[]): Protocol {
  const changed = actions.find(({ kind }) => kind === "protocol");
  return changed?.kind === "protocol" ? changed.protocol : read.protocol;
}

/** Checklist I2: a table that begins to keep in-commit timestamps says from which version on. */
function withEnablement(
  read: Snapshot,
  actions: readonly Action[],
  at: {
    readonly version: number;
    readonly inCommitTimestamp: number | undefined;
  },
): readonly Action[] {
  if (
    at.inCommitTimestamp === undefined ||
    isTrue(read.metadata, IN_COMMIT_TIMESTAMPS)
  )
    return actions;
  const enablement = {
    "delta.inCommitTimestampEnablementVersion": String(at.version),
    "delta.inCommitTimestampEnablementTimestamp": String(at.inCommitTimestamp),
  };
  return actions.map((action) => {
    if (action.kind !== "metaData") return action;
    const { metadata } = action;
    const configuration = { ...metadata.configuration, ...enablement };
    return { ...action, metadata: { ...metadata, configuration } };
  });
}

/** Checklist I2: later than the version before, whatever the clock says. */
async function nextInCommitTimestamp(
  context: LoadContext,
  version: number,
  timestamp: number,
): Promise<number> {
  const before = await readCommitInfo(context, commitName(version - 1));
  return Math.max(timestamp, (before?.inCommitTimestamp ?? 0) + 1);
}

export interface CommitInfoFields {
  readonly request: Omit<CommitRequest, "actions" | "txnId">;
  readonly txnId: string;
  readonly timestamp: number;
  readonly inCommitTimestamp: number | undefined;
  readonly isolationLevel: string;
}

/** The first line of a commit (W2, I2). A readVersion below 0 means that there was no table. */
export function commitInfoAction(input: CommitInfoFields): Action {
  const { request, txnId, timestamp, inCommitTimestamp, isolationLevel } =
    input;
  const fields = fieldsJson({
    inCommitTimestamp,
    timestamp,
    userName: request.userName,
    operation: request.operation,
    operationParameters: record(request.operationParameters),
    readVersion: request.readVersion < 0 ? undefined : request.readVersion,
    isolationLevel,
    isBlindAppend: request.reads.kind === "nothing",
    operationMetrics:
      request.operationMetrics === undefined
        ? undefined
        : record(request.operationMetrics),
    engineInfo: "Sluice",
    txnId,
  } satisfies Record<string, Json | number | undefined>);
  const commitInfo: CommitInfo = {
    operationParameters: request.operationParameters,
    operationMetrics: request.operationMetrics ?? {},
    isBlindAppend: request.reads.kind === "nothing",
    txnId,
    fields,
  };
  return { kind: "commitInfo", commitInfo };
}

function isolationOf(read: Snapshot): OurCommit["isolation"] {
  return read.properties["delta.isolationLevel"] === "WriteSerializable"
    ? "WriteSerializable"
    : "Serializable";
}

/** True when version `version` now is our commit; also after a failure whose outcome only reading back tells (W3). */
export async function put(
  context: LoadContext,
  version: number,
  txnId: string,
  actions: readonly Action[],
): Promise<boolean> {
  const path = joinPath(logFolder(context.table.location), commitName(version));
  const bytes = Buffer.from(`${actions.map(printAction).join("\n")}\n`, "utf8");
  try {
    return await context.store.putIfAbsent(path, bytes);
  } catch (error) {
    const written = await readBack(context, version, error);
    if (written === undefined) throw error;
    return written === txnId;
  }
}

/** The txnId of the commit that stands there; undefined when none does. */
async function readBack(
  context: LoadContext,
  version: number,
  cause: unknown,
): Promise<string | undefined> {
  try {
    const bytes = await context.store.read(
      joinPath(logFolder(context.table.location), commitName(version)),
    );
    if (bytes === undefined) return undefined;
    return (await readCommitInfo(context, commitName(version)))?.txnId ?? "";
  } catch {
    throw unknownOutcome(context.table.name, version, cause);
  }
}

type WinnersOutcome =
  | Extract<CommitOutcome, { readonly kind: "conflict" }>
  | {
      readonly kind: "clear";
      readonly next: number;
      /** As the winners left them (X7). */
      readonly domains: Snapshot["domains"];
    };

/** Checks every commit from `from` to the newest (X1). */
async function checkWinners(
  tables: DeltaTables,
  read: Snapshot,
  request: CommitRequest,
  from: number,
): Promise<WinnersOutcome> {
  const context = tables.contextOf(read.table);
  const newest = await tables.snapshot(read.table);
  const ours: OurCommit = {
    actions: request.actions,
    reads: request.reads,
    isolation: isolationOf(read),
  };
  for (let version = from; version <= newest.version; version += 1) {
    const actions = await readCommit(context, version);
    const matches = await matchesReads(newest, request.reads, version);
    const winner: WinningCommit = { version, actions, ...matches };
    const reason = findConflict(ours, winner);
    if (reason !== undefined)
      return { kind: "conflict", winner: { version, reason } };
  }
  return {
    kind: "clear",
    next: Math.max(newest.version + 1, from),
    domains: newest.domains,
  };
}

/** All actions of one commit. Throws XX001 when it is gone or damaged. */
export async function readCommit(
  context: LoadContext,
  version: number,
): Promise<readonly Action[]> {
  const { store, table } = context;
  const bytes = await store.read(
    joinPath(logFolder(table.location), commitName(version)),
  );
  if (bytes === undefined) throw missingCommits(table.name, version, version);
  return Buffer.from(bytes)
    .toString("utf8")
    .split("\n")
    .flatMap((text, index) => {
      const parsed = parseAction(text);
      if (parsed.kind === "damaged") {
        throw damagedLog(
          table.name,
          commitName(version),
          `line ${index + 1}: ${parsed.reason}`,
        );
      }
      return parsed.kind === "action" ? [parsed.action] : [];
    });
}

/** Asks the file table which files of the winner our predicates would have kept. */
async function matchesReads(
  newest: Snapshot,
  reads: TransactionReads,
  version: number,
): Promise<Pick<WinningCommit, "addsMatchReads" | "removesMatchReads">> {
  if (reads.kind !== "predicates")
    return { addsMatchReads: true, removesMatchReads: true };
  // Nothing read but the files it removes itself: whoever removes those too conflicts all the same (X3, X4).
  if (reads.predicates.length === 0)
    return { addsMatchReads: false, removesMatchReads: false };
  const { columns } = newest.files;
  const conditions = reads.predicates.map((predicate) =>
    mayMatch(predicate, columns, "partitions and statistics"),
  );
  const condition = `(${conditions.join(" OR ")})`;
  return newest.files.use(async (files) => {
    if (files.exactSince >= version)
      return { addsMatchReads: true, removesMatchReads: true };
    const rows = await queryRows(
      files.connection,
      `SELECT count(*) FILTER (WHERE added_at = ${version}), count(*) FILTER (WHERE removed_at = ${version})
       FROM ${files.table} WHERE ${condition}`,
    );
    return {
      addsMatchReads: (numberOf(rows[0]?.[0]) ?? 0) > 0,
      removesMatchReads: (numberOf(rows[0]?.[1]) ?? 0) > 0,
    };
  });
}

/** A checksum is a help to whoever checks the table, and not worth failing for. */
async function noteChecksum(
  ...given: Parameters<typeof writeChecksum>
): Promise<void> {
  await writeChecksum(...given).catch(() => undefined);
}

const DEFAULT_CHECKPOINT_INTERVAL = 10;

async function checkpointIfDue(
  tables: DeltaTables,
  read: Snapshot,
  version: number,
  nowMs: number,
): Promise<CheckpointOutcome> {
  const interval = Number(
    read.properties["delta.checkpointInterval"] ?? DEFAULT_CHECKPOINT_INTERVAL,
  );
  if (!Number.isInteger(interval) || interval < 1 || version % interval !== 0)
    return { kind: "not due" };
  try {
    const snapshot = await tables.snapshot(read.table, {
      kind: "version",
      version,
    });
    const context = tables.contextOf(read.table);
    const written = await writeCheckpoint(context, snapshot, nowMs);
    if (written) await cleanLog(context, snapshot, nowMs);
    return { kind: written ? "written" : "not due" };
  } catch (error) {
    return { kind: "failed", error };
  }
}
