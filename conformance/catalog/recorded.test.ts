// Statements recorded from real clients, with the columns and rows a real PostgreSQL 15 answered them with (recorded.jsonl): what the
// gateway answers over the same sample schema must be the same. The owner's name is the one thing mapped.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../harness.ts";
import { makeSampleSchema } from "./sample.ts";

interface Recorded {
  readonly client: string;
  readonly action: string;
  readonly sql: string;
  readonly params?: readonly string[];
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
}

const RECORDED = readFileSync(
  new URL("./recorded.jsonl", import.meta.url),
  "utf8",
)
  .split("\n")
  .filter((line) => line !== "")
  .map((line) => JSON.parse(line) as Recorded);

const lake = mkdtempSync(join(tmpdir(), "sluice-lake-"));
let gateway: TestGateway;
let admin: pg.Client;

beforeAll(async () => {
  gateway = await startTestGateway({ lakes: { lake } });
  admin = await gateway.connect({ database: "lake", raw: true });
  await makeSampleSchema(admin);
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  rmSync(lake, { recursive: true, force: true });
});

/** Rows as a multiset: most of the statements leave the order open. */
function lines(
  rows: readonly (readonly (string | null)[])[],
): readonly string[] {
  return rows
    .map((row) => JSON.stringify(row).replaceAll("analyst", "admin"))
    .toSorted();
}

const clients = [...new Set(RECORDED.map(({ client }) => client))];

test("the recording has statements of many clients", () => {
  expect(clients.length).toBeGreaterThan(20);
});

describe.each(clients)("%s", (client) => {
  const mine = RECORDED.filter((record) => record.client === client);
  test.each(mine)(
    "is told what PostgreSQL told it: $action",
    async (record) => {
      const { fields, rows } = await admin.query<(string | null)[]>({
        text: record.sql,
        rowMode: "array",
        ...(record.params === undefined ? {} : { values: [...record.params] }),
      });
      expect(fields.map(({ name }) => name)).toEqual(record.columns);
      expect(lines(rows)).toEqual(lines(record.rows));
    },
  );
});
