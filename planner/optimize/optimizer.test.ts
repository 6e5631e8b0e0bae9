import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fc } from "../../storage/common/property.testkit.ts";
import { bindSql, TestCatalog } from "../bind/bind.testkit.ts";
import type { BoundQuery, LogicalPlan } from "../logical/plan.ts";
import { printPlan } from "../logical/print.ts";
import { emitPlan } from "../physical/duckdb-sql.ts";
import {
  SETTINGS,
  TestKernel,
  withTables,
  type TestTables,
} from "../physical/kernel.testkit.ts";
import { lookupFunction } from "./function-lookup.ts";
import { applyRules, optimize, PHASES, RULE_NAMES } from "./optimizer.ts";

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await TestKernel.open();
});
afterAll(() => kernel[Symbol.asyncDispose]());

function catalog(): TestCatalog {
  return new TestCatalog()
    .catalog("main")
    .schema("public")
    .table("public", "t", "a int, b int, s text, d date, n numeric(8,2)")
    .table("public", "u", "a int, c int, s text, d date")
    .table("public", "w", "k int not null, c int not null, s text");
}

function bound(sql: string): BoundQuery {
  const statement = bindSql(sql, { catalog: catalog() });
  if (statement.kind !== "query") throw new RangeError(`not a query: ${sql}`);
  return statement.query;
}

async function rowsOf(
  query: BoundQuery,
  plan: LogicalPlan,
  tables: TestTables,
): Promise<readonly string[]> {
  const output = query.columns.map((column) => column.id);
  const { sql } = emitPlan(plan, output, SETTINGS);
  const rows = await kernel.query(withTables(sql, plan, tables));
  return rows.map((row) => JSON.stringify(row)).toSorted();
}

function optimized(
  plan: LogicalPlan,
  disabledRules: ReadonlySet<string> = new Set(),
): LogicalPlan {
  return optimize(plan, () => undefined, {
    functions: lookupFunction,
    verify: true,
    disabledRules,
  });
}

const smallInt = fc
  .option(fc.integer({ min: 0, max: 3 }), { nil: null, freq: 5 })
  .map((value) => (value === null ? "NULL" : String(value)));
const letter = fc.constantFrom("'x'", "'y'", "'xy'", "NULL");
const day = fc.constantFrom("'2020-01-01'", "'2020-02-01'", "NULL");
const money = fc.constantFrom("1.50", "2.00", "NULL");
const tables: fc.Arbitrary<TestTables> = fc.record({
  t: fc.array(fc.tuple(smallInt, smallInt, letter, day, money), {
    maxLength: 6,
  }),
  u: fc.array(fc.tuple(smallInt, smallInt, letter, day), { maxLength: 6 }),
  w: fc.array(
    fc.tuple(
      fc.integer({ min: 0, max: 3 }).map(String),
      fc.integer({ min: 0, max: 3 }).map(String),
      letter,
    ),
    { maxLength: 5 },
  ),
});

/** Predicates over the tables with the aliases given (t: x, u: y, w: z). */
function predicate(aliases: readonly string[]): fc.Arbitrary<string> {
  const number = fc.constantFrom(
    ...aliases.flatMap((alias) => NUMBERS[alias] ?? []),
  );
  const words = fc.constantFrom(...aliases.map((alias) => `${alias}.s`));
  const constant = fc.integer({ min: 0, max: 3 }).map(String);
  const symbol = fc.constantFrom("=", "<>", "<", "<=", ">", ">=");
  const simple = fc.oneof(
    fc
      .tuple(number, symbol, fc.oneof(constant, number))
      .map((p) => p.join(" ")),
    fc.tuple(number, constant).map(([n, c]) => `${n} + 1 = ${c}`),
    number.map((n) => `${n} is null`),
    number.map((n) => `${n} in (1, 2)`),
    number.map((n) => `${n} not in (0, 3)`),
    words.map((s) => `${s} like 'x%'`),
    words.map((s) => `${s} = 'x'`),
    number.map((n) => `coalesce(${n}, 1) = 1`),
    number.map((n) => `${n}::bigint = 2::bigint`),
    fc.constantFrom("true", "false", "1 = 1", "null::boolean"),
    number.map((n) => `exists (select 1 from w e where e.k = ${n})`),
    number.map(
      (n) => `not exists (select 1 from u e where e.a = ${n} and e.c > 0)`,
    ),
    number.map((n) => `${n} in (select e.c from u e)`),
    number.map((n) => `${n} not in (select e.a from u e where e.c = 1)`),
    number.map((n) => `${n} not in (select e.k from w e)`),
    number.map((n) => `${n} > all (select e.c from u e)`),
    number.map((n) => `${n} = (select max(e.c) from w e where e.k = ${n})`),
    number.map((n) => `${n} < (select count(*) from u e where e.a = ${n})`),
  );
  return fc.letrec<{ tree: string }>((tie) => ({
    tree: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      simple,
      fc.tuple(tie("tree"), tie("tree")).map(([a, b]) => `(${a} and ${b})`),
      fc.tuple(tie("tree"), tie("tree")).map(([a, b]) => `(${a} or ${b})`),
      fc
        .tuple(tie("tree"), tie("tree"), tie("tree"))
        .map(([a, b, c]) => `((${a} and ${b}) or (${a} and ${c}))`),
      tie("tree").map((a) => `not (${a})`),
    ),
  })).tree;
}

const NUMBERS: Readonly<Record<string, readonly string[]>> = {
  x: ["x.a", "x.b"],
  y: ["y.a", "y.c"],
  z: ["z.k", "z.c"],
};

const joinWord = fc.constantFrom(
  "join",
  "left join",
  "right join",
  "full join",
);
const from: fc.Arbitrary<string> = fc.oneof(
  fc.constant("t x cross join u y cross join w z"),
  fc
    .tuple(joinWord, joinWord)
    .map(
      ([first, second]) =>
        `t x ${first} u y on x.a = y.a ${second} w z on z.k = y.c`,
    ),
  fc
    .tuple(fc.constantFrom("join", "left join"), predicate(["x", "y"]))
    .map(
      ([word, on]) =>
        `t x ${word} u y on x.a = y.a and ${on} join w z on z.c = x.b`,
    ),
  fc.constant(
    "t x join u y on x.a = y.a left join lateral (select * from w where w.k = x.b order by c limit 1) z on true",
  ),
  fc.constant(
    "(select * from t where a > 0) x join (select distinct a, c, s from u) y on x.a = y.a join (select k, max(c) as c, min(s) as s from w group by k) z on z.k = x.a",
  ),
);

const SHAPES: readonly ((source: string, where: string) => string)[] = [
  (f, p) => `select x.a, y.c, z.s from ${f} where ${p}`,
  (f, p) =>
    `select x.a, count(*), sum(y.c), min(z.s) from ${f} where ${p} group by x.a`,
  (f, p) => `select count(*) from ${f} where ${p}`,
  (f, p) =>
    `select * from (select x.a as a, count(*) as n from ${f} where ${p} group by x.a) g where a > 0 and n > 1`,
  (f, p) => `select distinct x.a, y.s from ${f} where ${p}`,
  (f, p) =>
    `select a from (select x.a, x.b from ${f} where ${p} union all select k, c from w) q where a < 3`,
  (f, p) =>
    `(select x.a from ${f} where ${p}) except (select a from u where c > 1)`,
  (f, p) =>
    `with q as (select x.a, y.c, z.k from ${f} where ${p}) select p.a, r.c from q p join q r on p.k = r.k where p.a = 1`,
  (f, p) =>
    `with q as (select x.a, y.c from ${f} where ${p}) select a from q where c >= 1`,
  (f, p) =>
    `select a, r from (select x.a, x.b, rank() over (partition by x.a order by x.b) as r from ${f} where ${p}) q where a = 1 and r < 3`,
  (f, p) =>
    `select x.a, x.b, y.a, y.c, z.k, z.c from ${f} where ${p} order by 1, 2, 3, 4, 5, 6 limit 3 offset 1`,
  (f, p) =>
    `select x.a, (select count(*) from w e where e.k = x.a) as n, exists (select 1 from u e where e.a = x.b) as e from ${f} where ${p}`,
  (f, p) =>
    `select x.a, grouping(x.a), count(*) from ${f} where ${p} group by rollup(x.a)`,
];

const query = fc
  .tuple(fc.constantFrom(...SHAPES), from, predicate(["x", "y", "z"]))
  .map(([shape, source, where]) => shape(source, where));

describe("answers do not depend on rules", () => {
  test("rows with every rule off equal rows with all on", async () => {
    await fc.assert(
      fc.asyncProperty(query, tables, async (sql, data) => {
        const plan = bound(sql);
        const on = await rowsOf(plan, optimized(plan.plan), data);
        expect(on).toEqual(await rowsOf(plan, plan.plan, data));
      }),
      { numRuns: 150 },
    );
  });

  test("rows with some rules off equal rows with none off", async () => {
    const some = fc.subarray([...RULE_NAMES]).map((names) => new Set(names));
    await fc.assert(
      fc.asyncProperty(query, tables, some, async (sql, data, disabled) => {
        const plan = bound(sql);
        const part = await rowsOf(plan, optimized(plan.plan, disabled), data);
        expect(part).toEqual(await rowsOf(plan, optimized(plan.plan), data));
      }),
      { numRuns: 80 },
    );
  });

  test("a second run of the rules finds nothing left to do", () => {
    fc.assert(
      fc.property(query, (sql) => {
        const { plan } = bound(sql);
        const options = { functions: lookupFunction, verify: true };
        const once = applyRules(plan, options);
        expect(printPlan(applyRules(once, options))).toBe(printPlan(once));
      }),
      { numRuns: 150 },
    );
  });
});

describe("the list of rules", () => {
  test("has no two rules of one name", () => {
    const rules = new Set(PHASES.flatMap((phase) => phase.rules));
    expect(new Set([...rules].map((rule) => rule.name)).size).toBe(rules.size);
  });

  test("a rule that is switched off does not fire", () => {
    const { plan } = bound("select a from t where a = 1 + 1");
    const fired: string[] = [];
    applyRules(plan, {
      functions: lookupFunction,
      disabledRules: new Set(["fold-constants"]),
      onFire: (rule) => fired.push(rule),
    });
    expect(fired).toContain("push-filter-into-scan");
    expect(fired).not.toContain("fold-constants");
  });
});
