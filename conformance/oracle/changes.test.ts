// Random sequences of INSERT, UPDATE, DELETE and MERGE over small tables, the same on PostgreSQL 15: after every statement command tag,
// RETURNING and all rows are equal. The tables are of several kinds: copied files, deletion vectors, change feed, partitions.

import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fc } from "../../storage/common/property.testkit.ts";
import { startTestGateway, type TestGateway } from "../harness.ts";
import { startPostgres, type OracleServer } from "./postgres.ts";

let sluice: TestGateway;
let postgres: OracleServer;
let ours: pg.Client;
let theirs: pg.Client;

beforeAll(async () => {
  [sluice, postgres] = await Promise.all([startTestGateway(), startPostgres()]);
  ours = await sluice.connect({ raw: true });
  theirs = await postgres.connect();
}, 300_000);

afterAll(async () => {
  await theirs.end();
  await sluice[Symbol.asyncDispose]();
  await postgres[Symbol.asyncDispose]();
});

const KINDS = [
  ["copied files", ""],
  [
    "deletion vectors",
    "TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')",
  ],
  ["partitions", "PARTITIONED BY (s)"],
  [
    "partitions, deletion vectors and a change feed",
    "PARTITIONED BY (k) TBLPROPERTIES ('delta.enableDeletionVectors' = 'true', 'delta.enableChangeDataFeed' = 'true')",
  ],
] as const;

const number = (...sides: readonly string[]): fc.Arbitrary<string> =>
  fc.constantFrom(
    ...sides.flatMap((side) => [`${side}.k`, `${side}.v`]),
    "0",
    "2",
    "(select max(v) from u)",
    "(select count(*) from t)",
    ...sides.map((side) => `coalesce(${side}.v, 0) + 1`),
    ...sides.map((side) => `(select min(x.v) from u x where x.k = ${side}.k)`),
  );

const condition = (...sides: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof(
    fc
      .tuple(
        number(...sides),
        fc.constantFrom("=", "<", "<>", ">="),
        number(...sides),
      )
      .map((parts) => parts.join(" ")),
    number(...sides).map((value) => `${value} is null`),
    fc.constantFrom(...sides).map((side) => `${side}.s in ('a', 'b')`),
    fc.constantFrom(...sides).map((side) => `${side}.k in (select k from u)`),
    fc.constantFrom(...sides).map((side) => `not (${side}.v > 1)`),
  );

const text = (...sides: readonly string[]): fc.Arbitrary<string> =>
  fc.constantFrom("'a'", "'new'", "null", ...sides.map((it) => `${it}.s`));

const list = (...sides: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof(
    number(...sides).map((value) => `v = ${value}`),
    fc
      .tuple(number(...sides), text(...sides))
      .map(([v, s]) => `(v, s) = (${v}, ${s})`),
    fc
      .tuple(number(...sides), text(...sides))
      .map(([k, s]) => `s = ${s}, k = ${k}`),
    fc
      .constantFrom(...sides)
      .map((it) => `(s, v) = (select x.s, x.v from u x where x.k = ${it}.k)`),
  );

const RETURNING = fc.constantFrom(
  "",
  "",
  " returning t.*",
  " returning t.k, coalesce(t.v, -1) + 1 as n",
);

/** The source's keys are distinct, so that no row has two new values to choose from. */
const joined = "t.k = u.k";

const statement: fc.Arbitrary<string> = fc.oneof(
  fc
    .tuple(list("t"), condition("t"), RETURNING)
    .map(([set, where, end]) => `update t set ${set} where ${where}${end}`),
  fc
    .tuple(list("t", "u"), condition("t", "u"), RETURNING)
    .map(
      ([set, where, end]) =>
        `update t set ${set} from u where ${joined} and ${where}${end}`,
    ),
  fc
    .tuple(condition("t"), RETURNING)
    .map(([where, end]) => `delete from t where ${where}${end}`),
  fc
    .tuple(condition("t", "u"), RETURNING)
    .map(([where, end]) => `delete from t using u where ${where}${end}`),
  fc
    .tuple(
      fc.option(condition("t", "u")),
      fc.option(list("t", "u"), { freq: 4 }),
      fc.option(condition("u")),
    )
    .map(
      ([matched, set, missing]) =>
        `merge into t using u on ${joined} when matched${matched === null ? "" : ` and ${matched}`} then ${set === null ? "delete" : `update set ${set}`} when not matched${missing === null ? "" : ` and ${missing}`} then insert (s, k, v) values (u.s, u.k, u.v)`,
    ),
  fc.constant("insert into t select k, v, s from u where v is not null"),
  fc.constant("update u set v = v + 1"),
);

const row = fc
  .tuple(
    fc.constantFrom("null", "0", "1", "2", "3"),
    fc.constantFrom("null", "-1", "0", "1", "2"),
    fc.constantFrom("null", "'a'", "'b'", "''"),
  )
  .map((cells) => `(${cells.join(", ")})`);

async function outcome(client: pg.Client, sql: string): Promise<unknown> {
  try {
    const { command, rowCount, rows } = await client.query<(string | null)[]>({
      text: sql,
      rowMode: "array",
    });
    return { command, rowCount, rows: rows.map(String).toSorted() };
  } catch (error) {
    const { code, message } = error as Record<string, string | undefined>;
    return { code, message };
  }
}

test.each(KINDS)(
  "tables with %s",
  async (_name, options) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 1, maxLength: 6 }),
        fc.array(statement, { minLength: 4, maxLength: 6 }),
        async (rows, statements) => {
          const run = async (sql: string, mine = sql): Promise<void> => {
            const [got, wanted] = [
              await outcome(ours, mine),
              await outcome(theirs, sql),
            ];
            expect(got, sql).toEqual(wanted);
          };
          const columns = "(k int, v bigint, s text)";
          await outcome(ours, "drop table if exists t");
          await theirs.query("drop table if exists t, u");
          await outcome(ours, "drop table if exists u");
          await run(
            `create table t ${columns}`,
            `create table t ${columns} ${options}`,
          );
          await run(`create table u ${columns}`);
          await run(`insert into t values ${rows.join(", ")}`);
          await run(
            "insert into u values (0, 5, 'a'), (1, null, 'b'), (2, 2, null), (7, 1, 'z')",
          );
          for (const sql of statements) {
            await run(sql);
            await run("select k, v, s from t");
          }
        },
      ),
      { numRuns: 12 },
    );
  },
  300_000,
);

/** Values and conditions of DO UPDATE. */
const side = fc.constantFrom("t", "excluded");
const upserted: fc.Arbitrary<string> = fc
  .tuple(
    fc.array(row, { minLength: 1, maxLength: 4 }),
    fc.option(fc.tuple(side, side, fc.option(condition("t", "excluded")))),
    RETURNING,
  )
  .map(([rows, update, end]) => {
    const values = rows.map((it) => it.replace("(null", "(4")).join(", ");
    const [a, b, where] = update ?? [];
    const action =
      update === null
        ? "nothing"
        : `update set v = ${a}.v + 1, s = ${b}.s || 'x'${where ? ` where ${where}` : ""}`;
    return `insert into t values ${values} on conflict (k) do ${action}${end}`;
  });

test("INSERT … ON CONFLICT", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(upserted, { minLength: 4, maxLength: 6 }),
      async (statements) => {
        for (const client of [ours, theirs])
          for (const sql of [
            "drop table if exists t, u",
            "create table t (k int primary key, v bigint, s text)",
            "create table u (k int, v bigint, s text)",
            "insert into u values (0, 5, 'a'), (1, null, 'b')",
          ])
            await client.query(sql);
        for (const sql of statements) {
          expect(await outcome(ours, sql), sql).toEqual(
            await outcome(theirs, sql),
          );
          const all = "select k, v, s from t";
          expect(await outcome(ours, all), sql).toEqual(
            await outcome(theirs, all),
          );
        }
      },
    ),
    { numRuns: 12 },
  );
}, 300_000);
