// When ANALYZE's figures no longer stand for the table.

import { expect, test } from "vitest";
import { isStale } from "./column-statistics.ts";

test.each([
  ["the same version", 5, 5, false],
  ["a young table after 99 commits", 1, 100, false],
  ["a young table after 100 commits", 1, 101, true],
  ["an old table after 100 commits", 5000, 5100, false],
  ["an old table after as many commits as it had", 5000, 10_000, true],
  ["a version long before", 5000, 0, true],
])("%s", (_what, analyzed, version, stale) => {
  expect(isStale(analyzed, version)).toBe(stale);
});
