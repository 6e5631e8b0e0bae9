import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DataType } from "../../../storage/common/data-type.ts";
import { rowsOf } from "../../../storage/delta/deletion-vector/row-set.ts";
import { DEFAULT_OUTPUT } from "../../session/result.ts";
import {
  FRAME,
  type ChangeDrafts,
  type ChangeOutput,
  type FileDraft,
} from "../fragment.ts";
import { decodePositions, decodeRows, type Frame } from "../frames.ts";
import {
  fragmentOf,
  layout,
  readAll,
  scanOf,
  testNode,
  type TestNode,
} from "./node.testkit.ts";

const INT2: DataType = { kind: "int2" };
const INT4: DataType = { kind: "int4" };
const INT8: DataType = { kind: "int8" };
const TEXT: DataType = { kind: "text" };
const TABLE = layout([
  ["a", INT4],
  ["t", TEXT],
]);
const PLACE = [INT2, TEXT, INT8];

let node: TestNode;
beforeAll(async () => {
  node = await testNode();
});
afterAll(() => node[Symbol.asyncDispose]());

let tables = 0;

interface Change {
  readonly rows: string;
  readonly types: readonly DataType[];
  readonly output?: Partial<ChangeOutput>;
  readonly partitionColumns?: readonly string[];
}

async function change({
  rows,
  types,
  output = {},
  partitionColumns = [],
}: Change): Promise<{
  readonly location: string;
  readonly frames: readonly Frame[];
}> {
  const location = join(node.dir, `changed ${++tables}`);
  mkdirSync(location);
  const names = types.map((_, index) => `c${index + 1}`);
  const frames = await node.frames(
    fragmentOf(`SELECT * FROM (${rows}) AS v(${names.join(", ")})`, types, {
      output: {
        kind: "change",
        target: {
          location,
          layout: { ...TABLE, partitionColumns },
          tracked: [],
          targetFileBytes: 128_000_000,
          indexedColumns: 32,
          checked: false,
        },
        after: true,
        before: false,
        duplicates: "refuse",
        ...output,
      },
    }),
  );
  return { location, frames };
}

function changesOf(frames: readonly Frame[]): ChangeDrafts {
  const frame = frames.find(({ kind }) => kind === FRAME.changes);
  return JSON.parse(
    Buffer.from(frame?.payload ?? []).toString("utf8"),
  ) as ChangeDrafts;
}

function positionsOf(
  frames: readonly Frame[],
): readonly (readonly [string, readonly number[]])[] {
  return frames
    .filter(({ kind }) => kind === FRAME.positions)
    .map(({ payload }) => {
      const { path, rows } = decodePositions(payload);
      return [path, [...rowsOf(rows)]] as const;
    });
}

function rowsIn(
  location: string,
  drafts: readonly FileDraft[],
  table = TABLE,
): Promise<readonly unknown[]> {
  const splits = drafts.map(({ path, sizeBytes, partitionValues }) => ({
    path: join(location, path),
    sizeBytes,
    partitionValues,
  }));
  return node.rows(readAll(scanOf(table, splits)));
}

const INSERT_UPDATE_DELETE = `VALUES
  (1::SMALLINT, '/l/b', 7::BIGINT, 1::INT, 'new', 1::INT, 'old'),
  (0, NULL, NULL, 2, 'inserted', NULL, NULL),
  (2, '/l/a', 70000, NULL, NULL, 3, 'gone'),
  (2, '/l/b', 0, NULL, NULL, 4, 'gone too')`;

describe("changed rows", () => {
  test("are told by file and position; only what is new is written", async () => {
    const { location, frames } = await change({
      rows: INSERT_UPDATE_DELETE,
      types: [...PLACE, INT4, TEXT, INT4, TEXT],
      output: { before: true },
    });
    expect(positionsOf(frames)).toEqual([
      ["/l/a", [70_000]],
      ["/l/b", [0, 7]],
    ]);
    const changes = changesOf(frames);
    expect(changes).toMatchObject({ inserted: 1, updated: 1, deleted: 2 });
    expect(await rowsIn(location, changes.added)).toEqual([
      ["1", "new"],
      ["2", "inserted"],
    ]);
  });

  test("G1, G4: change data tells each of them, updates by the old and the new row", async () => {
    const { location, frames } = await change({
      rows: INSERT_UPDATE_DELETE,
      types: [...PLACE, INT4, TEXT, INT4, TEXT],
      output: { before: true },
    });
    const { changeData } = changesOf(frames);
    expect(
      changeData.every(({ path }) => path.startsWith("_change_data/")),
    ).toBe(true);
    const fed = layout([
      ["a", INT4],
      ["t", TEXT],
      ["_change_type", TEXT],
    ]);
    expect(await rowsIn(location, changeData, fed)).toEqual([
      ["1", "new", "update_postimage"],
      ["1", "old", "update_preimage"],
      ["2", "inserted", "insert"],
      ["3", "gone", "delete"],
      ["4", "gone too", "delete"],
    ]);
  });

  test("G4: change data of a partitioned table lies in folders below _change_data", async () => {
    const { location, frames } = await change({
      rows: INSERT_UPDATE_DELETE,
      types: [...PLACE, INT4, TEXT, INT4, TEXT],
      output: { before: true },
      partitionColumns: ["t"],
    });
    const { changeData } = changesOf(frames);
    expect(
      changeData
        .map(({ path }) => path.split("/").slice(0, 2).join("/"))
        .sort(),
    ).toEqual([
      "_change_data/t=gone",
      "_change_data/t=gone%20too",
      "_change_data/t=inserted",
      "_change_data/t=new",
      "_change_data/t=old",
    ]);
    expect(
      changeData.map(({ partitionValues }) => partitionValues[0]).sort(),
    ).toEqual(["gone", "gone too", "inserted", "new", "old"]);
    expect(readdirSync(location)).toContain("_change_data");
  });

  test("of deletes alone need no values, and write nothing", async () => {
    const { location, frames } = await change({
      rows: "SELECT 2::SMALLINT, '/l/x', i FROM range(0, 300000, 3) t(i)",
      types: PLACE,
      output: { after: false },
    });
    const [[path, rows] = ["", []]] = positionsOf(frames);
    expect(path).toBe("/l/x");
    expect(rows).toHaveLength(100_000);
    expect(rows.slice(0, 3)).toEqual([0, 3, 6]);
    expect(changesOf(frames)).toMatchObject({ added: [], deleted: 100_000 });
    expect(readdirSync(location)).toEqual([]);
    const sent = frames.filter(({ kind }) => kind === FRAME.positions);
    expect(sent[0]?.payload.length).toBeLessThan(50_000);
  });

  test("changed twice end MERGE with 21000, and UPDATE ... FROM takes the first", async () => {
    const twice = {
      rows: `VALUES (1::SMALLINT, '/l/a', 5::BIGINT, 1::INT, 'first'), (1, '/l/a', 6, 2, 'other'), (1, '/l/a', 5, 3, 'second'), (0, NULL, NULL, 4, 'new'), (0, NULL, NULL, 4, 'new')`,
      types: [...PLACE, INT4, TEXT],
    };
    await expect(change(twice)).rejects.toMatchObject({ code: "21000" });
    const { location, frames } = await change({
      ...twice,
      output: { duplicates: "first" },
    });
    expect(positionsOf(frames)).toEqual([["/l/a", [5, 6]]]);
    const { added, updated, inserted } = changesOf(frames);
    expect([updated, inserted]).toEqual([2, 2]);
    expect(await rowsIn(location, added)).toEqual([
      ["1", "first"],
      ["2", "other"],
      ["4", "new"],
      ["4", "new"],
    ]);
  });

  test("answer RETURNING behind everything else, from the same evaluation", async () => {
    const { location, frames } = await change({
      rows: "SELECT 0::SMALLINT, NULL::VARCHAR, NULL::BIGINT, i::INT, r, r FROM (SELECT i, random()::VARCHAR AS r FROM range(3) t(i))",
      types: [...PLACE, INT4, TEXT, TEXT],
      output: { returning: { kind: "json", output: DEFAULT_OUTPUT } },
    });
    expect(frames.map(({ kind }) => kind)).toEqual([
      FRAME.changes,
      FRAME.rows,
      FRAME.end,
    ]);
    const text = Buffer.from(
      decodeRows(frames[1]?.payload ?? new Uint8Array()).bytes,
    ).toString("utf8");
    const returned = JSON.parse(`[${text}]`) as readonly (readonly string[])[];
    const stored = await rowsIn(location, changesOf(frames).added);
    expect(stored).toEqual(
      returned.map(([value], index) => [String(index), value]),
    );
  });

  test("leave the connection clean for the next statement, also after a failure", async () => {
    const failing = {
      rows: "SELECT 1::SMALLINT, '/l/a', 1::BIGINT, error('22012:division by zero')::INT, 't'",
      types: [...PLACE, INT4, TEXT],
    };
    await expect(change(failing)).rejects.toMatchObject({ code: "22012" });
    for (let again = 0; again < 3; again += 1) {
      const { frames } = await change({
        rows: "SELECT 1::SMALLINT, '/l/a', 1::BIGINT, 1::INT, 't'",
        types: [...PLACE, INT4, TEXT],
      });
      expect(changesOf(frames).updated).toBe(1);
    }
  });
});
