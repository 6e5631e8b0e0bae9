// One gateway a data directory: an exclusive transaction held open on lock.sqlite, which the operating system frees when the
// process dies, `kill -9` included (design.md section 8, lock order).

import { join } from "node:path";
import Database from "libsql";
import { dataDirInUse, metastoreUnreachable } from "./errors.ts";

export interface DataDirLock extends Disposable {
  readonly file: string;
}

/** Throws 55006 while another process holds the lock. */
export function lockDataDir(dataDir: string): DataDirLock {
  const lock = tryLockDataDir(dataDir);
  if (lock === undefined) throw dataDirInUse(dataDir);
  return lock;
}

/** `undefined` while another process holds the lock. */
export function tryLockDataDir(dataDir: string): DataDirLock | undefined {
  const file = join(dataDir, "lock.sqlite");
  let database: Database.Database | undefined;
  try {
    database = new Database(file, { timeout: 0 });
    database.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    database?.close();
    if (isBusy(error)) return undefined;
    throw metastoreUnreachable(file, error);
  }
  const held = database;
  return {
    file,
    [Symbol.dispose]: () => {
      held.close();
    },
  };
}

function isBusy(error: unknown): boolean {
  return (
    error instanceof Error &&
    "code" in error &&
    String(error.code).startsWith("SQLITE_BUSY")
  );
}
