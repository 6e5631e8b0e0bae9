// What a table's files take in memory, as a process of its own: a small table of the same columns is loaded first, so that code and
// buffers are there, and what the large one adds is kept memory alone. Usage: snapshot-memory.ts SMALL LARGE TEMP; run with
// --expose-gc; prints the bytes added to the process, and those the kernel says it holds.

import { pathToFileURL } from "node:url";
import { Kernel } from "../../storage/kernel/kernel.ts";
import { queryRows } from "../../storage/delta/kernel-rows.ts";
import { DeltaTables } from "../../storage/delta/tables.ts";
import { localStore } from "../../storage/object-store/local.ts";
import { scanFiles } from "../../storage/scan/scan.ts";
import { residentBytes } from "./processes.ts";

const SETTLED_MS = 300;

export interface SnapshotMemory {
  /** Resident memory the table added, after collection. */
  readonly residentBytes: number;
  /** What the kernel holds for it. */
  readonly kernelBytes: number;
}

export async function snapshotMemory(
  [small, large]: readonly [string, string],
  tempDir: string,
): Promise<SnapshotMemory> {
  // As the gateway opens it (server/assemble.ts).
  await using kernel = await Kernel.open({
    threads: 2,
    memoryBytes: 2_000_000_000,
    tempDir,
    tempBytes: 10_000_000_000,
    allowedDirs: [small, large],
    trims: true,
    functions: [],
  });
  await using tables = new DeltaTables({
    kernel,
    storeFor: () => localStore(),
    tempDir,
    maxBytes: 2_000_000_000,
  });
  const load = async (location: string): Promise<void> => {
    const table = { name: location, location, lakeRoot: location };
    await scanFiles(await tables.snapshot(table), NO_FILE);
  };
  await load(small);
  const before = await held(kernel);
  await load(large);
  const after = await held(kernel);
  return {
    residentBytes: after.residentBytes - before.residentBytes,
    kernelBytes: after.kernelBytes - before.kernelBytes,
  };
}

const NO_FILE = {
  kind: "compare",
  column: ["id"],
  operator: "=",
  value: { type: { kind: "int8" }, text: "-2" },
} as const;

async function held(kernel: Kernel): Promise<SnapshotMemory> {
  for (let round = 0; round < 3; round += 1) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, SETTLED_MS));
  }
  const [row = []] = await kernel.use((connection) =>
    queryRows(
      connection,
      "SELECT sum(memory_usage_bytes)::BIGINT FROM duckdb_memory()",
    ),
  );
  return {
    residentBytes: residentBytes(process.pid),
    kernelBytes: Number(row[0]),
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const [small = "", large = "", tempDir = ""] = process.argv.slice(2);
  const memory = await snapshotMemory([small, large], tempDir);
  process.stdout.write(JSON.stringify(memory));
}
