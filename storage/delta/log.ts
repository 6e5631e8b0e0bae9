// The log folder: which files are commits and checkpoints, and which of them build a version (Delta protocol, "Delta Log Entries",
// "Checkpoints"; checklist sections 1 and 2). Pure but for the listing itself.

import {
  joinPath,
  type ObjectEntry,
  type ObjectStore,
} from "../object-store/store.ts";
import {
  missingCommits,
  notADeltaTable,
  versionNotAvailable,
} from "./errors.ts";
import { isObject, JsonNumber, parseJson } from "./json.ts";
import type { TableRef } from "./table-ref.ts";

export interface CommitFile {
  readonly version: number;
  readonly entry: ObjectEntry;
}

/** A complete checkpoint: one file, or all parts of a multi-part one in order. V2 content may stand under any of the names. */
export interface CheckpointFiles {
  readonly version: number;
  readonly format: "parquet" | "json";
  readonly files: readonly ObjectEntry[];
}

export interface LogListing {
  /** By ascending version. */
  readonly commits: readonly CommitFile[];
  /** Complete ones, newest first; of one version those with fewer files first. */
  readonly checkpoints: readonly CheckpointFiles[];
  /** Versions with a checksum file. */
  readonly checksums: ReadonlySet<number>;
}

/** What builds one version: a checkpoint, or none, and every commit after it. */
export interface LogSegment {
  readonly version: number;
  readonly checkpoint: CheckpointFiles | undefined;
  readonly commits: readonly CommitFile[];
}

export const LAST_CHECKPOINT = "_last_checkpoint";

export function logFolder(location: string): string {
  return joinPath(location, "_delta_log");
}

export function commitName(version: number): string {
  return `${pad(version, 20)}.json`;
}

export function checkpointName(version: number): string {
  return `${pad(version, 20)}.checkpoint.parquet`;
}

export function checksumName(version: number): string {
  return `${pad(version, 20)}.crc`;
}

export function v2CheckpointName(version: number, uuid: string): string {
  return `${pad(version, 20)}.checkpoint.${uuid}.parquet`;
}

function pad(value: number, digits: number): string {
  return String(value).padStart(digits, "0");
}

/** Lists the log from version `from` on, that version's files included. */
export async function listLog(
  store: ObjectStore,
  location: string,
  from = 0,
): Promise<LogListing> {
  const startAfter = from === 0 ? undefined : pad(from, 20);
  return readListing(await store.list(logFolder(location), startAfter));
}

const COMMIT = /^(\d{20})\.json$/;
const CLASSIC = /^(\d{20})\.checkpoint\.parquet$/;
const PART = /^(\d{20})\.checkpoint\.(\d{10})\.(\d{10})\.parquet$/;
const CHECKSUM = /^(\d{20})\.crc$/;
const V2 = /^(\d{20})\.checkpoint\.[0-9A-Fa-f-]{36}\.(json|parquet)$/;

export function readListing(entries: readonly ObjectEntry[]): LogListing {
  const commits: CommitFile[] = [];
  const checkpoints: CheckpointFiles[] = [];
  const checksums = new Set<number>();
  const parts = new Map<string, Map<number, ObjectEntry>>();
  for (const entry of entries) {
    const commit = COMMIT.exec(entry.name);
    const single = CLASSIC.exec(entry.name) ?? V2.exec(entry.name);
    const part = PART.exec(entry.name);
    const checksum = CHECKSUM.exec(entry.name);
    if (checksum?.[1] !== undefined) checksums.add(Number(checksum[1]));
    if (commit?.[1] !== undefined)
      commits.push({ version: Number(commit[1]), entry });
    else if (single?.[1] !== undefined) {
      const format = single[2] === "json" ? "json" : "parquet";
      checkpoints.push({ version: Number(single[1]), format, files: [entry] });
    } else if (part?.[1] !== undefined && part[3] !== undefined) {
      const key = `${part[1]}.${part[3]}`;
      const found = parts.get(key) ?? new Map<number, ObjectEntry>();
      parts.set(key, found.set(Number(part[2]), entry));
    }
  }
  for (const [key, found] of parts)
    checkpoints.push(...completeParts(key, found));
  commits.sort((a, b) => a.version - b.version);
  checkpoints.sort(
    (a, b) => b.version - a.version || a.files.length - b.files.length,
  );
  return { commits, checkpoints, checksums };
}

/** Checklist S5: only with all parts of the same part count. */
function completeParts(
  key: string,
  found: ReadonlyMap<number, ObjectEntry>,
): readonly CheckpointFiles[] {
  const [version, count] = key.split(".").map(Number);
  if (version === undefined || count === undefined || found.size !== count)
    return [];
  const files: ObjectEntry[] = [];
  for (let part = 1; part <= count; part += 1) {
    const entry = found.get(part);
    if (entry === undefined) return [];
    files.push(entry);
  }
  return [{ version, format: "parquet", files }];
}

/** The newest version the listing speaks of; undefined when it holds neither commit nor checkpoint. */
export function newestVersion(listing: LogListing): number | undefined {
  const commit = listing.commits.at(-1)?.version;
  const checkpoint = listing.checkpoints[0]?.version;
  if (commit === undefined) return checkpoint;
  return checkpoint === undefined ? commit : Math.max(commit, checkpoint);
}

/** Versions from here to the newest can be built if no commit between is missing. */
export function oldestVersion(listing: LogListing): number | undefined {
  if (listing.commits[0]?.version === 0) return 0;
  return listing.checkpoints.at(-1)?.version;
}

/**
 * The ways to build `wanted` (undefined: the newest version), best first: usually the first one works, the others stand in when a
 * checkpoint turns out to be unusable. Throws XX001 naming a gap, 22023 for a version that is gone or not there yet.
 */
export function segmentsFor(
  table: TableRef,
  listing: LogListing,
  wanted?: number,
): readonly LogSegment[] {
  const newest = newestVersion(listing);
  if (newest === undefined) throw notADeltaTable(table.name);
  const version = wanted ?? newest;
  const segments: LogSegment[] = [];
  let gap: readonly [number, number] | undefined;
  const starts = [
    ...listing.checkpoints.filter(
      (checkpoint) => checkpoint.version <= version,
    ),
    undefined,
  ];
  for (const checkpoint of version > newest ? [] : starts) {
    const first = checkpoint === undefined ? 0 : checkpoint.version + 1;
    const commits = listing.commits.filter(
      (commit) => commit.version >= first && commit.version <= version,
    );
    const missing = firstGap(commits, first, version);
    if (missing === undefined) segments.push({ version, checkpoint, commits });
    gap ??= missing;
  }
  if (segments.length > 0) return segments;
  if (wanted !== undefined)
    throw versionNotAvailable(
      table.name,
      wanted,
      oldestVersion(listing) ?? newest,
      newest,
    );
  throw missingCommits(table.name, gap?.[0] ?? 0, gap?.[1] ?? newest);
}

function firstGap(
  commits: readonly CommitFile[],
  first: number,
  last: number,
): readonly [number, number] | undefined {
  let expected = first;
  for (const commit of commits) {
    if (commit.version !== expected) return [expected, commit.version - 1];
    expected += 1;
  }
  return expected > last ? undefined : [expected, last];
}

/** The version `_last_checkpoint` names: a hint that may be missing, damaged or old (checklist S4). */
export async function lastCheckpointHint(
  store: ObjectStore,
  location: string,
): Promise<number | undefined> {
  const bytes = await store.read(
    joinPath(logFolder(location), LAST_CHECKPOINT),
  );
  if (bytes === undefined) return undefined;
  const json = parseJson(Buffer.from(bytes).toString("utf8"));
  const version = isObject(json) ? json.get("version") : undefined;
  if (!(version instanceof JsonNumber)) return undefined;
  const number = Number(version.text);
  return Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}
