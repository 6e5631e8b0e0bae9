// Random statements and values against PostgreSQL 15 at full count, new ones each time; SLUICE_SEED runs the statements of a report again.

import { afterAll, beforeAll, expect, test } from "vitest";
import { readCatalog } from "../oracle/random/expression/catalog.ts";
import {
  compareExpressions,
  CREATE_EDGES,
} from "../oracle/random/expression/expressions.ts";
import { compareQueries } from "../oracle/random/queries.ts";
import { CREATE_TABLES } from "../oracle/random/query/tables.ts";
import { Report } from "../oracle/random/report.ts";
import { startSides, type Sides } from "../oracle/random/sides.ts";
import {
  checkColumns,
  checkParameters,
  KINDS,
} from "../oracle/random/types.ts";

const SEED = Number(
  process.env["SLUICE_SEED"] ?? Math.floor(Date.now() / 1000) * 1000,
);
const HOURS_4 = 14_400_000;

let sides: Sides;
beforeAll(async () => {
  sides = await startSides();
  await sides.setUp([...CREATE_TABLES, ...CREATE_EDGES]);
}, 300_000);
afterAll(async () => {
  await sides[Symbol.asyncDispose]();
});

test(
  "random queries have PostgreSQL's answers",
  async () => {
    const report = await compareQueries(sides, SEED, 20_000);
    console.log(`queries from seed ${SEED}: ${String(report)}`);
    expect(report.differences.join("\n")).toBe("");
  },
  HOURS_4,
);

test(
  "random expressions have PostgreSQL's values and errors",
  async () => {
    const unknown = new Report();
    const routines = await readCatalog(sides, unknown);
    console.log(`functions and operators not there: ${String(unknown)}`);
    const report = await compareExpressions(sides, routines, SEED, 50_000);
    console.log(`expressions from seed ${SEED}: ${String(report)}`);
    expect(report.differences.join("\n")).toBe("");
  },
  HOURS_4,
);

test.each(KINDS)(
  "$type has PostgreSQL's bytes as a parameter and as a column",
  async (kind) => {
    await checkParameters(sides, kind, 2_000);
    await checkColumns(sides, kind, 50);
  },
  HOURS_4,
);
