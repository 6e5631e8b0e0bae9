// When a version was committed, and which version a time means (Delta protocol, "In-Commit Timestamps"; checklist section 13).

import { joinPath } from "../object-store/store.ts";
import { damagedLog, timestampNotAvailable } from "./errors.ts";
import { isTrue } from "./features.ts";
import type { LoadContext } from "./load.ts";
import {
  commitName,
  listLog,
  logFolder,
  type CommitFile,
  type LogListing,
} from "./log.ts";
import { parseAction } from "./parse-action.ts";
import type { CommitInfo, Metadata } from "./actions.ts";
import type { Snapshot } from "./snapshot.ts";

/** A commit and its time in milliseconds since 1970. */
export interface CommitTime {
  readonly version: number;
  readonly timestampMs: number;
}

/**
 * The newest version not later than `timestamp` (canonical timestamptz text in UTC). Throws 22023 naming the bound when the time
 * lies before the oldest readable version or after the newest.
 */
export async function versionAsOf(
  context: LoadContext,
  newest: Snapshot,
  timestamp: string,
): Promise<number> {
  const wanted = parseUtc(timestamp);
  const times = await commitTimes(context, newest);
  const first = times[0];
  const last = times.at(-1);
  if (first === undefined || last === undefined || wanted < first.timestampMs) {
    const bound = first === undefined ? "none" : formatUtc(first.timestampMs);
    throw timestampNotAvailable(context.table.name, timestamp, bound, "before");
  }
  if (wanted > last.timestampMs) {
    throw timestampNotAvailable(
      context.table.name,
      timestamp,
      formatUtc(last.timestampMs),
      "after",
    );
  }
  return (times.findLast((time) => time.timestampMs <= wanted) ?? last).version;
}

/** The oldest version not earlier than `timestamp`. Throws 22023 naming the newest when all are. */
export async function firstVersionSince(
  context: LoadContext,
  newest: Snapshot,
  timestamp: string,
): Promise<number> {
  const wanted = parseUtc(timestamp);
  const times = await commitTimes(context, newest);
  const found = times.find((time) => time.timestampMs >= wanted);
  if (found === undefined) {
    const last = times.at(-1);
    const bound = last === undefined ? "none" : formatUtc(last.timestampMs);
    throw timestampNotAvailable(context.table.name, timestamp, bound, "after");
  }
  return found.version;
}

/** Times of all readable commits, strictly increasing. Costs a full listing; with in-commit timestamps also reads those commits. */
export async function commitTimes(
  context: LoadContext,
  newest: Snapshot,
): Promise<readonly CommitTime[]> {
  const listing = await listLog(context.store, context.table.location);
  const commits = readableCommits(listing, newest.version);
  const ictFrom = inCommitTimestampsFrom(newest.metadata);
  if (ictFrom > newest.version) return fileTimes(commits);
  const times: CommitTime[] = [];
  let previous = Number.NEGATIVE_INFINITY;
  for (const commit of commits) {
    const logged =
      commit.version >= ictFrom
        ? await inCommitTimestamp(context, commit)
        : undefined;
    // Checklist I1: file times are moved up to be strictly increasing; in-commit timestamps are so by themselves.
    const timestampMs =
      logged ?? Math.max(commit.entry.modifiedMs, previous + 1);
    times.push({ version: commit.version, timestampMs });
    previous = timestampMs;
  }
  return times;
}

/** When the snapshot's version was committed; undefined when its commit is gone. One request, two with in-commit timestamps. */
export async function versionTime(
  context: LoadContext,
  snapshot: Snapshot,
): Promise<number | undefined> {
  const name = commitName(snapshot.version);
  const entry = await context.store.stat(
    joinPath(logFolder(context.table.location), name),
  );
  if (entry === undefined) return undefined;
  return snapshot.version >= inCommitTimestampsFrom(snapshot.metadata)
    ? await inCommitTimestamp(context, { version: snapshot.version, entry })
    : entry.modifiedMs;
}

/** Checklist I1: file times, moved up to be strictly increasing. */
export function fileTimes(
  commits: readonly CommitFile[],
): readonly CommitTime[] {
  let previous = Number.NEGATIVE_INFINITY;
  return commits.map(({ version, entry }) => {
    previous = Math.max(entry.modifiedMs, previous + 1);
    return { version, timestampMs: previous };
  });
}

/** Commits of versions that can still be built: from commit 0, or from the oldest checkpoint on. */
export function readableCommits(
  listing: LogListing,
  newest: number,
): readonly CommitFile[] {
  const oldest =
    listing.commits[0]?.version === 0
      ? 0
      : (listing.checkpoints.at(-1)?.version ?? 0);
  return listing.commits.filter(
    (commit) => commit.version >= oldest && commit.version <= newest,
  );
}

/** The first version with in-commit timestamps; Infinity when they are off. */
export function inCommitTimestampsFrom(metadata: Metadata): number {
  if (!isTrue(metadata, "delta.enableInCommitTimestamps"))
    return Number.POSITIVE_INFINITY;
  return Number(
    metadata.configuration["delta.inCommitTimestampEnablementVersion"] ?? 0,
  );
}

async function inCommitTimestamp(
  context: LoadContext,
  commit: CommitFile,
): Promise<number> {
  const info = await readCommitInfo(context, commit.entry.name);
  if (info?.inCommitTimestamp === undefined) {
    throw damagedLog(
      context.table.name,
      commit.entry.name,
      "no inCommitTimestamp although the table has them enabled",
    );
  }
  return info.inCommitTimestamp;
}

/** The commitInfo of a commit, wherever in the file it stands; undefined when there is none or the commit is gone. */
export async function readCommitInfo(
  context: LoadContext,
  commitFile: string,
): Promise<CommitInfo | undefined> {
  const bytes = await context.store.read(
    joinPath(logFolder(context.table.location), commitFile),
  );
  if (bytes === undefined) return undefined;
  for (const line of Buffer.from(bytes).toString("utf8").split("\n")) {
    if (!line.includes('"commitInfo"')) continue;
    const parsed = parseAction(line);
    if (parsed.kind === "action" && parsed.action.kind === "commitInfo")
      return parsed.action.commitInfo;
  }
  return undefined;
}

const UTC =
  /^(\d{4,})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|\+00(?::?00)?)?$/;

/** Milliseconds, cut down from the microseconds of canonical timestamptz text; infinities for `infinity` and what is no such text. */
function parseUtc(timestamp: string): number {
  if (timestamp === "-infinity" || timestamp.endsWith(" BC"))
    return Number.NEGATIVE_INFINITY;
  const match = UTC.exec(timestamp);
  if (match === null) return Number.POSITIVE_INFINITY;
  const [year, month, day, hour, minute, second] = match
    .slice(1, 7)
    .map(Number);
  const date = Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second);
  return date + Math.floor(Number(`0.${match[7] ?? "0"}`) * 1000);
}

export function formatUtc(timestampMs: number): string {
  return new Date(timestampMs)
    .toISOString()
    .replace("T", " ")
    .replace("Z", "+00");
}
