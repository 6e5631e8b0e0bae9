// Casts from text columns: where the kernel's own cast is used, it reads what PostgreSQL's input function reads.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fromText } from "../../../../planner/functions/cast-from-text.ts";
import { NATIVE } from "../../../../planner/functions/emit.ts";
import { readValue } from "../../../../planner/functions/input.ts";
import { emitLiteral } from "../../../../planner/functions/literal.ts";
import {
  numeric,
  TEXT,
  type DataType,
} from "../../../../storage/common/data-type.ts";
import { SqlError } from "../../../../storage/common/errors.ts";
import type { DuckDBConnection } from "../../../../storage/kernel/duckdb.ts";
import { Kernel } from "../../../../storage/kernel/kernel.ts";
import { SETTINGS } from "./expression.testkit.ts";
import { kernelFunctions } from "./kernel-functions.ts";

let kernel: Kernel;
let connection: DuckDBConnection;
let dir: string;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "sluice-casts-"));
  kernel = await Kernel.open({
    threads: 1,
    memoryBytes: 200_000_000,
    tempBytes: 100_000_000,
    tempDir: dir,
    allowedDirs: [],
    functions: kernelFunctions(),
  });
  connection = await kernel.connect();
});
afterAll(async () => {
  connection.closeSync();
  await kernel[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true, force: true });
});

const CASES: readonly (readonly [DataType, readonly string[]])[] = [
  [
    numeric(5, 2),
    ["1", "-1.5", "123.45", "-0", "00012.3", "999.99", "1000", "1.005", "5."],
  ],
  [numeric(38, 0), ["1", "-5", "1.5", "9".repeat(38), "9".repeat(39)]],
  [numeric(3, 3), ["0.5", ".123", "-0.001", "1"]],
  [{ kind: "int4" }, ["0", "-7", "2147483648", " 1", "+1", ""]],
  [{ kind: "bool" }, ["t", "f", "true", "false", "yes", " T ", "2"]],
  [
    { kind: "date" },
    ["2024-01-02", "0000-01-01", "0001-01-01", "2024-02-30", "9999-12-31"],
  ],
  [
    { kind: "timestamp" },
    [
      "2024-01-02 03:04:05.123456",
      "2024-01-02 24:00:00",
      "2024-01-02 03:04:60",
      "0000-01-01 00:00:00",
      "2024-01-02 25:00:00",
    ],
  ],
  [
    { kind: "timestamptz" },
    [
      "2024-01-02 03:04:05+00",
      "2024-01-02 03:04:05.5-08",
      "2024-01-02 03:04:05+05:30",
      "2024-07-01 00:00:00",
      "2024-01-02 24:00:00+00",
      "2024-01-02 03:04:60-03:30",
      "0001-01-01 00:00:00+14",
      "9999-12-31 23:59:59-14",
      "2024-01-02 03:04:05+15",
    ],
  ],
];

test.each(
  CASES.flatMap(([type, texts]) =>
    texts.map((text) => ({ name: type.kind, type, text })),
  ),
)("$name '$text'", async ({ type, text }) => {
  const column = { sql: "v", type: TEXT, representation: NATIVE };
  const { sql } = fromText(column, type, SETTINGS, false);
  const expected = expectedSql(text, type);
  const from = `FROM (SELECT '${text}' AS v WHERE random() >= 0) AS t`;
  if (expected === undefined) {
    await expect(connection.run(`SELECT ${sql} ${from}`)).rejects.toThrow();
    return;
  }
  const reader = await connection.runAndReadAll(
    `SELECT (${sql}) = (${expected}) ${from}`,
  );
  expect(reader.getRowsJson()).toEqual([[true]]);
});

/** Undefined when PostgreSQL refuses the text. */
function expectedSql(text: string, type: DataType): string | undefined {
  try {
    return emitLiteral(readValue(text, type, SETTINGS), type).sql;
  } catch (error) {
    if (error instanceof SqlError) return undefined;
    throw error;
  }
}
