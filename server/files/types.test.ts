import { describe, expect, test } from "vitest";
import {
  FLOAT4,
  FLOAT8,
  INT2,
  INT8,
  TEXT,
  arrayOf,
  numeric,
  type DataType,
} from "../../storage/common/data-type.ts";
import { guessText, wider, type Guess } from "./guess-type.ts";
import { matcher } from "./list-files.ts";
import { commonType } from "./parquet-columns.ts";

describe("the type of a column of text files", () => {
  test.each<[string, Guess]>([
    ["-12", "int4"],
    ["2147483648", "int8"],
    ["9223372036854775808", "decimal"],
    ["1".repeat(39), "float8"],
    ["1.", "float8"],
    ["1e5", "float8"],
    ["1e5x", "text"],
    ["TRUE", "bool"],
    ["t", "text"],
    ["2024-02-29", "date"],
    ["2024-13-01", "text"],
    ["2024-02-01T10:00:00Z", "timestamptz"],
    ["2024-02-01 10:00", "timestamptz"],
    ["", "text"],
  ])("%j is guessed as %s", (text, guess) => {
    expect(guessText(text)).toBe(guess);
  });

  test.each<[Guess, Guess, Guess]>([
    ["int4", "int8", "int8"],
    ["decimal", "int4", "decimal"],
    ["float8", "decimal", "float8"],
    ["date", "timestamptz", "timestamptz"],
    ["date", "int4", "text"],
    ["bool", undefined, "bool"],
    ["jsonb", "text", "text"],
    [undefined, undefined, undefined],
  ])("%s and %s are both %s", (a, b, both) => {
    expect(wider(a, b)).toBe(both);
    expect(wider(b, a)).toBe(both);
  });
});

test.each<[DataType, DataType, DataType | undefined]>([
  [INT2, INT8, INT8],
  [FLOAT4, FLOAT8, FLOAT8],
  [numeric(10, 2), numeric(6, 4), numeric(12, 4)],
  [numeric(38, 0), numeric(38, 10), undefined],
  [arrayOf(INT2), arrayOf(INT8), arrayOf(INT8)],
  [INT8, FLOAT8, undefined],
  [TEXT, INT8, undefined],
])("Parquet columns of %j and %j are both %j", (a, b, both) => {
  expect(commonType(a, b)).toEqual(both);
  expect(commonType(b, a)).toEqual(both);
});

test.each([
  ["*.csv", "a.csv", true],
  ["*.csv", "a/b.csv", false],
  ["a?.{csv,json}", "ab.json", true],
  ["[!a-c]x", "dx", true],
  ["[!a-c]x", "bx", false],
  ["a.c", "abc", false],
  ["(a|b)", "a", false],
])("the pattern %s matches %s: %s", (pattern, text, matches) => {
  expect(matcher(pattern).exact(text)).toBe(matches);
});

test("a pattern that is not closed is refused", () => {
  expect(() => matcher("{a,b")).toThrow(/not a pattern/);
});
