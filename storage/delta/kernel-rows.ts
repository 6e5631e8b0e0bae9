// Reading small results of the metadata kernel, and what its errors mean for a table.

import { SqlError } from "../common/errors.ts";
import type { DuckDBConnection, DuckDBValue } from "../kernel/duckdb.ts";
import { saysNoRoom } from "../kernel/no-room.ts";
import { damagedLog, missingFile } from "./errors.ts";

export type KernelRow = readonly DuckDBValue[];

/** All rows; longs are bigint. */
export async function queryRows(
  connection: DuckDBConnection,
  sql: string,
): Promise<readonly KernelRow[]> {
  const reader = await connection.runAndReadAll(sql);
  return reader.getRows();
}

export function textOf(value: DuckDBValue | undefined): string | null {
  return typeof value === "string" ? value : null;
}

/** Longs that count files, bytes or rows: below 2^53 by nature. */
export function numberOf(value: DuckDBValue | undefined): number | null {
  if (typeof value === "bigint") return Number(value);
  return typeof value === "number" ? value : null;
}

const NOT_FOUND =
  /No files found that match the pattern "([^"]*)"|Cannot open file "([^"]*)"/;
const NOT_PARQUET =
  /(?:No magic bytes found|too small to be a Parquet file)[^"']*["']([^"']*)["']/;

/** The kernel's error as one of ours; an SqlError passes unchanged. */
export function logError(tableName: string, error: unknown): unknown {
  if (error instanceof SqlError || !(error instanceof Error)) return error;
  const missing = NOT_FOUND.exec(error.message);
  if (missing !== null)
    return missingFile(tableName, fileName(missing[1] ?? missing[2]), error);
  if (saysNoRoom(error.message)) {
    return new SqlError(
      "53100",
      `not enough disk space to read the log of table "${tableName}"`,
      { cause: error },
    );
  }
  if (error.message.startsWith("Out of Memory Error")) {
    return new SqlError(
      "53200",
      `not enough memory to read the log of table "${tableName}"`,
      { cause: error },
    );
  }
  const file = NOT_PARQUET.exec(error.message);
  return damagedLog(
    tableName,
    file === null ? "_delta_log" : fileName(file[1]),
    firstSentence(error.message),
    error,
  );
}

function fileName(path: string | undefined): string {
  return path === undefined
    ? "_delta_log"
    : path.slice(path.lastIndexOf("/") + 1);
}

function firstSentence(message: string): string {
  const line = message.split("\n", 1)[0] ?? message;
  return line.replace(/^[A-Za-z ]+Error: /, "").replace(/\.$/, "");
}
