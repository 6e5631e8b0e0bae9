// Names to objects and requirements: order, chains of views, system relations, every kind of statement.

import { describe, expect, test } from "vitest";
import type { Requirement } from "../../../auth/privilege.ts";
import { SqlError } from "../../../storage/common/errors.ts";
import type { Statement } from "../../parse/ast.ts";
import { parseSql } from "../../parse/parse.ts";
import {
  resolveSql,
  temporarySchema,
  testCatalog,
  type BindOptions,
} from "../bind.testkit.ts";

/** `SELECT tpch.orders`, `owner public.t`, `admin …`; ids without their kind. */
function shown(requirement: Requirement): string {
  if (requirement.kind === "admin") return "admin";
  const { securable } = requirement;
  const object =
    securable.kind === "object"
      ? securable.id.replace(/^[a-z]+-/u, "")
      : securable.kind;
  const right =
    requirement.kind === "privilege" ? requirement.privilege : requirement.kind;
  const chain =
    requirement.kind === "privilege" && requirement.through
      ? ` through ${requirement.through.path.map((id) => id.replace(/^[a-z]+-/u, "")).join(" > ")} as ${requirement.through.outermostName}`
      : "";
  return `${right} ${object}${chain}`;
}

function requirementsOf(
  sql: string,
  options: BindOptions = {},
): readonly string[] {
  return resolveSql(sql, options).requirements.map(shown);
}

function errorOf(sql: string, options: BindOptions = {}): string {
  try {
    resolveSql(sql, options);
    return "no error";
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    return `${error.code} ${error.message}`;
  }
}

/** One statement of each kind, with what it needs. A kind that is missing here does not compile. */
const STATEMENTS: Readonly<
  Record<Statement["kind"], { readonly sql: string; readonly needs: string[] }>
> = {
  select: {
    sql: "select * from t, u",
    needs: ["SELECT public.t", "SELECT public.u"],
  },
  insert: {
    sql: "insert into t(a) select a from u",
    needs: ["MODIFY public.t", "SELECT public.u"],
  },
  update: {
    sql: "update t set a = 1",
    needs: ["MODIFY public.t", "SELECT public.t"],
  },
  delete: {
    sql: "delete from t where a = 1",
    needs: ["MODIFY public.t", "SELECT public.t"],
  },
  merge: {
    sql: "merge into t using u on t.a = u.a when matched then delete",
    needs: ["MODIFY public.t", "SELECT public.t", "SELECT public.u"],
  },
  copy: { sql: "copy t from stdin", needs: ["MODIFY public.t"] },
  "copy-into": {
    sql: "copy into t from (select a, (select max(a) from u) from 'p.csv')",
    needs: ["MODIFY public.t", "SELECT public.u", "SELECT any-file"],
  },
  "create-table": { sql: "create table n (a int)", needs: ["CREATE public"] },
  "create-table-as": {
    sql: "create table n as select a from t",
    needs: ["CREATE public", "SELECT public.t"],
  },
  "create-function": {
    sql: "create function n(x int) return (select max(a) + x from t)",
    needs: ["CREATE_NAMED_FUNCTION public", "SELECT public.t"],
  },
  "create-schema": { sql: "create schema n", needs: ["CREATE main"] },
  "create-view": {
    sql: "create view n as select a from t",
    needs: ["CREATE public", "SELECT public.t"],
  },
  drop: { sql: "drop table t, u", needs: ["owner public.t", "owner public.u"] },
  truncate: { sql: "truncate table t", needs: ["MODIFY public.t"] },
  alter: {
    sql: "alter table t set schema hr",
    needs: ["owner public.t", "CREATE hr"],
  },
  comment: { sql: "comment on column t.a is 'x'", needs: ["owner public.t"] },
  explain: {
    sql: "explain select * from t",
    needs: ["SELECT public.t", "READ_METADATA public.t"],
  },
  describe: { sql: "describe history t", needs: ["owner public.t"] },
  show: { sql: "show columns in t", needs: ["visible public.t"] },
  use: { sql: "use schema hr", needs: [] },
  set: { sql: "set search_path = hr", needs: [] },
  reset: { sql: "reset all", needs: [] },
  transaction: { sql: "begin", needs: [] },
  prepare: { sql: "prepare p as select * from t", needs: ["SELECT public.t"] },
  execute: { sql: "execute p(1)", needs: [] },
  deallocate: { sql: "deallocate p", needs: [] },
  "declare-cursor": {
    sql: "declare c cursor for select * from t",
    needs: ["SELECT public.t"],
  },
  fetch: { sql: "fetch 1 from c", needs: [] },
  close: { sql: "close c", needs: [] },
  discard: { sql: "discard all", needs: [] },
  listen: { sql: "listen x", needs: [] },
  unlisten: { sql: "unlisten x", needs: [] },
  notify: { sql: "notify x", needs: [] },
  lock: { sql: "lock table t", needs: ["visible public.t"] },
  grant: { sql: "grant select on table t to bob", needs: ["owner public.t"] },
  deny: { sql: "deny select on any file to bob", needs: ["admin"] },
  revoke: { sql: "revoke usage on schema hr from bob", needs: ["owner hr"] },
  "show-grants": { sql: "show grants on table t", needs: ["owner public.t"] },
  "repair-privileges": {
    sql: "msck repair table t privileges",
    needs: ["owner public.t"],
  },
  "alter-owner": {
    sql: "alter table t owner to bob",
    needs: ["owner public.t"],
  },
  group: { sql: "create group g", needs: ["admin"] },
  user: { sql: "create user x", needs: ["admin"] },
  token: { sql: "create token", needs: [] },
  "refresh-table": { sql: "refresh table t", needs: ["SELECT public.t"] },
  "refresh-catalog": { sql: "refresh catalog main", needs: ["owner main"] },
  "cancel-query": { sql: "cancel query 'x'", needs: [] },
  analyze: {
    sql: "analyze table t compute statistics",
    needs: ["MODIFY public.t"],
  },
  optimize: {
    sql: "optimize t where a = 1 zorder by (a)",
    needs: ["MODIFY public.t"],
  },
  vacuum: {
    sql: "vacuum t retain 1 hours",
    needs: ["MODIFY public.t", "owner public.t"],
  },
  "add-partition": {
    sql: "alter table t add partition (a = 1)",
    needs: ["MODIFY public.t"],
  },
  restore: {
    sql: "restore table t to version as of 1",
    needs: ["MODIFY public.t"],
  },
  unsupported: { sql: "cache table t", needs: ["visible public.t"] },
};

describe("what each kind of statement needs", () => {
  test.each(Object.entries(STATEMENTS))("%s", (kind, { sql, needs }) => {
    expect(parseSql(sql)[0]?.statement.kind).toBe(kind);
    expect(requirementsOf(sql)).toEqual(needs);
  });

  test("a delete without predicate reads nothing", () => {
    expect(requirementsOf("delete from t")).toEqual(["MODIFY public.t"]);
  });

  test("RETURNING reads the table", () => {
    expect(requirementsOf("insert into u values (1) returning a")).toEqual([
      "MODIFY public.u",
      "SELECT public.u",
    ]);
  });

  test("replacing a table needs to own it, not CREATE", () => {
    expect(requirementsOf("create or replace table t (a int)")).toEqual([
      "owner public.t",
    ]);
  });

  test("replacing a table the session cannot see needs to own it as well", () => {
    const catalog = testCatalog().hide("table-public.t");
    expect(
      requirementsOf("create or replace table t (a int)", { catalog }),
    ).toEqual(["owner public.t"]);
  });

  test("SHOW GRANTS about oneself needs only to see the object", () => {
    expect(requirementsOf("show grants bob on table t")).toEqual([
      "visible public.t",
    ]);
    expect(requirementsOf("show grants amy on table t")).toEqual([
      "owner public.t",
    ]);
  });

  test("copying to or from server files is refused to all", () => {
    expect(errorOf("copy t to '/tmp/x'")).toMatch(/^0A000 /u);
  });
});

describe("every position of a query is checked", () => {
  test.each([
    "select (select max(salary) from hr.salaries)",
    "select 1 where exists (select 1 from hr.salaries)",
    "select a from t order by (select max(salary) from hr.salaries)",
    "select a from t limit (select 1 from hr.salaries)",
    "values ((select 1 from hr.salaries))",
    "select * from t join u on t.a = (select 1 from hr.salaries)",
    "select count(*) from t having count(*) > (select 1 from hr.salaries)",
    "select sum(a) over (partition by (select 1 from hr.salaries)) from t",
    "select * from t, lateral (select * from hr.salaries) x",
    "select lower((select emp from hr.salaries))",
    "with x as (select * from hr.salaries) select 1",
    "select case when false then (select 1 from hr.salaries) end",
    "select * from t where a in (select 1 from hr.salaries)",
    "select * from unnest(array(select 1 from hr.salaries))",
    "insert into t(a) values ((select 1 from hr.salaries))",
    "select a from t group by (select 1 from hr.salaries)",
    "select sum(a) filter (where exists (select 1 from hr.salaries)) from t",
    "select 1 union select 1 from hr.salaries",
    "update t set a = (select 1 from hr.salaries)",
  ])("%s", (sql) => {
    expect(requirementsOf(sql)).toContain("SELECT hr.salaries");
    const catalog = testCatalog().hide("table-hr.salaries");
    expect(errorOf(sql, { catalog })).toBe(
      '42P01 relation "hr.salaries" does not exist',
    );
  });
});

describe("names", () => {
  test("a hidden relation reads exactly as one that does not exist", () => {
    const catalog = testCatalog().hide("schema-hr");
    expect(errorOf("select ssn from hr.salaries", { catalog })).toBe(
      '42P01 relation "hr.salaries" does not exist',
    );
    expect(errorOf("select ssn from hr.nosuch", { catalog })).toBe(
      '42P01 relation "hr.nosuch" does not exist',
    );
  });

  test("a common table shadows a table, which then is not checked", () => {
    expect(requirementsOf("with t as (select 1 a) select * from t")).toEqual(
      [],
    );
  });

  test("a common table is not in scope of itself without RECURSIVE", () => {
    expect(
      requirementsOf("with t as (select * from t) select * from t"),
    ).toEqual(["SELECT public.t"]);
  });

  test("default is another name of public, system schemas are never lake schemas", () => {
    expect(requirementsOf("select * from default.t")).toEqual([
      "SELECT public.t",
    ]);
    expect(
      resolveSql("select * from pg_catalog.pg_class").systemRelations,
    ).toBe("only");
  });

  test("pg_catalog is searched before the path", () => {
    expect(resolveSql("select relname from pg_class").systemRelations).toBe(
      "only",
    );
  });

  test("catalog and lake relations do not mix", () => {
    expect(errorOf("select * from pg_class, t")).toMatch(/^0A000 /u);
  });

  test("a quoted name with a dot is one identifier", () => {
    expect(errorOf('select * from "hr.salaries"')).toBe(
      '42P01 relation "hr.salaries" does not exist',
    );
  });

  test("an unquoted name falls back to another case, a quoted one does not", () => {
    expect(requirementsOf("select * from mixed")).toEqual([
      "SELECT public.Mixed",
    ]);
    expect(errorOf('select * from "mixed"')).toMatch(/^42P01 /u);
  });

  describe("temporary objects", () => {
    const temporary = temporarySchema({
      views: { t: "select * from hr.salaries" },
      functions: { f: "(select max(salary) from hr.salaries)" },
    });
    const options = { temporary };

    test.each([
      ["select * from t", ["SELECT hr.salaries"]],
      ["select * from pg_temp.t", ["SELECT hr.salaries"]],
      ["select * from pg_temp_7.t", ["SELECT hr.salaries"]],
      ["select * from public.t", ["SELECT public.t"]],
      ["describe t", []],
      ["drop view t", []],
      ["create temp view v as select * from u", ["SELECT public.u"]],
      ["create view pg_temp.v as select * from u", ["SELECT public.u"]],
      ["create view v as select * from t", ["SELECT hr.salaries"]],
      [
        "select pg_temp.f()",
        ["SELECT anonymous-function", "SELECT hr.salaries"],
      ],
      [
        "create temp function g() return pg_temp.f()",
        [
          "SELECT anonymous-function",
          "SELECT anonymous-function",
          "SELECT hr.salaries",
        ],
      ],
    ] as const)("%s", (sql, needs) => {
      expect(requirementsOf(sql, options)).toEqual(needs);
    });

    test("stand where the search path places them", () => {
      const searchPath = ["public", "pg_temp"];
      expect(
        requirementsOf("select * from t", { ...options, searchPath }),
      ).toEqual(["SELECT public.t"]);
      expect(
        requirementsOf("create view v as select 1", {
          searchPath: ["pg_temp", "public"],
        }),
      ).toEqual([]);
    });

    test.each([
      ["select * from pg_temp_8.t", "42P01 "],
      ["select * from pg_temp.u", "42P01 "],
      ["drop view pg_temp.u", '42P01 view "u" does not exist'],
      [
        "create temp view public.v as select 1",
        "42P16 cannot create temporary relation in non-temporary schema",
      ],
      [
        "create view public.v as select * from t",
        "42P16 cannot create temporary relation in non-temporary schema",
      ],
      ["grant select on t to public", "0LP01 "],
      ["grant select on function pg_temp.f to public", "0LP01 "],
      ["alter table public.t set row filter pg_temp.f on (a)", "0A000 "],
      ["alter table public.t alter column a set mask pg_temp.f", "0A000 "],
      ["create table n (a int mask pg_temp.f)", "0A000 "],
      [
        "create or replace function pg_temp.f() return pg_temp.f()",
        "42P17 infinite recursion",
      ],
    ])("%s: %s", (sql, error) => {
      expect(errorOf(sql, options)).toContain(error);
    });

    test("are not seen by the text of stored views", () => {
      const catalog = testCatalog().view("public", "stored", "select * from t");
      expect(
        requirementsOf("select * from stored", { catalog, temporary }),
      ).toEqual([
        "SELECT public.stored",
        "SELECT public.t through public.stored as stored",
      ]);
    });
  });

  test("paths need the right to any file", () => {
    expect(requirementsOf("select * from delta.`/x`")).toEqual([
      "SELECT any-file",
    ]);
    expect(requirementsOf("select * from read_files('/x.csv')")).toEqual([
      "SELECT any-file",
    ]);
  });

  test("built-in functions cannot be shadowed, others are found by the path", () => {
    const catalog = testCatalog()
      .function("public", "lower", "1")
      .function("public", "top", "(select max(salary) from hr.salaries)");
    expect(requirementsOf("select lower('A'), top()", { catalog })).toEqual([
      "SELECT public.top",
      "SELECT hr.salaries through public.top as top",
    ]);
  });
});

describe("views", () => {
  const catalog = testCatalog()
    .view("public", "v", 'select * from "main"."hr"."salaries"')
    .view("public", "w", 'select * from "main"."public"."v"')
    .view("public", "loop1", 'select * from "main"."public"."loop2"')
    .view("public", "loop2", 'select * from "main"."public"."loop1"')
    .view("public", "broken", 'select * from "main"."hr"."gone"');

  test("what a view reads hangs on the chain of views above it", () => {
    expect(requirementsOf("select * from public.w", { catalog })).toEqual([
      "SELECT public.w",
      "SELECT public.v through public.w as public.w",
      "SELECT hr.salaries through public.w > public.v as public.w",
    ]);
  });

  test("names in a view's text are found though the session cannot see them", () => {
    const hidden = testCatalog()
      .view("public", "v", 'select * from "main"."hr"."salaries"')
      .hide("schema-hr");
    expect(requirementsOf("select * from v", { catalog: hidden })).toContain(
      "SELECT hr.salaries through public.v as v",
    );
  });

  test("a cycle is refused", () => {
    expect(errorOf("select * from loop1", { catalog })).toBe(
      '42P17 infinite recursion detected in rules for relation "loop1"',
    );
  });

  test("a view over what is gone names only itself", () => {
    expect(errorOf("select * from broken", { catalog })).toBe(
      '42P01 view "broken" refers to an object that does not exist',
    );
  });

  test("time travel stops at a view", () => {
    expect(errorOf("select * from v version as of 1", { catalog })).toBe(
      "0A000 time travel on a view is not supported",
    );
  });
});

describe("time travel", () => {
  test.each([
    ["select * from t version as of 3", { kind: "version", version: 3 }],
    ["select * from t@v7", { kind: "version", version: 7 }],
    [
      "select * from t timestamp as of '2024-01-01 02:00+02'",
      { kind: "timestamp", timestamp: "2024-01-01 00:00:00+00" },
    ],
    [
      "select * from t timestamp as of now() - interval '1 month'",
      { kind: "timestamp", timestamp: "2024-01-29 12:34:56.789012+00" },
    ],
  ])("%s is a constant point", (sql, travel) => {
    expect(resolveSql(sql).tables.map((table) => table.travel)).toEqual([
      travel,
    ]);
  });

  test("a point that depends on rows is refused", () => {
    expect(errorOf("select * from t version as of (select 1)")).toMatch(
      /^0A000 /u,
    );
  });
});
