// A layer check that reads no file passes: fail unless the cruiser saw as many modules as git has .ts files.

import { execFileSync } from "node:child_process";

const tracked = execFileSync("git", ["ls-files", "*.ts"], { encoding: "utf8" })
  .split("\n")
  .filter((f) => /^(server|planner|storage|auth|conformance)\//.test(f));
const out = execFileSync(
  "npx",
  [
    "--no-install",
    "depcruise",
    "--config",
    ".dependency-cruiser.mjs",
    "--output-type",
    "json",
    "server",
    "planner",
    "storage",
    "auth",
    "conformance",
  ],
  { encoding: "utf8", maxBuffer: 1 << 28, stdio: ["ignore", "pipe", "ignore"] },
);
const seen = new Set(JSON.parse(out).modules.map((m) => m.source));
const missed = tracked.filter((f) => !seen.has(f));
if (tracked.length === 0 || missed.length > 0) {
  console.error(
    `layers: ${missed.length} of ${tracked.length} source files were not checked: ${missed.slice(0, 5).join(", ")}`,
  );
  process.exit(1);
}
console.log(`layers: ${tracked.length} source files checked`);
