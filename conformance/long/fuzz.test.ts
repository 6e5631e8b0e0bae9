// Damaged messages at full count.

import { test } from "vitest";
import { fuzzMessages } from "../wire/fuzz.ts";

test("a million damaged messages: the gateway answers or closes, and keeps nothing", async () => {
  await fuzzMessages(1_000_000, 2);
}, 7_200_000);
