// Contention at full count: eight gateway processes, one table.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "vitest";
import { contend, makeContendedTable } from "../concurrency/contend.ts";
import { startProcess, type RealProcess } from "../process/real-process.ts";

const PROCESSES = 8;

test("eight processes append and merge into one table: nothing is lost, nothing stands twice", async () => {
  const root = mkdtempSync(join(tmpdir(), "sluice-contended-"));
  const lake = join(root, "lake");
  const location = makeContendedTable(lake);
  const gateways: RealProcess[] = [];
  try {
    for (let i = 0; i < PROCESSES; i += 1)
      gateways.push(
        await startProcess(join(root, String(i)), [
          "--lake",
          `shared=${lake}`,
          "--log-level",
          "error",
        ]),
      );
    const clients = await Promise.all(
      gateways.map((gateway) => gateway.connect()),
    );
    await contend({ clients, location, appends: 100, merges: 25 });
    for (const client of clients) await client.end();
  } finally {
    for (const gateway of gateways) {
      gateway.process.kill("SIGTERM");
      await gateway.ended;
    }
    rmSync(root, { recursive: true, force: true });
  }
}, 3_600_000);
