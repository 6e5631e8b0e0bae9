// What `sluice backup` does on a data dir.

import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { backUp, restoreBackup } from "../../storage/metastore/backup.ts";
import {
  backupFolder,
  listBackups,
} from "../../storage/metastore/backup-files.ts";
import { lockDataDir } from "../../storage/metastore/lock.ts";
import { openMetastore } from "../../storage/metastore/metastore.ts";
import { SqlError } from "../../storage/common/errors.ts";

export function createBackup(dataDir: string): void {
  requireMetastore(dataDir);
  using metastore = openMetastore({ dataDir, use: "tool" });
  const path = backUp(metastore.db, "manual", metastore.now());
  process.stdout.write(`${path}\n`);
}

export function printBackups(dataDir: string): void {
  for (const { path, reason, madeAtMs } of listBackups(dataDir)) {
    process.stdout.write(
      `${basename(path)}  ${new Date(madeAtMs).toISOString()}  ${reason}\n`,
    );
  }
}

/** Opens what it restored, so that missing keys and newer schemas are told now. */
export function restoreFrom(dataDir: string, file: string): void {
  const listed = join(backupFolder(dataDir), file);
  const lock = lockDataDir(dataDir);
  let aside: string | undefined;
  try {
    const backup = existsSync(listed) ? listed : file;
    aside = restoreBackup(dataDir, backup, Date.now());
  } finally {
    lock[Symbol.dispose]();
  }
  openMetastore({ dataDir, use: "gateway" })[Symbol.dispose]();
  process.stdout.write(
    [
      `restored ${file}`,
      ...(aside === undefined ? [] : [`the former metastore lies at ${aside}`]),
      "Grants, tokens and objects are as they were when the copy was made: tokens revoked since count again.",
      "",
    ].join("\n"),
  );
}

function requireMetastore(dataDir: string): void {
  if (existsSync(join(dataDir, "metastore.sqlite"))) return;
  throw new SqlError("55000", `"${dataDir}" holds no gateway`, {
    hint: "Start `sluice serve` on it once.",
  });
}
