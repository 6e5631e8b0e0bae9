// A decimal column beside a numeric kept as text, or beside one of another scale: the fast comparison agrees with the exact one.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { numericCompare } from "../../../../planner/functions/numeric-emit.ts";
import { BOOL, NUMERIC } from "../../../../storage/common/data-type.ts";
import type { Emitted } from "../../../../planner/functions/function.ts";
import { fc } from "../../../../storage/common/property.testkit.ts";
import type { DuckDBConnection } from "../../../../storage/kernel/duckdb.ts";
import { Kernel } from "../../../../storage/kernel/kernel.ts";
import { SETTINGS } from "./expression.testkit.ts";
import { kernelFunctions } from "./kernel-functions.ts";

let kernel: Kernel;
let connection: DuckDBConnection;
let dir: string;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "sluice-bound-"));
  const limits = {
    threads: 1,
    memoryBytes: 200_000_000,
    tempBytes: 100_000_000,
  };
  kernel = await Kernel.open({
    ...limits,
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

const OPERATORS = ["<", "<=", "=", "<>", ">=", ">"] as const;

/** Texts near the decimals: same value, one more digit, far away, about the largest, beyond 38 digits, no numbers. */
const texts = fc.oneof(
  fc
    .tuple(
      fc.integer({ min: -300, max: 300 }),
      fc.integer({ min: 0, max: 999_999 }),
    )
    .map(([whole, part]) => `${whole}.${String(part).padStart(6, "0")}`),
  fc.integer({ min: -300, max: 300 }).map((cents) => (cents / 100).toFixed(2)),
  fc.constantFrom(
    "NaN",
    "Infinity",
    "-Infinity",
    "9999999999999.99",
    "9999999999999.995",
    "-10000000000000",
    "99999999999999.99",
    "0",
    "-0.000000000000000000001",
    "9".repeat(38),
    `-${"9".repeat(37)}.5`,
  ),
);
const decimals = fc.oneof(
  fc
    .integer({ min: -30_000, max: 30_000 })
    .map((cents) => (cents / 100).toFixed(2)),
  fc.constantFrom("9999999999999.99", "-9999999999999.99"),
);

async function expectExact(
  left: Numeric,
  right: Numeric,
  operator: (typeof OPERATORS)[number],
): Promise<void> {
  const compare = (...args: readonly [Numeric, Numeric]): string =>
    numericCompare(operator)({ args, type: BOOL, settings: SETTINGS }).sql;
  const text = ({ sql }: Numeric): string => `(${sql})::VARCHAR`;
  const expressions = [
    compare(left, right),
    `num_cmp(${text(left)}, ${text(right)}) ${operator} 0`,
    compare(right, left),
    `num_cmp(${text(right)}, ${text(left)}) ${operator} 0`,
  ];
  const answer = await connection.runAndReadAll(
    `SELECT ${expressions.join(", ")}`,
  );
  const [rows = []] = answer.getRows();
  expect(rows[0]).toBe(rows[1]);
  expect(rows[2]).toBe(rows[3]);
}

type Numeric = Pick<Emitted, "sql" | "type" | "representation">;

function decimal(value: string, precision: number, scale: number): Numeric {
  return {
    sql: `'${value}'::DECIMAL(${precision},${scale})`,
    type: NUMERIC,
    representation: { kind: "decimal", precision, scale },
  };
}

test("decimals compare with text numerics as exact arithmetic does", async () => {
  await fc.assert(
    fc.asyncProperty(
      decimals,
      texts,
      fc.constantFrom(...OPERATORS),
      async (value, text, operator) => {
        const right: Numeric = {
          sql: `'${text}'`,
          type: NUMERIC,
          representation: { kind: "numeric-text" },
        };
        await expectExact(decimal(value, 15, 2), right, operator);
      },
    ),
    { numRuns: 300 },
  );
});

const sums = fc.oneof(
  decimals,
  fc.constantFrom(`${"9".repeat(36)}.99`, `-${"9".repeat(36)}.99`),
);
const fine = fc.oneof(
  fc
    .integer({ min: -3_000_000, max: 3_000_000 })
    .map((parts) => (parts / 10_000).toFixed(6)),
  fc.constantFrom(
    "0.000001",
    "-0.000001",
    `${"9".repeat(32)}.999999`,
    `-${"9".repeat(32)}.999999`,
  ),
);

test("decimals whose common type has no room compare as exact arithmetic does", async () => {
  await fc.assert(
    fc.asyncProperty(
      sums,
      fine,
      fc.constantFrom(...OPERATORS),
      (value, other, operator) =>
        expectExact(decimal(value, 38, 2), decimal(other, 38, 6), operator),
    ),
    { numRuns: 300 },
  );
});
