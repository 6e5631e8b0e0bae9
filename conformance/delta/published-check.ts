// What is asked of one published table over the wire, and how its answers differ from what is known of it: a list of differences,
// empty when the table reads right.

import type pg from "pg";
import type {
  ColumnCheck,
  PublishedColumn,
  PublishedTable,
} from "./manifest.ts";
import { checkChanges, checkCommitTimes } from "./published-changes.ts";
import {
  differentRows,
  differs,
  expectedRows,
  failureOf,
  messageOf,
  quoted,
  rowsOf,
  texts,
  type Failures,
} from "./published-query.ts";
import {
  actualValue,
  expectedValue,
  shapeOf,
  sqlTypeOf,
} from "./published-value.ts";

export async function checkPublished(
  client: pg.Client,
  table: PublishedTable,
): Promise<Failures> {
  const { expect } = table;
  const readable = expect.data_files_published !== false;
  const checks = [
    checkSchema,
    checkFileCount,
    ...(readable
      ? [
          checkCounts,
          checkColumns,
          checkTwins,
          checkRows,
          checkChanges,
          checkCommitTimes,
        ]
      : [checkVersions]),
    checkGone,
  ];
  const failures: string[] = [];
  for (const check of checks) {
    try {
      failures.push(...(await check(client, table)));
    } catch (error) {
      failures.push(`${check.name}: ${messageOf(error)}`);
    }
  }
  return failures;
}

async function checkSchema(
  client: pg.Client,
  { name, expect }: PublishedTable,
): Promise<Failures> {
  const described = await texts(client, `DESCRIBE ${quoted(name)}`);
  const columns = expect.columns ?? [];
  return [
    ...differs("column count", described.length, expect.column_count),
    ...differs(
      "schema",
      described
        .slice(0, columns.length)
        .map(([column, type]) => [column, type]),
      columns.map((column) => [column.name, sqlTypeOf(column.type)]),
    ),
  ];
}

async function checkFileCount(
  client: pg.Client,
  { name, expect }: PublishedTable,
): Promise<Failures> {
  const plan = await texts(client, `EXPLAIN SELECT * FROM ${quoted(name)}`);
  const files = plan.flatMap(([line]) =>
    [...(/files: \d+\/(\d+)/.exec(line ?? "")?.slice(1) ?? [])].map(Number),
  );
  return differs("live files", files, [expect.active_files]);
}

function versionsOf({ expect }: PublishedTable): readonly number[] {
  const last = expect.latest_version ?? 0;
  return (
    expect.reconstructable_versions ??
    Array.from({ length: last + 1 }, (_, version) => version)
  );
}

/** Rows at the newest version and at every version that can be rebuilt. */
async function checkCounts(
  client: pg.Client,
  table: PublishedTable,
): Promise<Failures> {
  const { expect } = table;
  const t = quoted(table.name);
  const count = async (travel: string): Promise<number> =>
    Number(
      (await texts(client, `SELECT count(*) FROM ${t} ${travel}`))[0]?.[0],
    );
  const failures = [...differs("row count", await count(""), expect.row_count)];
  for (const version of versionsOf(table)) {
    const expected = expect.row_count_by_version?.[String(version)];
    if (expected === undefined) continue;
    const actual = await count(`VERSION AS OF ${version}`);
    failures.push(...differs(`row count of ${version}`, actual, expected));
  }
  return failures;
}

/** Every version that can be rebuilt has its log read, without data files to count rows in. */
async function checkVersions(
  client: pg.Client,
  table: PublishedTable,
): Promise<Failures> {
  for (const version of versionsOf(table)) {
    await client.query(
      `EXPLAIN SELECT * FROM ${quoted(table.name)} VERSION AS OF ${version}`,
    );
  }
  return [];
}

async function checkColumns(
  client: pg.Client,
  { name, expect }: PublishedTable,
): Promise<Failures> {
  const failures: string[] = [];
  for (const check of expect.checks ?? []) {
    const type = typeOf(expect.columns ?? [], check.column);
    if (type === undefined) continue;
    const items = aggregates(check, type);
    const [row = []] = await texts(
      client,
      `SELECT ${items.map((item) => item.sql).join(", ")} FROM ${quoted(name)}`,
    );
    items.forEach((item, at) => {
      const actual = actualValue(row[at] ?? null, item.shape);
      failures.push(
        ...differs(`${item.sql} of ${type}`, actual, item.expected),
      );
    });
  }
  return failures;
}

function typeOf(
  columns: readonly PublishedColumn[],
  name: string,
): string | undefined {
  return columns.find((column) => column.name === name)?.type;
}

interface Aggregate {
  readonly sql: string;
  readonly shape: ReturnType<typeof shapeOf>;
  readonly expected: ReturnType<typeof expectedValue>;
}

function aggregates(check: ColumnCheck, type: string): readonly Aggregate[] {
  const c = quoted(check.column);
  const shape = shapeOf(type);
  const integer = shapeOf("long");
  const number = shapeOf("decimal");
  const [low, high] = type.startsWith("boolean")
    ? ["bool_and", "bool_or"]
    : ["min", "max"];
  // PostgreSQL 15 has no min(bytea); hex digits order as bytes do.
  const value = type === "binary" ? `encode(${c}, 'hex')` : c;
  const of = (
    sql: string,
    expected: ColumnCheck["min"],
    as: Aggregate["shape"],
  ): readonly Aggregate[] =>
    expected === undefined
      ? []
      : [{ sql, shape: as, expected: expectedValue(expected, as) }];
  return [
    ...of(`count(*) - count(${c})`, check.nulls, integer),
    ...of(`count(DISTINCT ${c})`, check.distinct, integer),
    ...of(`${low}(${value})`, check.min, shape),
    ...of(`${high}(${value})`, check.max, shape),
    ...of(`sum(${c})`, check.sum, number),
    ...of(`count(*) FILTER (WHERE ${c})`, check.true_count, integer),
  ];
}

/** What statistics may answer, and its twin that has to be read from the files. */
async function checkTwins(
  client: pg.Client,
  { name, expect }: PublishedTable,
): Promise<Failures> {
  const names = (expect.columns ?? [])
    .filter(({ type }) => ORDERED.test(type))
    .map((column) => quoted(column.name));
  const items = [
    "count(*)",
    ...names.flatMap((c) => [`count(${c})`, `min(${c})`, `max(${c})`]),
  ];
  const read = items.map(
    (item) => `${item} FILTER (WHERE _metadata.row_index >= 0)`,
  );
  const from = `FROM ${quoted(name)}`;
  const [answered] = await texts(client, `SELECT ${items.join(", ")} ${from}`);
  const [scanned] = await texts(client, `SELECT ${read.join(", ")} ${from}`);
  return differs("aggregates of the whole table", answered, scanned);
}

const ORDERED =
  /^(?:byte|short|integer|long|float|double|decimal.*|string|date|timestamp.*)$/;

async function checkRows(
  client: pg.Client,
  { name, expect }: PublishedTable,
): Promise<Failures> {
  if (expect.rows === undefined) return [];
  const actual = await rowsOf(client, quoted(name), expect.columns ?? []);
  return differentRows(
    "row",
    actual,
    expectedRows(expect.rows, expect.columns),
  );
}

/** Absolute paths of the writer's machine lie outside every lake of ours. */
const MISSING =
  /^58P01 data file of table ".+" is missing The file is "\/|^42501 file "\/some\/unqualified/;

/** A version whose data files are gone fails by their name, and never answers with fewer rows. */
async function checkGone(
  client: pg.Client,
  { name, expect }: PublishedTable,
): Promise<Failures> {
  const t = quoted(name);
  const gone = Object.keys(expect.unreadable_versions ?? {}).map(
    (version) => `SELECT count(*) FROM ${t} VERSION AS OF ${version}`,
  );
  if (expect.data_files_published === false && expect.active_files !== 0)
    gone.push(`SELECT * FROM ${t}`, `SELECT count(*) FROM ${t}`);
  const failures: string[] = [];
  for (const sql of gone) {
    const failure = await failureOf(client, sql);
    if (!MISSING.test(failure ?? ""))
      failures.push(`${sql}: ${failure ?? "answered"}`);
  }
  return failures;
}
