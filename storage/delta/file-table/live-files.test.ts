import { describe, expect, test } from "vitest";
import { localStore } from "../../object-store/local.ts";
import type { Action } from "../actions.ts";
import {
  add,
  matching,
  metaData,
  PROTOCOL,
  testLake,
  writeCommit,
  type TestLake,
} from "../delta.testkit.ts";
import {
  planRowDeletion,
  vectorActions,
} from "../deletion-vector/delete-rows.ts";
import { readDeletionVector } from "../deletion-vector/deletion-vector.ts";
import { liveFiles, removeAction, type LiveFile } from "./live-files.ts";
import { printAction } from "../print-action.ts";
import { rowSetOf, rowsOf } from "../deletion-vector/row-set.ts";
import type { Snapshot } from "../snapshot.ts";

const FIELDS = [
  { name: "day", type: "date" },
  { name: "id", type: "long" },
  { name: "name", type: "string" },
  { name: "at", type: "timestamp" },
  { name: "price", type: "decimal(10,2)" },
  { name: "f", type: "double" },
];
const STATS =
  '{"numRecords":10,"minValues":{"id":-5,"name":"a","at":"2021-01-01T10:00:00.123Z","price":1.50,"f":-0.5},"maxValues":{"id":9223372036854775807,"name":"zz","at":"2021-01-02T10:00:00.999Z","price":99.25,"f":"Infinity"},"nullCount":{"id":0,"name":2,"at":0,"price":0,"f":1}}';
/** As another writer may spell it: our own spelling of this path would differ. */
const SPELLED = "day=2020-01-01/part(1)%2520x!.parquet";

async function tableOf(lake: TestLake, extra: object = {}): Promise<Snapshot> {
  const table = lake.ref("t");
  await writeCommit(localStore(), table, 0, [
    PROTOCOL,
    metaData(FIELDS, { partitionColumns: ["day"] }),
    add(SPELLED, {
      partitionValues: { day: "2020-01-01" },
      stats: STATS,
      ...extra,
    }),
    add("plain.parquet", {
      partitionValues: { day: null },
      stats: '{"numRecords":3}',
    }),
  ]);
  return lake.tables.snapshot(table);
}

function named(files: readonly LiveFile[], part: string): LiveFile {
  const found = files.find(({ path }) => path.includes(part));
  if (found === undefined) throw new Error(`no file named ${part}`);
  return found;
}

describe("live files", () => {
  test("P1: a removed file is named as its writer spelled it", async () => {
    await using lake = await testLake();
    const snapshot = await tableOf(lake);
    const files = await liveFiles(snapshot, { kind: "all" });
    const file = named(files, "part(1)%20x!.parquet");
    expect(removeAction(file, 77)).toEqual({
      path: SPELLED,
      deletionTimestamp: 77,
      dataChange: true,
      extendedFileMetadata: true,
      partitionValues: { day: "2020-01-01" },
      size: 100,
    });
  });

  test("K8, D9: statistics come back with bounds that hold, marked as wide", async () => {
    await using lake = await testLake();
    const snapshot = await tableOf(lake);
    const files = await liveFiles(snapshot, { kind: "all" });
    const { add: again } = named(files, "part(1)");
    expect(again.stats).toBe(`${STATS.slice(0, -1)},"tightBounds":false}`);
    expect(again.stats).toContain("9223372036854775807");
  });

  test("files are chosen by path and by predicate", async () => {
    await using lake = await testLake();
    const snapshot = await tableOf(lake);
    const path = `${snapshot.table.location}/plain.parquet`;
    const byPath = await liveFiles(snapshot, {
      kind: "paths",
      paths: [path, `${snapshot.table.location}/gone.parquet`],
    });
    expect(byPath.map((file) => [file.path, file.partitionValues])).toEqual([
      [path, [null]],
    ]);
    const byPredicate = await liveFiles(snapshot, {
      kind: "matching",
      predicate: { kind: "is-null", column: ["day"], negated: true },
    });
    expect(byPredicate.map(({ rowCount }) => rowCount)).toEqual([10]);
  });
});

describe("deleting rows", () => {
  test("D9: a new vector contains the rows deleted before; the pair of actions names the old one", async () => {
    await using lake = await testLake();
    const store = localStore();
    const first = await tableOf(lake);
    const path = `${first.table.location}/plain.parquet`;
    const once = await planRowDeletion(
      store,
      first,
      new Map([[path, rowSetOf([1])]]),
    );
    expect(once.whole).toEqual([]);
    const actions = await vectorActions(store, first, once.partial, 5);
    await commitLines(first, 1, actions);
    const second = await lake.tables.snapshot(first.table);
    const twice = await planRowDeletion(
      store,
      second,
      new Map([[path, rowSetOf([0])]]),
    );
    const [removed, added] = await vectorActions(
      store,
      second,
      twice.partial,
      6,
    );
    expect(removed).toMatchObject({
      kind: "remove",
      remove: { deletionVector: vectorOf(actions) },
    });
    expect(added).toMatchObject({
      kind: "add",
      add: {
        deletionVector: { cardinality: 2 },
        stats: matching(/"numRecords":3,"tightBounds":false/),
      },
    });
    await commitLines(
      second,
      2,
      [removed, added].filter((one) => one !== undefined),
    );
    const [file] = await liveFiles(await lake.tables.snapshot(first.table), {
      kind: "paths",
      paths: [path],
    });
    if (file?.deletionVector === undefined) throw new Error("no vector");
    const rows = await readDeletionVector(store, file.deletionVector);
    expect([...rowsOf(rows)]).toEqual([0, 1]);
  });

  test("D9: a file whose last row goes is removed whole", async () => {
    await using lake = await testLake();
    const snapshot = await tableOf(lake);
    const path = `${snapshot.table.location}/plain.parquet`;
    const { whole, partial } = await planRowDeletion(
      localStore(),
      snapshot,
      new Map([[path, rowSetOf([0, 1, 2])]]),
    );
    expect(whole.map((file) => file.path)).toEqual([path]);
    expect(partial).toEqual([]);
  });
});

function vectorOf(actions: readonly Action[]): unknown {
  const added = actions.find((action) => action.kind === "add");
  return added?.kind === "add" ? added.add.deletionVector : undefined;
}

async function commitLines(
  { table }: Snapshot,
  version: number,
  actions: readonly Action[],
): Promise<void> {
  const lines = actions.map((action): unknown =>
    JSON.parse(printAction(action)),
  );
  await writeCommit(
    localStore(),
    table,
    version,
    lines.filter((line) => typeof line === "object" && line !== null),
  );
}
