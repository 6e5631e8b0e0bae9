// Every recorded introspection statement of every client over the same sample schema: what the gateway answers must be what PostgreSQL 15
// answered. What differs stands in exceptions.ts with its reason; the counts per client stand in the README.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../harness.ts";
import {
  differences,
  readOidNames,
  withOurOids,
  type GivenAnswer,
  type OidNames,
} from "./compare.ts";
import { EXCEPTION_COUNT, exceptionFor } from "./exceptions.ts";
import {
  COMPLETE,
  recordedStatements,
  type RecordedStatement,
} from "./records.ts";
import { makeSampleSchema } from "./sample.ts";

const CLIENTS = [...recordedStatements()];
const README = join(import.meta.dirname, "README.md");

const lake = mkdtempSync(join(tmpdir(), "sluice-lake-"));
let gateway: TestGateway;
let client: pg.Client;
let names: OidNames;
let types: ReadonlyMap<number, string>;
const tally = new Map(
  CLIENTS.map(([name, { length }]) => [name, { length, same: 0 }]),
);

beforeAll(async () => {
  gateway = await startTestGateway({ lakes: { lake } });
  client = await gateway.connect({ database: "lake", raw: true });
  await makeSampleSchema(client);
  names = await readOidNames(client);
  const { rows } = await client.query<[string, string]>({
    text: "SELECT oid, format_type(oid, NULL) FROM pg_type",
    rowMode: "array",
  });
  types = new Map(rows.map(([oid, name]) => [Number(oid), name]));
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  rmSync(lake, { recursive: true, force: true });
});

describe.each(CLIENTS)("%s", (name, records) => {
  test.each(records)(
    "is told what PostgreSQL told it: $action",
    async (record) => {
      const wrong = await replay(record);
      const exception = exceptionFor(name, record);
      if (exception === undefined) expect(wrong).toEqual([]);
      else expect(wrong, `no longer differs: ${exception}`).not.toEqual([]);
      const counted = tally.get(name);
      if (counted !== undefined && wrong.length === 0) counted.same += 1;
    },
  );
});

test("the recordings are of many clients", () => {
  expect(CLIENTS.length).toBeGreaterThan(COMPLETE ? 40 : 10);
});

test("no exception is for a statement that is not there", () => {
  const excepted = CLIENTS.flatMap(([name, records]) =>
    records.filter((record) => exceptionFor(name, record) !== undefined),
  );
  expect(excepted.length).toBeGreaterThanOrEqual(
    COMPLETE ? EXCEPTION_COUNT : 1,
  );
});

test("the README publishes these results", () => {
  const text = readFileSync(README, "utf8");
  const begin = text.indexOf("| client ");
  const end = text.indexOf("\n\n", begin);
  const rows = publishedRows();
  if (process.env["UPDATE_GOLDEN"] === "1" && COMPLETE) {
    const table = [...HEAD, ...rows].join("\n");
    writeFileSync(README, text.slice(0, begin) + table + text.slice(end));
    return;
  }
  const published = text.slice(begin, end).replaceAll(/ +/gu, " ").split("\n");
  expect(published).toEqual(expect.arrayContaining([...rows]));
});

async function replay(record: RecordedStatement): Promise<readonly string[]> {
  const path = record.search_path ?? '"$user", public';
  await client.query(`SET search_path = ${path}`);
  const given = await ask(record);
  const expected = [record.expected].flat();
  if (given instanceof Error) {
    const { error } = expected[0] ?? {};
    const said = `${"code" in given ? String(given.code) : ""} ${given.message}`;
    const wanted =
      error === undefined ? "" : `${error.sqlstate} ${error.message}`;
    return said === wanted ? [] : [`error ${said} instead of ${wanted}`];
  }
  if (given.length !== expected.length)
    return [`${given.length} answers instead of ${expected.length}`];
  return expected.flatMap((answer, at) => {
    const one = given[at];
    if (one === undefined || answer.error !== undefined)
      return [`no error ${answer.error?.sqlstate ?? ""}`];
    return differences(record, answer, one, names);
  });
}

async function ask({
  sql,
  params,
}: RecordedStatement): Promise<readonly GivenAnswer[] | Error> {
  const query = {
    text: withOurOids(sql, names),
    rowMode: "array" as const,
    ...(params === undefined
      ? {}
      : { values: params.map((one) => one && withOurOids(one, names)) }),
  };
  try {
    const results: unknown = await client.query<(string | null)[]>(query);
    return [results].flat().map((result) => {
      const { fields, rows } = result as pg.QueryArrayResult<(string | null)[]>;
      return {
        columns: fields.map(
          (field) => `${field.name} ${types.get(field.dataTypeID) ?? ""}`,
        ),
        rows,
      };
    });
  } catch (error) {
    if (error instanceof pg.DatabaseError) return error;
    throw error;
  }
}

const HEAD = [
  "| client | statements | PostgreSQL's very answer | exceptions |",
  "| --- | --- | --- | --- |",
];

/** A row a client; the sum too when all are here. */
function publishedRows(): readonly string[] {
  const counted = [...tally];
  const sum = (of: (one: { length: number; same: number }) => number): number =>
    counted.reduce((total, [, one]) => total + of(one), 0);
  const row = (name: string, length: number, same: number): string =>
    `| ${name} | ${length} | ${same} | ${length - same} |`;
  return [
    ...counted.map(([name, { length, same }]) => row(name, length, same)),
    ...(COMPLETE
      ? [
          row(
            "**all**",
            sum((one) => one.length),
            sum((one) => one.same),
          ),
        ]
      : []),
  ];
}
