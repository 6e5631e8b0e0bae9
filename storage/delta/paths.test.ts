import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  decodePath,
  encodePath,
  partitionFolder,
  resolveFile,
} from "./paths.ts";

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

  test("P3: without a lake nothing outside the table's folder is opened", () => {
    expect(() =>
      resolveFile({ ...table, lakeRoot: undefined }, "/lake/other/f.parquet"),
    ).toThrow(/"\/lake\/other\/f.parquet"/);
  });
});
