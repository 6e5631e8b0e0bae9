// What the kernel throws, as the statement's error: a file of a scan that is gone or damaged is named with its table,
// everything else is translated by the function table's rules. The kernel's own text never goes out where it may hold values.

import { SqlError } from "../../../storage/common/errors.ts";
import {
  damagedDataFile,
  missingDataFile,
} from "../../../storage/cache/errors.ts";
import { fileOutsideLake } from "../../../storage/delta/errors.ts";
import { saysNoRoom } from "../../../storage/kernel/no-room.ts";
import { diskFull, NARROW_DECIMALS } from "../errors.ts";
import type { Fragment } from "../fragment.ts";
import { needsWideDecimals, translateKernelError } from "./functions/errors.ts";
import { escapeGlob } from "./glob.ts";
import { quoteText } from "./kernel-types.ts";

/** Runs one statement for its failure. */
export type Probe = (sql: string) => Promise<unknown>;

export async function kernelError(
  error: unknown,
  fragment: Fragment,
  probe: Probe,
): Promise<SqlError> {
  const message = messageOf(error);
  if (saysNoRoom(message)) return diskFull(error);
  if (message.startsWith(OUTSIDE)) {
    const linked = namedFile(message, fragment);
    if (linked !== undefined) return fileOutsideLake(linked.table, linked.path);
  }
  const missing = MISSING.test(message);
  if (missing || DAMAGED.test(message)) {
    const named = namedFile(message, fragment);
    if (named !== undefined && missing) {
      return missingDataFile(named.table, named.path);
    }
    const found =
      named ?? (missing ? undefined : await damagedFile(fragment, probe));
    if (found !== undefined) {
      return damagedDataFile(
        found.table,
        found.path,
        "its contents cannot be decoded",
        error,
      );
    }
  }
  const translated = translateKernelError(message);
  if (!needsWideDecimals(message)) return translated;
  const { code, message: text, detail, hint } = translated;
  return new SqlError(code, text, { detail, hint, cause: NARROW_DECIMALS });
}

/** A symbolic link leads out of the folders the kernel may read. */
const OUTSIDE = "Permission Error: Cannot access file";
const MISSING = /No files found|No such file|Cannot open file/i;
/** "Invalid Error" is what escapes from the Parquet decoder without a class of its own. */
const DAMAGED =
  /^Invalid Error|Failed to read file|Invalid string encoding found in Parquet|magic bytes|too small to be a Parquet|corrupt|decompress|Could not read enough bytes|don't know what type|bitpacked/i;

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

interface DataFile {
  readonly table: string;
  readonly path: string;
  readonly localPath: string;
}

function filesOf(fragment: Fragment): readonly DataFile[] {
  return fragment.scans.flatMap(({ tableName, splits }) =>
    splits.map(({ path, localPath = path }) => ({
      table: tableName,
      path,
      localPath,
    })),
  );
}

function namedFile(message: string, fragment: Fragment): DataFile | undefined {
  // The message shows the name as it was given.
  return filesOf(fragment).find(
    ({ localPath }) =>
      message.includes(localPath) || message.includes(escapeGlob(localPath)),
  );
}

/** Reading so many files again is worth a name in the error. */
const PROBED_FILES = 256;

/** The decoder does not say which file it was in, so they are read one by one. */
async function damagedFile(
  fragment: Fragment,
  probe: Probe,
): Promise<DataFile | undefined> {
  const files = filesOf(fragment);
  if (files.length === 1) return files[0];
  for (const file of files.slice(0, PROBED_FILES)) {
    try {
      await probe(
        `SELECT max(hash(f)) FROM read_parquet([${quoteText(escapeGlob(file.localPath))}], hive_partitioning = false) AS f`,
      );
    } catch (error) {
      if (DAMAGED.test(messageOf(error))) return file;
    }
  }
  return undefined;
}
