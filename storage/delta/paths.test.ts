import { describe, expect, test } from "vitest";
import { fc } from "../common/property.testkit.ts";
import {
  decodePath,
  encodePath,
  partitionFolder,
  canonicalPath,
  resolveFile,
} from "./paths.ts";
import { testLake } from "./delta.testkit.ts";
import { queryRows } from "./kernel-rows.ts";
import { pathKey } from "./sql.ts";

const table = { location: "/lake/s/t", name: "s.t", lakeRoot: "/lake" };

describe("paths", () => {
  test("P1: a path is decoded once, a plus stays a plus", () => {
    expect(decodePath("p=a%252Fb/x+y%20z.parquet")).toBe(
      "p=a%2Fb/x+y z.parquet",
    );
  });

  test("P2: what is no escape stays as it is", () => {
    expect(decodePath("100%/%zz/%e2%82%ac%")).toBe("100%/%zz/\u20AC%");
  });

  test("encoding is undone by decoding", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (path) => {
        expect(decodePath(encodePath(path))).toBe(path);
      }),
    );
  });

  test("an encoded path keeps the folders' slashes and equal signs", () => {
    expect(encodePath("p=a%2Fb c/x'(1).parquet")).toBe(
      "p=a%252Fb%20c/x%27%281%29.parquet",
    );
  });

  test("partition folders are escaped as Hive does, and null has a name of its own", () => {
    expect(partitionFolder("p/q", "a/b:c d")).toBe("p%2Fq=a%2Fb%3Ac d");
    expect(partitionFolder("p", null)).toBe("p=__HIVE_DEFAULT_PARTITION__");
    expect(partitionFolder("p", "")).toBe("p=__HIVE_DEFAULT_PARTITION__");
  });

  test("P3: relative paths lie in the table, absolute ones anywhere in its lake", () => {
    expect(resolveFile(table, "a/b=1/c d.parquet")).toBe(
      "/lake/s/t/a/b=1/c d.parquet",
    );
    expect(resolveFile(table, "/lake/other/f.parquet")).toBe(
      "/lake/other/f.parquet",
    );
  });

  test.each([
    "../x",
    "a/../../x",
    "/lake/../etc/passwd",
    "/etc/passwd",
    "/lakes/x",
    "s3://bucket/x",
  ])("P3: %s is refused by name", (path) => {
    expect(() => resolveFile(table, path)).toThrow(
      expect.objectContaining({ code: "42501" }),
    );
  });

  test.each([
    ["file:///a/b%20c", "/a/b c"],
    ["file:/a", "/a"],
    ["s3a://b/t/x%2525.parquet", "s3://b/t/x%25.parquet"],
    ["s3n://b/t/x", "s3://b/t/x"],
    ["s3://b/t/x", "s3://b/t/x"],
    ["gcs://b/t/x", "gs://b/t/x"],
    ["p=10:30/s3a:x", "p=10:30/s3a:x"],
    ["constructor://x", "constructor://x"],
    ["p=a%252Fb/x", "p=a%2Fb/x"],
    ["part-0.parquet", "part-0.parquet"],
  ])(
    "R5: %s is the file %s, in the log and in the kernel",
    async (path, key) => {
      expect(canonicalPath(decodePath(path))).toBe(key);
      await using lake = await testLake();
      const rows = await lake.kernel.use((connection) =>
        queryRows(
          connection,
          `SELECT ${pathKey("path")} FROM (VALUES ('${path}')) AS t(path)`,
        ),
      );
      expect(rows).toEqual([[key]]);
    },
  );

  test("R5, P3: another name of the scheme reaches the table's own bucket, and no other", () => {
    const remote = {
      location: "s3://b/l/t",
      name: "s.t",
      lakeRoot: "s3://b/l",
    };
    const open = (path: string): string =>
      resolveFile(remote, canonicalPath(path));
    expect(open("s3a://b/l/other/x")).toBe("s3://b/l/other/x");
    expect(() => open("s3a://c/l/t/x")).toThrow(/outside its lake/);
    expect(() => open("s3a://b/lake/x")).toThrow(/outside its lake/);
  });

  test("P3: without a lake nothing outside the table's folder is opened", () => {
    expect(() =>
      resolveFile({ ...table, lakeRoot: undefined }, "/lake/other/f.parquet"),
    ).toThrow(/"\/lake\/other\/f.parquet"/);
  });
});
