// COPY on Sluice and on PostgreSQL 15: the same bytes out, the same rows in, the same errors with their context.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { requireProgram, run } from "../clients/program.ts";
import { startTestGateway, type TestGateway } from "../harness.ts";
import { startPostgres, type OracleServer } from "../oracle/postgres.ts";
import { CopyClient, type CopyOutcome } from "./copy-client.ts";
import { parseScript, type ScriptStep } from "./script.ts";

const FOLDER = join(import.meta.dirname, "scripts");
const SCRIPTS = readdirSync(FOLDER).filter((name) => name.endsWith(".copy"));

let sluice: TestGateway;
let postgres: OracleServer;

beforeAll(async () => {
  [sluice, postgres] = await Promise.all([startTestGateway(), startPostgres()]);
}, 120_000);

afterAll(async () => {
  await sluice[Symbol.asyncDispose]();
  await postgres[Symbol.asyncDispose]();
});

test("there are scripts", () => {
  expect(SCRIPTS.length).toBeGreaterThanOrEqual(4);
});

test.each(SCRIPTS)("%s gives what PostgreSQL gives", async (file) => {
  const steps = parseScript(readFileSync(join(FOLDER, file), "utf8"), file);
  expect(steps.length).toBeGreaterThan(5);
  await using ours = await connect("ours");
  await using theirs = await connect("theirs");
  const schema = file.replace(/\W/g, "_");
  for (const client of [ours, theirs]) {
    await client.run(`create schema ${schema}`);
    await client.run(`set search_path = ${schema}`);
  }
  const differences: unknown[] = [];
  for (const step of steps) {
    const mine = shown(await perform(ours, step), step.sql);
    const reference = shown(await perform(theirs, step), step.sql);
    try {
      expect(mine).toEqual(reference);
    } catch {
      differences.push({ line: step.line, sql: step.sql, mine, reference });
    }
  }
  expect(differences).toEqual([]);
});

function connect(side: "ours" | "theirs"): Promise<CopyClient> {
  const host = "127.0.0.1";
  return CopyClient.connect(
    side === "ours"
      ? {
          host,
          port: sluice.pgPort,
          user: "admin",
          password: sluice.adminToken,
          database: "main",
        }
      : { host, port: postgres.port, user: "oracle", database: "postgres" },
  );
}

function perform(client: CopyClient, step: ScriptStep): Promise<CopyOutcome> {
  return step.kind === "in"
    ? client.copyIn(step.sql, [step.data])
    : client.run(step.sql);
}

/** Rows of a table come in any order. */
function shown({ bytes, ...outcome }: CopyOutcome, sql: string): object {
  const lines = bytes.toString("latin1").split("\n");
  const ordered = sql.includes("order by") || !sql.startsWith("copy t");
  return { ...outcome, lines: ordered ? lines : lines.toSorted() };
}

const TYPES = `
  i2 int2, i4 int4, i8 int8, n numeric(38,10), m numeric(9,2), f4 float4, f8 float8, b bool, t text, vc varchar(40), c char(5),
  by bytea, d date, ts timestamp, tz timestamptz, ti time, iv interval, u uuid, j json, jb jsonb,
  ai int4[], at text[], ad date[], an numeric(10,3)[], atz timestamptz[]`;

/** Rows of every type, a fifth of the values NULL, ends of ranges among them; the same ones each time. */
const ROWS = `
  insert into every
  select pick(i2), pick(i4), pick(i8), pick(n), pick(m), pick(f4), pick(f8), pick(b), pick(t), pick(vc), pick(c), pick(by), pick(d),
    pick(ts), pick(tz), pick(ti), pick(iv), pick(u), pick(j), pick(jb), pick(ai), pick(at), pick(ad), pick(an), pick(atz)
  from generate_series(1, 400) as s(x), lateral (select
    (array[-32768, 32767, 0, 7])[1 + x % 4]::int2 as i2,
    (array[-2147483648, 2147483647, 0, 1234567])[1 + x % 4]::int4 as i4,
    (array['-9223372036854775808', '9223372036854775807', '0', '9007199254740993'])[1 + x % 4]::int8 as i8,
    (random() * 10 ^ (x % 27))::numeric(38,10) as n, ((random() - 0.5) * 10000)::numeric(9,2) as m,
    (array['NaN', 'Infinity', '-Infinity', '-0', '1e-30', '3.4e38', '0.1', '16777217'])[1 + x % 8]::float4 as f4,
    (array['NaN', 'Infinity', '-0', '1e-300', '1.7e308', '0.1', '123456789012345680', random()::text])[1 + x % 8]::float8 as f8,
    x % 2 = 0 as b,
    (array['', E'tab\\tnew\\nline\\rreturn', 'back\\slash \\N \\.', 'quo"te, comma', 'ünïcödé 漢字 🦆', '\\N', 'null', E'\\b\\f\\v', repeat('long ', 300)])[1 + x % 9] as t,
    left(md5(x::text), x % 33) as vc, left('abc', x % 4) as c, decode(md5(x::text), 'hex') as by,
    (array['0044-03-15 BC', '9999-12-31', 'infinity', '-infinity', '2000-02-29', '1582-10-15'])[1 + x % 6]::date as d,
    (array['0001-01-01 00:00:00', '9999-12-31 23:59:59.999999', '2024-03-31 02:30:00', 'infinity', '1969-12-31 23:59:59.5'])[1 + x % 5]::timestamp as ts,
    (array['2024-03-31 01:30:00+00', '2024-10-27 00:30:00.25+00', '0100-06-01 12:00:00+00', '-infinity', '1883-01-01 00:00:00+00'])[1 + x % 5]::timestamptz as tz,
    (array['00:00:00', '23:59:59.999999', '12:34:56.7'])[1 + x % 3]::time as ti,
    (array['1 year 2 mons -3 days 04:05:06.789', '-1 mons', '00:00:00', '-23:59:59.000001', '100 days'])[1 + x % 5]::interval as iv,
    md5(x::text)::uuid as u,
    (array['{"a": 1,  "b":[null,true]}', '"t\\u00e9xt\\n"', '[]', '12.50'])[1 + x % 4]::json as j,
    (array['{"b": 1,  "a":[null,true, 1.10]}', '"t\\u00e9xt\\n"', '[]', 'null'])[1 + x % 4]::jsonb as jb,
    (array['{1,NULL,-3}', '{}', '{2147483647}'])[1 + x % 3]::int4[] as ai,
    (array['{a,"b c","NULL",NULL,"q\\"uote","back\\\\slash",""}', '{}', '{","}'])[1 + x % 3]::text[] as at,
    (array['{2024-01-01,NULL,infinity}', '{}'])[1 + x % 2]::date[] as ad,
    (array['{1.500,-2.25,NULL}', '{}'])[1 + x % 2]::numeric(10,3)[] as an,
    (array['{"2024-03-31 01:30:00+00"}', '{}'])[1 + x % 2]::timestamptz[] as atz) as v`;

const PICK = `create function pick(v anyelement) returns anyelement volatile language sql as 'select case when random() < 0.2 then null else v end'`;

const FORMATS = [
  "text",
  "csv",
  "binary",
  "csv, header, force_quote *",
  "csv, quote '''', escape '\\', delimiter ';', null 'nil'",
  "text, header, delimiter '|', null ''",
];
const SETTINGS = [
  "set timezone = 'Europe/Berlin'; set datestyle = 'ISO, MDY'",
  "set timezone = 'UTC'; set datestyle = 'German'; set intervalstyle = 'iso_8601'; set bytea_output = 'escape'; set extra_float_digits = 0",
  "set timezone = 'UTC'; set datestyle = 'SQL, DMY'; set intervalstyle = 'sql_standard'",
  "set timezone = 'Asia/Kathmandu'; set datestyle = 'Postgres, MDY'; set intervalstyle = 'postgres_verbose'",
];

test("rows of every type go through every format in both directions as in PostgreSQL", async () => {
  await using ours = await connect("ours");
  await using theirs = await connect("theirs");
  for (const client of [ours, theirs]) {
    const made = await client.run(`create table every (${TYPES})`);
    expect(made.error).toBeUndefined();
  }
  await theirs.run("select setseed(0.25)");
  await theirs.run(PICK);
  const filled = await theirs.run(ROWS);
  expect(filled.tag).toBe("INSERT 0 400");
  let complete = 0;
  for (const [round, settings] of SETTINGS.entries()) {
    for (const [place, format] of FORMATS.entries()) {
      for (const client of [ours, theirs]) await client.run(settings);
      const options = `(format ${format})`;
      const sent = await theirs.run(`copy every to stdout ${options}`);
      const table = `every_${round}_${place}`;
      const read = options.replace(", force_quote *", "");
      const [mine, reference] = await Promise.all(
        [ours, theirs].map(async (client) => {
          await client.run(`create table ${table} (${TYPES})`);
          const { tag, error } = await client.copyIn(
            `copy ${table} from stdin ${read}`,
            [...slices(sent.bytes, 1000 + 777 * place)],
          );
          const { bytes } = await client.run(
            `copy ${table} to stdout ${options}`,
          );
          return { tag, error, text: bytes.toString("latin1") };
        }),
      );
      expect(mine, `${settings} ${format}`).toEqual(reference);
      complete += mine?.tag === "COPY 400" ? 1 : 0;
    }
  }
  // Under some settings PostgreSQL does not read what it wrote.
  expect(complete).toBeGreaterThan(FORMATS.length * 2);
});

test("psql's \\copy writes a file and reads it back", async () => {
  requireProgram("psql", "postgresql-client-15");
  const file = join(sluice.dataDir, "rows.csv");
  const script = [
    "create table psql_copy (a int, b text);",
    "insert into psql_copy values (1, 'one'), (2, null), (3, 'x,\"y\"');",
    `\\copy psql_copy to '${file}' csv header`,
    `\\copy psql_copy from '${file}' csv header`,
    "select a, b, count(*) from psql_copy group by 1, 2 order by 1;",
    "copy psql_copy from stdin;",
    "4\tfour",
    "\\.",
    "select count(*) from psql_copy;",
  ].join("\n");
  const target = `host=127.0.0.1 port=${sluice.pgPort} dbname=main user=admin`;
  const { stdout, stderr } = await run("psql", ["-X", "-At", target], {
    env: { PGPASSWORD: sluice.adminToken },
    input: `${script}\n`,
  });
  expect(stderr).toBe("");
  expect(stdout.split("\n")).toEqual([
    "CREATE TABLE",
    "INSERT 0 3",
    "COPY 3",
    "COPY 3",
    "1|one|2",
    "2||2",
    '3|x,"y"|2',
    "COPY 1",
    "7",
    "",
  ]);
});

function* slices(bytes: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) {
    yield bytes.subarray(at, at + size);
  }
}
