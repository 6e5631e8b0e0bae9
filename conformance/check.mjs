// `npm run check` before the tests: format, types, lint, layers, dead code. The linter takes as long as the rest, so both go side by side;
// each program's output comes when it has ended.

import { spawn } from "node:child_process";

const FOLDERS = ["server", "planner", "storage", "auth", "conformance"];
const LANES = [
  [["eslint", "."]],
  [
    ["prettier", "--check", "."],
    ["tsc", "--noEmit"],
    ["depcruise", "--config", ".dependency-cruiser.mjs", ...FOLDERS],
    ["node", "conformance/check-cruised.mjs"],
    ["knip"],
  ],
];

const results = await Promise.all(LANES.map(runLane));
process.exit(results.every(Boolean) ? 0 : 1);

/** One after the other, also behind one that failed: all that is wrong is told at once. */
async function runLane(commands) {
  let good = true;
  for (const command of commands) good = (await run(command)) && good;
  return good;
}

function run([program, ...args]) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    const pieces = [];
    child.stdout.on("data", (piece) => pieces.push(piece));
    child.stderr.on("data", (piece) => pieces.push(piece));
    child.once("error", reject);
    child.once("close", (code) => {
      process.stdout.write(`> ${program} ${args.join(" ")}\n`);
      process.stdout.write(Buffer.concat(pieces));
      if (code !== 0) process.stdout.write(`${program} ended with ${code}\n`);
      resolve(code === 0);
    });
  });
}
