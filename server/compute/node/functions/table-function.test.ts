// Set-returning functions emit kernel lists whose elements are PostgreSQL's rows.

import { afterAll, beforeAll, expect, test } from "vitest";
import { openBench, type Bench } from "./expression.testkit.ts";

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(async () => {
  await bench[Symbol.asyncDispose]();
});

/** Each row's columns joined by commas. */
async function rows(sql: string): Promise<readonly string[]> {
  const list = bench.emitRaw(sql);
  const reader = await bench.connection.runAndReadAll(
    `SELECT unnest(${list})::VARCHAR`,
  );
  return reader.getRows().map(([value]) => String(value));
}

test.each([
  ["generate_series(1, 3)", ["1", "2", "3"]],
  ["generate_series(5, 1, -2)", ["5", "3", "1"]],
  ["generate_series(3, 1)", []],
  ["generate_series(1.1, 2.0, 0.4)", ["1.1", "1.5", "1.9"]],
  [
    "generate_series(timestamp '2020-01-31', timestamp '2020-04-30', interval '1 month')",
    [
      "2020-01-31 00:00:00",
      "2020-02-29 00:00:00",
      "2020-03-29 00:00:00",
      "2020-04-29 00:00:00",
    ],
  ],
  ["regexp_split_to_table('a1b22c', '[0-9]+')", ["a", "b", "c"]],
  ["regexp_matches('ab12cd3', '([a-z])([0-9])', 'g')", ["[b, 1]", "[d, 3]"]],
  ["string_to_table('x,y', ',')", ["x", "y"]],
  ["jsonb_array_elements('[1,{\"a\":2}]'::jsonb)", ["1", '{"a": 2}']],
  ["jsonb_array_elements_text('[1,\"x\",null]'::jsonb)", ["1", "x", "null"]],
  ['jsonb_object_keys(\'{"b":1,"a":2}\'::jsonb)', ["a", "b"]],
  ['jsonb_each(\'{"b":1,"a":"x"}\'::jsonb)', ["(a, '\"x\"')", "(b, 1)"]],
  ["generate_subscripts(array[7,8], 1)", ["1", "2"]],
])("%s", async (sql, expected) => {
  expect(await rows(sql)).toEqual(expected);
});

test("a step of zero is an error", async () => {
  await expect(rows("generate_series(1, 3, 0)")).rejects.toThrow(
    "22023:step size cannot equal zero",
  );
});
