import { describe, expect, test } from "vitest";
import {
  BOOL,
  DATE,
  INT2,
  INT4,
  INT8,
  NUMERIC,
  TEXT,
  TIMESTAMP,
  TIMESTAMPTZ,
  arrayOf,
  type DataType,
} from "../../storage/common/data-type.ts";
import type { ScanPredicate } from "../../storage/scan/predicate.ts";
import type { Expression } from "../logical/expression.ts";
import type { Scan } from "../logical/plan.ts";
import { lookupFunction } from "./function-lookup.ts";
import {
  and,
  big,
  cast,
  col,
  fn,
  inList,
  int,
  isNull,
  literal,
  not,
  op,
  or,
  PlanBuilder,
  text,
} from "./plan.testkit.ts";
import { scanPredicate } from "./pruning.ts";

const COLUMNS: Readonly<Record<string, DataType>> = {
  a: INT4,
  tiny: INT2,
  s: TEXT,
  d: DATE,
  ts: TIMESTAMP,
  tz: TIMESTAMPTZ,
  flag: BOOL,
  padded: { kind: "bpchar", length: 5 },
  st: { kind: "struct", fields: [{ name: "x", type: INT4, nullable: true }] },
};

function predicateOf(
  make: (column: (name: string) => Expression) => Expression,
): ScanPredicate | undefined {
  const scan: Scan = new PlanBuilder().scan("t", COLUMNS);
  const filter = make((name) => col(scan, name));
  return scanPredicate({ ...scan, filters: [filter] }, lookupFunction);
}

/** A predicate on one line: `a >= 5:int4 and …`. */
function show(predicate: ScanPredicate | undefined): string {
  if (predicate === undefined) return "nothing";
  switch (predicate.kind) {
    case "compare":
      return `${predicate.column.join(".")} ${predicate.operator} ${predicate.value.text ?? "null"}`;
    case "in":
      return `${predicate.column.join(".")} in (${predicate.values.map((value) => value.text).join(", ")})`;
    case "is-null":
      return `${predicate.column.join(".")} is ${predicate.negated ? "not " : ""}null`;
    case "starts-with":
      return `${predicate.column.join(".")} ${predicate.negated ? "does not start" : "starts"} with ${predicate.prefix}`;
    case "and":
    case "or":
      return `(${predicate.operands.map(show).join(` ${predicate.kind} `)})`;
    case "constant":
      return String(predicate.value);
  }
}

type Case = readonly [
  string,
  (column: (name: string) => Expression) => Expression,
];

const SAID: readonly Case[] = [
  ["a > 5", (c) => op("<", int(5), c("a"))],
  [
    "(a >= 1 and s = x)",
    (c) => and(op(">=", c("a"), int(1)), op("=", c("s"), text("x"))),
  ],
  [
    "(a = 1 or s = x)",
    (c) => or(op("=", c("a"), int(1)), op("=", c("s"), text("x"))),
  ],
  [
    "(a <> 1 and s <> x)",
    (c) => not(or(op("=", c("a"), int(1)), op("=", c("s"), text("x")))),
  ],
  ["a in (1, 2)", (c) => inList(c("a"), [int(1), int(2), literal(INT4, null)])],
  ["(a <> 1 and a <> 2)", (c) => inList(c("a"), [int(1), int(2)], true)],
  ["false", (c) => inList(c("a"), [int(1), literal(INT4, null)], true)],
  ["a is not null", (c) => not(isNull(c("a")))],
  ["s starts with ab", (c) => op("~~", c("s"), text("ab%"))],
  ["s = a%b", (c) => op("~~", c("s"), text("a\\%b"))],
  ["flag = f", (c) => not(c("flag"))],
  [
    "tz >= 2020-01-01 00:00:00+00",
    (c) => op(">=", c("tz"), literal(TIMESTAMPTZ, "2020-01-01 00:00:00+00")),
  ],
  [
    "st.x = 1",
    (c) =>
      op(
        "=",
        { kind: "field", type: INT4, operand: c("st"), field: "x" },
        int(1),
      ),
  ],
  [
    "d <= 1998-09-02",
    (c) => op("<", c("d"), literal(TIMESTAMP, "1998-09-02 12:00:00")),
  ],
  [
    "ts < 2020-03-01 00:00:00",
    (c) => op("<", c("ts"), literal(DATE, "2020-03-01")),
  ],
  [
    "(ts >= 2020-03-01 00:00:00 and ts < 2020-03-02 00:00:00)",
    (c) => op("=", cast(c("ts"), DATE), literal(DATE, "2020-03-01")),
  ],
  [
    "(ts >= 2020-02-01 00:00:00 and ts < 2020-03-01 00:00:00)",
    (c) =>
      op(
        "=",
        fn("date_trunc", text("month"), c("ts")),
        literal(TIMESTAMP, "2020-02-01 00:00:00"),
      ),
  ],
  ["a = 7.00", (c) => op("=", cast(c("a"), NUMERIC), literal(NUMERIC, "7.00"))],
  ["a < 7.5", (c) => op("<", cast(c("a"), NUMERIC), literal(NUMERIC, "7.5"))],
  [
    "tiny > -7.5",
    (c) => op(">", cast(c("tiny"), NUMERIC), literal(NUMERIC, "-7.5")),
  ],
  ["a = 5", (c) => op("=", c("a"), big(5))],
];

describe("said to storage", () => {
  test.each(SAID)("%s", (expected, make) => {
    expect(show(predicateOf(make))).toBe(expected);
  });

  test("= ANY of an array of constants is IN", () => {
    const shown = show(
      predicateOf((c) => ({
        kind: "call",
        type: BOOL,
        function: "any =(int4,int4)",
        args: [c("a"), literal(arrayOf(INT4), "{1,2,NULL}")],
      })),
    );
    expect(shown).toBe("a in (1, 2)");
  });

  test("of an AND, what can be said", () => {
    const shown = show(
      predicateOf((c) =>
        and(op("=", op("%", c("a"), int(2)), int(0)), op(">", c("a"), int(5))),
      ),
    );
    expect(shown).toBe("a > 5");
  });
});

const UNSAID: readonly Case[] = [
  [
    "of an OR, one side of which says nothing",
    (c) =>
      or(op("=", op("%", c("a"), int(2)), int(0)), op(">", c("a"), int(5))),
  ],
  ["a comparison of two columns", (c) => op("=", c("a"), c("a"))],
  [
    "a pattern that begins with a wildcard",
    (c) => op("~~", c("s"), text("%x")),
  ],
  [
    "a negated pattern of more than a prefix",
    (c) => not(op("~~", c("s"), text("ab%c"))),
  ],
  [
    "a blank-padded column, whose = forgets blanks",
    (c) => op("=", c("padded"), literal({ kind: "bpchar" }, "ab")),
  ],
  [
    "a moment that equals no day",
    (c) => op("=", c("d"), literal(TIMESTAMP, "1998-09-02 12:00:00")),
  ],
  [
    "a cast that rounds",
    (c) => op("=", cast(cast(c("a"), INT8), INT2), literal(INT2, "1")),
  ],
];

describe("not said", () => {
  test.each(UNSAID)("%s", (_, make) => {
    expect(show(predicateOf(make))).toBe("nothing");
  });
});
