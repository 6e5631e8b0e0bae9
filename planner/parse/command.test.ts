import { beforeAll, describe, expect, test } from "vitest";
import { SqlError } from "../../storage/common/errors.ts";
import { loadGrammar } from "./grammar.ts";
import { parseSql } from "./parse.ts";
import { bare, failureOf, parseOne } from "./parse.testkit.ts";
import { printStatement } from "./print.ts";

beforeAll(loadGrammar);

/** Each prints to what parses the same. */
function check(sql: string, expected: object): void {
  const statement = parseOne(sql);
  expect(bare(statement)).toMatchObject(expected);
  if (statement.kind === "unsupported") return;
  const printed = printStatement(statement);
  expect(bare(parseOne(printed)), printed).toEqual(bare(statement));
}

describe("GRANT, DENY, REVOKE", () => {
  test.each([
    ["grant select on table t to bob", "grant", { kind: "table" }],
    ["deny select, MODIFY on s.t to `a b`, public", "deny", { kind: "table" }],
    [
      'revoke all privileges on schema default from "Bob"',
      "revoke",
      { kind: "schema" },
    ],
    ["grant all on database s to bob", "grant", { kind: "schema" }],
    ["grant use schema on schema s to bob", "grant", { kind: "schema" }],
    ["grant usage on catalog to bob", "grant", { kind: "catalog" }],
    [
      "grant usage on catalog c to bob",
      "grant",
      { kind: "catalog", name: { name: "c" } },
    ],
    ["grant select on any file to bob", "grant", { kind: "any-file" }],
    [
      "grant select on anonymous function to bob",
      "grant",
      { kind: "anonymous-function" },
    ],
    ["grant execute on function s.f to bob", "grant", { kind: "function" }],
    ["grant select on view v to bob", "grant", { kind: "view" }],
    ["grant select on `any` to bob", "grant", { kind: "table" }],
    ["grant select on schema.t to bob", "grant", { kind: "table" }],
    ["grant select on a.b.c to bob", "grant", { kind: "table" }],
    [
      'grant select on "a.b" to bob',
      "grant",
      { kind: "table", name: { parts: [{ name: "a.b" }] } },
    ],
  ])("%s", (sql, kind, securable) => {
    check(sql, { kind, securable });
  });

  test("privileges are upper case with their places, PUBLIC is users", () => {
    expect(parseOne('grant select, "create" on t to public')).toMatchObject({
      privileges: [
        { name: "SELECT", position: 7 },
        { name: "CREATE", position: 15 },
      ],
      principals: [{ name: "users", position: 32 }],
    });
    check("grant all on t to bob", {
      privileges: [{ name: "ALL PRIVILEGES" }],
    });
  });

  test.each([
    ["grant select on t to 'bob'", "syntax error at or near \"'bob'\"", 22],
    ["grant select on t", "syntax error at end of input", 18],
    ["grant select on table to bob", 'syntax error at or near "to"', 23],
    ["grant select t to bob", 'syntax error at or near "t"', 14],
    ["grant on t to bob", 'syntax error at or near "on"', 7],
    ["revoke select on t to bob", 'syntax error at or near "to"', 20],
    ["deny select on t to bob extra", 'syntax error at or near "extra"', 25],
    [
      "grant select on a.b.c.d to bob",
      "improper qualified name (too many dotted names): a.b.c.d",
      17,
    ],
    ["select 1; grant select on t to;", 'syntax error at or near ";"', 31],
  ])("%s is a syntax error", (sql, message, position) => {
    expect(failureOf(sql)).toEqual({ code: "42601", message, position });
  });

  test.each([
    ["grant select on t to bob with grant option", 26],
    ["revoke grant option for select on t from bob", 8],
    ["grant select on t to bob granted by admin", 26],
    ["revoke select on t from bob cascade", 29],
    ["grant admins to bob", 14],
    ["revoke admins from bob", 15],
    ["grant select on all tables in schema s to bob", 17],
    ["alter default privileges grant select on tables to bob", 1],
    ["grant select (a) on t to bob", 14],
    ["grant select on a, b to bob", 18],
  ])("%s is refused with a hint", (sql, position) => {
    let failure: unknown;
    try {
      parseSql(sql);
    } catch (error) {
      failure = error;
    }
    expect(failure).toBeInstanceOf(SqlError);
    expect(failure).toMatchObject({ code: "0A000", position });
    expect(failure).toHaveProperty("hint", expect.stringMatching(/\.$/));
  });

  test("SHOW GRANTS, MSCK and OWNER", () => {
    check("show grants on t", {
      kind: "show-grants",
      securable: { kind: "table" },
    });
    check("show grant bob on schema s", { principal: { name: "bob" } });
    check("show grants on catalog", { securable: { kind: "catalog" } });
    check("msck repair s privileges", { securable: { kind: "schema" } });
    check("msck repair table t privileges", { securable: { kind: "table" } });
    check("msck repair catalog privileges", { securable: { kind: "catalog" } });
    check("msck repair any file privileges", {
      securable: { kind: "any-file" },
    });
    check("alter table s.t owner to bob", {
      kind: "alter-owner",
      owner: { name: "bob" },
    });
    check("alter database s set owner to public", {
      securable: { kind: "schema" },
      owner: { name: "users" },
    });
    check("alter catalog c owner to bob", { securable: { kind: "catalog" } });
    expect(parseOne("msck repair table t")).toMatchObject({
      kind: "unsupported",
      tables: [{ parts: [{ name: "t" }] }],
    });
  });
});

describe("groups, users, tokens", () => {
  test("groups", () => {
    check("create group g with user a, b group c", {
      action: {
        users: [{ name: "a" }, { name: "b" }],
        groups: [{ name: "c" }],
      },
    });
    check("create group g", { action: { users: [], groups: [] } });
    check("alter group g add user a group b drop user c", {
      action: {
        changes: [
          { verb: "add", type: "user", members: [{ name: "a" }] },
          { verb: "add", type: "group", members: [{ name: "b" }] },
          { verb: "drop", type: "user", members: [{ name: "c" }] },
        ],
      },
    });
    check("drop group if exists g", {
      action: { kind: "drop", ifExists: true },
    });
    expect(failureOf("create group g with").code).toBe("42601");
    expect(failureOf("alter group g add").code).toBe("42601");
    expect(failureOf("create group 'g'").code).toBe("42601");
  });

  test("users and tokens", () => {
    check('create user "a@b.c"', { kind: "user", name: { name: "a@b.c" } });
    check("drop user if exists bob", { action: "drop", ifExists: true });
    check("create token", { kind: "token", action: { kind: "create" } });
    check("create token for user bob comment 'bi' lifetime 90 days", {
      action: { user: { name: "bob" }, comment: "bi", lifetimeDays: 90 },
    });
    check("create token addresses '10.0.0.0/8', '::1' comment 'bi'", {
      action: { comment: "bi", addresses: ["10.0.0.0/8", "::1"] },
    });
    check("revoke token 'abc'", { action: { kind: "revoke", id: "abc" } });
    check("cancel query 'q1'", { kind: "cancel-query", id: "q1" });
    expect(failureOf("create user bob with password 'x'").code).toBe("0A000");
    expect(failureOf("create token lifetime 5").code).toBe("42601");
    expect(failureOf("create token addresses").code).toBe("42601");
  });
});

describe("SHOW, DESCRIBE, USE", () => {
  test.each([
    ["show catalogs", { kind: "catalogs" }],
    [
      "show schemas in c like 'a*'",
      { kind: "schemas", catalog: { name: "c" }, like: "a*" },
    ],
    ["show databases", { kind: "schemas" }],
    ["show tables", { kind: "tables" }],
    ["show tables from c.s 'x|y'", { kind: "tables", like: "x|y" }],
    [
      "show tables in catalog c schema like 's' like 't'",
      { catalog: { name: "c" }, schemaLike: "s", like: "t" },
    ],
    ["show tables in all catalogs", { allCatalogs: true }],
    ["show views in s", { kind: "views" }],
    ["show user functions like 'f'", { kind: "functions", like: "f" }],
    [
      "show columns in t in s",
      { kind: "columns", table: { parts: [{ name: "s" }, { name: "t" }] } },
    ],
    ["show groups with user bob", { kind: "groups", with: { type: "user" } }],
    ["show groups like 'a%'", { kind: "groups", like: "a%" }],
    ["show users 'a'", { kind: "users", like: "a" }],
    ["show tokens", { kind: "tokens" }],
    ["show queries", { kind: "queries" }],
    ["show streams", { kind: "streams" }],
    ["show search_path", { kind: "setting", name: "search_path" }],
    ["show all", { kind: "setting", name: "all" }],
    ["show time zone", { kind: "setting", name: "timezone" }],
    [
      "show transaction isolation level",
      { kind: "setting", name: "transaction_isolation" },
    ],
    ["show My.Setting", { kind: "setting", name: "my.setting" }],
  ])("%s", (sql, what) => {
    check(sql, { kind: "show", what });
  });

  test.each([
    ["describe t", { kind: "table", form: "columns" }],
    ["desc table extended s.t", { form: "extended" }],
    ["describe formatted t", { form: "extended" }],
    ["describe detail t", { form: "detail" }],
    ["describe history s.t", { form: "history" }],
    ["describe history s.t limit 5", { form: "history", limit: 5 }],
    [
      "describe history",
      { form: "columns", name: { parts: [{ name: "history" }] } },
    ],
    ["describe query select 1", { kind: "query" }],
    ["desc select 1 qualify true", { kind: "query" }],
  ])("%s", (sql, target) => {
    check(sql, { kind: "describe", target });
  });

  test("USE", () => {
    check("use s", { kind: "use", type: "either" });
    check("use catalog c", { type: "catalog" });
    check("use schema default", { type: "schema" });
    check("use c.s", {
      type: "either",
      name: { parts: [{ name: "c" }, { name: "s" }] },
    });
    check("set catalog c", { kind: "use", type: "catalog" });
  });

  test("SHOW CREATE TABLE and SHOW CREATE VIEW describe what they name", () => {
    for (const kind of ["table", "view"])
      expect(parseOne(`show create ${kind} s.t`)).toMatchObject({
        kind: "describe",
        target: {
          form: "create",
          name: { parts: [{ name: "s" }, { name: "t" }] },
        },
      });
    expect(printStatement(parseOne("show create view t"))).toBe(
      'SHOW CREATE TABLE "t"',
    );
  });

  test("what other systems show is refused with its table", () => {
    expect(parseOne("show partitions s.t")).toMatchObject({
      construct: "SHOW PARTITIONS is",
      tables: [{ parts: [{ name: "s" }, { name: "t" }] }],
    });
    expect(parseOne("show columns in catalog c").kind).toBe("unsupported");
    expect(parseOne("describe schema f").kind).toBe("unsupported");
  });
});

describe("tables and schemas", () => {
  test("properties, comments, schemas", () => {
    check("alter table s.t set tblproperties ('a.b' = 'c', d = 1)", {
      kind: "alter",
      actions: [{ kind: "set-properties", properties: { "a.b": "c", d: "1" } }],
    });
    check("alter view v unset tblproperties if exists ('a', b.c)", {
      type: "view",
      actions: [
        { kind: "unset-properties", keys: ["a", "b.c"], ifExists: true },
      ],
    });
    check("alter table t alter column c comment 'x'", {
      kind: "comment",
      type: "column",
      name: { parts: [{ name: "t" }, { name: "c" }] },
    });
    check("create schema if not exists c.s comment 'x'", {
      kind: "create-schema",
      name: { parts: [{ name: "c" }, { name: "s" }] },
      ifNotExists: true,
      comment: "x",
    });
    check("drop schema if exists c.s, default cascade", {
      kind: "drop",
      type: "schema",
      cascade: true,
    });
    check("comment on catalog c is 'x'", { type: "catalog", comment: "x" });
    check("comment on table s.t is null", { comment: null });
    check("refresh catalog c", { kind: "refresh-catalog" });
    check("refresh table s.t", { kind: "refresh-table" });
    check("analyze table t compute statistics for all columns", {
      kind: "analyze",
    });
    check("analyze t", { kind: "analyze" });
  });

  test("upkeep: OPTIMIZE, VACUUM, RESTORE", () => {
    check("optimize s.t where (zorder = 1) zorder by (a, b)", {
      kind: "optimize",
      full: false,
      where: { kind: "operator" },
      zorder: [{ parts: [{ name: "a" }] }, { parts: [{ name: "b" }] }],
    });
    check("reorg table s.t where (apply = 1) apply (purge)", {
      kind: "optimize",
      purge: true,
      where: { kind: "operator" },
    });
    check("vacuum t", { kind: "vacuum", dryRun: false });
    check("vacuum s.t retain 5 hours dry run", {
      retainHours: 5,
      dryRun: true,
    });
    check("restore table s.t to version as of 3", {
      kind: "restore",
      travel: { kind: "version" },
    });
  });

  test.each([
    ["optimize t where a = 1 group by b", 'at or near "where"'],
    ["optimize t where", "at end of input"],
    ["optimize t zorder by ()", 'at or near ")"'],
    ["reorg table t", "at end of input"],
    ["reorg table t apply (zorder)", 'at or near "zorder"'],
    ["reorg table t apply (purge) where a = 1", 'at or near "where"'],
    ["vacuum t retain x hours", 'at or near "x"'],
    ["vacuum t retain 5", "at end of input"],
    ["restore t to 3", 'at or near "3"'],
    ["restore t to version as of 3 where true", "at or near"],
  ])("%s is a syntax error", (sql, place) => {
    expect(() => parseOne(sql)).toThrow(`syntax error ${place}`);
  });

  test.each([
    ["vacuum full verbose s.t", "VACUUM FULL is", "t"],
    [
      "reorg table s.t apply (upgrade uniform (iceberg_compat_version = 2))",
      "REORG TABLE … APPLY (UPGRADE …) is",
      "t",
    ],
    ["vacuum s.t lite", "VACUUM LITE is", "t"],
    [
      "create streaming table if not exists s.t as select 1",
      "CREATE STREAMING TABLE is",
      "t",
    ],
    ["refresh streaming table s.t full", "REFRESH STREAMING TABLE is", "t"],
    ["create index on s.t (a)", "CREATE INDEX is", "t"],
    ["alter table s.t enable trigger a", "ALTER TABLE is", "t"],
    [
      "create materialized view s.v as select 1 from s.t",
      "CREATE MATERIALIZED VIEW is",
      "t",
    ],
    ["subscribe to s.t", "SUBSCRIBE is", "t"],
  ])("%s names its construct and table", (sql, construct, table) => {
    const statement = parseOne(sql);
    expect(statement).toMatchObject({ kind: "unsupported", construct });
    const names =
      statement.kind === "unsupported"
        ? statement.tables.map(({ parts }) => parts.map((part) => part.name))
        : [];
    expect(names).toContainEqual(["s", table]);
  });

  test.each([
    ["create catalog c", "CREATE CATALOG is"],
    ["create database d", "CREATE DATABASE is"],
    ["explain stream select 1", "EXPLAIN STREAM is"],
  ])("%s needs no table", (sql, construct) => {
    expect(parseOne(sql)).toMatchObject({ construct, tables: [] });
  });

  test("CREATE FUNCTION gives parameters, defaults, types and a body", () => {
    check(
      "create or replace function s.f(a int, b map<string, array<int>> default null) returns string comment 'c' language sql return a || 'x'",
      {
        kind: "create-function",
        mode: "or-replace",
        temporary: false,
        parameters: [
          { name: { name: "a" } },
          { name: { name: "b" }, default: { kind: "literal" } },
        ],
        comment: "c",
        body: { kind: "operator", operator: "||" },
      },
    );
    check("create function f() return select 1", {
      kind: "create-function",
      body: { kind: "subquery", form: "scalar" },
    });
  });

  test("the body's text is kept as it was written", () => {
    expect(
      parseOne("create function f(a int) return  a  ||  'ü' ; "),
    ).toMatchObject({ source: "a  ||  'ü'" });
  });

  test.each([
    ["create function f(a int) return a, 1", "42601"],
    ["create function f(a int) return a as b", "42601"],
    ["create function f(a int) return", "42601"],
    ["create function f(a int, A int) return 1", "42P13"],
    ["create function f(a int default 1, b int) return 1", "42P13"],
    ["create function f(a int) returns table (b int) return 1", "0A000"],
    ["create function f(a int) returns int language python return 1", "0A000"],
    ["create function f(int) return $1", "0A000"],
    ["create function f(a int) returns int as $$ select 1 $$", "0A000"],
  ])("%s is refused with %s", (sql, code) => {
    expect(() => parseOne(sql)).toThrow(expect.objectContaining({ code }));
  });

  test.each([
    ["create table t (a int, b text mask f)", 'MASK "f"'],
    [
      "create table t (a int, `b` text not null mask `s`.f using columns (a, 'x', -1))",
      `MASK "s"."f" USING COLUMNS ("a", 'x', -1)`,
    ],
    [
      "create table t (a int) using delta with row filter f on (a) comment 'c'",
      'WITH ROW FILTER "f" ON ("a")',
    ],
    [
      "create table t with row filter s.f on () as select 1 as a",
      'WITH ROW FILTER "s"."f" ON ()',
    ],
    ["create or replace table t (a int mask s.f)", 'MASK "s"."f"'],
    [
      "alter table t set row filter s.f on (a, `B c`, interval '1 day', null)",
      `SET ROW FILTER "s"."f" ON ("a", "B c", INTERVAL '1 day', NULL)`,
    ],
    ["alter table t drop row filter", "DROP ROW FILTER"],
    [
      "alter table t alter column a set mask f using columns (b)",
      'ALTER COLUMN "a" SET MASK "f" USING COLUMNS ("b")',
    ],
    ["alter table t alter a drop mask", 'ALTER COLUMN "a" DROP MASK'],
  ])("%s keeps its policy", (sql, policy) => {
    const printed = printStatement(parseOne(sql));
    expect(printed).toContain(policy);
    expect(printStatement(parseOne(printed))).toBe(printed);
  });

  test("ALTER TABLE ONLY stays PostgreSQL's", () => {
    check("alter table only t add column a int", { kind: "alter" });
  });
});
