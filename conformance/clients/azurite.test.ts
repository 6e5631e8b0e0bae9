// A lake on Azure Blob Storage, as Azurite speaks it: made, changed, read back by a second gateway.

import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../harness.ts";
import { startAzurite, type Azurite } from "../stores/azurite.ts";

let azurite: Azurite;
let gateway: TestGateway;
let client: pg.Client;

beforeAll(async () => {
  azurite = await startAzurite();
  await azurite.createContainer("lake");
  gateway = await startTestGateway({
    lakes: { main: `abfss://lake@${azurite.account}.dfs.core.windows.net/wh` },
    environment: {
      AZURE_STORAGE_CONNECTION_STRING: `AccountName=${azurite.account};AccountKey=${azurite.key};BlobEndpoint=${azurite.endpoint}`,
    },
  });
  client = await gateway.connect();
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await azurite[Symbol.asyncDispose]();
});

test("tables on Azure are made, changed and read", async () => {
  await client.query(
    "create table t (id int, day date) using delta partitioned by (day)",
  );
  await client.query(
    "insert into t select i, date '2026-01-01' + i % 5 from generate_series(1, 500) i",
  );
  for (let i = 0; i < 12; i += 1)
    await client.query(`insert into t values (${1000 + i}, null)`);
  await client.query("delete from t where id <= 10");
  await client.query("update t set id = -id where day = date '2026-01-03'");
  const { rows } = await client.query<{ n: string; s: string }>(
    "select count(*) as n, sum(id) as s from t",
  );
  const ids = [
    ...Array.from({ length: 490 }, (_, index) => index + 11).map((id) =>
      id % 5 === 2 ? -id : id,
    ),
    ...Array.from({ length: 12 }, (_, index) => index + 1000),
  ];
  const sum = ids.reduce((total, id) => total + id, 0);
  expect(rows).toEqual([{ n: String(ids.length), s: String(sum) }]);
  const old = await client.query("select id from t version as of 1");
  expect(old.rows).toHaveLength(500);
  await client.query("drop table t");
});
