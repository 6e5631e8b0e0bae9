// A lake on Google Cloud Storage, described in sluice.yaml: a service account's key, its token, and the condition of Google's own; and
// a store that overwrites, which is read and never written.

import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../harness.ts";
import { startS3Server, TEST_SECRET, type S3Server } from "./s3-server.ts";

const TOKEN = "ya29.a-token-that-nobody-may-see";
let dir: string;
let google: S3Server;
let lookAlike: S3Server;
let oauth: Server;
let tokens = 0;
let gateway: TestGateway;
let client: pg.Client;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "sluice-gcs-"));
  google = await startS3Server({
    bucket: "company-lake",
    bearer: TOKEN,
    condition: "generation",
  });
  lookAlike = await startS3Server({ bucket: "cheap", condition: "none" });
  oauth = createServer((_request, response) => {
    tokens += 1;
    response.end(JSON.stringify({ access_token: TOKEN, expires_in: 3600 }));
  });
  oauth.listen(0, "127.0.0.1");
  await once(oauth, "listening");
  const { port } = oauth.address() as AddressInfo;
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const keyFile = join(dir, "key.json");
  writeFileSync(
    keyFile,
    JSON.stringify({
      type: "service_account",
      client_email: "sluice@company.iam",
      private_key: privateKey.export({ type: "pkcs8", format: "pem" }),
      token_uri: `http://127.0.0.1:${port}/token`,
    }),
  );
  const config = join(dir, "sluice.yaml");
  writeFileSync(
    config,
    `lake:
  main: gs://company-lake
  cheap: s3://cheap/tables
stores:
  gcs:
    endpoint: ${google.url}
    credentials-file: ${keyFile}
  s3://cheap:
    endpoint: ${lookAlike.url}
    access-key-id: ${TEST_SECRET.accessKeyId}
    secret-access-key: ${TEST_SECRET.secretAccessKey}
`,
  );
  gateway = await startTestGateway({ flags: { config } });
  client = await gateway.connect();
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await google[Symbol.asyncDispose]();
  await lookAlike[Symbol.asyncDispose]();
  oauth.close();
  rmSync(dir, { recursive: true, force: true });
});

async function rows(sql: string): Promise<readonly unknown[]> {
  const result = await client.query<unknown[]>({ text: sql, rowMode: "array" });
  return result.rows;
}

test("a lake at the root of a bucket is made and read with a service account's token", async () => {
  await client.query("create table t (id int, name text)");
  await client.query("insert into t values (1, 'a'), (2, 'b')");
  await client.query("update t set name = 'c' where id = 2");
  expect(await rows("select id, name from t order by id")).toEqual([
    [1, "a"],
    [2, "c"],
  ]);
  // One for the gateway, one for its node: shared by all requests of each.
  expect(tokens).toBe(2);
  const puts = google.requests.filter(
    ({ method, key }) => method === "PUT" && key.endsWith(".json"),
  );
  expect(puts).toHaveLength(3);
  for (const { headers } of puts)
    expect(headers["x-goog-if-generation-match"]).toBe("0");
});

test("a store that overwrites is read, and refused for writing before anything is lost", async () => {
  for (const key of google.objects.keys()) {
    const folder = /^_managed\/[^/]+\//.exec(key)?.[0];
    const object = google.objects.get(key);
    if (folder !== undefined && object !== undefined)
      lookAlike.objects.put(
        `tables/sales/t/${key.slice(folder.length)}`,
        object.bytes,
      );
  }
  await client.query("refresh catalog cheap");
  expect(await rows("select count(*)::int from cheap.sales.t")).toEqual([[2]]);
  const before = lookAlike.objects.keys();
  const refusal = client.query("insert into cheap.sales.t values (3, 'x')");
  await expect(refusal).rejects.toMatchObject({
    code: "0A000",
    message: 'writing to "s3://cheap" is not supported',
    hint: "Use a store with conditional writes. Reading works.",
  });
  expect(lookAlike.objects.keys()).toEqual(before);
  expect(await rows("select count(*)::int from cheap.sales.t")).toEqual([[2]]);
});

test("no credential is shown by any listing of the gateway's own", async () => {
  const secrets = [TOKEN, TEST_SECRET.secretAccessKey];
  const statements = [
    "show catalogs",
    "describe detail t",
    "describe history t",
    "explain select * from t",
    "show all",
  ];
  for (const sql of statements) {
    const { rows: shown } = await client.query<Record<string, unknown>>(sql);
    expect(shown.length).toBeGreaterThan(0);
    for (const secret of secrets)
      expect(JSON.stringify(shown)).not.toContain(secret);
  }
});
