import { beforeAll, describe, expect, test } from "vitest";
import { checkDepth, MAX_DEPTH } from "./depth.ts";
import { loadGrammar } from "./grammar.ts";
import { tokenize } from "./lexer.ts";
import { failureOf, parseOne } from "./parse.testkit.ts";
import { printStatement } from "./print.ts";

beforeAll(loadGrammar);

const times = (text: string, count: number): string => text.repeat(count);
const chain = (count: number): string =>
  Array.from({ length: count }, () => "a").join("||");

describe("statements that nest too deep", () => {
  test.each([
    ["operators", `select ${chain(12_000)}`],
    ["brackets", `select ${times("(", 5000)}1${times(")", 5000)}`],
    [
      "CASE",
      `select ${times("case when a then ", 2000)}1${times(" end", 2000)}`,
    ],
    ["set operations", times("select 1 union all ", 3000) + "select 1"],
    ["joins", `select 1 from a${times(" join b on true", 3000)}`],
    ["NOT", `select ${times("not ", 5000)}true`],
    ["subscripts", `select a${times("[1]", 5000)}`],
    ["fields", `select (a)${times(".b", 5000)}`],
    ["casts", `select a${times("::int", 5000)}`],
    ["types", `select a::${times("array<", 5000)}int${times(">", 5000)}`],
    [
      "mixed levels",
      times(`select ${chain(50)} || (`, 50) + "1" + times(")", 50),
    ],
  ])("%s are refused with 54001", (_, sql) => {
    const failure = failureOf(sql);
    expect(failure.code).toBe("54001");
    expect(failure.message).toBe("stack depth limit exceeded");
  });

  test("CASE inside brackets, which the grammar itself cannot follow", () => {
    const sql = `${times("select a from t qualify (", 800)}1${times(")", 800)}`;
    expect(failureOf(sql).code).toBe("54001");
  });
});

describe("what may stand next to each other without end", () => {
  test("an IN list of 10,000 values", () => {
    const list = Array.from({ length: 10_000 }, (_, i) => i).join(",");
    expect(parseOne(`select 1 from t where a in (${list})`).kind).toBe(
      "select",
    );
  });

  test("10,000 comparisons joined by OR, or by AND inside brackets", () => {
    const either = Array.from({ length: 10_000 }, () => "a = 1").join(" or ");
    expect(parseOne(`select 1 from t where ${either}`).kind).toBe("select");
    const both = Array.from({ length: 5000 }, () => "(a = 1 and b = 2)");
    expect(parseOne(`select 1 where ${both.join(" or ")}`).kind).toBe("select");
  });

  test("a dotted name in each of 5,000 columns", () => {
    const columns = Array.from({ length: 5000 }, () => "t.a + 1").join(", ");
    expect(parseOne(`select ${columns} from t`).kind).toBe("select");
  });
});

test("just below the limit every step works, printing too", () => {
  const deep = MAX_DEPTH - 5;
  for (const sql of [
    `select ${chain(deep)}`,
    `select ${times("(", deep)}a${times(")", deep)}`,
    `select ${times("not ", deep)}true`,
    times("select 1 union all ", deep - 5) + "select 1",
    `select 1 from a${times(" join b on true", deep - 5)}`,
    `select a${times("[1]", deep / 2)}`,
  ]) {
    expect(printStatement(parseOne(sql))).toMatch(/^SELECT|^\(/);
  }
});

test("the guard takes linear time over brackets that never close", () => {
  const { tokens } = tokenize(times("case ) ( end ] [ ", 20_000));
  const start = performance.now();
  expect(() => checkDepth(tokens)).toThrow("stack depth limit exceeded");
  expect(performance.now() - start).toBeLessThan(2000);
});
