// INSERT … ON CONFLICT of several writers at once: whoever comes second sees the first one's row.

import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../harness.ts";

let gateway: TestGateway;
let first: pg.Client;
let second: pg.Client;
beforeAll(async () => {
  gateway = await startTestGateway();
  [first, second] = await Promise.all([gateway.connect(), gateway.connect()]);
  await first.query("CREATE TABLE counts (k int PRIMARY KEY, n int)");
});
afterAll(() => gateway[Symbol.asyncDispose]());

const countUp = (client: pg.Client, k: number): Promise<pg.QueryResult> =>
  client.query(
    "INSERT INTO counts VALUES ($1, 1) ON CONFLICT (k) DO UPDATE SET n = counts.n + 1",
    [k],
  );

test("no row is there twice and no change is lost when two count the same keys at once", async () => {
  for (const k of [1, 2, 3])
    await Promise.all([countUp(first, k), countUp(second, k)]);
  const { rows } = await first.query("SELECT k, n FROM counts ORDER BY k");
  expect(rows).toEqual([1, 2, 3].map((k) => ({ k, n: 2 })));
});

test("a block that inserted a key somebody else has inserted meanwhile fails with 40001", async () => {
  await first.query("BEGIN");
  await countUp(first, 10);
  await countUp(second, 10);
  await expect(first.query("COMMIT")).rejects.toMatchObject({ code: "40001" });
  const { rows } = await first.query("SELECT n FROM counts WHERE k = 10");
  expect(rows).toEqual([{ n: 1 }]);
});

test("parameters have the types of their columns, in SET and WHERE too", async () => {
  const { rows } = await first.query(
    "INSERT INTO counts AS c VALUES ($1, $2) ON CONFLICT (k) DO UPDATE SET n = $3 WHERE c.n < $4 RETURNING n",
    ["1", "7", "40", "3"],
  );
  expect(rows).toEqual([{ n: 40 }]);
});

test("is a MERGE in the table's history, and an INSERT to the client", async () => {
  const { command, rowCount } = await countUp(first, 1);
  expect({ command, rowCount }).toEqual({ command: "INSERT", rowCount: 1 });
  const { rows } = await first.query("DESCRIBE HISTORY counts LIMIT 1");
  expect(rows).toMatchObject([
    {
      operation: "MERGE",
      operationParameters: {
        predicate: '["k"]',
        matchedPredicates: '[{"actionType":"update"}]',
        notMatchedPredicates: '[{"actionType":"insert"}]',
      },
    },
  ]);
});
