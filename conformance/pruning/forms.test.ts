// The forms of a predicate that prune: of a table of twelve files, one a month, which are left, and that no row is lost by it. What
// depends on a zone does so in one with daylight saving.

import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fc } from "../../storage/common/property.testkit.ts";
import { startTestGateway, type TestGateway } from "../harness.ts";

const FILES = 12;
let gateway: TestGateway;
let client: pg.Client;

beforeAll(async () => {
  gateway = await startTestGateway({});
  client = await gateway.connect({ raw: true });
  await client.query("set time zone 'America/New_York'");
  await client.query("create schema months");
  await client.query("set search_path = months");
  await client.query(
    `create table t (i int, b bigint, n numeric(10,2), f double precision, s varchar(80), d date, ts timestamp, tz timestamptz, flag boolean, part text)
     partitioned by (part)`,
  );
  for (let file = 0; file < FILES; file += 1)
    await client.query(
      `insert into t select ${file} * 100 + k, ${file} * 1000 + k, ${file} + k * 0.25, ${file} * 10 + k * 0.5,
         repeat(chr(97 + ${file}), 40) || k, make_date(2024, ${file + 1}, 1) + k * 9, make_date(2024, ${file + 1}, 1) + k * interval '9 days 3 hours',
         ((make_date(2024, ${file + 1}, 1) + k * interval '9 days 3 hours')::text || '+00')::timestamptz,
         case when ${file} % 2 = 0 then true when k = 1 then null else false end, case when ${file} = 11 then null else 'p' || ${file} % 3 end
       from generate_series(0, 2) g(k) union all select null, null, null, null, null, null, null, null, null, 'p0' where ${file} = 0`,
    );
}, 120_000);
afterAll(() => gateway[Symbol.asyncDispose]());

async function filesKept(predicate: string): Promise<number> {
  const { rows } = await client.query<{ "QUERY PLAN": string }>(
    `explain select i from t where ${predicate}`,
  );
  const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
  const found = /files: (\d+)\/(\d+)/.exec(plan);
  // A predicate that no row can fulfil leaves no scan.
  return found === null ? 0 : Number(found[1]);
}

async function rowsBothWays(
  predicate: string,
): Promise<readonly [pruned: string, whole: string]> {
  const count = async (sql: string): Promise<string> =>
    (await client.query<{ n: string }>(sql)).rows[0]?.n ?? "";
  return [
    await count(
      `select count(*) || ' ' || coalesce(sum(b), -1) as n from t where ${predicate}`,
    ),
    await count(
      `select count(*) filter (where p) || ' ' || coalesce(sum(b) filter (where p), -1) as n
       from (select b, (${predicate}) as p from t offset 0) x`,
    ),
  ];
}

test("the table has a file for each month, and one for the partition of the row of NULLs", async () => {
  expect(await filesKept("true")).toBeGreaterThanOrEqual(FILES);
});

/** Predicate, files it may keep at most. */
const FORMS: readonly (readonly [string, number])[] = [
  ["i = 301", 1],
  ["i < 100", 1],
  ["i <= 100", 2],
  ["i > 1100", 1],
  ["i >= 1100", 1],
  ["301 = i", 1],
  ["i between 300 and 402", 2],
  ["not (i < 1100)", 1],
  ["i in (1, 1101)", 2],
  ["i in (select 301)", 12],
  [`i in (${Array.from({ length: 300 }, (_, k) => k).join(", ")})`, 3],
  ["(i, b) in ((1, 1), (1101, 11001))", 2],
  ["(i, b) = (301, 3001)", 1],
  ["i = any (array[1, 101])", 2],
  ["i is null", 1],
  ["i is not distinct from 301", 1],
  ["i is not distinct from null", 1],
  ["not (i is distinct from 301)", 1],
  ["i + 5 = 306", 1],
  ["5 + i = 306", 1],
  ["i - 5 >= 1096", 1],
  ["1000 - i > 950", 1],
  ["i * 2 < 100", 1],
  ["i * -2 < -2198", 2],
  ["i / 100 = 3", 1],
  ["-i > -50", 1],
  ["i::bigint = 301", 1],
  ["i::numeric < 0.5", 1],
  ["i::float8 > 1100.5", 1],
  ["b::numeric = 3001", 1],
  ["n = 3.25", 1],
  ["n + 0.5 < 1", 2],
  ["n::int = 11", 2],
  ["f = 30.5", 1],
  ["f * 2 < 1", 1],
  [`s = '${"d".repeat(40)}1'`, 1],
  [`s > '${"k".repeat(40)}9'`, 2],
  ["s like 'ddd%'", 1],
  ["starts_with(s, 'dd')", 1],
  ["s ^@ 'dd'", 1],
  ["s like 'd%' or s like 'e%'", 2],
  ["s < 'b'", 1],
  ["s is null", 1],
  ["part = 'p1'", 4],
  ["part is null", 1],
  ["part not like 'p%'", 0],
  ["part is distinct from 'p1'", 9],
  ["part <> all (array['p1', 'p2'])", 5],
  ["flag is unknown", 7],
  ["d = '2024-04-01'", 1],
  ["d < '2024-02-01'::timestamp", 1],
  ["d::timestamp >= '2024-12-01 12:00:00'", 1],
  ["d + 7 < '2024-02-01'", 1],
  ["d - 1 >= '2024-12-01'", 1],
  ["d - date '2024-12-01' > 0", 1],
  ["d + interval '1 month' > '2025-01-15'", 2],
  ["extract(year from d) = 2023", 0],
  ["extract(year from d) = 2024 and i = 1", 1],
  ["date_part('year', ts) > 2024", 0],
  ["ts::date = '2024-04-10'", 1],
  ["ts::date <= '2024-01-05'", 1],
  ["date_trunc('month', ts) = '2024-04-01'", 1],
  ["date_trunc('quarter', ts) < '2024-04-01'", 3],
  ["date_trunc('week', ts) > '2024-12-15'", 1],
  ["ts + interval '2 days' < '2024-02-01'", 1],
  ["ts - interval '1 hour' > '2024-12-01'", 1],
  ["timestamp '2024-02-01' - ts > interval '10 days'", 1],
  ["ts < date '2024-02-01'", 1],
  ["ts at time zone 'UTC' < '2024-02-01 00:00:00+00'", 1],
  ["tz::date = '2024-04-10'", 1],
  ["tz >= date '2024-12-02'", 1],
  ["tz < '2024-01-15'::timestamp", 1],
  ["tz::timestamp < '2024-01-15'", 1],
  ["date_trunc('day', tz) = '2024-04-10'", 1],
  ["date_trunc('month', tz) = '2024-04-01'", 2],
  ["extract(year from tz) < 2024", 1],
  ["extract(epoch from tz) < 1705000000", 1],
  ["tz at time zone 'Asia/Tokyo' < '2024-01-15'", 1],
  ["tz + interval '1 hour' < '2024-01-20'", 1],
  ["tz > timestamptz '2024-12-31 00:00:00+00' - interval '13 days'", 1],
  ["tz > now() + interval '1 month'", 0],
  ["ts::date::timestamptz < '2024-01-12'", 1],
  ["date_trunc('month', d) = '2024-04-01'", 2],
];

describe("a form that prunes", () => {
  test.each(FORMS)("%s", async (predicate, atMost) => {
    expect(await filesKept(predicate)).toBeLessThanOrEqual(atMost);
    const [pruned, whole] = await rowsBothWays(predicate);
    expect(pruned).toBe(whole);
  });
});

/** Random forms over random constants; what they keep does not matter, only that no row is lost. */
const comparison = fc.constantFrom("=", "<>", "<", "<=", ">", ">=");
const number = fc.oneof(
  fc.integer({ min: -10, max: 1300 }).map(String),
  fc.integer({ min: -40, max: 4800 }).map((n) => (n / 4).toFixed(2)),
);
const day = fc
  .integer({ min: -20, max: 400 })
  .map((n) => new Date(Date.UTC(2024, 0, 1 + n)).toISOString().slice(0, 10));
const clock = fc.constantFrom("00:00:00", "02:30:00", "03:00:00", "21:00:00");
const momentText = fc.tuple(day, clock).map(([a, b]) => `${a} ${b}`);
const numeric = fc.tuple(
  fc.constantFrom(
    ..."i + 7|7 - i|i * 3|i * -3|i / 7|i / -7|-i|i::bigint|i::numeric|i::float8|n|n + 0.1|n * 3|n * -0.7|n::int|f|f + 0.1|1.5 - f|f * 0.3|f / 3|f::int|b|b - 1|(i + 1) * 2|extract(year from d)|extract(year from tz)|d - date '2024-03-10'".split(
      "|",
    ),
  ),
  number,
);
const temporal = fc.tuple(
  fc.constantFrom(
    ..."d|ts|tz|ts::date|tz::date|d::timestamp|d::timestamptz|ts::timestamptz|tz::timestamp|date_trunc('day', ts)|date_trunc('month', ts)|date_trunc('week', ts)|date_trunc('quarter', tz)|date_trunc('day', tz)|date_trunc('hour', tz)|date_trunc('month', d)|d + 3|ts + interval '1 month'|ts - interval '1 month 2 days'|tz + interval '1 day'|tz - interval '1 month'|tz + interval '90 minutes'|ts at time zone 'Asia/Tokyo'|tz at time zone 'America/New_York'".split(
      "|",
    ),
  ),
  fc.oneof(
    day.map((text) => `date '${text}'`),
    momentText.map((text) => `timestamp '${text}'`),
    momentText.map((text) => `timestamptz '${text}'`),
    momentText.map(
      (text) => `timestamptz '${text}' - interval '1 month 1 day'`,
    ),
    momentText.map((text) => `date_trunc('day', timestamptz '${text}')`),
  ),
);
const letters = fc.constantFrom("", "a", "d", "dd", "ddd0", "l", "m", "p1");
const leaf = fc.oneof(
  fc.tuple(numeric, comparison).map(([[f, v], op]) => `${f} ${op} ${v}`),
  fc.tuple(temporal, comparison).map(([[f, v], op]) => `${f} ${op} ${v}`),
  fc
    .tuple(
      fc.constantFrom("s", "part"),
      fc.constantFrom("like", "not like"),
      letters,
    )
    .map(([column, op, text]) => `${column} ${op} '${text}%'`),
  fc
    .tuple(
      fc.constantFrom("i", "n", "f"),
      fc.constantFrom("is distinct from", "is not distinct from"),
      number,
    )
    .map(([column, op, v]) => `${column} ${op} ${v}`),
  fc
    .tuple(
      fc.constantFrom("i", "i::numeric", "f"),
      fc.boolean(),
      fc.array(number, { minLength: 1, maxLength: 5 }),
    )
    .map(
      ([f, not, list]) => `${f} ${not ? "not in" : "in"} (${list.join(", ")})`,
    ),
  fc.constantFrom(
    "flag",
    "flag is true",
    "flag is not true",
    "flag is not false",
    "flag is unknown",
    "flag = (part = 'p1')",
  ),
  fc.tuple(number, number).map(([a, b]) => `(i, b) < (${a}, ${b})`),
);
const tree = fc.letrec<{ tree: string }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 2, depthSize: "small" },
    leaf,
    fc
      .tuple(fc.constantFrom("and", "or"), tie("tree"), tie("tree"))
      .map(([word, a, b]) => `((${a}) ${word} (${b}))`),
    tie("tree").map((operand) => `not (${operand})`),
  ),
})).tree;

test(
  "no row is lost by any of the forms, put together at random",
  { timeout: 120_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(tree, async (predicate) => {
        const [pruned, whole] = await rowsBothWays(predicate);
        expect(pruned, predicate).toBe(whole);
      }),
      { numRuns: 120 },
    );
  },
);
