// How getting at a data file can fail, with the table and the file as the log names them.

import { SqlError } from "../common/errors.ts";

/** 58P01: the log names a file that is not there. */
export function missingDataFile(table: string, path: string): SqlError {
  return new SqlError("58P01", `data file of table "${table}" is missing`, {
    detail: `The file is "${path}".`,
    hint: "It may have been removed by VACUUM; read a newer version of the table.",
  });
}

/** XX001: a file that is no Parquet, is cut short, or does not match its table. */
export function damagedDataFile(
  table: string,
  path: string,
  reason: string,
  cause?: unknown,
): SqlError {
  return new SqlError("XX001", `data file of table "${table}" is damaged`, {
    detail: `The file is "${path}": ${reason}.`,
    cause,
  });
}

/** 53100: the files that one part of a statement reads at once do not fit. */
export function cacheTooSmall(
  neededBytes: number,
  limitBytes: number,
): SqlError {
  return new SqlError("53100", "the cache is too small for the statement", {
    detail: `It reads ${neededBytes} bytes of remote files at once on a node that may keep ${limitBytes}.`,
    hint: "Start with a larger --cache-size, or read fewer files.",
  });
}

/** 53100: other statements hold what is there. */
export function cacheFull(limitBytes: number, waitedMs: number): SqlError {
  return new SqlError("53100", "the cache is full of files in use", {
    detail: `None of its ${limitBytes} bytes became free within ${waitedMs} ms.`,
    hint: "Run fewer statements at once, or start with a larger --cache-size.",
  });
}
