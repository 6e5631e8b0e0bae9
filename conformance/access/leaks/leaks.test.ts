// Random rights, policies and statements; fast-check names the seed of what it finds. More of them in conformance/long.

import { afterAll, beforeAll, test } from "vitest";
import { Lake } from "./lake.ts";
import { checkSources, checkStatements } from "./properties.ts";

const SIZE = { worlds: 15 };

let lake: Lake;
beforeAll(async () => {
  lake = await Lake.start();
});
afterAll(async () => {
  await lake[Symbol.asyncDispose]();
});

test("every source shows a user the cells of the model, no more and no fewer", async () => {
  await checkSources(lake, SIZE);
});

test("no statement shows a cell the user may not see, and a DENY makes none succeed or show more", async () => {
  await checkStatements(lake, SIZE);
});
