// A lake on an object store, as a user sees it: tables made, filled, read, changed at once by two gateways, dropped; and every answer
// right or an error while the store misbehaves.

import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../harness.ts";
import {
  startS3Server,
  TEST_SECRET,
  type Fault,
  type S3Server,
} from "./s3-server.ts";

let server: S3Server;
let gateway: TestGateway;
let client: pg.Client;

const environment = (): Record<string, string> => ({
  AWS_ACCESS_KEY_ID: TEST_SECRET.accessKeyId,
  AWS_SECRET_ACCESS_KEY: TEST_SECRET.secretAccessKey,
  AWS_ENDPOINT_URL_S3: server.url,
});
const lakes = { main: "s3://lake/warehouse/" };

beforeAll(async () => {
  server = await startS3Server({ bucket: "lake", pageSize: 5 });
  gateway = await startTestGateway({ lakes, environment: environment() });
  client = await gateway.connect();
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

async function rows(sql: string, on = client): Promise<readonly unknown[]> {
  const result = await on.query<unknown[]>({ text: sql, rowMode: "array" });
  return result.rows;
}

async function failure(sql: string): Promise<pg.DatabaseError> {
  return client.query(sql).then(
    () => expect.fail("it should have failed"),
    (error: unknown) => {
      if (error instanceof pg.DatabaseError) return error;
      throw error;
    },
  );
}

describe("a table on an object store", () => {
  test("is made, filled, read, with its history", async () => {
    await client.query("create schema shop");
    await client.query(
      "create table shop.sales (id int, day date, amount numeric(10,2)) using delta partitioned by (day)",
    );
    await client.query(
      "insert into shop.sales select i, date '2026-01-01' + i % 3, i * 1.5 from generate_series(1, 1000) i",
    );
    await client.query("insert into shop.sales values (1001, null, null)");
    expect(
      await rows(
        "select day::text, count(*)::int, sum(amount)::text from shop.sales group by day order by day",
      ),
    ).toEqual([
      ["2026-01-01", 333, "250249.50"],
      ["2026-01-02", 334, "250750.50"],
      ["2026-01-03", 333, "249750.00"],
      [null, 1, null],
    ]);
    expect(
      await rows("select count(*)::int from shop.sales version as of 1"),
    ).toEqual([[1000]]);
    const [[path]] = (await rows(
      "select distinct _metadata.file_path from shop.sales where day is null",
    )) as [[string]];
    expect(path).toMatch(
      /^s3:\/\/lake\/warehouse\/_managed\/[0-9a-f-]+\/day=__HIVE_DEFAULT_PARTITION__\/part-.*\.parquet$/,
    );
  });

  test("is fetched once, and only the files that can match", async () => {
    await rows("select count(id) from shop.sales where day = '2026-01-02'");
    const before = server.requests.length;
    expect(
      await rows(
        "select count(id)::int from shop.sales where day = '2026-01-02'",
      ),
    ).toEqual([[334]]);
    const gets = server.requests
      .slice(before)
      .filter(({ method, key }) => method === "GET" && key !== "");
    expect(gets).toEqual([]);
    const listings = server.requests
      .slice(before)
      .filter(({ query }) => query.get("prefix")?.includes("/_delta_log"));
    expect(listings).toHaveLength(1);
  });

  test("is read from its checkpoint, many commits later", async () => {
    await client.query("create table shop.log (i int)");
    for (let i = 0; i < 12; i += 1)
      await client.query(`insert into shop.log values (${i})`);
    const keys = server.objects.keys();
    const checkpoint = keys.find((key) =>
      key.endsWith("10.checkpoint.parquet"),
    );
    expect(checkpoint).toBeDefined();
    const root = checkpoint?.replace(/\/_delta_log.*$/, "") ?? "";
    // What a clean-up of the log would leave: the checkpoint and what follows it.
    copyTable(
      root,
      "warehouse/copies/log",
      (name) => !/0000[0-9]\.json$/.test(name),
    );
    await client.query("refresh catalog main");
    expect(
      await rows("select count(*)::int, sum(i)::int from copies.log"),
    ).toEqual([[12, 66]]);
  });

  test("is changed, with deletion vectors and change data, and vacuumed", async () => {
    await client.query(
      "create table shop.stock (id int, n int) tblproperties ('delta.enableDeletionVectors' = 'true', 'delta.enableChangeDataFeed' = 'true')",
    );
    await client.query(
      "insert into shop.stock select i, i * 10 from generate_series(1, 100) i",
    );
    await client.query("delete from shop.stock where id % 10 = 0");
    await client.query("update shop.stock set n = -1 where id = 7");
    await client.query(
      "merge into shop.stock s using (values (8, 80), (200, 2000)) v(id, n) on s.id = v.id when matched then delete when not matched then insert (id, n) values (v.id, v.n)",
    );
    const content = "select count(*)::int, sum(n)::int from shop.stock";
    const expected = [[90, 45000 - 70 - 1 - 80 + 2000]];
    expect(await rows(content)).toEqual(expected);
    expect(
      await rows(
        "select _change_type, count(*)::int from table_changes('shop.stock', 2) group by 1 order by 1",
      ),
    ).toEqual([
      ["delete", 11],
      ["insert", 1],
      ["update_postimage", 1],
      ["update_preimage", 1],
    ]);
    expect(
      server.objects.keys().some((key) => /deletion_vector_.*\.bin$/.test(key)),
    ).toBe(true);
    await client.query("vacuum shop.stock");
    expect(await rows(content)).toEqual(expected);
  });

  test("is compacted, and whole for who reads on", async () => {
    const content = "select count(*)::int, sum(i)::int from shop.log";
    await client.query("optimize shop.log");
    const [[files]] = (await rows(
      "select count(distinct _metadata.file_path)::int from shop.log",
    )) as [[number]];
    expect(files).toBe(1);
    expect(await rows(content)).toEqual([[12, 66]]);
  });

  test("takes its files with it when it is dropped", async () => {
    const before = server.objects.keys();
    await client.query("create table shop.gone (i int)");
    await client.query("insert into shop.gone values (1), (2)");
    // Two commits and a data file at least.
    expect(server.objects.keys().length).toBeGreaterThan(before.length + 2);
    await client.query("drop table shop.gone");
    expect(server.objects.keys()).toEqual(before);
  });
});

/** Copies a managed table to a folder where every gateway finds it. */
function copyTable(
  root: string,
  target: string,
  keeps: (name: string) => boolean = () => true,
): void {
  for (const key of server.objects.keys()) {
    const object = server.objects.get(key);
    if (object === undefined || !key.startsWith(`${root}/`) || !keeps(key))
      continue;
    server.objects.put(target + key.slice(root.length), object.bytes);
  }
}

describe("two gateways on one lake", () => {
  const WRITES = 12;
  const CASES: readonly (readonly [string, Fault | undefined])[] = [
    ["a quiet store", undefined],
    ["answers that get lost", { kind: "cut after" }],
    ["a busy store", { kind: "status", status: 503, code: "SlowDown" }],
  ];
  test.each(CASES)("lose no commit on %s", async (name, fault) => {
    const table = `shared.t${CASES.findIndex(([other]) => other === name)}`;
    await client.query("create table shop.seed (who text, i int)");
    const managed = server.objects
      .keys()
      .filter((key) => key.endsWith("/_delta_log/00000000000000000000.json"))
      .find((key) =>
        server.objects.get(key)?.bytes.toString().includes('"name":"seed"'),
      );
    expect(managed).toBeDefined();
    copyTable(
      (managed ?? "").replace(/\/_delta_log.*$/, ""),
      `warehouse/${table.replace(".", "/")}`,
    );
    await client.query("drop table shop.seed");
    await using other = await startTestGateway({
      lakes,
      environment: environment(),
    });
    const second = await other.connect();
    await client.query("refresh catalog main");
    let count = 0;
    server.configure({
      fault: ({ key }) =>
        key.includes("_delta_log") && (count += 1) % 4 === 0
          ? fault
          : undefined,
    });
    const write = async (on: pg.Client, who: string): Promise<void> => {
      for (let i = 0; i < WRITES; i += 1)
        await on.query(`insert into ${table} values ('${who}', ${i})`);
    };
    await Promise.all([write(client, "a"), write(second, "b")]);
    server.configure({ fault: () => undefined });
    const wanted = [
      ["a", WRITES, WRITES],
      ["b", WRITES, WRITES],
    ];
    const sql = `select who, count(*)::int, count(distinct i)::int from ${table} group by who order by who`;
    expect(await rows(sql)).toEqual(wanted);
    expect(await rows(sql, second)).toEqual(wanted);
    const commits = server.objects
      .keys()
      .filter(
        (key) =>
          key.startsWith(`warehouse/${table.replace(".", "/")}/_delta_log/`) &&
          key.endsWith(".json"),
      );
    expect(commits).toHaveLength(2 * WRITES + 1);
  });
});

describe("while the store misbehaves", () => {
  const FAULTS: readonly Fault[] = [
    { kind: "status", status: 503, code: "SlowDown" },
    { kind: "cut before" },
    { kind: "cut after" },
    { kind: "cut body" },
  ];
  test.each(FAULTS)("$kind: nothing is lost, nothing twice", async (fault) => {
    await client.query("create table shop.faulty (i int)");
    let count = 0;
    server.configure({
      fault: () => ((count += 1) % 3 === 0 ? fault : undefined),
    });
    for (let i = 0; i < 5; i += 1)
      await client.query(`insert into shop.faulty values (${i})`);
    const seen = await rows("select i from shop.faulty order by i");
    server.configure({ fault: () => undefined });
    expect(seen).toEqual([[0], [1], [2], [3], [4]]);
    expect(await rows("select i from shop.faulty order by i")).toEqual(seen);
    await client.query("drop table shop.faulty");
  });
});

test("a refused read is an error that names the object and no secret", async () => {
  await client.query("create table shop.refused (i int)");
  await client.query("insert into shop.refused values (1)");
  const refused: Fault = { kind: "status", status: 403, code: "AccessDenied" };
  server.configure({
    fault: ({ key }) => (key.endsWith(".parquet") ? refused : undefined),
  });
  const error = await failure("select sum(i) from shop.refused");
  server.configure({ fault: () => undefined });
  expect(error.code).toBe("42501");
  expect(error.message).toMatch(
    /^could not read file "s3:\/\/lake\/.*\.parquet": the object store refuses access$/,
  );
  expect(JSON.stringify(error)).not.toContain(TEST_SECRET.secretAccessKey);
  expect(await rows("select sum(i)::int from shop.refused")).toEqual([[1]]);
});

test("a statement that waits for a store ends with its time-out", async () => {
  await client.query("create table shop.slow (i int)");
  const other = await gateway.connect();
  await other.query("set statement_timeout = '300ms'");
  server.configure({
    fault: ({ query }) =>
      query.has("list-type")
        ? { kind: "status", status: 503, code: "SlowDown" }
        : undefined,
  });
  const began = performance.now();
  await expect(other.query("select * from shop.slow")).rejects.toMatchObject({
    code: "57014",
  });
  expect(performance.now() - began).toBeLessThan(3_000);
  server.configure({ fault: () => undefined });
  expect(await rows("select * from shop.slow")).toEqual([]);
});

test("a store that does not answer holds up neither the start nor other lakes", async () => {
  await using alone = await startTestGateway({
    lakes: { dead: "s3://lake/none" },
    environment: {
      ...environment(),
      AWS_ENDPOINT_URL_S3: "http://127.0.0.1:9",
    },
  });
  const on = await alone.connect();
  await on.query("create table t (i int)");
  await on.query("insert into t values (1)");
  expect(await rows("select i from t", on)).toEqual([[1]]);
  await expect(on.query("refresh catalog dead")).rejects.toMatchObject({
    code: "08006",
    message:
      'could not list file "s3://lake/none": the object store does not answer',
  });
});
