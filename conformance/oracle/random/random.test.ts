// A sample of random statements, always the same; many more, and new ones each time, in `npm run test:long`.

import { afterAll, beforeAll, expect, test } from "vitest";
import { compareQueries } from "./queries.ts";
import { CREATE_TABLES } from "./query/tables.ts";
import { startSides, type Sides } from "./sides.ts";

let sides: Sides;
beforeAll(async () => {
  sides = await startSides();
  await sides.setUp(CREATE_TABLES);
}, 300_000);
afterAll(async () => {
  await sides[Symbol.asyncDispose]();
});

test("random queries have PostgreSQL's answers", async () => {
  const report = await compareQueries(sides, 1, 150);
  expect(report.differences.join("\n"), String(report)).toBe("");
  expect(report.agreed).toBeGreaterThan(100);
}, 600_000);
