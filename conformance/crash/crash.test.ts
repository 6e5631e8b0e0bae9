// A sample of the crash loop: each kind of statement is killed once, at a named point or at a random instant.

import { test } from "vitest";
import { crashCycles } from "./crash-cycles.ts";
import { STATEMENTS } from "./statements.ts";

test("every statement is all or nothing under kill -9", async () => {
  const cycles = STATEMENTS.length;
  await crashCycles({ statements: STATEMENTS, cycles, seed: 7 });
}, 900_000);
