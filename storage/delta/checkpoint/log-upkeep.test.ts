// Version checksums and the clean-up of the log.

import {
  existsSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { localStore } from "../../object-store/local.ts";
import { INT8 } from "../../common/data-type.ts";
import type { Action } from "../actions.ts";
import { writeCheckpoint } from "./checkpoint-write.ts";
import { commit, type CommitRequest } from "../commit.ts";
import {
  fileAction,
  livePaths,
  metaData,
  PROTOCOL,
  testLake,
  writeCommit,
  type TestLake,
} from "../delta.testkit.ts";
import { cleanLog } from "./log-cleanup.ts";
import type { TableRef } from "../table-ref.ts";
import { DeltaTables } from "../tables.ts";

const SCHEMA = { columns: [{ name: "id", type: INT8, nullable: true }] };
const DAY_MS = 86_400_000;
const V2 = {
  protocol: {
    minReaderVersion: 3,
    minWriterVersion: 7,
    readerFeatures: ["v2Checkpoint"],
    writerFeatures: ["v2Checkpoint"],
  },
};

async function made(
  lake: TestLake,
  properties: Readonly<Record<string, string>> = {},
): Promise<TableRef> {
  const table = lake.ref("t");
  const v2 = "delta.checkpointPolicy" in properties;
  await writeCommit(localStore(), table, 0, [
    v2 ? V2 : PROTOCOL,
    metaData([{ name: "id", type: "long" }], { configuration: properties }),
  ]);
  return table;
}

function request(
  readVersion: number,
  actions: readonly Action[],
): CommitRequest {
  return {
    readVersion,
    actions,
    operation: "WRITE",
    operationParameters: {},
    reads: { kind: "nothing" },
  };
}

function logNames(table: TableRef): readonly string[] {
  return readdirSync(join(table.location, "_delta_log")).toSorted();
}

function name(version: number, end: string): string {
  return `${String(version).padStart(20, "0")}.${end}`;
}

describe("version checksums", () => {
  test("W7: a commit is followed by the table's totals, protocol and metadata", async () => {
    await using lake = await testLake();
    const table = await made(lake);
    await commit(
      lake.tables,
      table,
      request(0, [fileAction("a", SCHEMA), fileAction("b", SCHEMA)]),
      Date.now,
    );
    const gone: Action = {
      kind: "remove",
      remove: { path: "a", dataChange: true, deletionTimestamp: 1, size: 100 },
    };
    const txn: Action = { kind: "txn", txn: { appId: "x", version: 5n } };
    await commit(lake.tables, table, request(1, [gone, txn]), Date.now);
    const crc: unknown = JSON.parse(
      readFileSync(join(table.location, "_delta_log", name(2, "crc")), "utf8"),
    );
    expect(crc).toMatchObject({
      tableSizeBytes: 100,
      numFiles: 1,
      numMetadata: 1,
      numProtocol: 1,
      setTransactions: [{ appId: "x", version: 5 }],
      domainMetadata: [],
      metadata: { partitionColumns: [] },
      protocol: { minReaderVersion: 1 },
    });
  });

  test("W7: without the size of a removed file there is none, and the commit stands", async () => {
    await using lake = await testLake();
    const table = await made(lake);
    await commit(
      lake.tables,
      table,
      request(0, [fileAction("a", SCHEMA)]),
      Date.now,
    );
    const gone: Action = {
      kind: "remove",
      remove: { path: "a", dataChange: true, deletionTimestamp: 1 },
    };
    await commit(lake.tables, table, request(1, [gone]), Date.now);
    expect(logNames(table)).not.toContain(name(2, "crc"));
    expect(await livePaths(await lake.tables.snapshot(table))).toEqual([]);
  });

  test.each([
    ["true to the log", (text: string) => text, []],
    [
      "wrong",
      (text: string) => text.replace('"numFiles":1', '"numFiles":7'),
      ["numFiles is 1, the checksum says 7"],
    ],
    ["damaged", () => "{", []],
  ])("W7: a checksum that is %s changes no row", async (_what, edit, told) => {
    await using lake = await testLake();
    const table = await made(lake);
    await commit(
      lake.tables,
      table,
      request(0, [fileAction("a", SCHEMA)]),
      Date.now,
    );
    const file = join(table.location, "_delta_log", name(1, "crc"));
    writeFileSync(file, edit(readFileSync(file, "utf8")));
    const reasons: string[] = [];
    await using tables = new DeltaTables({
      kernel: lake.kernel,
      storeFor: () => localStore(),
      tempDir: join(lake.root, ".temp"),
      maxBytes: 1_000_000,
      onChecksumMismatch: (_table, reason) => reasons.push(reason),
    });
    expect(await livePaths(await tables.snapshot(table))).toEqual(["a"]);
    expect(reasons).toEqual(told);
  });
});

describe("log clean-up", () => {
  /** Versions 0 to 9 with checkpoints of 3 and 6; version v was committed 40 - 4 v days ago. */
  async function aged(
    lake: TestLake,
    properties: Readonly<Record<string, string>> = {},
  ): Promise<TableRef> {
    const table = await made(lake, {
      "delta.checkpointInterval": "100",
      ...properties,
    });
    for (let version = 0; version < 9; version += 1) {
      await commit(
        lake.tables,
        table,
        request(version, [fileAction(`f${version}`, SCHEMA)]),
        Date.now,
      );
      if (version + 1 === 3 || version + 1 === 6)
        await writeCheckpoint(
          lake.tables.contextOf(table),
          await lake.tables.snapshot(table),
          Date.now(),
        );
    }
    for (const file of logNames(table)) {
      const version = Number.parseInt(file, 10);
      const seconds = (Date.now() - (40 - 4 * version) * DAY_MS) / 1000;
      if (!Number.isNaN(version))
        utimesSync(join(table.location, "_delta_log", file), seconds, seconds);
    }
    return table;
  }

  test("C7: what lies before the newest expired checkpoint goes, that checkpoint and its commit stay", async () => {
    await using lake = await testLake();
    const table = await aged(lake, {
      "delta.logRetentionDuration": "interval 20 days",
    });
    const context = lake.tables.contextOf(table);
    const before = await livePaths(await lake.tables.snapshot(table));
    // Version 5 is 20 days old: checkpoint 3 is the newest that has expired.
    expect(
      await cleanLog(context, await lake.tables.snapshot(table), Date.now()),
    ).toBeGreaterThan(0);
    const names = logNames(table);
    expect(names.filter((file) => Number.parseInt(file, 10) < 3)).toEqual([]);
    expect(names).toEqual(
      expect.arrayContaining([
        name(3, "checkpoint.parquet"),
        name(3, "json"),
        name(9, "json"),
      ]),
    );
    lake.tables.forget(table);
    expect(await livePaths(await lake.tables.snapshot(table))).toEqual(before);
    const third = await lake.tables.snapshot(table, {
      kind: "version",
      version: 3,
    });
    expect(await livePaths(third)).toEqual(["f0", "f1", "f2"]);
    await expect(
      lake.tables.snapshot(table, { kind: "version", version: 2 }),
    ).rejects.toMatchObject({ code: "22023" });
  });

  test.each([
    [
      {
        "delta.enableExpiredLogCleanup": "false",
        "delta.logRetentionDuration": "interval 1 day",
      },
    ],
    [{ "delta.logRetentionDuration": "interval 30 days" }],
  ])("C7: nothing goes with %o", async (properties) => {
    await using lake = await testLake();
    const table = await aged(lake, properties);
    const names = logNames(table);
    const snapshot = await lake.tables.snapshot(table);
    expect(
      await cleanLog(lake.tables.contextOf(table), snapshot, Date.now()),
    ).toBe(0);
    expect(logNames(table)).toEqual(names);
  });

  test("C7: sidecars no checkpoint names go after a day, and temporary files of ended writers too", async () => {
    await using lake = await testLake();
    const table = await made(lake, {
      "delta.checkpointPolicy": "v2",
    });
    await commit(
      lake.tables,
      table,
      request(0, [fileAction("a", SCHEMA), fileAction("b", SCHEMA)]),
      Date.now,
    );
    const context = lake.tables.contextOf(table);
    const snapshot = await lake.tables.snapshot(table);
    await writeCheckpoint(context, snapshot, Date.now(), 1);
    const log = join(table.location, "_delta_log");
    const named = readdirSync(join(log, "_sidecars"));
    expect(named.length).toBeGreaterThan(1);
    const old = Date.now() / 1000 - 2 * 86_400;
    const leftover = join(
      log,
      `.${name(1, "json")}.0b4f6c1e-6b8e-4a34-9a55-2f4a5b6c7d8e.tmp`,
    );
    for (const file of [join(log, "_sidecars", "orphan.parquet"), leftover])
      writeFileSync(file, "x");
    writeFileSync(join(log, "_sidecars", "young.parquet"), "x");
    for (const file of [
      ...named.map((one) => join(log, "_sidecars", one)),
      join(log, "_sidecars", "orphan.parquet"),
      leftover,
    ])
      utimesSync(file, old, old);
    expect(await cleanLog(context, snapshot, Date.now())).toBe(2);
    expect(existsSync(leftover)).toBe(false);
    expect(readdirSync(join(log, "_sidecars")).toSorted()).toEqual(
      [...named, "young.parquet"].toSorted(),
    );
  });
});
