// Copies of the metastore by their names, `<data-dir>/backups/metastore-<number>-<what>-<time>.sqlite`. The number only grows, so that the
// newest is the newest whatever the clock did.

import { readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** `schema-3`: made before the file was brought from schema 3 to a newer one. */
export type BackupReason = "daily" | "manual" | `schema-${number}`;

export interface BackupFile {
  /** Absolute, or relative as the data dir is. */
  readonly path: string;
  readonly number: number;
  readonly reason: string;
  /** Milliseconds since 1970, to the second. */
  readonly madeAtMs: number;
}

const NAME =
  /^metastore-(\d{6,})-(daily|manual|schema-\d+)-(\d{4}-\d\d-\d\d)T(\d\d)(\d\d)(\d\d)Z\.sqlite$/;

/** Oldest first. */
export function listBackups(dataDir: string): readonly BackupFile[] {
  const folder = backupFolder(dataDir);
  return namesIn(folder)
    .flatMap((name) => {
      const [, number = "", reason = "", day = "", ...time] =
        NAME.exec(name) ?? [];
      const path = join(folder, name);
      const madeAtMs = Date.parse(`${day}T${time.join(":")}Z`);
      return number === ""
        ? []
        : [{ path, number: Number(number), reason, madeAtMs }];
    })
    .sort((a, b) => a.number - b.number);
}

export function backupFolder(dataDir: string): string {
  return join(dataDir, "backups");
}

/** Where the next copy goes. */
export function nextBackupPath(
  dataDir: string,
  reason: BackupReason,
  nowMs: number,
): string {
  const last = listBackups(dataDir).at(-1)?.number ?? 0;
  const number = String(last + 1).padStart(6, "0");
  const time = new Date(nowMs)
    .toISOString()
    .replace(/\.\d+Z$/, "Z")
    .replaceAll(":", "");
  return join(
    backupFolder(dataDir),
    `metastore-${number}-${reason}-${time}.sqlite`,
  );
}

/** What to do about a metastore that is no good, with the command to copy where there is a copy. */
export function restoreHint(metastoreFile: string): string {
  const dataDir = dirname(metastoreFile);
  const newest = listBackups(dataDir).at(-1);
  return newest === undefined
    ? "Restore the file (with its keys folder) from a backup."
    : `Restore the newest backup: sluice backup restore ${basename(newest.path)} --data-dir ${dataDir}`;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    // No folder, no copies.
    return [];
  }
}
