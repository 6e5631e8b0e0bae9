// Random statements against PostgreSQL 15 at full count, new ones each time; SLUICE_SEED runs those of a report again.

import { afterAll, beforeAll, expect, test } from "vitest";
import { compareQueries } from "../oracle/random/queries.ts";
import { CREATE_TABLES } from "../oracle/random/query/tables.ts";
import { startSides, type Sides } from "../oracle/random/sides.ts";

const SEED = Number(
  process.env["SLUICE_SEED"] ?? Math.floor(Date.now() / 1000) * 1000,
);

let sides: Sides;
beforeAll(async () => {
  sides = await startSides();
  await sides.setUp(CREATE_TABLES);
}, 300_000);
afterAll(async () => {
  await sides[Symbol.asyncDispose]();
});

test("random queries have PostgreSQL's answers", async () => {
  const report = await compareQueries(sides, SEED, 20_000);
  console.log(`queries from seed ${SEED}: ${String(report)}`);
  expect(report.differences.join("\n")).toBe("");
}, 14_400_000);
