// Old versions leave the log once a newer checkpoint stands for them (Delta protocol, "Metadata Cleanup"; checklist C6, C7).

import { joinPath, type ObjectEntry } from "../../object-store/store.ts";
import { logRetentionMs } from "../definition/durations.ts";
import type { LoadContext } from "../load.ts";
import { logFolder, readListing, type LogListing } from "../log.ts";
import { sidecarNames } from "./logged-files.ts";
import type { Snapshot } from "../snapshot.ts";

const DAY_MS = 86_400_000;
const DELETE_BATCH = 32;

/**
 * Deletes what no version within delta.logRetentionDuration needs, unless delta.enableExpiredLogCleanup is false. `nowMs` in
 * milliseconds since 1970. Gives how many files went.
 */
export async function cleanLog(
  context: LoadContext,
  { properties }: Pick<Snapshot, "properties">,
  nowMs: number,
): Promise<number> {
  if (properties["delta.enableExpiredLogCleanup"]?.toLowerCase() === "false")
    return 0;
  const folder = logFolder(context.table.location);
  const entries = await context.store.list(folder);
  const listing = readListing(entries);
  // Cut at midnight, so that all writers cut at the same place.
  const cutoff =
    Math.floor((nowMs - logRetentionMs(properties)) / DAY_MS) * DAY_MS;
  const kept = newestCheckpointBefore(listing, cutoff);
  const expired = entries.filter(
    (entry) =>
      (kept !== undefined && versionOf(entry.name) < kept) ||
      isLeftover(entry, nowMs),
  );
  await deleteAll(
    context,
    expired.map(({ name }) => joinPath(folder, name)),
  );
  return expired.length + (await cleanSidecars(context, nowMs));
}

/** Its version; the commit of that version stays too, and everything behind it. */
function newestCheckpointBefore(
  { commits, checkpoints }: LogListing,
  cutoff: number,
): number | undefined {
  return checkpoints.find(({ version, files }) => {
    const commit = commits.find((candidate) => candidate.version === version);
    const time = commit?.entry.modifiedMs ?? files[0]?.modifiedMs;
    return time !== undefined && time <= cutoff;
  })?.version;
}

const VERSIONED =
  /^(\d{20})\.(?:json|crc|checkpoint\..*|\d{20}\.compacted\.json)$/;

/** Infinity for what belongs to no version. */
function versionOf(name: string): number {
  const version = VERSIONED.exec(name)?.[1];
  return version === undefined ? Number.POSITIVE_INFINITY : Number(version);
}

const TEMPORARY = /^\..+\.[0-9a-f-]{36}\.tmp$/;

/** A file of ours that was being written when its process ended. */
function isLeftover({ name, modifiedMs }: ObjectEntry, nowMs: number): boolean {
  return TEMPORARY.test(name) && modifiedMs < nowMs - DAY_MS;
}

/** Sidecars older than a day that no checkpoint names: younger ones may belong to one that is being written. */
async function cleanSidecars(
  context: LoadContext,
  nowMs: number,
): Promise<number> {
  const { store, table } = context;
  const log = logFolder(table.location);
  const folder = joinPath(log, "_sidecars");
  const old = (await store.list(folder)).filter(
    ({ modifiedMs }) => modifiedMs < nowMs - DAY_MS,
  );
  if (old.length === 0) return 0;
  const { checkpoints } = readListing(await store.list(log));
  const named = new Set<string>();
  for (const checkpoint of checkpoints)
    for (const name of await sidecarNames(context, checkpoint)) named.add(name);
  const orphans = old.filter(({ name }) => !named.has(name));
  await deleteAll(
    context,
    orphans.map(({ name }) => joinPath(folder, name)),
  );
  return orphans.length;
}

/** Oldest first, in batches: a clean-up that is cut short leaves versions that can be built. */
async function deleteAll(
  { store }: LoadContext,
  paths: readonly string[],
): Promise<void> {
  for (let from = 0; from < paths.length; from += DELETE_BATCH)
    await store.deleteAll(paths.slice(from, from + DELETE_BATCH));
}
