// window(ts, size): integer arithmetic with a floored remainder (streaming.md 3.1).

import { afterAll, beforeAll, expect, test } from "vitest";
import { openBench, type Bench } from "./expression.testkit.ts";

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(async () => {
  await bench[Symbol.asyncDispose]();
});

async function window(sql: string): Promise<string> {
  const reader = await bench.connection.runAndReadAll(
    `SELECT w.start::VARCHAR || ' ' || w.end::VARCHAR FROM (SELECT ${bench.emitRaw(sql)} AS w)`,
  );
  return String(reader.getRows()[0]?.[0]);
}

test.each([
  [
    "\"window\"(timestamptz '2024-01-01 00:00:12+00', interval '10 seconds')",
    "2024-01-01 00:00:10+00 2024-01-01 00:00:20+00",
  ],
  [
    "\"window\"(timestamp '1969-12-31 23:59:59', interval '10 seconds')",
    "1969-12-31 23:59:50 1970-01-01 00:00:00",
  ],
  [
    "\"window\"(timestamp '2024-01-01 00:00:12', interval '7 seconds', interval '7 seconds', interval '3 seconds')",
    "2024-01-01 00:00:07 2024-01-01 00:00:14",
  ],
  [
    "\"window\"(timestamp '2024-01-01 00:00:00', interval '7 days')",
    "2023-12-28 00:00:00 2024-01-04 00:00:00",
  ],
])("%s", async (sql, expected) => {
  expect(await window(sql)).toBe(expected);
});

test.each([
  ["\"window\"(ts, interval '1 month')", "cannot contain months"],
  ["\"window\"(ts, interval '0 seconds')", "at least 1 millisecond"],
  [
    "\"window\"(ts, interval '10 seconds', interval '5 seconds')",
    "windows that overlap are not supported",
  ],
])("%s is refused", (sql, message) => {
  expect(() => bench.emitRaw(sql)).toThrow(message);
});
