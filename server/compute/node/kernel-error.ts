// What the kernel throws, as the statement's error: a file of a scan that is gone or damaged is named with its table,
// everything else is translated by the function table's rules.

import type { SqlError } from "../../../storage/common/errors.ts";
import { damagedDataFile, diskFull, missingDataFile } from "../errors.ts";
import type { Fragment } from "../fragment.ts";
import { translateKernelError } from "./functions/errors.ts";

export function kernelError(error: unknown, fragment: Fragment): SqlError {
  const message = error instanceof Error ? error.message : String(error);
  if (/No space left on device|max_temp_directory_size/i.test(message)) {
    return diskFull(error);
  }
  return (
    dataFileError(message, error, fragment) ?? translateKernelError(message)
  );
}

const MISSING = /No files found|No such file|does not exist/i;
const DAMAGED =
  /magic bytes|too small to be a Parquet|corrupt|Invalid Parquet|TProtocolException|decompression failed|decompress|Failed to read|Could not read enough bytes|Parquet file|Thrift|checksum|Don't know what to do with type/i;

/** Only messages that name a file of the fragment can be about one. */
function dataFileError(
  message: string,
  cause: unknown,
  fragment: Fragment,
): SqlError | undefined {
  const missing = MISSING.test(message);
  if (!missing && !DAMAGED.test(message)) return undefined;
  for (const scan of fragment.scans) {
    const split = scan.splits.find(({ path }) => message.includes(path));
    if (split === undefined) continue;
    return missing
      ? missingDataFile(scan.tableName, split.path)
      : damagedDataFile(
          scan.tableName,
          split.path,
          "its contents cannot be decoded",
          cause,
        );
  }
  if (missing) return undefined;
  const [only] = fragment.scans;
  const [file] = only?.splits ?? [];
  if (fragment.scans.length !== 1 || only === undefined || file === undefined) {
    return undefined;
  }
  return only.splits.length === 1
    ? damagedDataFile(
        only.tableName,
        file.path,
        "its contents cannot be decoded",
        cause,
      )
    : undefined;
}
