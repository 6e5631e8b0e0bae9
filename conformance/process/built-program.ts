// The program as `npm run build` makes it, in a folder of its own, for tests that start it again and again: it is ready in a third of
// the time the sources take. Built once for a state of the sources and kept below .cache.

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const REPOSITORY = join(import.meta.dirname, "../..");
const BUILD = join(REPOSITORY, "build.mjs");
const CRASH_POINTS = "conformance/crash/crash-points";
const BUILDS = join(REPOSITORY, ".cache/program");
const FOLDERS = ["server", "planner", "storage", "auth", "conformance/crash"];
/** Builds of other states are removed once nobody can be running them. */
const KEPT_MS = 24 * 3_600_000;

let built: Promise<string> | undefined;

/** The folder that holds `server/main.js`; compiles it when this state of the sources was not compiled yet. */
export function builtProgram(): Promise<string> {
  built ??= build();
  return built;
}

async function build(): Promise<string> {
  const folder = join(BUILDS, stateOfSources());
  if (existsSync(folder)) {
    const now = new Date();
    utimesSync(folder, now, now);
    return folder;
  }
  mkdirSync(BUILDS, { recursive: true });
  removeOld();
  const output = mkdtempSync(join(BUILDS, "new-"));
  await promisify(execFile)(process.execPath, [BUILD, output, CRASH_POINTS]);
  try {
    renameSync(output, folder);
  } catch (error) {
    // Another test process was faster.
    if (!existsSync(folder)) throw error;
    rmSync(output, { recursive: true });
  }
  return folder;
}

function stateOfSources(): string {
  const hash = createHash("sha256").update(readFileSync(BUILD));
  for (const folder of FOLDERS) {
    const names = readdirSync(join(REPOSITORY, folder), {
      recursive: true,
      encoding: "utf8",
    });
    for (const name of names.toSorted()) {
      if (!name.endsWith(".ts")) continue;
      const path = join(folder, name);
      hash.update(`${path}\n`).update(readFileSync(join(REPOSITORY, path)));
    }
  }
  return hash.digest("hex").slice(0, 16);
}

function removeOld(): void {
  for (const name of readdirSync(BUILDS)) {
    const path = join(BUILDS, name);
    const { mtimeMs } = statSync(path);
    if (Date.now() - mtimeMs > KEPT_MS) rmSync(path, { recursive: true });
  }
}
