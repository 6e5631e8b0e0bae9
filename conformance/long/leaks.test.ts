// Random rights, policies and statements for forty minutes. Sources stand in a file of their own: two gateways use two cores.

import { afterAll, beforeAll, expect, test } from "vitest";
import { Lake } from "../access/leaks/lake.ts";
import { checkStatements } from "../access/leaks/properties.ts";

const SIZE = { minutes: 40 };

let lake: Lake;
beforeAll(async () => {
  lake = await Lake.start();
});
afterAll(async () => {
  await lake[Symbol.asyncDispose]();
});

test("no statement shows a cell the user may not see, and a DENY makes none succeed or show more", async () => {
  expect(await checkStatements(lake, SIZE)).toBeGreaterThan(100);
}, 7_200_000);
