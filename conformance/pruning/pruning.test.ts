// Only files that can match are opened: what EXPLAIN says of partitions and files kept, and that the answer stays the same.
// And the Yahoo benchmark's query, word for word, against an answer computed from the rows here.

import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../harness.ts";

let gateway: TestGateway;
let client: pg.Client;

beforeAll(async () => {
  gateway = await startTestGateway({ demo: true });
  client = await gateway.connect({ raw: true });
});
afterAll(() => gateway[Symbol.asyncDispose]());

interface Kept {
  readonly files: readonly [kept: number, total: number];
  readonly partitions: readonly [kept: number, total: number] | undefined;
}

async function keptBy(sql: string): Promise<Kept> {
  const { rows } = await client.query<{ "QUERY PLAN": string }>(
    `explain ${sql}`,
  );
  const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
  const ratio = (name: string): readonly [number, number] | undefined => {
    const found = new RegExp(`${name}: (\\d+)/(\\d+)`).exec(plan);
    return found === null ? undefined : [Number(found[1]), Number(found[2])];
  };
  const files = ratio("files");
  if (files === undefined) throw new Error(`no files in the plan:\n${plan}`);
  return { files, partitions: ratio("partitions") };
}

async function one(sql: string): Promise<string> {
  const { rows } = await client.query<string[]>({
    text: sql,
    rowMode: "array",
  });
  return rows[0]?.[0] ?? "";
}

describe("web.events, a day a partition, 360 files", () => {
  const count = "select count(*) from web.events";

  test("without a predicate every file is kept", async () => {
    expect(await keptBy("select user_id from web.events")).toEqual({
      files: [360, 360],
      partitions: [30, 30],
    });
  });

  test.each([
    ["event_date = '2026-01-07'", 12, 1, "24000"],
    ["event_date between '2026-01-07' and '2026-01-09'", 36, 3, "72000"],
    ["event_date in ('2026-01-01', '2026-01-30')", 24, 2, "48000"],
    ["event_date > '2026-01-29'", 12, 1, "24000"],
    ["event_date = '2025-01-01'", 0, 0, "0"],
    ["event_date is null", 0, 0, "0"],
  ])(
    "partitions: %s keeps %i files of %i days",
    async (predicate, files, partitions, rows) => {
      const sql = `select user_id from web.events where ${predicate}`;
      const kept = await keptBy(sql);
      expect(kept.files).toEqual([files, 360]);
      if (files > 0) expect(kept.partitions).toEqual([partitions, 30]);
      expect(await one(`${count} where ${predicate}`)).toBe(rows);
    },
  );

  test("a data column's statistics skip files: two hours of one day are one file", async () => {
    const predicate =
      "event_time >= '2026-01-07 04:00:00+00' and event_time < '2026-01-07 05:00:00+00'";
    const { files } = await keptBy(
      `select user_id from web.events where ${predicate}`,
    );
    expect(files[0]).toBeLessThanOrEqual(2);
    expect(files[1]).toBe(360);
    expect(Number(await one(`${count} where ${predicate}`))).toBe(
      Number(
        await one(
          `select count(*) filter (where ${predicate}) from web.events`,
        ),
      ),
    );
  });

  test("a partition and a data column together keep what both allow", async () => {
    const { files } = await keptBy(
      "select user_id from web.events where event_date = '2026-01-07' and event_time < '2026-01-07 02:00:00+00' and event_type = 'view'",
    );
    expect(files[0]).toBeGreaterThanOrEqual(1);
    expect(files[0]).toBeLessThanOrEqual(2);
  });

  test("a parameter prunes as a constant does, and gives the same rows", async () => {
    const { rows } = await client.query<{ n: string }>(
      "select count(*) as n from web.events where event_date = $1",
      ["2026-01-07"],
    );
    expect(rows).toEqual([{ n: "24000" }]);
  });
});

describe("writes, planned and not run", () => {
  const merge =
    "merge into web.events e using (select 'u1' as id, 'x' as kind) n on e.user_id = n.id and e.event_date = '2026-01-07'";

  test.each([
    ["update web.events set user_id = 1 where event_date = '2026-01-07'", 12],
    ["delete from web.events where event_date > '2026-01-29'", 12],
    ["delete from web.events", 360],
    [
      "delete from web.events e using web.campaigns c where e.ad_id = c.ad_id and e.event_date = '2026-01-01'",
      12,
    ],
    [`${merge} when matched then delete`, 12],
    [
      `${merge} when matched then update set event_type = n.kind when not matched then insert (user_id) values (n.id)`,
      12,
    ],
    [`${merge} when not matched then insert (user_id) values (n.id)`, 12],
    [`${merge} when not matched by source then delete`, 360],
    [
      "merge into web.events e using (select 'u1' as id) n on e.user_id = n.id when matched and e.event_date = '2026-01-07' then delete",
      12,
    ],
  ])("%s keeps %i files", async (sql, files) => {
    const before = await one("select count(*), max(user_id) from web.events");
    expect((await keptBy(sql)).files).toEqual([files, 360]);
    expect(await one("select count(*), max(user_id) from web.events")).toBe(
      before,
    );
  });

  test.each([
    ["update web.campaigns set ad_id = 1", "Update on campaigns"],
    ["delete from web.campaigns", "Delete on campaigns"],
    [`${merge} when matched then delete`, "Merge on events"],
    ["insert into web.campaigns values (1, 2)", "Insert on campaigns"],
  ])("the plan of %s begins with what it does", async (sql, line) => {
    expect(await one(`explain ${sql}`)).toBe(line);
  });
});

describe("tpch.lineitem, in the order of its dates", () => {
  test("a range of dates keeps some of its files, and no row is lost", async () => {
    const whole = await keptBy("select l_tax from tpch.lineitem");
    const total = whole.files[1];
    expect(total).toBeGreaterThan(1);
    const predicate =
      "l_shipdate >= date '1994-01-01' and l_shipdate < date '1994-03-01'";
    const { files } = await keptBy(
      `select l_tax from tpch.lineitem where ${predicate}`,
    );
    expect(files[0]).toBeLessThan(total);
    expect(files[0]).toBeGreaterThan(0);
    expect(
      await one(`select count(*) from tpch.lineitem where ${predicate}`),
    ).toBe(
      await one(
        `select count(*) filter (where ${predicate}) from tpch.lineitem`,
      ),
    );
  });
});

test("the Yahoo benchmark's query answers as counted here row by row", async () => {
  await client.query("set search_path = web");
  const { rows } = await client.query<[string]>({
    text: "SELECT COUNT(*) FROM events JOIN campaigns USING (ad_id) WHERE event_type = 'view' GROUP BY window(event_time, '10 seconds'), campaign_id",
    rowMode: "array",
  });
  const campaigns = new Map<string, string>();
  const table = await client.query<[string, string]>({
    text: "select ad_id, campaign_id from campaigns",
    rowMode: "array",
  });
  for (const [ad, campaign] of table.rows) campaigns.set(ad, campaign);
  const events = await client.query<[string, string]>({
    text: "select ad_id, (extract(epoch from event_time) * 1000000)::int8 from events where event_type = 'view'",
    rowMode: "array",
  });
  const counts = new Map<string, number>();
  for (const [ad, micros] of events.rows) {
    const campaign = campaigns.get(ad);
    if (campaign === undefined) continue;
    const group = `${BigInt(micros) / 10_000_000n} ${campaign}`;
    counts.set(group, (counts.get(group) ?? 0) + 1);
  }
  const sorted = (values: Iterable<number>): readonly number[] =>
    [...values].toSorted((a, b) => a - b);
  expect(rows.length).toBeGreaterThan(100_000);
  expect(sorted(rows.map(([count]) => Number(count)))).toEqual(
    sorted(counts.values()),
  );
});
