import { expect, test } from "vitest";
import { numeric, type DataType } from "../common/data-type.ts";
import { isObject, parseJson, type Json } from "./json.ts";
import { statsJson } from "./stats.ts";

function bounds(
  type: DataType,
  min: string | null,
  max: string | null,
): readonly [Json | undefined, Json | undefined] {
  const stats = parseJson(
    statsJson(1, [{ path: ["c"], type, min, max, nullCount: 0 }]),
  );
  const side = (name: string): Json | undefined => {
    const values = isObject(stats) ? stats.get(name) : undefined;
    return isObject(values) ? values.get("c") : undefined;
  };
  return [side("minValues"), side("maxValues")];
}

const TEXT: DataType = { kind: "text" };

test("K1: statistics nest like the schema and keep the text of longs and decimals", () => {
  const text = statsJson(3, [
    {
      path: ["a"],
      type: { kind: "int8" },
      min: "-9223372036854775808",
      max: "9223372036854775807",
      nullCount: 1,
    },
    {
      path: ["s", "d"],
      type: numeric(38, 2),
      min: "0.10",
      max: "123456789012345678901234567890.12",
      nullCount: 0,
    },
    {
      path: ["s", "b"],
      type: { kind: "bool" },
      min: "f",
      max: "t",
      nullCount: 2,
    },
  ]);
  expect(text).toBe(
    '{"numRecords":3,"minValues":{"a":-9223372036854775808,"s":{"d":0.10}},' +
      '"maxValues":{"a":9223372036854775807,"s":{"d":123456789012345678901234567890.12}},' +
      '"nullCount":{"a":1,"s":{"d":0,"b":2}}}',
  );
});

test("K3: a string's minimum is a prefix, its maximum a prefix with a character above what was cut", () => {
  const long = "a".repeat(32);
  expect(bounds(TEXT, `${long}b`, `${long}b`)).toEqual([long, `${long}\u007F`]);
  expect(bounds(TEXT, long, long)).toEqual([long, long]);
  expect(bounds(TEXT, null, `${long}\u00E9`)[1]).toBe(`${long}\u{10FFFF}`);
});

test("K3: a maximum is lengthened past characters that nothing exceeds, and left out when that gets too long", () => {
  const long = "a".repeat(32);
  expect(bounds(TEXT, null, `${long}\u{10FFFF}bc`)[1]).toBe(
    `${long}\u{10FFFF}\u007F`,
  );
  expect(
    bounds(TEXT, null, `${long}${"\u{10FFFF}".repeat(40)}`)[1],
  ).toBeUndefined();
});

test("K3: no surrogate pair is split", () => {
  const [min] = bounds(TEXT, `${"a".repeat(31)}\u{1F600}b`, null);
  expect(min).toBe(`${"a".repeat(31)}\u{1F600}`);
});

test("K4: timestamps are cut down to milliseconds, with Z only where there is a zone", () => {
  expect(
    bounds(
      { kind: "timestamptz" },
      "2024-01-01 10:00:00+00",
      "2024-01-01 10:00:00.123999+00",
    ),
  ).toEqual(["2024-01-01T10:00:00.000Z", "2024-01-01T10:00:00.123Z"]);
  expect(
    bounds({ kind: "timestamp" }, "2024-01-01 10:00:00.5", "infinity"),
  ).toEqual(["2024-01-01T10:00:00.500", undefined]);
});

test("K5: floats that JSON has no number for are strings, and the sign of zero stays", () => {
  expect(bounds({ kind: "float8" }, "-Infinity", "NaN")).toEqual([
    "-Infinity",
    "NaN",
  ]);
  expect(
    statsJson(1, [
      {
        path: ["c"],
        type: { kind: "float8" },
        min: "-0",
        max: "1e+20",
        nullCount: 0,
      },
    ]),
  ).toContain('"minValues":{"c":-0.0},"maxValues":{"c":1e+20}');
});

test("K6: dates are plain, and what four digits of a year cannot hold is left out", () => {
  expect(bounds({ kind: "date" }, "0001-01-01 BC", "2024-02-29")).toEqual([
    undefined,
    "2024-02-29",
  ]);
});
