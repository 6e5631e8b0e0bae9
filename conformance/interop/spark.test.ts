// Tables of ours and of Spark, each changed by both in turn: every version and every recorded change reads the same, row for row.

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { expectedRows, rowsOf } from "../delta/published-query.ts";
import { startTestGateway, type TestGateway } from "../harness.ts";
import { locationOf } from "../maintenance/table-files.ts";
import {
  CASES,
  CHANGES,
  type Case,
  type Refused,
  type Writer,
} from "./spark-cases.ts";
import { startSpark, type Spark } from "./spark.ts";

let gateway: TestGateway;
let client: pg.Client;
/** Gives values of JavaScript instead of texts. */
let typed: pg.Client;
let spark: Spark;
let folder: string;
let lake: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "sluice-spark-"));
  lake = join(folder, "lake");
  mkdirSync(lake);
  spark = await startSpark(join(folder, "warehouse"));
  gateway = await startTestGateway({ lakes: { other: lake } });
  client = await gateway.connect({ raw: true });
  typed = await gateway.connect();
  await client.query("CREATE SCHEMA i");
}, 240_000);
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await spark[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

interface Names {
  readonly ours: string;
  readonly spark: string;
}

async function run(names: Names, writer: Writer, sql: string): Promise<void> {
  const text = sql.replaceAll("$t", names[writer]);
  await (writer === "ours" ? client.query(text) : spark.sql(text));
}

async function make({ maker, made }: Case, index: number): Promise<Names> {
  const [create = "", ...rest] = made;
  if (maker === "ours") {
    const ours = `i.t${index}`;
    await client.query(create.replace("$t", ours));
    const names = { ours, spark: byPath(await locationOf(client, ours)) };
    for (const sql of rest) await run(names, maker, sql);
    return names;
  }
  const names = {
    ours: `other.s.t${index}`,
    spark: byPath(join(lake, "s", `t${index}`)),
  };
  for (const sql of made) await run(names, maker, sql);
  await client.query("REFRESH CATALOG other");
  return names;
}

function byPath(location: string): string {
  return `delta.\`${location}\``;
}

async function newestVersion(names: Names): Promise<number> {
  const { rows } = await spark.sql(`DESCRIBE HISTORY ${names.spark} LIMIT 1`);
  return Number(rows[0]?.["version"]);
}

/** The table as it was at each of the versions from `first` on, under its newest columns. */
async function compareVersions(names: Names, first: number): Promise<void> {
  const newest = await newestVersion(names);
  expect(newest).toBeGreaterThanOrEqual(first);
  await compare(names, "(SELECT * FROM $t VERSION AS OF 1) AS v");
  const versions = Array.from(
    { length: newest - first + 1 },
    (_, i) =>
      `SELECT ${first + i} AS version, * FROM $t VERSION AS OF ${first + i}`,
  );
  await compare(names, `(${versions.join(" UNION ALL ")}) AS v`);
}

async function compare(names: Names, from: string): Promise<void> {
  const theirs = await spark.sql(
    `SELECT * FROM ${from.replaceAll("$t", names.spark)}`,
  );
  expect(theirs.rows).not.toEqual([]);
  expect(
    await rowsOf(client, from.replaceAll("$t", names.ours), theirs.columns),
  ).toEqual(expectedRows(theirs.rows, theirs.columns));
}

async function compareFeeds(names: Names, from: number): Promise<void> {
  const path = names.spark.replace(/^delta\.`(.*)`$/, "$1");
  const theirs = await spark.sql(
    `SELECT * FROM table_changes_by_path('${path}', ${from})`,
  );
  expect(theirs.rows.length).toBeGreaterThan(30);
  expect(
    await rowsOf(
      client,
      `table_changes('${names.ours}', ${from})`,
      theirs.columns,
    ),
  ).toEqual(expectedRows(theirs.rows, theirs.columns));
}

async function refuse(names: Names, it: Refused): Promise<void> {
  await expect(
    client.query(it.ours.replaceAll("$t", names.ours)),
    it.ours,
  ).rejects.toMatchObject({ code: it.code });
  await expect(
    spark.sql(it.spark.replaceAll("$t", names.spark)),
    it.spark,
  ).rejects.toThrow(new RegExp(it.says));
}

/** What both say of the table's definition and files. */
async function compareDetails(names: Names): Promise<void> {
  const theirs = await spark.sql(`DESCRIBE DETAIL ${names.spark}`);
  const { rows } = await typed.query<Record<string, unknown>>(
    `DESCRIBE DETAIL ${names.ours}`,
  );
  const [detail] = rows;
  const [row] = theirs.rows;
  expect({
    ...detail,
    properties: Object.entries(detail?.["properties"] ?? {}).toSorted(),
  }).toMatchObject({
    id: row?.["id"],
    partitionColumns: row?.["partitionColumns"],
    clusteringColumns: row?.["clusteringColumns"],
    numFiles: row?.["numFiles"],
    sizeInBytes: row?.["sizeInBytes"],
    properties: row?.["properties"],
    minReaderVersion: row?.["minReaderVersion"],
    minWriterVersion: row?.["minWriterVersion"],
    tableFeatures: row?.["tableFeatures"],
  });
}

test.each(
  CASES.map((it, index) => [`${it.maker}: ${it.name}`, it, index] as const),
)(
  "%s",
  async (_name, it, index) => {
    const names = await make(it, index);
    const first = await newestVersion(names);
    const other: Writer = it.maker === "ours" ? "spark" : "ours";
    for (const refused of it.refused ?? []) await refuse(names, refused);
    const turns: readonly Writer[] = [other, it.maker];
    for (const writer of turns)
      for (const sql of it.changes?.[writer] ?? CHANGES[writer])
        await run(names, writer, sql);
    if (it.newest === true) await compare(names, "$t");
    else await compareVersions(names, first);
    for (const from of it.also ?? []) await compare(names, from);
    await compareDetails(names);
    if (it.feedFrom !== undefined) await compareFeeds(names, it.feedFrom);
  },
  240_000,
);
