import { expect, test } from "vitest";
import { TEXT, TIMESTAMPTZ } from "../../storage/common/data-type.ts";
import type {
  CompareOperator,
  ScanPredicate,
} from "../../storage/scan/predicate.ts";
import { mayHold, type FileTimes } from "./file-times.ts";

/** One second, milliseconds included; and a column that only has an end. */
const TIMES: FileTimes = new Map([
  ["at", { fromMs: 1_000, toMs: 2_000 }],
  ["begun", { toMs: 2_000 }],
]);

function compare(
  column: string,
  operator: CompareOperator,
  text: string,
  type = TIMESTAMPTZ,
): ScanPredicate {
  const value = { type, text };
  return { kind: "compare", column: [column], operator, value };
}
const second = (text: string): string => `1970-01-01 00:00:0${text}+00`;

test.each<readonly [CompareOperator, string, boolean]>([
  [">", second("1.999999"), true],
  [">", second("2"), false],
  [">=", second("2"), true],
  [">=", second("2.000001"), false],
  ["<", second("1"), false],
  ["<", second("1.000001"), true],
  ["<=", second("1"), true],
  ["<=", second("0.999999"), false],
  ["=", second("0.999"), false],
  ["=", second("1.5"), true],
  ["=", second("2.000001"), false],
  ["<>", second("1.5"), true],
  [">", "infinity", true],
  [">", "0001-01-01 00:00:00+00 BC", true],
])("at %s %s: %s", (operator, text, expected) => {
  expect(mayHold(compare("at", operator, text), TIMES)).toBe(expected);
});

test("what is not known of a file keeps it", () => {
  const late = second("9");
  for (const predicate of [
    compare("begun", "<", second("0")),
    compare("elsewhere", ">", late),
    compare("at", ">", late, TEXT),
    { kind: "is-null", column: ["at"], negated: false },
    {
      kind: "compare",
      column: ["at", "field"],
      operator: ">",
      value: { type: TIMESTAMPTZ, text: late },
    },
  ] satisfies readonly ScanPredicate[])
    expect(mayHold(predicate, TIMES)).toBe(true);
  expect(mayHold(compare("begun", ">", late), TIMES)).toBe(false);
});

test("AND needs all of its parts, OR and IN one", () => {
  const yes = compare("at", ">", second("0"));
  const no = compare("at", ">", second("9"));
  expect(mayHold({ kind: "and", operands: [yes, no] }, TIMES)).toBe(false);
  expect(mayHold({ kind: "or", operands: [yes, no] }, TIMES)).toBe(true);
  expect(mayHold({ kind: "or", operands: [no, no] }, TIMES)).toBe(false);
  const among = (...texts: readonly string[]): ScanPredicate => ({
    kind: "in",
    column: ["at"],
    values: texts.map((text) => ({ type: TIMESTAMPTZ, text })),
  });
  expect(mayHold(among(second("0"), second("2")), TIMES)).toBe(true);
  expect(mayHold(among(second("0"), second("3")), TIMES)).toBe(false);
  expect(mayHold({ kind: "constant", value: false }, TIMES)).toBe(false);
});
