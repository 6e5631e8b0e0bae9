import { expect, test } from "vitest";
import { fc } from "../../storage/common/property.testkit.ts";
import {
  addInterval,
  formatDate,
  formatTimestamp,
  parseDate,
  parseInterval,
  parseTimestamp,
} from "./temporal.ts";

test("formatting a parsed day gives the day, over all eras", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -800_000n, max: 3_000_000n }), (days) => {
      expect(parseDate(formatDate(days))).toBe(days);
    }),
  );
});

test("formatting a parsed moment gives the moment", () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: -(10n ** 17n), max: 10n ** 17n }),
      (micros) => {
        expect(parseTimestamp(formatTimestamp(micros, "+00"))).toBe(micros);
      },
    ),
  );
});

test("days agree with the calendar of JavaScript", () => {
  fc.assert(
    fc.property(fc.integer({ min: -700_000, max: 2_900_000 }), (days) => {
      const iso = new Date(days * 86_400_000).toISOString().slice(0, 10);
      expect(formatDate(BigInt(days))).toBe(iso);
    }),
  );
});

test("the year before 1 is 1 BC", () => {
  expect(formatDate((parseDate("0001-01-01") ?? 0n) - 1n)).toBe(
    "0001-12-31 BC",
  );
});

test("an interval's months clip the day, as PostgreSQL's do", () => {
  const add = (start: string, interval: string): string => {
    const micros = parseTimestamp(start) ?? 0n;
    const parts = parseInterval(interval);
    return parts === undefined
      ? ""
      : formatTimestamp(addInterval(micros, parts), "");
  };
  expect(add("2020-01-31 00:00:00", "1 mon")).toBe("2020-02-29 00:00:00");
  expect(add("2020-02-29 10:00:00", "-1 years")).toBe("2019-02-28 10:00:00");
  expect(add("2020-01-31 00:00:00", "1 year 1 mon -1 days +01:02:03.5")).toBe(
    "2021-02-27 01:02:03.5",
  );
});

test("texts that are no such value give nothing", () => {
  expect(parseDate("infinity")).toBeUndefined();
  expect(parseTimestamp("2020-01-01")).toBeUndefined();
  expect(parseInterval("1 fortnight")).toBeUndefined();
});
