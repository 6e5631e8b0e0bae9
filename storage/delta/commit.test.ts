import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { INT4, TEXT } from "../common/data-type.ts";
import type { Schema } from "../common/schema.ts";
import { localStore } from "../object-store/local.ts";
import { MemoryStore } from "../object-store/memory.ts";
import type { Action } from "./actions.ts";
import { commit, type CommitRequest } from "./commit.ts";
import { createTable } from "./create.ts";
import { newDefinition } from "./definition/definition.ts";
import {
  add,
  fileAction,
  livePaths,
  metaData,
  PROTOCOL,
  remove,
  testLake,
  writeCommit,
  type TestLake,
} from "./delta.testkit.ts";
import { history } from "./maintenance/history.ts";
import type { TableRef } from "./table-ref.ts";

const SCHEMA: Schema = {
  columns: [
    { name: "day", type: TEXT, nullable: true },
    { name: "id", type: INT4, nullable: true },
  ],
};

function append(
  readVersion: number,
  paths: readonly string[],
  extra: Partial<CommitRequest> = {},
): CommitRequest {
  return {
    readVersion,
    actions: paths.map((path) => fileAction(path, SCHEMA, ["a"])),
    operation: "WRITE",
    operationParameters: { mode: "Append" },
    reads: { kind: "nothing" },
    ...extra,
  };
}

async function made(
  lake: TestLake,
  properties: Readonly<Record<string, string>> = {},
): Promise<TableRef> {
  const table = lake.ref("t");
  await createTable(
    lake.tables,
    table,
    {
      definition: newDefinition(
        table.name,
        {
          columns: SCHEMA.columns,
          partitionColumns: ["day"],
          properties,
          createdTime: 0,
        },
        undefined,
      ),
    },
    clock(),
  );
  return table;
}

function clock(): () => number {
  let now = 1_700_000_000_000;
  return () => (now += 1000);
}

const removal = (path: string): Action => ({
  kind: "remove",
  remove: { path, dataChange: true, deletionTimestamp: 1 },
});

describe("commit", () => {
  test("W2: a new table is reader 1 and writer 2, and a second creation is refused", async () => {
    await using lake = await testLake();
    const table = await made(lake);
    const snapshot = await lake.tables.snapshot(table);
    expect(snapshot.version).toBe(0);
    expect(snapshot.protocol).toEqual({
      minReaderVersion: 1,
      minWriterVersion: 2,
    });
    expect(
      snapshot.schema.columns.map((column) => [column.name, column.type.kind]),
    ).toEqual([
      ["day", "text"],
      ["id", "int4"],
    ]);
    await expect(made(lake)).rejects.toMatchObject({ code: "42P07" });
  });

  test("F4: a timestamp column without zone makes a table with its feature", async () => {
    await using lake = await testLake();
    const table = lake.ref("n");
    const schema: Schema = {
      columns: [
        {
          name: "at",
          type: { kind: "timestamp" },
          nullable: false,
          comment: "when",
        },
      ],
    };
    await createTable(
      lake.tables,
      table,
      {
        definition: newDefinition(
          table.name,
          { columns: schema.columns, partitionColumns: [], createdTime: 0 },
          undefined,
        ),
      },
      clock(),
    );
    const snapshot = await lake.tables.snapshot(table);
    expect(snapshot.protocol.readerFeatures).toEqual(["timestampNtz"]);
    expect(snapshot.schema).toEqual(schema);
  });

  test("an append is seen by the next snapshot, and the one before keeps its files", async () => {
    await using lake = await testLake();
    const table = await made(lake);
    const before = await lake.tables.snapshot(table);
    const outcome = await commit(
      lake.tables,
      table,
      append(0, ["day=a/x y.parquet"]),
      clock(),
    );
    expect(outcome).toMatchObject({ kind: "committed", version: 1 });
    expect(await livePaths(await lake.tables.snapshot(table))).toEqual([
      "day=a/x y.parquet",
    ]);
    expect(await livePaths(before)).toEqual([]);
  });

  test("X6: a blind append moves behind the appends that won the race", async () => {
    await using lake = await testLake();
    const table = await made(lake);
    const now = clock();
    for (const path of ["a", "b", "c"]) {
      expect(
        await commit(lake.tables, table, append(0, [path]), now),
      ).toMatchObject({ kind: "committed" });
    }
    const snapshot = await lake.tables.snapshot(table);
    expect(snapshot.version).toBe(3);
    expect(await livePaths(snapshot)).toEqual(["a", "b", "c"]);
  });

  test("W1, X1: of many writers at once each gets a version of its own", async () => {
    await using lake = await testLake();
    const table = await made(lake);
    const now = clock();
    const outcomes = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        commit(lake.tables, table, append(0, [`f${index}`]), now),
      ),
    );
    const versions = outcomes.map((outcome) =>
      outcome.kind === "committed" ? outcome.version : -1,
    );
    expect(versions.toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 12 }, (_, index) => index + 1),
    );
    expect(await livePaths(await lake.tables.snapshot(table))).toHaveLength(12);
  });

  test("X2: a change of the table's metadata conflicts with a blind append too", async () => {
    await using lake = await testLake();
    const table = await made(lake);
    const { metadata } = await lake.tables.snapshot(table);
    const change: Action = {
      kind: "metaData",
      metadata: { ...metadata, configuration: { a: "b" } },
    };
    await commit(
      lake.tables,
      table,
      append(0, [], { actions: [change] }),
      clock(),
    );
    const outcome = await commit(lake.tables, table, append(0, ["x"]), clock());
    expect(outcome).toMatchObject({ kind: "conflict", winner: { version: 1 } });
  });

  test("X3: an append that matches what was read conflicts, one in another partition does not", async () => {
    await using lake = await testLake();
    const table = await made(lake);
    await commit(lake.tables, table, append(0, ["won"]), clock());
    const reading = (text: string): Partial<CommitRequest> => ({
      reads: {
        kind: "predicates",
        predicates: [
          {
            kind: "compare",
            column: ["day"],
            operator: "=",
            value: { type: TEXT, text },
          },
        ],
      },
    });
    const same = await commit(
      lake.tables,
      table,
      append(0, ["x"], reading("a")),
      clock(),
    );
    expect(same).toMatchObject({
      kind: "conflict",
      winner: { reason: "added a file that should have been read" },
    });
    const other = await commit(
      lake.tables,
      table,
      append(0, ["x"], reading("b")),
      clock(),
    );
    expect(other).toMatchObject({ kind: "committed", version: 2 });
  });

  test("X4: two commits that remove one file conflict", async () => {
    await using lake = await testLake();
    const table = await made(lake);
    await commit(lake.tables, table, append(0, ["x"]), clock());
    const request = append(1, [], {
      actions: [removal("x")],
      reads: { kind: "predicates", predicates: [] },
    });
    expect(await commit(lake.tables, table, request, clock())).toMatchObject({
      kind: "committed",
      version: 2,
    });
    expect(await commit(lake.tables, table, request, clock())).toMatchObject({
      kind: "conflict",
    });
  });

  test("X5: a transaction identifier written by the winner conflicts", async () => {
    await using lake = await testLake();
    const table = await made(lake);
    const actions: readonly Action[] = [
      { kind: "txn", txn: { appId: "s", version: 1n } },
    ];
    await commit(lake.tables, table, append(0, [], { actions }), clock());
    expect(
      await commit(lake.tables, table, append(0, [], { actions }), clock()),
    ).toMatchObject({ kind: "conflict" });
    expect(
      (await lake.tables.snapshot(table)).transactions.get("s")?.version,
    ).toBe(1n);
  });

  test("W4: a table for appends only refuses a commit that removes rows", async () => {
    await using lake = await testLake();
    const table = await made(lake, { "delta.appendOnly": "true" });
    await commit(lake.tables, table, append(0, ["x"]), clock());
    const request = append(1, [], {
      actions: [removal("x")],
      reads: { kind: "table" },
    });
    await expect(
      commit(lake.tables, table, request, clock()),
    ).rejects.toMatchObject({ code: "0A000" });
  });

  test("F1: a table with a writer feature we do not know is not written", async () => {
    await using lake = await testLake();
    const table = lake.ref("f");
    const protocol = {
      protocol: {
        minReaderVersion: 1,
        minWriterVersion: 7,
        writerFeatures: ["icebergCompatV2"],
      },
    };
    await writeCommit(localStore(), table, 0, [
      protocol,
      metaData([{ name: "id", type: "integer" }]),
    ]);
    await expect(
      commit(lake.tables, table, append(0, ["x"]), clock()),
    ).rejects.toMatchObject({
      code: "0A000",
      message:
        'table "f" needs writer feature "icebergCompatV2", which is not supported',
    });
  });

  test("F3: a feature that is active and not kept stops writing, one that is only supported does not", async () => {
    await using lake = await testLake();
    const store = localStore();
    const legacy = { protocol: { minReaderVersion: 1, minWriterVersion: 6 } };
    const plain = lake.ref("plain");
    await writeCommit(store, plain, 0, [
      legacy,
      metaData([{ name: "id", type: "integer" }]),
    ]);
    expect(
      await commit(lake.tables, plain, append(0, ["x"]), clock()),
    ).toMatchObject({ kind: "committed" });
    const variant = lake.ref("variant");
    const features = ["variantType"];
    await writeCommit(store, variant, 0, [
      {
        protocol: {
          minReaderVersion: 3,
          minWriterVersion: 7,
          readerFeatures: features,
          writerFeatures: features,
        },
      },
      metaData([
        {
          name: "v",
          type: { type: "array", elementType: "variant", containsNull: true },
        },
      ]),
    ]);
    await expect(
      commit(lake.tables, variant, append(0, ["x"]), clock()),
    ).rejects.toMatchObject({ code: "0A000" });
  });

  test("I2: in-commit timestamps increase even when the clock stands still", async () => {
    await using lake = await testLake();
    const table = lake.ref("t");
    const definition = newDefinition(
      table.name,
      {
        columns: SCHEMA.columns,
        partitionColumns: [],
        properties: { "delta.enableInCommitTimestamps": "true" },
        createdTime: 0,
      },
      undefined,
    );
    await createTable(lake.tables, table, { definition }, () => 5000);
    await commit(lake.tables, table, append(0, ["x"]), () => 5000);
    await commit(lake.tables, table, append(1, ["y"]), () => 4000);
    const entries = await history(lake.tables, table, 10);
    expect(entries.map((entry) => entry.timestampMs)).toEqual([
      5002, 5001, 5000,
    ]);
    expect(entries[0]?.commitInfo).toMatchObject({
      operation: "WRITE",
      isBlindAppend: true,
      readVersion: 1,
    });
  });

  test("I2: a table that begins to keep in-commit timestamps says since when", async () => {
    await using lake = await testLake();
    const table = await made(lake);
    const { metadata } = await lake.tables.snapshot(table);
    const configuration = { "delta.enableInCommitTimestamps": "true" };
    await commit(
      lake.tables,
      table,
      {
        readVersion: 0,
        actions: [
          { kind: "metaData", metadata: { ...metadata, configuration } },
        ],
        operation: "SET TBLPROPERTIES",
        operationParameters: {},
        reads: { kind: "nothing" },
      },
      () => 7000,
    );
    expect((await lake.tables.snapshot(table)).properties).toEqual({
      ...configuration,
      "delta.inCommitTimestampEnablementVersion": "1",
      "delta.inCommitTimestampEnablementTimestamp": "7000",
    });
    const [entry] = await history(lake.tables, table, 1);
    expect(entry?.commitInfo).toMatchObject({ inCommitTimestamp: 7000 });
  });

  test("W3: a commit whose answer got lost is found by reading it back, and not written twice", async () => {
    const store = new MemoryStore(() => 1);
    await using lake = await testLake({ store });
    const table = await made(lake);
    store.loseAnswers(1);
    expect(
      await commit(lake.tables, table, append(0, ["x"]), clock()),
    ).toMatchObject({ kind: "committed", version: 1 });
    expect((await lake.tables.snapshot(table)).version).toBe(1);
  });

  test("C5: every tenth commit is followed by a checkpoint that alone gives the same snapshot", async () => {
    await using lake = await testLake();
    const table = await made(lake);
    const now = clock();
    for (let version = 0; version < 10; version += 1) {
      const actions: Action[] = [
        fileAction(`day=a/f${version} %.parquet`, SCHEMA, ["a"]),
      ];
      if (version === 5) actions.push(removal("day=a/f1%20%25.parquet"));
      if (version === 6)
        actions.push({
          kind: "txn",
          txn: { appId: "app", version: 9223372036854775807n },
        });
      const outcome = await commit(
        lake.tables,
        table,
        append(version, [], { actions }),
        now,
      );
      expect(outcome).toMatchObject({
        kind: "committed",
        checkpoint: { kind: version === 9 ? "written" : "not due" },
      });
    }
    const before = await lake.tables.snapshot(table);
    const paths = await livePaths(before);
    expect(paths).toHaveLength(9);
    const log = join(table.location, "_delta_log");
    for (let version = 0; version <= 10; version += 1)
      rmSync(join(log, `${String(version).padStart(20, "0")}.json`));
    const left = readdirSync(log).filter((name) => !name.endsWith(".crc"));
    expect(left.toSorted()).toEqual([
      "00000000000000000010.checkpoint.parquet",
      "_last_checkpoint",
    ]);
    const after = await lake.tables.snapshot(table);
    expect(await livePaths(after)).toEqual(paths);
    expect(after).toMatchObject({
      version: 10,
      schema: before.schema,
      protocol: before.protocol,
      metadata: before.metadata,
    });
    expect(after.transactions.get("app")?.version).toBe(9223372036854775807n);
  });

  test("R6: a checkpoint keeps tombstones that have not expired, and drops older ones", async () => {
    await using lake = await testLake();
    const store = localStore();
    const table = lake.ref("t");
    await writeCommit(store, table, 0, [
      PROTOCOL,
      metaData([{ name: "id", type: "integer" }]),
      add("a"),
      add("b"),
      add("c"),
    ]);
    const day = 86_400_000;
    await writeCommit(store, table, 1, [
      remove("a", { deletionTimestamp: 100 * day }),
      remove("b", { deletionTimestamp: 110 * day }),
    ]);
    for (let version = 1; version < 10; version += 1) {
      await commit(
        lake.tables,
        table,
        append(version, [], { actions: [] }),
        () => 112 * day,
      );
    }
    const connection = await lake.kernel.connect();
    const file = join(
      table.location,
      "_delta_log",
      "00000000000000000010.checkpoint.parquet",
    );
    const rows = await connection.runAndReadAll(
      `SELECT remove.path FROM '${file}' WHERE remove.path IS NOT NULL`,
    );
    connection.closeSync();
    expect(rows.getRows()).toEqual([["b"]]);
  });
});
