// Random rights and policies for forty minutes, and every source there is in each of the worlds they make.

import { afterAll, beforeAll, test } from "vitest";
import { Lake } from "../access/leaks/lake.ts";
import { checkSources } from "../access/leaks/properties.ts";

const SIZE = { minutes: 40 };

let lake: Lake;
beforeAll(async () => {
  lake = await Lake.start();
});
afterAll(async () => {
  await lake[Symbol.asyncDispose]();
});

test("every source shows a user the cells of the model, no more and no fewer", async () => {
  await checkSources(lake, SIZE);
}, 7_200_000);
