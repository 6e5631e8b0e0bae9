// A predicate on a column skips partitions generated from it: of tables of ours and of Spark's, whose files have no statistics that
// could skip them; and no row is lost by it, whatever zone it was written in.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fc } from "../../storage/common/property.testkit.ts";
import { startTestGateway, type TestGateway } from "../harness.ts";

let gateway: TestGateway;
let client: pg.Client;

const DAYS = 20;
const NO_STATISTICS = { "delta.dataSkippingNumIndexedCols": "0" };

/** Columns with their type and generation expression, as Spark keeps them; the generated ones are the partition columns. */
function sparkTable(
  name: string,
  columns: Readonly<Record<string, readonly [type: string, text?: string]>>,
): void {
  const log = join(gateway.dataDir, "lake", name, "_delta_log");
  mkdirSync(log, { recursive: true });
  const fields = Object.entries(columns).map(([column, [type, text]]) => ({
    name: column,
    type,
    nullable: true,
    metadata: text === undefined ? {} : { "delta.generationExpression": text },
  }));
  const actions = [
    { protocol: { minReaderVersion: 1, minWriterVersion: 4 } },
    {
      metaData: {
        id: `id-${name}`,
        format: { provider: "parquet", options: {} },
        schemaString: JSON.stringify({ type: "struct", fields }),
        partitionColumns: Object.entries(columns).flatMap(
          ([column, [, text]]) => (text === undefined ? [] : [column]),
        ),
        configuration: NO_STATISTICS,
        createdTime: 0,
      },
    },
  ];
  writeFileSync(
    join(log, "00000000000000000000.json"),
    `${actions.map((action) => JSON.stringify(action)).join("\n")}\n`,
  );
}

beforeAll(async () => {
  gateway = await startTestGateway();
  client = await gateway.connect({ raw: true });
  sparkTable("by_parts", {
    id: ["integer"],
    tz: ["timestamp"],
    y: ["integer", "YEAR(tz)"],
    m: ["integer", "MONTH(`tz`)"],
    d: ["integer", "DAY(tz)"],
  });
  sparkTable("by_date", {
    id: ["integer"],
    tz: ["timestamp"],
    day: ["date", "CAST(tz AS DATE)"],
  });
  sparkTable("by_prefix", {
    id: ["integer"],
    s: ["string"],
    start: ["string", "SUBSTRING(s, 1, 2)"],
  });
  await client.query("REFRESH CATALOG main");
  await client.query(
    `create table by_day (id int, ts timestamp, day date generated always as (cast(ts as date)))
     partitioned by (day)`,
  );
  await client.query(
    "alter table by_day set tblproperties ('delta.dataSkippingNumIndexedCols' = '0')",
  );
  // Around the turn of a year, every third hour at most; the last one has no moment.
  const moments = `from generate_series(0, ${DAYS * 8}) g(k)`;
  const at = `case when k < ${DAYS * 8} then timestamp '2023-12-22' + k * interval '3 hours' end`;
  await client.query(`insert into by_day select k, ${at} ${moments}`);
  for (const [parity, zone] of [
    "America/Los_Angeles",
    "Asia/Tokyo",
  ].entries()) {
    await client.query(`set time zone '${zone}'`);
    for (const table of ["by_parts", "by_date"])
      await client.query(
        `insert into ${table}(id, tz) select k, (${at}) at time zone 'UTC' ${moments} where k % 2 = ${parity}`,
      );
  }
  await client.query("set time zone 'UTC'");
  await client.query(
    `insert into by_prefix(id, s) select k, chr(97 + k % 26) || chr(97 + k % 3) || k from generate_series(0, 77) g(k)
     union all values (78, ''), (79, null), (80, 'é'), (81, 'éa1')`,
  );
}, 120_000);
afterAll(() => gateway[Symbol.asyncDispose]());

async function files(
  table: string,
  predicate: string,
): Promise<readonly [kept: number, total: number]> {
  const { rows } = await client.query<{ "QUERY PLAN": string }>(
    `explain select id from ${table} where ${predicate}`,
  );
  const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
  const found = /files: (\d+)\/(\d+)/.exec(plan);
  return [Number(found?.[1]), Number(found?.[2])];
}

async function idsBothWays(
  table: string,
  predicate: string,
): Promise<readonly [pruned: string, whole: string]> {
  const ids = async (sql: string): Promise<string> =>
    (await client.query<{ n: string }>(sql)).rows[0]?.n ?? "";
  const list = "count(*) || ' ' || coalesce(sum(id * id), -1)";
  return [
    await ids(`select ${list} as n from ${table} where ${predicate}`),
    await ids(
      `select ${list} as n from (select id, (${predicate}) as p from ${table} offset 0) x where p`,
    ),
  ];
}

/** Files of the partition of NULL included, which are kept. */
const SKIPPING: readonly (readonly [string, string, number])[] = [
  ["by_day", "ts = '2024-01-03 12:00:00'", 2],
  ["by_day", "ts >= '2024-01-09'", 3],
  ["by_day", "ts < '2023-12-24'", 3],
  ["by_day", "ts between '2023-12-31 22:00' and '2024-01-01 05:00'", 3],
  ["by_day", "ts in ('2024-01-03 12:00:00', '2024-01-05 00:00:00')", 3],
  ["by_day", "date_trunc('month', ts) = '2023-12-01'", 11],
  ["by_day", "ts::date = '2024-01-05'", 2],
  ["by_day", "ts is null", 1],
  ["by_date", "tz = '2024-01-03 12:00:00+00'", 7],
  ["by_date", "tz >= '2024-01-09 12:00:00+00'", 9],
  ["by_date", "tz is null", 1],
  ["by_parts", "tz = '2024-01-03 12:00:00+00'", 7],
  ["by_parts", "tz >= '2024-01-09 12:00:00+00'", 9],
  ["by_parts", "tz < '2023-12-24'", 9],
  ["by_prefix", "s = 'ab52'", 2],
  ["by_prefix", "s like 'ab5%'", 2],
  ["by_prefix", "s in ('ab52', 'éa1')", 3],
  ["by_prefix", "s < 'b'", 4],
];

describe("fewer files are opened", () => {
  test.each(SKIPPING)("%s where %s", async (table, predicate, most) => {
    const [kept, total] = await files(table, predicate);
    expect(total).toBeGreaterThanOrEqual(DAYS);
    expect(kept).toBeGreaterThan(0);
    expect(kept).toBeLessThanOrEqual(most);
    const [pruned, whole] = await idsBothWays(table, predicate);
    expect(pruned).toBe(whole);
    expect(pruned).not.toMatch(/^0 /);
  });

  test("also by an UPDATE and a DELETE", async () => {
    for (const statement of [
      "update by_day set id = 0",
      "delete from by_day",
    ]) {
      const { rows } = await client.query<{ "QUERY PLAN": string }>(
        `explain ${statement} where ts > '2024-01-10 12:00:00'`,
      );
      expect(rows.map((row) => row["QUERY PLAN"]).join("\n")).toMatch(
        /files: 2\/\d+/,
      );
    }
  });
});

test("a predicate that says nothing of the partitions keeps all files", async () => {
  for (const [table, predicate] of [
    ["by_day", "ts <> '2024-01-03 12:00:00'"],
    ["by_day", "extract(hour from ts) = 3"],
    ["by_parts", "id = 3"],
    ["by_prefix", "s not like 'ab%'"],
  ] as const) {
    const [kept, total] = await files(table, predicate);
    expect(kept, predicate).toBe(total);
  }
});

test.each(["99", "-100", "FOO+30"])(
  "a writer's zone %s, more than the day away that skipping allows for, is refused",
  async (zone) => {
    await client.query(`set time zone '${zone}'`);
    try {
      await expect(
        client.query("insert into by_date(id, tz) values (-1, now())"),
      ).rejects.toMatchObject({ code: "0A000" });
    } finally {
      await client.query("set time zone 'UTC'");
    }
  },
);

const moment = fc
  .integer({ min: -5, max: DAYS * 8 + 5 })
  .map((k) =>
    new Date(Date.UTC(2023, 11, 22, 3 * k)).toISOString().replace("Z", ""),
  );
const operator = fc.constantFrom("=", "<>", "<", "<=", ">", ">=");
const leaf = (column: string): fc.Arbitrary<string> =>
  fc.oneof(
    fc.tuple(operator, moment).map(([op, at]) => `${column} ${op} '${at}'`),
    fc
      .array(moment, { minLength: 1, maxLength: 4 })
      .map((list) => `${column} in (${list.map((at) => `'${at}'`).join()})`),
    fc.constantFrom(`${column} is null`, `${column} is not null`),
  );
const predicate = fc
  .constantFrom(["by_day", "ts"], ["by_date", "tz"], ["by_parts", "tz"])
  .chain(([table = "", column = ""]) =>
    fc
      .tuple(
        leaf(column),
        fc.constantFrom("and", "or", "and not", "or not"),
        leaf(column),
      )
      .map(([a, word, b]) => [table, `${a} ${word} (${b})`] as const),
  );

test("no row is lost by any of them", { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(predicate, async ([table, tested]) => {
      const [pruned, whole] = await idsBothWays(table, tested);
      expect(pruned, tested).toBe(whole);
    }),
    { numRuns: 60 },
  );
});
