// Opens the metastore of a data directory: lock, file, check, schema, keys (design.md D11). Repositories beside this file read and
// write one kind of record each; whoever changes several wraps them in `db.transaction`.

import { accessSync, constants, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { SqlError } from "../common/errors.ts";
import { ChangeGate } from "./change-gate.ts";
import { checkFile, schemaVersion } from "./check.ts";
import { atStart, metastoreUnreachable } from "./errors.ts";
import {
  KEY_PURPOSES,
  keyCheck,
  openKeys,
  type KeyPurpose,
  type Keys,
} from "./keys.ts";
import { lockDataDir, tryLockDataDir, type DataDirLock } from "./lock.ts";
import { migrate } from "./migrations.ts";
import { readSetting, writeSetting } from "./settings.ts";
import { Sqlite } from "./sqlite.ts";

export interface Metastore extends Disposable {
  readonly dataDir: string;
  readonly db: Sqlite;
  readonly keys: Keys;
  readonly gate: ChangeGate;
  /** Milliseconds since 1970; the tests' clock stands still. */
  readonly now: () => number;
}

export interface MetastoreOptions {
  readonly dataDir: string;
  /**
   * A gateway refuses a directory in use (55006). A tool works beside a running gateway: it may only touch what the gateway
   * reads from the file at each use, which is tokens.
   */
  readonly use: "gateway" | "tool";
  readonly now?: () => number;
}

/** Throws 55006 (in use), XX001 (damaged), 55000 (too new), F0000 (keys), 58030 (not reachable). */
export function openMetastore(options: MetastoreOptions): Metastore {
  const { dataDir, use, now = Date.now } = options;
  const file = join(dataDir, "metastore.sqlite");
  makeDataDir(dataDir, file);
  const lock =
    use === "gateway" ? lockDataDir(dataDir) : tryLockDataDir(dataDir);
  try {
    const db = openFile(file, now);
    try {
      const keys = openKeysOf(db, dataDir);
      return {
        dataDir,
        db,
        keys,
        gate: new ChangeGate(),
        now,
        [Symbol.dispose]: () => close(db, lock),
      };
    } catch (error) {
      db[Symbol.dispose]();
      throw error;
    }
  } catch (error) {
    lock?.[Symbol.dispose]();
    throw error;
  }
}

/** SQLite itself opens a file it may only read where the files of its log are left, and fails at the first write. */
function makeDataDir(dataDir: string, file: string): void {
  try {
    mkdirSync(dataDir, { recursive: true });
    accessSync(dataDir, constants.W_OK | constants.X_OK);
    if (existsSync(file)) accessSync(file, constants.R_OK | constants.W_OK);
  } catch (error) {
    throw metastoreUnreachable(file, error);
  }
}

function close(db: Sqlite, lock: DataDirLock | undefined): void {
  db[Symbol.dispose]();
  lock?.[Symbol.dispose]();
}

function openFile(file: string, now: () => number): Sqlite {
  let db: Sqlite;
  try {
    db = new Sqlite(file);
  } catch (error) {
    throw error instanceof SqlError
      ? atStart(file, error)
      : metastoreUnreachable(file, error);
  }
  try {
    db.rows("SELECT count(*) FROM sqlite_schema");
    db.script("PRAGMA journal_mode = WAL");
    db.script("PRAGMA synchronous = FULL");
    db.script("PRAGMA foreign_keys = ON");
    if (schemaVersion(db) > 0) checkFile(db);
    migrate(db, now);
    return db;
  } catch (error) {
    db[Symbol.dispose]();
    throw error instanceof SqlError ? atStart(file, error) : error;
  }
}

function openKeysOf(db: Sqlite, dataDir: string): Keys {
  const checks = new Map<KeyPurpose, string>();
  for (const purpose of KEY_PURPOSES) {
    const check = readSetting(db, `key-check.${purpose}`);
    if (check !== undefined) checks.set(purpose, check);
  }
  const keys = openKeys(dataDir, checks);
  const unrecorded = KEY_PURPOSES.filter((purpose) => !checks.has(purpose));
  if (unrecorded.length > 0) {
    db.transaction(() => {
      for (const purpose of unrecorded) {
        writeSetting(db, `key-check.${purpose}`, keyCheck(keys[purpose]));
      }
    });
  }
  return keys;
}
