// One demo lake for all test files: made once, kept in the temporary folder under a key of the code that writes it, and
// hard-linked into each gateway's own lake (files of a Delta table are never changed in place).

import { createHash, randomUUID } from "node:crypto";
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const REPOSITORY = join(import.meta.dirname, "..");
/** What decides the bytes of the lake. */
const MAKERS = [
  "server/demo",
  "server/write/table-write.ts",
  "server/compute/node/write-files.ts",
  "server/compute/node/write-stats.ts",
  "server/compute/node/partition-text.ts",
];

/** Puts the demo lake at `target`. `make` fills a data directory with one, when no test did so before. */
export async function linkDemoLake(
  target: string,
  make: (dataDir: string) => Promise<void>,
): Promise<void> {
  const kept = join(tmpdir(), `sluice-demo-lake-${makersKey()}`);
  if (!existsSync(kept)) await keepNewLake(kept, make);
  linkTree(kept, target);
}

/** Several test files may come here at once: the first to finish wins, the others drop theirs. */
async function keepNewLake(
  kept: string,
  make: (dataDir: string) => Promise<void>,
): Promise<void> {
  const building = `${kept}-${randomUUID()}`;
  try {
    await make(building);
    renameSync(join(building, "lake"), kept);
  } catch (error) {
    if (!existsSync(kept)) throw error;
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
}

function linkTree(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) linkTree(source, target);
    else linkSync(source, target);
  }
}

function makersKey(): string {
  const hash = createHash("sha256");
  for (const path of MAKERS.flatMap(sourcesOf)) {
    hash.update(path).update(readFileSync(join(REPOSITORY, path)));
  }
  return hash.digest("hex").slice(0, 16);
}

function sourcesOf(path: string): readonly string[] {
  if (path.endsWith(".ts")) return [path];
  return readdirSync(join(REPOSITORY, path))
    .filter((name) => name.endsWith(".ts") && !name.includes(".test"))
    .toSorted()
    .map((name) => join(path, name));
}
