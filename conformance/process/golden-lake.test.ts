// Tables that other engines wrote, served as a lake: readable ones answer, the rest are listed and refuse by name.

import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../harness.ts";

const TABLES = join(import.meta.dirname, "../delta/tables");

let gateway: TestGateway;
let client: pg.Client;

beforeAll(async () => {
  gateway = await startTestGateway({ lakes: { golden: TABLES } });
  client = await gateway.connect({ database: "golden", raw: true });
});
afterAll(() => gateway[Symbol.asyncDispose]());

async function tableNames(): Promise<readonly string[]> {
  const { rows } = await client.query<{ tableName: string }>(
    "show tables in catalog golden",
  );
  return rows.map(({ tableName }) => tableName);
}

test("every folder with a log is listed under its own name", async () => {
  const names = await tableNames();
  expect(names).toContain("dat-basic-append");
  expect(names.length).toBeGreaterThan(10);
});

test("a table of another engine is read by its quoted name", async () => {
  const { rows } = await client.query<{ letter: string; number: string }>(
    'select letter, number from "dat-basic-append" order by number',
  );
  expect(rows).toEqual([
    { letter: "a", number: "1" },
    { letter: "b", number: "2" },
    { letter: "c", number: "3" },
    { letter: "d", number: "4" },
    { letter: "e", number: "5" },
  ]);
});

test("each table answers, or says in SQL's terms why it cannot, and none disturbs the others", async () => {
  const outcomes = new Map<string, string>();
  for (const name of await tableNames()) {
    const outcome = await client
      .query(`select * from "${name}"`)
      .then(() => "read")
      .catch((error: unknown) =>
        error instanceof pg.DatabaseError ? `${error.code}` : "lost",
      );
    outcomes.set(name, outcome);
  }
  const read = [...outcomes.values()].filter((outcome) => outcome === "read");
  expect(read.length).toBeGreaterThan(10);
  for (const [name, outcome] of outcomes)
    expect(outcome, name).toMatch(/^(read|0A000|58P01|XX001)$/);
});
