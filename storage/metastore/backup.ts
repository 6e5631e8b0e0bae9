// Whole, consistent copies of the metastore, made while it is in use: daily, before a migration, and by hand. They hold hashes and
// sealed values only; the keys they were sealed with stay in the folder `keys`.

import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
} from "node:fs";
import { dirname, join } from "node:path";
import {
  backupFolder,
  listBackups,
  nextBackupPath,
  type BackupReason,
} from "./backup-files.ts";
import { checkFile } from "./check.ts";
import { backupFailed, metastoreUnreachable } from "./errors.ts";
import { deleteIntent, listIntents } from "./intents.ts";
import { Sqlite } from "./sqlite.ts";

const DAY_MS = 86_400_000;
/** Older copies of the same kind are removed once a new one is complete. */
const KEPT: Readonly<Record<string, number>> = { daily: 7, manual: 20 };
const KEPT_MIGRATIONS = 5;

/**
 * Copies what is committed now to a new file of the folder, checked, on disk, readable by the owner only. Answers its path. The copy is
 * made at one go: some 100 ms for a metastore of 50 MB. Throws 58030 or 53100, and the folder is as it was.
 */
export function backUp(
  db: Sqlite,
  reason: BackupReason,
  nowMs: number,
): string {
  const dataDir = dirname(db.file);
  const target = nextBackupPath(dataDir, reason, nowMs);
  const partial = `${target}.partial`;
  try {
    mkdirSync(backupFolder(dataDir), { recursive: true, mode: 0o700 });
    removeLeftovers(dataDir);
    // SQLite fills an empty file, and leaves its mode.
    closeSync(openSync(partial, "wx", 0o600));
    db.run("VACUUM INTO ?", partial);
    requireSound(partial);
    flush(partial);
    renameSync(partial, target);
    flush(backupFolder(dataDir));
  } catch (error) {
    removePartial(partial);
    throw backupFailed(target, error);
  }
  removeOld(dataDir, reason);
  return target;
}

/** Whether a day has passed since the last copy of any kind; a clock that was set back counts as one. */
export function isBackupDue(dataDir: string, nowMs: number): boolean {
  const newest = listBackups(dataDir).at(-1);
  const ageMs = nowMs - (newest?.madeAtMs ?? 0);
  // Names keep whole seconds.
  return ageMs < -1000 || ageMs >= DAY_MS;
}

/**
 * Puts a copy in the metastore's place; what was there is set aside beside it. The caller holds the lock of the data dir. Answers where
 * the old file lies now, undefined when there was none. Throws XX001 for a copy that is damaged itself.
 */
export function restoreBackup(
  dataDir: string,
  backup: string,
  nowMs: number,
): string | undefined {
  const file = join(dataDir, "metastore.sqlite");
  const partial = `${file}.restored`;
  const aside = `${file}.replaced-${nowMs}`;
  if (!existsSync(backup)) throw metastoreUnreachable(backup, undefined);
  requireSound(backup);
  const isThere = existsSync(file);
  try {
    copyFileSync(backup, partial);
    forgetNewTables(partial);
    flush(partial);
    // The log of the old file first: it must never be read into the new one.
    for (const suffix of ["-wal", "-shm", ""]) {
      if (existsSync(file + suffix)) renameSync(file + suffix, aside + suffix);
    }
    renameSync(partial, file);
    flush(dataDir);
  } catch (error) {
    removePartial(partial);
    throw backupFailed(file, error);
  }
  return isThere ? aside : undefined;
}

/** A table that was being made when the copy was may have been committed since: its folder is not for the next start to remove. */
function forgetNewTables(path: string): void {
  const db = new Sqlite(path);
  try {
    for (const { txnId, changes } of listIntents(db))
      if (changes.kind === "new-table") deleteIntent(db, txnId);
  } finally {
    db[Symbol.dispose]();
  }
}

function requireSound(path: string): void {
  const db = new Sqlite(path);
  try {
    checkFile(db);
  } finally {
    db[Symbol.dispose]();
  }
}

/** Nothing is lost when it stays: the next copy removes it. */
function removePartial(partial: string): void {
  try {
    rmSync(partial, { force: true });
  } catch {
    return;
  }
}

function flush(path: string): void {
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Of copies that were cut off by the end of their process; one that is being made has a number above all others. */
function removeLeftovers(dataDir: string): void {
  const folder = backupFolder(dataDir);
  const last = listBackups(dataDir).at(-1)?.number ?? 0;
  for (const name of readdirSync(folder)) {
    const number = /^metastore-(\d+)-.*\.partial$/.exec(name)?.[1];
    if (number !== undefined && Number(number) <= last)
      rmSync(join(folder, name), { force: true });
  }
}

function removeOld(dataDir: string, reason: BackupReason): void {
  const isMigration = (other: string): boolean => other.startsWith("schema-");
  const alike = listBackups(dataDir).filter((other) =>
    isMigration(reason) ? isMigration(other.reason) : other.reason === reason,
  );
  const kept = KEPT[reason] ?? KEPT_MIGRATIONS;
  for (const { path } of alike.slice(0, -kept)) rmSync(path, { force: true });
}
