// The crash loop at full count: 200 kills of each kind of statement, on a table with deletion vectors and on one without.

import { test } from "vitest";
import { crashCycles } from "../crash/crash-cycles.ts";
import { STATEMENTS } from "../crash/statements.ts";

const CYCLES = 100;
const HOUR_MS = 3_600_000;

test.each(
  STATEMENTS.flatMap((statement, index) =>
    [1, 2].map((part) => ({
      statement,
      seed: 2 * index + part,
      vectors: part === 1 ? "with" : "without",
    })),
  ),
)(
  "$statement.name is all or nothing under kill -9, $vectors deletion vectors",
  async ({ statement, seed }) => {
    await crashCycles({ statements: [statement], cycles: CYCLES, seed });
  },
  HOUR_MS,
);
