// Runs one suite (unit, clients, long) and closes with the plain line `N passed, N failed[, N skipped]`.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const suite = ["clients", "long"].includes(process.argv[2] ?? "")
  ? process.argv[2]
  : "unit";
const rest = process.argv.slice(suite === "unit" ? 2 : 3);
const dir = mkdtempSync(join(tmpdir(), "sluice-tests-"));
const report = join(dir, "report.json");
const run = spawnSync(
  process.execPath,
  [
    "node_modules/vitest/vitest.mjs",
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
    ...rest,
  ],
  { stdio: "inherit", env: { ...process.env, SLUICE_SUITE: suite } },
);
let totals;
try {
  totals = JSON.parse(readFileSync(report, "utf8"));
} catch {
  console.error("the test runner left no report");
  process.exit(1);
} finally {
  rmSync(dir, { recursive: true, force: true });
}
const skipped = totals.numPendingTests + totals.numTodoTests;
console.log(
  `${totals.numPassedTests} passed, ${totals.numFailedTests} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`,
);
if (totals.numTotalTests === 0) {
  console.error("no test was found");
  process.exit(1);
}
process.exit(run.status ?? 1);
