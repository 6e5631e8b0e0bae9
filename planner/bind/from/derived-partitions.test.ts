import { beforeAll, describe, expect, test } from "vitest";
import {
  DATE,
  INT4,
  TEXT,
  TIMESTAMP,
  TIMESTAMPTZ,
  type DataType,
} from "../../../storage/common/data-type.ts";
import type { Column } from "../../../storage/common/schema.ts";
import { loadGrammar } from "../../parse/grammar.ts";
import { derivedPartitions } from "./derived-partitions.ts";

beforeAll(loadGrammar);

const BASES: Readonly<Record<string, DataType>> = {
  ts: TIMESTAMP,
  tz: TIMESTAMPTZ,
  d: DATE,
  s: TEXT,
  n: INT4,
};

/** Base and form of `p type GENERATED ALWAYS AS (text)`. */
function derivedOf(text: string, type: DataType, ours = false): string {
  const columns: readonly Column[] = [
    ...Object.entries(BASES).map(([name, base]) => ({
      name,
      type: base,
      nullable: true,
    })),
    { name: "p", type, nullable: true, generated: { text, ours } },
  ];
  const [found] = derivedPartitions({
    schema: { columns },
    layout: {
      columns: columns.map((column) => ({
        name: column.name,
        physicalName: column.name,
        type: column.type,
      })),
      partitionColumns: ["p"],
      mapping: "name",
    },
  });
  if (found === undefined) return "nothing";
  const { kind, ...rest } = found.form;
  const words = [found.base, kind, ...Object.values(rest)].join(" ");
  return found.exact ? words : `${words}, about`;
}

describe("a generation expression of a known shape", () => {
  test.each([
    ["d", DATE, "d same"],
    ["CAST(ts AS DATE)", DATE, "ts date day"],
    ["CAST(`TS` AS DATE)", DATE, "ts date day"],
    ["CAST(tz AS DATE)", DATE, "tz date day, about"],
    ["to_date(ts)", DATE, "ts date day"],
    ["DATE(ts)", DATE, "ts date day"],
    ["trunc(d, 'MM')", DATE, "d date month"],
    ["CAST(date_trunc('quarter', ts) AS DATE)", DATE, "ts date quarter"],
    ["date_trunc('HOUR', tz)", TIMESTAMPTZ, "tz moment hour, about"],
    ["date_trunc('month', ts)", TIMESTAMP, "ts moment month, about"],
    ["YEAR(ts)", INT4, "ts part year"],
    ["month(d)", INT4, "d part month"],
    ["dayofmonth(ts)", INT4, "ts part day"],
    ["CAST(extract(hour FROM ts) AS int)", INT4, "ts part hour"],
    ["date_format(d, 'yyyy-MM')", TEXT, "d formatted yyyy-MM"],
    ["date_format(ts, 'yyyy-MM')", TEXT, "ts formatted yyyy-MM, about"],
    ["substring(s, 1, 3)", TEXT, "s prefix 3"],
    ["left(s, 2)", TEXT, "s prefix 2"],
  ])("%s", (text, type, expected) => {
    expect(derivedOf(text, type)).toBe(expected);
  });

  test("of ours, without a detour over an instant", () => {
    expect(derivedOf("date_trunc('month', \"ts\")", TIMESTAMP, true)).toBe(
      "ts moment month",
    );
  });
});

describe("one that derives nothing", () => {
  test.each([
    ["a text that is no expression", "CAST(ts AS", DATE],
    ["two columns", "coalesce(ts, tz)", TIMESTAMP],
    ["arithmetic", "n % 10", INT4],
    ["a part that comes round again", "dayofweek(ts)", INT4],
    ["characters from the middle", "substring(s, 2, 3)", TEXT],
    [
      "a pattern whose texts have another order",
      "date_format(d, 'MM-yyyy')",
      TEXT,
    ],
    ["names of months", "date_format(d, 'yyyy-MMM')", TEXT],
    ["a conversion to the column's type", "ts", DATE],
    ["a text read as a date", "CAST(s AS DATE)", DATE],
    ["a number as a text", "CAST(n AS STRING)", TEXT],
    ["an unknown unit", "date_trunc('fortnight', tz)", TIMESTAMPTZ],
    ["a unit of which trunc gives NULL", "trunc(d, 'DD')", DATE],
    ["a function of a schema", "lib.year(ts)", INT4],
    ["a column that is not there", "year(gone)", INT4],
  ])("%s", (_, text, type) => {
    expect(derivedOf(text, type)).toBe("nothing");
  });

  test("a function of ours that is called like one of Spark's", () => {
    expect(derivedOf("year(ts)", INT4, true)).toBe("nothing");
  });
});
