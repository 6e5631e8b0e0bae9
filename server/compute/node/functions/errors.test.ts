// The kernel's words become PostgreSQL's.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DuckDBConnection } from "../../../../storage/kernel/duckdb.ts";
import { needsWideDecimals, translateKernelError } from "./errors.ts";
import { openBench, type Bench } from "./expression.testkit.ts";

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(async () => {
  await bench[Symbol.asyncDispose]();
});

async function kernelMessage(
  connection: DuckDBConnection,
  sql: string,
): Promise<string> {
  try {
    await connection.runAndReadAll(sql);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return "";
}

describe("translated", () => {
  test.each([
    ["SELECT 2147483647::INTEGER + 1::INTEGER", "22003 integer out of range"],
    ["SELECT 32767::SMALLINT * 2::SMALLINT", "22003 smallint out of range"],
    [
      "SELECT 9223372036854775807::BIGINT + 1::BIGINT",
      "22003 bigint out of range",
    ],
    ["SELECT 70000::INTEGER::SMALLINT", "22003 smallint out of range"],
    ["SELECT 1e20::DOUBLE::BIGINT", "22003 bigint out of range"],
    [
      "SELECT 99999::DECIMAL(10,0)::DECIMAL(4,2)",
      "22003 numeric field overflow",
    ],
    ["SELECT (SELECT i FROM range(3) t(i))", "21000 more than one row"],
    ["SELECT error('22012:division by zero')", "22012 division by zero"],
    ["SELECT DATE '2020-01-01' + 2147483647", "22008 date out of range"],
    [
      "SELECT TIMESTAMP 'infinity' - TIMESTAMP '2020-01-01'",
      "22008 cannot subtract infinite timestamps",
    ],
    ["SELECT num_div('1', '0')", "22012 division by zero"],
    [
      "SELECT pg_read('int4', 'abc', 'UTC', 'ISO, MDY')",
      '22P02 invalid input syntax for type integer: "abc"',
    ],
  ])("%s", async (sql, expected) => {
    const message = await kernelMessage(bench.connection, sql);
    const error = translateKernelError(message);
    expect(`${error.code} ${error.message}`).toContain(expected);
  });

  test("a detail travels with the message", async () => {
    const message = await kernelMessage(
      bench.connection,
      "SELECT num_fit('12345.6', 4::INTEGER, 2::INTEGER)",
    );
    expect(translateKernelError(message).detail).toBe(
      "A field with precision 4, scale 2 must round to an absolute value less than 10^2.",
    );
  });

  test("memory and cancel have their codes", () => {
    expect(
      translateKernelError("Out of Memory Error: failed to pin block").code,
    ).toBe("53200");
    expect(translateKernelError("INTERRUPT Error: Interrupted!").code).toBe(
      "57014",
    );
  });

  test.each([
    "IO Error: Could not write all bytes: No space left on device",
    'IO Error: Could not write file "/t/part-0.parquet": File too large',
    "IO Error: Failed to write: Disk quota exceeded",
    'Out of Memory Error: failed to offload data block, the limit is "max_temp_directory_size"',
    "ENOSPC: no space left on device, fsync",
  ])("no room on disk: %s", (message) => {
    expect(translateKernelError(message).code).toBe("53100");
  });

  test("a value that reads like a full disk is none", () => {
    expect(
      translateKernelError(
        "Conversion Error: Could not convert string 'No space left on device' to INT32",
      ).code,
    ).toBe("22P02");
  });

  test("what nobody knows is an internal error of one line", () => {
    const error = translateKernelError("Strange Error: x\n\nLINE 1: secret");
    expect(error.code).toBe("XX000");
    expect(error.message).not.toContain("secret");
  });
});

test("decimals that overflow 64 bits ask for wide ones, and with them succeed", async () => {
  const sql = "(m * m) * (m * n)";
  const narrow = bench.emit(sql);
  const message = await kernelMessage(
    bench.connection,
    `SELECT ${narrow.replaceAll('"m"', "9999999999999.99::DECIMAL(15,2)").replaceAll('"n"', "1::DECIMAL(12,3)")}`,
  );
  expect(needsWideDecimals(message)).toBe(true);
  const rows = await bench.run(sql, { wideDecimals: true });
  expect(rows[1]).toBe("1.736437500");
});
