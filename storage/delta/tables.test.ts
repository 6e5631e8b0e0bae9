import { mkdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { localStore } from "../object-store/local.ts";
import { MemoryStore } from "../object-store/memory.ts";
import { scanFiles } from "../scan/scan.ts";
import {
  add,
  livePaths,
  matching,
  metaData,
  PROTOCOL,
  remove,
  testLake,
  writeCommit,
  writeLog,
} from "./delta.testkit.ts";

const ID = { name: "id", type: "long" };
const FIRST = [PROTOCOL, metaData([ID]), add("a"), add("b")];

describe("snapshots", () => {
  test("an unchanged table costs one listing and no read", async () => {
    const store = new MemoryStore();
    await using lake = await testLake({ store });
    const table = lake.ref("t");
    await writeCommit(store, table, 0, FIRST);
    const first = await lake.tables.snapshot(table);
    const before = { ...store.counts };
    expect(await lake.tables.snapshot(table)).toBe(first);
    expect(store.counts).toEqual({ ...before, list: before.list + 1 });
  });

  test("a new commit is read alone", async () => {
    const store = new MemoryStore();
    await using lake = await testLake({ store });
    const table = lake.ref("t");
    await writeCommit(store, table, 0, FIRST);
    const first = await lake.tables.snapshot(table);
    const before = { ...store.counts };
    await writeCommit(store, table, 1, [remove("a"), add("c")]);
    const second = await lake.tables.snapshot(table);
    expect(store.counts.read - before.read).toBe(1);
    expect(await livePaths(second)).toEqual(["b", "c"]);
    expect(await livePaths(first)).toEqual(["a", "b"]);
  });

  test("a change of the schema is seen, and the older version keeps its own", async () => {
    await using lake = await testLake();
    const store = localStore();
    const table = lake.ref("t");
    await writeCommit(store, table, 0, FIRST);
    const before = await lake.tables.snapshot(table);
    await writeCommit(store, table, 1, [
      metaData([ID, { name: "extra", type: "string" }]),
    ]);
    const after = await lake.tables.snapshot(table);
    expect(after.schema.columns.map((column) => column.name)).toEqual([
      "id",
      "extra",
    ]);
    expect(before.schema.columns).toHaveLength(1);
    expect(await livePaths(before)).toEqual(["a", "b"]);
    const travelled = await lake.tables.snapshot(table, {
      kind: "version",
      version: 0,
    });
    expect(travelled.schema.columns).toHaveLength(1);
  });

  test("a table that was dropped and made again is not taken for the old one", async () => {
    await using lake = await testLake();
    const table = lake.ref("t");
    await writeCommit(localStore(), table, 0, FIRST);
    await lake.tables.snapshot(table);
    rmSync(table.location, { recursive: true });
    await expect(lake.tables.snapshot(table)).rejects.toMatchObject({
      code: "58P01",
    });
    await writeCommit(localStore(), table, 0, [
      PROTOCOL,
      metaData([ID]),
      add("new"),
    ]);
    expect(await livePaths(await lake.tables.snapshot(table))).toEqual(["new"]);
    expect(
      await livePaths(
        await lake.tables.snapshot(table, { kind: "version", version: 0 }),
      ),
    ).toEqual(["new"]);
  });

  test("callers at once share one load, and one that comes later sees what was committed before it came", async () => {
    const store = new MemoryStore();
    await using lake = await testLake({ store });
    const table = lake.ref("t");
    await writeCommit(store, table, 0, FIRST);
    const early = [lake.tables.snapshot(table), lake.tables.snapshot(table)];
    await writeCommit(store, table, 1, [add("c")]);
    const late = await Promise.all([
      lake.tables.snapshot(table),
      lake.tables.snapshot(table),
    ]);
    await Promise.all(early);
    expect(late.map((snapshot) => snapshot.version)).toEqual([1, 1]);
    expect(store.counts.read).toBeLessThanOrEqual(4);
  });

  test("a snapshot whose kernel table was evicted is loaded again when it is used", async () => {
    await using lake = await testLake({ maxBytes: 1 });
    const tables = [lake.ref("x"), lake.ref("y"), lake.ref("z")];
    for (const table of tables)
      await writeCommit(localStore(), table, 0, FIRST);
    const snapshots = await Promise.all(
      tables.map((table) => lake.tables.snapshot(table)),
    );
    for (const snapshot of snapshots)
      expect(await livePaths(snapshot)).toEqual(["a", "b"]);
    expect(lake.tables.usage.entries).toBe(1);
  });

  test("a failed load is not remembered", async () => {
    await using lake = await testLake();
    const table = lake.ref("t");
    await writeCommit(localStore(), table, 0, [PROTOCOL]);
    await expect(lake.tables.snapshot(table)).rejects.toMatchObject({
      code: "XX001",
    });
    await writeCommit(localStore(), table, 0, FIRST);
    expect((await lake.tables.snapshot(table)).version).toBe(0);
  });

  test("P5: characters of glob patterns in a folder's name stand for themselves", async () => {
    await using lake = await testLake();
    const table = lake.ref("a[b]*?'q");
    await writeCommit(localStore(), table, 0, FIRST);
    await writeCommit(localStore(), lake.ref("ab"), 0, [
      PROTOCOL,
      metaData([ID]),
      add("other"),
    ]);
    expect(await livePaths(await lake.tables.snapshot(table))).toEqual([
      "a",
      "b",
    ]);
  });
});

describe("reconciliation", () => {
  test("R2: the newest transaction of an application counts, even a lower one, and a removed domain is gone", async () => {
    await using lake = await testLake();
    const table = lake.ref("t");
    const txn = (appId: string, version: number): object => ({
      txn: { appId, version },
    });
    const domain = (name: string, removed: boolean): object => ({
      domainMetadata: { domain: name, configuration: "{}", removed },
    });
    await writeCommit(localStore(), table, 0, [
      ...FIRST,
      txn("a", 7),
      txn("b", 1),
      domain("x", false),
      domain("y", false),
    ]);
    await writeCommit(localStore(), table, 1, [txn("a", 3), domain("x", true)]);
    const { transactions, domains } = await lake.tables.snapshot(table);
    expect(
      [...transactions].map(([id, { version }]) => `${id} ${version}`),
    ).toEqual(["a 3", "b 1"]);
    expect([...domains.keys()]).toEqual(["y"]);
  });

  test("R3: the newest add of a key replaces its statistics", async () => {
    await using lake = await testLake();
    const table = lake.ref("t");
    await writeCommit(localStore(), table, 0, [
      PROTOCOL,
      metaData([ID]),
      add("a", { stats: '{"numRecords":1}' }),
    ]);
    await writeCommit(localStore(), table, 1, [
      add("a", { stats: '{"numRecords":7}', dataChange: false }),
    ]);
    const { statistics } = await scanFiles(
      await lake.tables.snapshot(table),
      undefined,
    );
    expect(statistics).toMatchObject({ filesKept: 1, rowCount: 7 });
  });

  test("R4: a commit replaces a file's deletion vector in any order of its lines", async () => {
    await using lake = await testLake();
    const vector = (text: string): object => ({
      deletionVector: {
        storageType: "i",
        pathOrInlineDv: text,
        sizeInBytes: 4,
        cardinality: 1,
      },
    });
    for (const order of [0, 1]) {
      const table = lake.ref(`t${order}`);
      await writeCommit(localStore(), table, 0, [
        PROTOCOL,
        metaData([ID]),
        add("a", vector("aaaaa")),
      ]);
      const lines = [remove("a", vector("aaaaa")), add("a", vector("bbbbb"))];
      await writeCommit(
        localStore(),
        table,
        1,
        order === 0 ? lines : lines.toReversed(),
      );
      const { splits } = await scanFiles(
        await lake.tables.snapshot(table),
        undefined,
      );
      expect(splits.map((split) => split.deletionVector?.location)).toEqual([
        "bbbbb",
      ]);
    }
  });

  test("L4, R7: unknown actions and blank lines are skipped", async () => {
    await using lake = await testLake();
    const table = lake.ref("t");
    await writeCommit(localStore(), table, 0, [
      ...FIRST,
      { zap: { a: 1 } },
      { cdc: { path: "c", partitionValues: {}, size: 1 } },
    ]);
    expect(await livePaths(await lake.tables.snapshot(table))).toEqual([
      "a",
      "b",
    ]);
  });

  test("S1, S7: a checkpoint stands on its own and later commits follow it", async () => {
    await using lake = await testLake();
    const store = localStore();
    const table = lake.ref("t");
    const name =
      "00000000000000000005.checkpoint.aaaaaaaa-0000-4000-8000-000000000000.json";
    await writeLog(store, table, name, [
      { checkpointMetadata: { version: 5 } },
      ...FIRST,
    ]);
    expect(await livePaths(await lake.tables.snapshot(table))).toEqual([
      "a",
      "b",
    ]);
    await writeCommit(store, table, 6, [remove("b")]);
    const snapshot = await lake.tables.snapshot(table);
    expect([snapshot.version, await livePaths(snapshot)]).toEqual([6, ["a"]]);
  });

  test("C4: a checkpoint that lacks a sidecar is passed over for an older way to build the version", async () => {
    await using lake = await testLake();
    const store = localStore();
    const table = lake.ref("t");
    await writeCommit(store, table, 0, FIRST);
    await writeCommit(store, table, 1, [add("c")]);
    const name =
      "00000000000000000001.checkpoint.aaaaaaaa-0000-4000-8000-000000000000.json";
    await writeLog(store, table, name, [
      { checkpointMetadata: { version: 1 } },
      PROTOCOL,
      metaData([ID]),
      {
        sidecar: { path: "gone.parquet", sizeInBytes: 1, modificationTime: 1 },
      },
    ]);
    await writeLog(store, table, "_last_checkpoint", [{ version: 1, size: 4 }]);
    expect(await livePaths(await lake.tables.snapshot(table))).toEqual([
      "a",
      "b",
      "c",
    ]);
  });
});

describe("time travel", () => {
  test("I1, I3: a time means the newest version not after it, and file times are made to increase", async () => {
    await using lake = await testLake();
    const table = lake.ref("t");
    const log = join(table.location, "_delta_log");
    const times = [100, 300, 200, 500];
    for (const [version, seconds] of times.entries()) {
      await writeCommit(
        localStore(),
        table,
        version,
        version === 0 ? FIRST : [add(`v${version}`)],
      );
      utimesSync(
        join(log, `${String(version).padStart(20, "0")}.json`),
        seconds,
        seconds,
      );
    }
    const at = async (timestamp: string): Promise<number> =>
      (await lake.tables.snapshot(table, { kind: "timestamp", timestamp }))
        .version;
    expect(await at("1970-01-01 00:01:40+00")).toBe(0);
    expect(await at("1970-01-01 00:04:59.999999+00")).toBe(0);
    expect(await at("1970-01-01 00:05:00+00")).toBe(1);
    expect(await at("1970-01-01 00:05:00.001+00")).toBe(2);
    await expect(at("1970-01-01 00:01:39+00")).rejects.toMatchObject({
      code: "22023",
      detail: /before the oldest/,
    });
    await expect(at("1970-01-01 00:08:21+00")).rejects.toMatchObject({
      code: "22023",
      detail: /after the newest/,
    });
  });

  test("S3: a version that does not exist names those that do", async () => {
    await using lake = await testLake();
    const table = lake.ref("t");
    await writeCommit(localStore(), table, 0, FIRST);
    await expect(
      lake.tables.snapshot(table, { kind: "version", version: 4 }),
    ).rejects.toMatchObject({
      code: "22023",
      detail: "Versions 0 to 0 can be read.",
    });
  });
});

describe("damage", () => {
  test("L6: a line that is not JSON names file and line", async () => {
    await using lake = await testLake();
    const table = lake.ref("t");
    const log = join(table.location, "_delta_log");
    mkdirSync(log, { recursive: true });
    writeFileSync(
      join(log, "00000000000000000000.json"),
      `${FIRST.map((line) => JSON.stringify(line)).join("\n")}\n{"add":\n`,
    );
    await expect(lake.tables.snapshot(table)).rejects.toMatchObject({
      code: "XX001",
      message: 'log of table "t" is damaged',
      detail: 'File "00000000000000000000.json": line 5 is not a JSON object.',
    });
  });

  test("a checkpoint that is no parquet file names the file", async () => {
    await using lake = await testLake();
    const table = lake.ref("t");
    const log = join(table.location, "_delta_log");
    mkdirSync(log, { recursive: true });
    writeFileSync(
      join(log, "00000000000000000003.checkpoint.parquet"),
      "this is not a parquet file at all",
    );
    await expect(lake.tables.snapshot(table)).rejects.toMatchObject({
      code: "XX001",
      detail: matching(/00000000000000000003\.checkpoint\.parquet/),
    });
  });

  test("two columns that differ by case alone are refused", async () => {
    await using lake = await testLake();
    const table = lake.ref("t");
    await writeCommit(localStore(), table, 0, [
      PROTOCOL,
      metaData([ID, { name: "ID", type: "long" }]),
    ]);
    await expect(lake.tables.snapshot(table)).rejects.toMatchObject({
      code: "42701",
    });
  });

  test("a column of a type we do not know is refused by its name", async () => {
    await using lake = await testLake();
    const table = lake.ref("t");
    await writeCommit(localStore(), table, 0, [
      PROTOCOL,
      metaData([{ name: "span", type: "interval day" }]),
    ]);
    await expect(lake.tables.snapshot(table)).rejects.toMatchObject({
      code: "0A000",
      message:
        'table "t" cannot be read: column "span" has type "interval day", which is not supported',
    });
  });
});
