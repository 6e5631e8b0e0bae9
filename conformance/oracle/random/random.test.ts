// A sample of random statements, always the same, and of values; many more, and new ones each time, in `npm run test:long`.

import { afterAll, beforeAll, expect, test } from "vitest";
import { readCatalog } from "./expression/catalog.ts";
import { compareExpressions, CREATE_EDGES } from "./expression/expressions.ts";
import { compareQueries } from "./queries.ts";
import { CREATE_TABLES } from "./query/tables.ts";
import { Report } from "./report.ts";
import { startSides, type Sides } from "./sides.ts";
import { checkColumns, checkParameters, KINDS } from "./types.ts";

let sides: Sides;
beforeAll(async () => {
  sides = await startSides();
  await sides.setUp([...CREATE_TABLES, ...CREATE_EDGES]);
}, 300_000);
afterAll(async () => {
  await sides[Symbol.asyncDispose]();
});

test("random queries have PostgreSQL's answers", async () => {
  const report = await compareQueries(sides, 1, 150);
  expect(report.differences.join("\n"), String(report)).toBe("");
  expect(report.agreed).toBeGreaterThan(100);
}, 600_000);

test("random expressions have PostgreSQL's values and errors, folded and computed", async () => {
  const routines = await readCatalog(sides, new Report());
  expect(routines.length).toBeGreaterThan(500);
  const report = await compareExpressions(sides, routines, 1, 300);
  expect(report.differences.join("\n"), String(report)).toBe("");
  expect(report.agreed).toBeGreaterThan(400);
}, 600_000);

test.each(KINDS)(
  "$type as a parameter has PostgreSQL's bytes",
  async (kind) => {
    await checkParameters(sides, kind, 8);
  },
  120_000,
);

test.each(KINDS)(
  "$type as a column has PostgreSQL's bytes",
  async (kind) => {
    await checkColumns(sides, kind, 1);
  },
  120_000,
);
