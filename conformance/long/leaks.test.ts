// Random rights, policies and statements at full count.

import { afterAll, beforeAll, expect, test } from "vitest";
import { Lake } from "../access/leaks/lake.ts";
import { checkSources, checkStatements } from "../access/leaks/properties.ts";

const RUNS = 2000;

let lake: Lake;
beforeAll(async () => {
  lake = await Lake.start();
});
afterAll(async () => {
  await lake[Symbol.asyncDispose]();
});

test("every source shows a user the cells of the model, no more and no fewer", async () => {
  await checkSources(lake, RUNS);
}, 7_200_000);

test("no statement shows a cell the user may not see, and a DENY makes none succeed or show more", async () => {
  expect(await checkStatements(lake, RUNS)).toBeGreaterThan(RUNS);
}, 7_200_000);
