import { describe, expect, test } from "vitest";
import { localStore } from "../../object-store/local.ts";
import { MemoryStore } from "../../object-store/memory.ts";
import { scanFiles } from "../../scan/scan.ts";
import type { Action } from "../actions.ts";
import {
  add,
  livePaths,
  metaData,
  PROTOCOL,
  testLake,
  writeCommit,
} from "../delta.testkit.ts";
import { liveFiles, removeAction } from "./live-files.ts";
import { overlayOf } from "./overlay.ts";

const ID = { name: "id", type: "long" };
const stats = (min: number, max: number): object => ({
  stats: `{"numRecords":10,"minValues":{"id":${min}},"maxValues":{"id":${max}},"nullCount":{"id":0}}`,
});
const FIRST = [
  PROTOCOL,
  metaData([ID]),
  add("a", stats(1, 10)),
  add("b", stats(11, 20)),
];

function added(path: string, min: number, max: number): Action {
  return {
    kind: "add",
    add: {
      path,
      partitionValues: {},
      size: 7,
      modificationTime: 1,
      dataChange: true,
      ...stats(min, max),
    },
  };
}

describe("an overlay", () => {
  test("shows added files and hides removed ones; the version below stays as it is", async () => {
    await using lake = await testLake();
    const table = lake.ref("t");
    await writeCommit(localStore(), table, 0, FIRST);
    const base = await lake.tables.snapshot(table);
    const [a] = await liveFiles(base, { kind: "all" });
    if (a === undefined) throw new Error("no file");
    const overlay = await overlayOf(lake.tables.contextOf(table), base, [
      { kind: "remove", remove: removeAction(a, 1) },
      added("new%20file", 100, 200),
    ]);
    expect(await livePaths(overlay.snapshot)).toEqual(["b", "new file"]);
    expect(await livePaths(base)).toEqual(["a", "b"]);
    await overlay.release();
  });

  test("prunes by the statistics of its pending files too", async () => {
    await using lake = await testLake();
    const table = lake.ref("t");
    await writeCommit(localStore(), table, 0, FIRST);
    const base = await lake.tables.snapshot(table);
    const overlay = await overlayOf(lake.tables.contextOf(table), base, [
      added("new", 100, 200),
    ]);
    const keeping = async (text: string) => {
      const { splits, statistics } = await scanFiles(overlay.snapshot, {
        kind: "compare",
        column: ["id"],
        operator: ">=",
        value: { type: { kind: "int8" }, text },
      });
      return [
        splits.map(({ path }) => path.slice(-3)),
        statistics.filesTotal,
        statistics.rowCount,
      ];
    };
    expect(await keeping("150")).toEqual([["new"], 3, 10]);
    expect(await keeping("15")).toEqual([["t/b", "new"], 3, 20]);
    await overlay.release();
  });

  test("D9: the same file with another deletion vector replaces it", async () => {
    const store = new MemoryStore();
    await using lake = await testLake({ store });
    const table = lake.ref("t");
    await writeCommit(store, table, 0, FIRST);
    const base = await lake.tables.snapshot(table);
    const [a] = await liveFiles(base, { kind: "all" });
    if (a === undefined) throw new Error("no file");
    const overlay = await overlayOf(lake.tables.contextOf(table), base, [
      { kind: "remove", remove: removeAction(a, 1) },
      {
        kind: "add",
        add: {
          ...a.add,
          deletionVector: {
            storageType: "i",
            pathOrInlineDv: "^Bg9^0rr910000000000iXQKl0rr91000315c8Xg000f5",
            sizeInBytes: 36,
            cardinality: 2,
          },
        },
      },
    ]);
    const { splits, statistics } = await scanFiles(overlay.snapshot, undefined);
    expect(splits.map((split) => split.deletionVector?.cardinality)).toEqual([
      2,
      undefined,
    ]);
    expect(statistics.rowCount).toBe(18);
    await overlay.release();
  });

  test("gives its kernel table back, and is read again after the version's own table was dropped", async () => {
    await using lake = await testLake({ maxBytes: 1 });
    const [table, other] = [lake.ref("t"), lake.ref("u")];
    await writeCommit(localStore(), table, 0, FIRST);
    await writeCommit(localStore(), other, 0, FIRST);
    const base = await lake.tables.snapshot(table);
    const overlay = await overlayOf(lake.tables.contextOf(table), base, [
      added("new", 1, 2),
    ]);
    await livePaths(await lake.tables.snapshot(other));
    expect(await livePaths(overlay.snapshot)).toEqual(["a", "b", "new"]);
    await overlay.release();
    await expect(livePaths(overlay.snapshot)).rejects.toThrow(/released/);
  });
});
