// A sample of contention: three gateways, one table.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "vitest";
import { startTestGateway, type TestGateway } from "../harness.ts";
import { contend, makeContendedTable } from "./contend.ts";

test("three gateways append and merge into one table: nothing is lost, nothing stands twice", async () => {
  const lake = mkdtempSync(join(tmpdir(), "sluice-contended-"));
  const location = makeContendedTable(lake);
  const gateways: TestGateway[] = [];
  try {
    for (let i = 0; i < 3; i += 1)
      gateways.push(await startTestGateway({ lakes: { shared: lake } }));
    const clients = await Promise.all(
      gateways.map((gateway) => gateway.connect()),
    );
    await contend({ clients, location, appends: 6, merges: 3 });
  } finally {
    for (const gateway of gateways) await gateway[Symbol.asyncDispose]();
    rmSync(lake, { recursive: true, force: true });
  }
}, 300_000);
