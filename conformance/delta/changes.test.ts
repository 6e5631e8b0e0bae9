// table_changes: ranges, rights, what is refused, and changes that no commit recorded. What every published feed holds is checked
// by published.test.ts.

import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../harness.ts";
import { failureOf } from "./published-query.ts";

const FEED = join(import.meta.dirname, "tables/cdf-with-in-commit-timestamps");

let lake: string;
let gateway: TestGateway;
let client: pg.Client;

beforeAll(async () => {
  lake = mkdtempSync(join(tmpdir(), "sluice-changes-"));
  const s = join(lake, "s");
  mkdirSync(s);
  tableLike("feed", (line) => [line]);
  tableLike("off", (line) => [
    line.replace('"delta.enableChangeDataFeed":"true"', '"a":"b"'),
  ]);
  // As writers do that record nothing, and say of removed files no more than they must.
  tableLike("unrecorded", (line) =>
    line.startsWith('{"cdc"')
      ? []
      : [
          line.replace(
            /"extendedFileMetadata":true,"partitionValues":\{[^}]*\},/,
            "",
          ),
        ],
  );
  tableLike("retyped", (line) => [line]);
  retype(join(s, "retyped/_delta_log"));
  tableLike("vacuumed", (line) => [line]);
  rmSync(join(s, "vacuumed/_change_data"), { recursive: true });
  gateway = await startTestGateway({ lakes: { lake } });
  client = await gateway.connect({ database: "lake", raw: true });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  rmSync(lake, { recursive: true, force: true });
});

/** A copy of the feed's table in schema `s`, each line of its log changed. */
function tableLike(name: string, line: (text: string) => string[]): void {
  const copy = join(lake, "s", name);
  cpSync(FEED, copy, { recursive: true });
  const log = join(copy, "_delta_log");
  for (const file of readdirSync(log)) {
    if (!file.endsWith(".json")) rmSync(join(log, file));
    else {
      const lines = readFileSync(join(log, file), "utf8").trim().split("\n");
      writeFileSync(join(log, file), lines.flatMap(line).join("\n"));
    }
  }
}

/** Version 4 makes the column `age` a string. */
function retype(log: string): void {
  const first = readFileSync(join(log, "00000000000000000000.json"), "utf8");
  const metadata = first
    .split("\n")
    .find((line) => line.startsWith('{"metaData"'));
  const changed = (metadata ?? "").replace(
    '\\"name\\":\\"age\\",\\"type\\":\\"integer\\"',
    '\\"name\\":\\"age\\",\\"type\\":\\"string\\"',
  );
  expect(changed).not.toBe(metadata);
  const info = '{"commitInfo":{"inCommitTimestamp":1783874214000}}';
  writeFileSync(
    join(log, "00000000000000000004.json"),
    `${info}\n${changed}\n`,
  );
}

async function rows(sql: string): Promise<readonly string[]> {
  const result = await client.query<(string | null)[]>({
    text: sql,
    rowMode: "array",
  });
  return result.rows.map((row) => row.join(" "));
}

describe("table_changes", () => {
  test("shows the table's columns, then what happened, at which version and when", async () => {
    const { fields } = await client.query(
      "SELECT * FROM table_changes('s.feed', 0)",
    );
    expect(fields.map(({ name, dataTypeID }) => [name, dataTypeID])).toEqual([
      ["name", 25],
      ["birthyear", 23],
      ["age", 23],
      ["_change_type", 25],
      ["_commit_version", 20],
      ["_commit_timestamp", 1184],
    ]);
  });

  const summary = (range: string): string =>
    `SELECT _commit_version, _change_type, count(*) FROM table_changes(${range}) GROUP BY 1, 2 ORDER BY 1, 2`;
  const RECORDED = [
    "1 insert 4",
    "2 delete 2",
    "3 update_postimage 2",
    "3 update_preimage 2",
  ];

  test.each([
    ["'s.feed', 0", RECORDED],
    ["'s.feed', 0, 3", RECORDED],
    ["'lake.s.feed', 2, 2", ["2 delete 2"]],
    ["'\"s\".`feed`', 3", RECORDED.slice(2)],
    // Version 1's clock was wrong: a time decides by the first version at or after it, the last at or before.
    ["'s.feed', '2026-07-12 16:36:52.175+00'", RECORDED.slice(1)],
    [
      "'s.feed', 1, '2026-07-12 16:36:52.5+00'::timestamptz",
      RECORDED.slice(0, 2),
    ],
  ])("of %s is that range, both ends included", async (range, expected) => {
    expect(await rows(summary(range))).toEqual(expected);
  });

  test("takes added rows for inserts and removed ones for deletes where nothing was recorded (G1)", async () => {
    expect(await rows(summary("'s.unrecorded', 1"))).toEqual([
      "1 insert 4",
      "2 delete 2",
      "3 delete 2",
      "3 insert 2",
    ]);
    expect(
      await rows(
        "SELECT name, birthyear, age FROM table_changes('s.unrecorded', 2, 2) ORDER BY 1",
      ),
    ).toEqual(["Dan 1995 14", "Dave 1995 22"]);
  });

  test("joins, filters and groups as any relation, under an alias too", async () => {
    expect(
      await rows(
        `SELECT c.n, t.age FROM table_changes('s.feed', 2) AS c(n, y) JOIN s.feed t ON t.name = c.n
         WHERE c._change_type = 'update_preimage' AND c.y > 1990`,
      ),
    ).toEqual(["Kate 37"]);
  });

  test("works in a view, whatever the search path then is", async () => {
    await client.query("SET search_path TO s");
    await client.query(
      "CREATE VIEW main.public.changed AS SELECT name, _commit_version FROM table_changes('feed', 2)",
    );
    await client.query("RESET search_path");
    expect(await rows("SELECT count(*) FROM main.public.changed")).toEqual([
      "6",
    ]);
  });

  test("is planned as a scan of recorded files and one of others", async () => {
    const plan = (
      await rows("EXPLAIN SELECT * FROM table_changes('s.feed', 0)")
    ).join("\n");
    expect(plan.match(/files: \d+\/\d+/g)).toEqual([
      "files: 4/4",
      "files: 4/4",
    ]);
  });

  test("needs SELECT on the table, which without any right is not there (access-control 6, 15)", async () => {
    await client.query("CREATE USER reader");
    const made = await client.query<{ token_value: string }>(
      "CREATE TOKEN FOR USER reader",
    );
    const reader = await gateway.connect({
      user: "reader",
      password: made.rows[0]?.token_value ?? "",
    });
    const ask = (): Promise<string | undefined> =>
      failureOf(reader, "SELECT count(*) FROM table_changes('lake.s.feed', 0)");
    expect(await ask()).toMatch(/^42P01 /);
    await client.query("GRANT USAGE, READ_METADATA ON SCHEMA lake.s TO reader");
    expect(await ask()).toMatch(/^42501 /);
    await client.query("GRANT SELECT ON TABLE lake.s.feed TO reader");
    expect(await ask()).toBeUndefined();
    await client.query("DENY SELECT ON TABLE lake.s.feed TO reader");
    expect(await ask()).toMatch(/^42501 /);
  });

  test.each([
    [
      "'s.off', 0",
      "22023",
      /feed of table "s.off" was not enabled at version 0/,
    ],
    [
      "'s.feed', 3, 1",
      "22023",
      /begin at version 3, after their end at version 1/,
    ],
    ["'s.feed', 0, 9", "22023", /version 9 of table "s.feed" is not available/],
    ["'s.feed', '2030-01-01'", "22023", /has no version as of/],
    [
      "'s.retyped', 0",
      "0A000",
      /across version 0, which changed the type of column "age"/,
    ],
    ["'s.retyped', 3, 4", "0A000", /across version 3/],
    [
      "'s.vacuumed', 2, 2",
      "58P01",
      /data file of table "s.vacuumed" is missing/,
    ],
    ["'s.nothing', 0", "42P01", /relation "s.nothing" does not exist/],
    ["'s.feed'", "0A000", /table_changes with other arguments/],
    ["'s.feed', 0, 1, 2", "0A000", /table_changes with other arguments/],
    ["name, 0", "0A000", /table_changes with other arguments/],
    ["'s.feed', 1 + 1", "0A000", /not a constant/],
  ])("of %s is refused (%s)", async (range, code, message) => {
    const failure = await failureOf(
      client,
      `SELECT * FROM table_changes(${range})`,
    );
    expect(failure).toMatch(message);
    expect(failure).toMatch(new RegExp(`^${code} `));
  });

  test("begins anew where the columns changed", async () => {
    expect(await rows(summary("'s.retyped', 4"))).toEqual([]);
    expect(await rows(summary("'s.retyped', 0, 3"))).toEqual(RECORDED);
  });
});
