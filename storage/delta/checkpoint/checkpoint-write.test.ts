// Checkpoints of every kind we write, read back by our own reader with the commits before them gone.

import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { localStore } from "../../object-store/local.ts";
import { writeCheckpoint } from "./checkpoint-write.ts";
import {
  add,
  livePaths,
  metaData,
  remove,
  testLake,
  writeCommit,
  type TestLake,
} from "../delta.testkit.ts";
import { scanFiles } from "../../scan/scan.ts";
import type { TableRef } from "../table-ref.ts";
import { DeltaTables } from "../tables.ts";

const V2 = {
  protocol: {
    minReaderVersion: 3,
    minWriterVersion: 7,
    readerFeatures: ["v2Checkpoint"],
    writerFeatures: ["v2Checkpoint", "appendOnly", "invariants"],
  },
};
const FIELDS = [
  { name: "id", type: "long" },
  { name: "at", type: "timestamp" },
  { name: "d", type: "decimal(38,10)" },
  { name: "x", type: "double" },
  { name: "p", type: "date" },
];
const STATS = JSON.stringify({
  numRecords: 3,
  minValues: { id: 1, at: "2026-01-01T00:00:00.123Z", x: -0.5 },
  maxValues: { id: 9, at: "2026-01-02T00:00:00.456Z", x: "NaN" },
  nullCount: { id: 0, at: 1, d: 3, x: 0 },
})
  .replace('"minValues":{', '"minValues":{"d":12345678901234567890.0000000001,')
  .replace(
    '"maxValues":{',
    '"maxValues":{"d":12345678901234567891.0000000001,',
  );

const NOW = 1_000_000_000_000;

async function tableWith(
  lake: TestLake,
  protocol: object,
  configuration: Readonly<Record<string, string>>,
): Promise<TableRef> {
  const table = lake.ref("t");
  const store = localStore();
  const file = { partitionValues: { p: "2026-01-01" }, stats: STATS };
  await writeCommit(store, table, 0, [
    protocol,
    metaData(FIELDS, { partitionColumns: ["p"], configuration }),
    add("a%20b", file),
    add("b", file),
    add("c", { ...file, stats: undefined, tags: { k: "v" } }),
  ]);
  await writeCommit(store, table, 1, [
    remove("b", { deletionTimestamp: NOW }),
    { txn: { appId: "app", version: 7 } },
  ]);
  return table;
}

/** What a reader sees of version 1 that no longer has its commits. */
async function afterCommitsAreGone(lake: TestLake, table: TableRef) {
  const log = join(table.location, "_delta_log");
  for (const name of readdirSync(log))
    if (/^\d+\.json$/.test(name)) rmSync(join(log, name));
  await using tables = new DeltaTables({
    kernel: lake.kernel,
    storeFor: () => localStore(),
    tempDir: join(lake.root, ".temp"),
    maxBytes: 100_000_000,
  });
  const snapshot = await tables.snapshot(table);
  const { statistics } = await scanFiles(snapshot, undefined);
  return {
    paths: await livePaths(snapshot),
    columns: statistics.columns,
    transaction: snapshot.transactions.get("app")?.version,
    names: readdirSync(log).toSorted(),
  };
}

async function checkpointed(
  protocol: object,
  configuration: Readonly<Record<string, string>>,
  sidecarRows?: number,
) {
  await using lake = await testLake();
  const table = await tableWith(lake, protocol, configuration);
  const context = lake.tables.contextOf(table);
  const snapshot = await lake.tables.snapshot(table);
  const before = (await scanFiles(snapshot, undefined)).statistics.columns;
  expect(await writeCheckpoint(context, snapshot, NOW, sidecarRows)).toBe(true);
  const after = await afterCommitsAreGone(lake, table);
  return { before, ...after };
}

const CLASSIC = { protocol: { minReaderVersion: 1, minWriterVersion: 2 } };

describe("a checkpoint alone gives the version it was made of", () => {
  test.each([
    ["classic", CLASSIC, {}, undefined],
    [
      "classic with typed statistics too",
      CLASSIC,
      { "delta.checkpoint.writeStatsAsStruct": "true" },
      undefined,
    ],
    ["C3: V2 in one file", V2, { "delta.checkpointPolicy": "v2" }, undefined],
    ["C3: V2 with sidecars", V2, { "delta.checkpointPolicy": "v2" }, 1],
    ["classic though V2 is supported", V2, {}, undefined],
  ])("%s", async (_name, protocol, configuration, sidecarRows) => {
    const found = await checkpointed(protocol, configuration, sidecarRows);
    expect(found.paths).toEqual(["a b", "c"]);
    expect(found.columns).toEqual(found.before);
    expect(found.transaction).toBe(7n);
    const v2 = "delta.checkpointPolicy" in configuration;
    expect(found.names).toContainEqual(
      expect.stringMatching(
        v2
          ? /^0{19}1\.checkpoint\.[0-9a-f-]{36}\.parquet$/
          : /^0{19}1\.checkpoint\.parquet$/,
      ),
    );
    expect(found.names.includes("_sidecars")).toBe(sidecarRows === 1);
  });

  test("C2: statistics as structs alone survive in the next checkpoint's JSON", async () => {
    await using lake = await testLake();
    const store = localStore();
    const table = await tableWith(lake, CLASSIC, {
      "delta.checkpoint.writeStatsAsJson": "false",
      "delta.checkpoint.writeStatsAsStruct": "true",
    });
    const context = lake.tables.contextOf(table);
    const first = await lake.tables.snapshot(table);
    const before = (await scanFiles(first, undefined)).statistics.columns;
    await writeCheckpoint(context, first, NOW);
    rmSync(join(table.location, "_delta_log", `${"0".repeat(20)}.json`));
    await writeCommit(store, table, 2, [
      metaData(FIELDS, { partitionColumns: ["p"] }),
    ]);
    const next = await lake.tables.snapshot(table);
    expect(await writeCheckpoint(context, next, NOW)).toBe(true);
    const after = await afterCommitsAreGone(lake, table);
    expect(after.paths).toEqual(["a b", "c"]);
    // The decimal's bounds had more digits than a double has: they are left out, never rounded.
    const { d: _exact, ...others } = before;
    expect(after.columns).toMatchObject(others);
  });
});
