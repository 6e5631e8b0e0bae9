// A sample of damaged messages; a million of them in `npm run test:long`.

import { test } from "vitest";
import { fuzzMessages } from "./fuzz.ts";

test("whatever messages come, however they are cut, the gateway answers or closes, and keeps nothing", async () => {
  await fuzzMessages(3_000, 1);
}, 120_000);
