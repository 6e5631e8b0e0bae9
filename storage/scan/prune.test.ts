import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TEXT, type DataType } from "../common/data-type.ts";
import {
  add,
  metaData,
  PROTOCOL,
  testLake,
  writeCommit,
  type TestLake,
} from "../delta/delta.testkit.ts";
import type { Snapshot } from "../delta/snapshot.ts";
import { localStore } from "../object-store/local.ts";
import type { CompareOperator, ScanPredicate } from "./predicate.ts";
import { scanFiles } from "./scan.ts";

let lake: TestLake;
let tableNumber = 0;
beforeAll(async () => {
  lake = await testLake();
});
afterAll(() => lake[Symbol.asyncDispose]());

interface Bounds {
  readonly min?: unknown;
  readonly max?: unknown;
  readonly nulls?: number;
  readonly rows?: number;
  readonly tight?: boolean;
}

/** A table with one column `c` and a file for each of `files`, named f0, f1 …. */
async function tableOf(
  type: string,
  files: readonly Bounds[],
): Promise<Snapshot> {
  const table = lake.ref(`t${(tableNumber += 1)}`);
  const adds = files.map((file, index) => {
    const stats = {
      numRecords: file.rows ?? 10,
      ...(file.tight === undefined ? {} : { tightBounds: file.tight }),
      ...(file.min === undefined ? {} : { minValues: { c: file.min } }),
      ...(file.max === undefined ? {} : { maxValues: { c: file.max } }),
      ...(file.nulls === undefined ? {} : { nullCount: { c: file.nulls } }),
    };
    return add(`f${index}`, { stats: JSON.stringify(stats) });
  });
  await writeCommit(localStore(), table, 0, [
    PROTOCOL,
    metaData([{ name: "c", type }]),
    ...adds,
  ]);
  return lake.tables.snapshot(table);
}

async function kept(
  snapshot: Snapshot,
  predicate: ScanPredicate,
): Promise<readonly string[]> {
  const { splits } = await scanFiles(snapshot, predicate);
  return splits.map((split) =>
    split.path.slice(split.path.lastIndexOf("/") + 1),
  );
}

function compare(
  operator: CompareOperator,
  type: DataType["kind"],
  text: string,
): ScanPredicate {
  const scalar: DataType =
    type === "numeric"
      ? { kind: "numeric" }
      : type === "text"
        ? TEXT
        : simple(type);
  return {
    kind: "compare",
    column: ["c"],
    operator,
    value: { type: scalar, text },
  };
}

function simple(kind: DataType["kind"]): DataType {
  const known: Partial<Record<DataType["kind"], DataType>> = {
    int4: { kind: "int4" },
    int8: { kind: "int8" },
    float8: { kind: "float8" },
    date: { kind: "date" },
    timestamp: { kind: "timestamp" },
    timestamptz: { kind: "timestamptz" },
  };
  return known[kind] ?? TEXT;
}

describe("statistics", () => {
  test("K7: each comparison keeps the files whose bounds allow it", async () => {
    const snapshot = await tableOf("long", [
      { min: 1, max: 5, nulls: 0 },
      { min: 5, max: 9, nulls: 0 },
      { min: 7, max: 7, nulls: 0 },
    ]);
    expect(await kept(snapshot, compare("=", "int8", "5"))).toEqual([
      "f0",
      "f1",
    ]);
    expect(await kept(snapshot, compare("<", "int8", "5"))).toEqual(["f0"]);
    expect(await kept(snapshot, compare("<=", "int8", "5"))).toEqual([
      "f0",
      "f1",
    ]);
    expect(await kept(snapshot, compare(">", "int8", "7"))).toEqual(["f1"]);
    expect(await kept(snapshot, compare(">=", "int8", "7"))).toEqual([
      "f1",
      "f2",
    ]);
    expect(await kept(snapshot, compare("<>", "int8", "7"))).toEqual([
      "f0",
      "f1",
    ]);
  });

  test("K7: files with only NULLs match nothing but IS NULL", async () => {
    const snapshot = await tableOf("long", [
      { nulls: 10 },
      { min: 1, max: 1, nulls: 0 },
      { min: 1, max: 1, nulls: 3 },
    ]);
    expect(await kept(snapshot, compare("=", "int8", "1"))).toEqual([
      "f1",
      "f2",
    ]);
    expect(
      await kept(snapshot, { kind: "is-null", column: ["c"], negated: false }),
    ).toEqual(["f0", "f2"]);
    expect(
      await kept(snapshot, { kind: "is-null", column: ["c"], negated: true }),
    ).toEqual(["f1", "f2"]);
  });

  test("K2: what is missing or of the wrong type skips nothing", async () => {
    const snapshot = await tableOf("long", [
      {},
      { min: null, max: null },
      { min: "x", max: { a: 1 } },
      { min: 5 },
    ]);
    expect(await kept(snapshot, compare("=", "int8", "3"))).toEqual([
      "f0",
      "f1",
      "f2",
    ]);
  });

  test("K3: a cut maximum still covers what was cut", async () => {
    const text = "a".repeat(32);
    const snapshot = await tableOf("string", [
      { min: text, max: `${text}\u007F`, nulls: 0 },
    ]);
    expect(await kept(snapshot, compare("=", "text", `${text}zzz`))).toEqual([
      "f0",
    ]);
    expect(await kept(snapshot, compare("<", "text", text))).toEqual([]);
  });

  test("K3: text compares by its UTF-8 bytes, not by UTF-16 units", async () => {
    const snapshot = await tableOf("string", [
      { min: "\u{1F600}", max: "\u{1F600}", nulls: 0 },
    ]);
    expect(await kept(snapshot, compare(">", "text", "\u{FFFD}"))).toEqual([
      "f0",
    ]);
    expect(await kept(snapshot, compare("<", "text", "\u{FFFD}"))).toEqual([]);
  });

  test("K4: microseconds above a cut maximum keep the file", async () => {
    const bound = "2024-01-01T00:00:00.123Z";
    const snapshot = await tableOf("timestamp", [
      { min: bound, max: bound, nulls: 0 },
    ]);
    expect(
      await kept(
        snapshot,
        compare("=", "timestamptz", "2024-01-01 00:00:00.123456+00"),
      ),
    ).toEqual(["f0"]);
    expect(
      await kept(
        snapshot,
        compare("=", "timestamptz", "2024-01-01 00:00:00.124001+00"),
      ),
    ).toEqual([]);
    expect(
      await kept(
        snapshot,
        compare("<>", "timestamptz", "2024-01-01 00:00:00.123+00"),
      ),
    ).toEqual(["f0"]);
  });

  test("a comparison that depends on the session's zone skips nothing", async () => {
    const bound = "2024-01-01T00:00:00.000Z";
    const snapshot = await tableOf("timestamp", [
      { min: bound, max: bound, nulls: 0 },
    ]);
    expect(
      await kept(snapshot, compare("=", "timestamp", "2030-01-01 00:00:00")),
    ).toEqual(["f0"]);
    expect(await kept(snapshot, compare("=", "date", "2030-01-01"))).toEqual([
      "f0",
    ]);
  });

  test("K5: NaN bounds exclude nothing, and no bound excludes NaN", async () => {
    const snapshot = await tableOf("double", [
      { min: 1, max: 2, nulls: 0 },
      { min: "NaN", max: "NaN", nulls: 0 },
      { min: "-Infinity", max: 0, nulls: 0 },
    ]);
    expect(await kept(snapshot, compare(">", "float8", "5"))).toEqual([
      "f0",
      "f1",
      "f2",
    ]);
    expect(await kept(snapshot, compare("=", "float8", "NaN"))).toEqual([
      "f0",
      "f1",
      "f2",
    ]);
    expect(await kept(snapshot, compare("=", "float8", "-5"))).toEqual([
      "f1",
      "f2",
    ]);
    expect(await kept(snapshot, compare("<", "float8", "1"))).toEqual([
      "f1",
      "f2",
    ]);
  });

  test("K5: zero equals negative zero", async () => {
    const snapshot = await tableOf("double", [{ min: 0, max: 0, nulls: 0 }]);
    expect(await kept(snapshot, compare("=", "float8", "-0"))).toEqual(["f0"]);
  });

  test("K6: a decimal's bound that passed through a double is moved outwards", async () => {
    const table = lake.ref("decimals");
    const stats = `{"numRecords":1,"minValues":{"c":12345678901234567890.1234},"maxValues":{"c":12345678901234567890.1234},"nullCount":{"c":0}}`;
    await writeCommit(localStore(), table, 0, [
      PROTOCOL,
      metaData([{ name: "c", type: "decimal(38,4)" }]),
      add("f0", { stats }),
    ]);
    const snapshot = await lake.tables.snapshot(table);
    expect(
      await kept(
        snapshot,
        compare("=", "numeric", "12345678901234567890.1234"),
      ),
    ).toEqual(["f0"]);
    expect(
      await kept(snapshot, compare(">", "numeric", "12345678901234999999")),
    ).toEqual([]);
  });

  test("an integer column compares with constants between and beyond its values exactly", async () => {
    const snapshot = await tableOf("integer", [
      { min: 1, max: 5, nulls: 0 },
      { min: 6, max: 6, nulls: 0 },
    ]);
    expect(await kept(snapshot, compare("<", "numeric", "5.5"))).toEqual([
      "f0",
    ]);
    expect(await kept(snapshot, compare(">", "numeric", "5.5"))).toEqual([
      "f1",
    ]);
    expect(await kept(snapshot, compare("=", "numeric", "5.5"))).toEqual([]);
    expect(await kept(snapshot, compare("<", "numeric", "1e20"))).toEqual([
      "f0",
      "f1",
    ]);
    expect(await kept(snapshot, compare(">", "numeric", "1e20"))).toEqual([]);
    expect(await kept(snapshot, compare(">", "float8", "5.5"))).toEqual(["f1"]);
  });

  test("K8: wide bounds still skip", async () => {
    const snapshot = await tableOf("long", [
      { min: 1, max: 5, nulls: 2, tight: false },
    ]);
    expect(await kept(snapshot, compare("=", "int8", "6"))).toEqual([]);
    expect(
      await kept(snapshot, { kind: "is-null", column: ["c"], negated: true }),
    ).toEqual(["f0"]);
  });

  test("a prefix keeps the files whose bounds enclose strings with it", async () => {
    const snapshot = await tableOf("string", [
      { min: "a", max: "az", nulls: 0 },
      { min: "ba", max: "bz", nulls: 0 },
      { min: "bc", max: "c", nulls: 0 },
    ]);
    expect(
      await kept(snapshot, {
        kind: "starts-with",
        column: ["c"],
        prefix: "b",
        negated: false,
      }),
    ).toEqual(["f1", "f2"]);
    expect(
      await kept(snapshot, {
        kind: "starts-with",
        negated: false,
        column: ["c"],
        prefix: "bb",
      }),
    ).toEqual(["f1"]);
  });

  test("a list of thousands of keys skips by the ranges they cover", async () => {
    const snapshot = await tableOf("long", [
      { min: 10, max: 20, nulls: 0 },
      { min: 500_000, max: 600_000, nulls: 0 },
      { min: 2_000_000, max: 3_000_000, nulls: 0 },
    ]);
    const values = Array.from({ length: 3000 }, (_, index) => ({
      type: simple("int8"),
      text: String(index % 2 === 0 ? index : 1_900_000 + index * 100),
    }));
    expect(await kept(snapshot, { kind: "in", column: ["c"], values })).toEqual(
      ["f0", "f2"],
    );
  });

  test("and, or and constants combine", async () => {
    const snapshot = await tableOf("long", [
      { min: 1, max: 1, nulls: 0 },
      { min: 2, max: 2, nulls: 0 },
    ]);
    const one = compare("=", "int8", "1");
    const two = compare("=", "int8", "2");
    expect(await kept(snapshot, { kind: "and", operands: [one, two] })).toEqual(
      [],
    );
    expect(await kept(snapshot, { kind: "or", operands: [one, two] })).toEqual([
      "f0",
      "f1",
    ]);
    expect(
      await kept(snapshot, {
        kind: "and",
        operands: [one, { kind: "constant", value: false }],
      }),
    ).toEqual([]);
    expect(await kept(snapshot, { kind: "or", operands: [] })).toEqual([]);
  });
});

describe("partitions", () => {
  async function partitioned(
    type: string,
    values: readonly (string | null)[],
  ): Promise<Snapshot> {
    const table = lake.ref(`p${(tableNumber += 1)}`);
    const adds = values.map((value, index) =>
      add(`f${index}`, { partitionValues: { c: value } }),
    );
    const metadata = metaData(
      [
        { name: "c", type },
        { name: "x", type: "long" },
      ],
      { partitionColumns: ["c"] },
    );
    await writeCommit(localStore(), table, 0, [PROTOCOL, metadata, ...adds]);
    return lake.tables.snapshot(table);
  }

  test("K10, V2: partitions decide exactly, and the empty string is NULL", async () => {
    const snapshot = await partitioned("string", ["a", "", null, "null"]);
    expect(await kept(snapshot, compare("=", "text", "null"))).toEqual(["f3"]);
    expect(await kept(snapshot, compare("<>", "text", "a"))).toEqual(["f3"]);
    expect(
      await kept(snapshot, { kind: "is-null", column: ["c"], negated: false }),
    ).toEqual(["f1", "f2"]);
    expect(
      await kept(snapshot, {
        kind: "in",
        column: ["c"],
        values: [{ type: TEXT, text: "a" }],
      }),
    ).toEqual(["f0"]);
  });

  test("V1: values of every kind of text are read as their type", async () => {
    const zones = await partitioned("timestamp", [
      "2024-01-01 10:00:00",
      "2024-01-01T12:00:00.000000+02:00",
    ]);
    expect(
      await kept(zones, compare("=", "timestamptz", "2024-01-01 10:00:00+00")),
    ).toEqual(["f0", "f1"]);
    const { splits } = await scanFiles(
      await partitioned("boolean", ["true", "false", null]),
      undefined,
    );
    expect(splits.map((split) => split.partitionValues)).toEqual([
      ["t"],
      ["f"],
      [null],
    ]);
    const floats = await scanFiles(
      await partitioned("double", ["1.0E10", "NaN", "-0.5", "1e-7"]),
      undefined,
    );
    expect(floats.splits.map((split) => split.partitionValues[0])).toEqual([
      "10000000000",
      "NaN",
      "-0.5",
      "1e-07",
    ]);
  });

  test("a value that is not of its column's type is damage, not NULL", async () => {
    await expect(partitioned("integer", ["1", "x"])).rejects.toMatchObject({
      code: "XX001",
    });
  });

  test("the counts tell what partitions and what statistics did", async () => {
    const table = lake.ref("counts");
    const file = (name: string, day: string, min: number): object =>
      add(name, {
        partitionValues: { day },
        stats: JSON.stringify({
          numRecords: 4,
          minValues: { x: min },
          maxValues: { x: min + 9 },
          nullCount: { x: 1 },
        }),
      });
    await writeCommit(localStore(), table, 0, [
      PROTOCOL,
      metaData(
        [
          { name: "day", type: "date" },
          { name: "x", type: "long" },
        ],
        { partitionColumns: ["day"] },
      ),
      file("a", "2024-01-01", 0),
      file("b", "2024-01-01", 10),
      file("c", "2024-01-02", 0),
    ]);
    const day: ScanPredicate = {
      kind: "compare",
      column: ["day"],
      operator: "=",
      value: { type: { kind: "date" }, text: "2024-01-01" },
    };
    const x: ScanPredicate = {
      kind: "compare",
      column: ["x"],
      operator: ">=",
      value: { type: { kind: "int4" }, text: "10" },
    };
    const { statistics } = await scanFiles(await lake.tables.snapshot(table), {
      kind: "and",
      operands: [day, x],
    });
    expect(statistics).toEqual({
      filesTotal: 3,
      filesKept: 1,
      partitionsTotal: 2,
      partitionsKept: 1,
      bytesTotal: 300,
      bytesKept: 100,
      rowCount: 4,
      exact: true,
      prunedBy: ["partition", "statistics"],
      deletionVectors: 0,
      columns: {
        day: {
          min: "2024-01-01",
          max: "2024-01-01",
          nullCount: 0,
          exactBounds: true,
          exactNullCount: true,
        },
        x: {
          min: "10",
          max: "19",
          nullCount: 1,
          exactBounds: true,
          exactNullCount: true,
        },
      },
    });
  });
});
