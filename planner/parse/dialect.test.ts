import { beforeAll, describe, expect, test } from "vitest";
import type { FromItem, Query, Select } from "./ast.ts";
import { invariant } from "../../storage/common/invariant.ts";
import { loadGrammar } from "./grammar.ts";
import { parseSql } from "./parse.ts";
import { bare, failureOf, parseExpr, parseOne } from "./parse.testkit.ts";
import { printExpr, printStatement } from "./print.ts";

beforeAll(loadGrammar);

function queryOf(sql: string): Query {
  const statement = parseOne(sql);
  invariant(statement.kind === "select", statement.kind);
  return statement.query;
}

function selectOf(sql: string): Select {
  const { body } = queryOf(sql);
  invariant(body.kind === "select", body.kind);
  return body;
}

function fromOf(item: string): FromItem {
  const from = selectOf(`SELECT 1 FROM ${item}`).from[0];
  invariant(from !== undefined, "an empty FROM");
  return from;
}

describe("names", () => {
  test("back-quotes and double quotes keep spelling, words fold", () => {
    const expr = parseExpr('Ab."Cd".`e``F`');
    expect(expr).toEqual({
      kind: "column",
      position: 8,
      name: {
        position: 8,
        parts: [
          { name: "ab", quoted: false, position: 8 },
          { name: "Cd", quoted: true, position: 11 },
          { name: "e`F", quoted: true, position: 16 },
        ],
      },
    });
  });

  test("names of more than 63 bytes are not cut", () => {
    const long = "n".repeat(900);
    const short = "é".repeat(31);
    expect(bare(parseExpr(`${long}.${short}x."${long}y"`))).toMatchObject({
      name: {
        parts: [{ name: long }, { name: `${short}x` }, { name: `${long}y` }],
      },
    });
    const [item] = selectOf(`select 1 as ${long}`).items;
    expect(item?.alias?.name).toBe(long);
  });

  test("the schema default needs no quotes, and DEFAULT stays a value", () => {
    expect(fromOf("default.t")).toMatchObject({
      name: { parts: [{ name: "default" }, { name: "t" }] },
    });
    expect(fromOf("main.default.t")).toMatchObject({
      name: { parts: [{ name: "main" }, { name: "default" }, { name: "t" }] },
    });
    expect(parseOne("insert into t values (default)")).toMatchObject({
      source: { body: { rows: [[{ kind: "keyword", keyword: "default" }]] } },
    });
  });

  test("a text that looks like a marker is a text", () => {
    expect(parseExpr("'\u00020'")).toMatchObject({
      value: { kind: "string", text: "\u00020" },
    });
    expect(parseExpr('"\u00020"')).toMatchObject({
      name: { parts: [{ name: "\u00020" }] },
    });
  });

  test("Unicode escapes in names are decoded", () => {
    expect(parseExpr('U&"d\\0061t\\+000061"')).toMatchObject({
      name: { parts: [{ name: "data", quoted: true }] },
    });
  });

  test("window( is a call, and WINDOW still a clause", () => {
    expect(parseExpr("window(t, '10 seconds')")).toMatchObject({
      kind: "call",
      name: { parts: [{ name: "window", position: 8 }] },
    });
    const select = selectOf("select 1 from t window w as (order by a)");
    expect(select.windows[0]?.name.name).toBe("w");
  });
});

describe("time travel", () => {
  test.each([
    ["t VERSION AS OF 3", "version", "3"],
    ["t@v3", "version", "3"],
    ["t FOR VERSION AS OF 3", "version", "3"],
    ["t TIMESTAMP AS OF '2024-01-01'", "timestamp", "'2024-01-01'"],
    ["t TIMESTAMP AS OF $1", "timestamp", "$1"],
    [
      "t TIMESTAMP AS OF current_timestamp() - interval '1' day",
      "timestamp",
      "(CURRENT_TIMESTAMP - CAST('1' AS interval day))",
    ],
    [
      "t TIMESTAMP AS OF (now() - interval '1 day')",
      "timestamp",
      '("now"() - CAST(\'1 day\' AS "interval"))',
    ],
    [
      "t TIMESTAMP AS OF '2024-01-01'::date",
      "timestamp",
      "CAST('2024-01-01' AS \"date\")",
    ],
    ["t TIMESTAMP AS OF current_date", "timestamp", "CURRENT_DATE"],
  ])("%s", (item, kind, value) => {
    for (const alias of ["", " x", " AS x"]) {
      const from = fromOf(item + alias);
      invariant(from.kind === "table", from.kind);
      expect(from.name.parts.map((part) => part.name)).toEqual(["t"]);
      expect(from.alias?.name.name).toBe(alias === "" ? undefined : "x");
      expect(from.travel?.kind).toBe(kind);
      expect(from.travel && printExpr(from.travel.value)).toBe(value);
    }
  });

  test("each table has its own version", () => {
    const { from } = selectOf("select 1 from a@v1, s.b version as of 2, c");
    expect(bare(from)).toMatchObject([
      { travel: { value: { value: { text: "1" } } } },
      { name: { parts: [{ name: "s" }, { name: "b" }] }, travel: {} },
      { name: { parts: [{ name: "c" }] } },
    ]);
    expect(from[2]).not.toHaveProperty("travel");
  });

  test("the words stay names where no table stands before them", () => {
    expect(selectOf("select version as of from t").items[0]?.alias?.name).toBe(
      "of",
    );
    expect(selectOf("select a.timestamp as x from t").items).toHaveLength(1);
    expect(parseExpr("timestamp '2024-01-01'").kind).toBe("cast");
  });

  test("a version where no table is read is a syntax error at its place", () => {
    expect(failureOf("select a version as of 1 from t")).toEqual({
      code: "42601",
      message: 'syntax error at or near "version"',
      position: 10,
    });
    expect(failureOf("delete from t@v1 where a")).toMatchObject({
      code: "42601",
      position: 14,
    });
    expect(failureOf("select 1 from t version as of")).toMatchObject({
      message: 'syntax error at or near "as"',
    });
  });
});

describe("paths", () => {
  test("only back-quotes make a path", () => {
    expect(bare(fromOf("delta.`/a/b` VERSION AS OF 1 x"))).toEqual({
      kind: "path",
      format: "delta",
      path: "/a/b",
      alias: { name: { name: "x" }, columns: [] },
      travel: {
        kind: "version",
        value: { kind: "literal", value: { kind: "integer", text: "1" } },
      },
    });
    expect(fromOf("parquet.`p`").kind).toBe("path");
    expect(fromOf("csv.`p`").kind).toBe("path");
    expect(fromOf("json.`p`").kind).toBe("path");
    expect(fromOf('delta."t"').kind).toBe("table");
    expect(fromOf("other.`t`").kind).toBe("table");
  });
});

describe("PIVOT", () => {
  test.each([
    "select * from s.t pivot (max(a) for b in ('x', 'y'))",
    "select * from s.t pivot (max(a) for b in ('x')) as p where true",
    "select * from s.t unpivot (v for n in (a, b)) p",
  ])("%s leaves the table and is refused later", (sql) => {
    const [parsed] = parseSql(sql);
    expect(parsed?.statement).toMatchObject({
      query: {
        body: {
          from: [
            {
              kind: "table",
              name: { parts: [{ name: "s" }, { name: "t" }] },
              sample: { method: "pivot" },
            },
          ],
        },
      },
    });
  });

  test("the word alone is an alias", () => {
    const [parsed] = parseSql("select a from t pivot (a, b)");
    expect(parsed?.statement).toMatchObject({
      query: { body: { from: [{ alias: { name: { name: "pivot" } } }] } },
    });
  });
});

describe("QUALIFY", () => {
  test.each([
    "select a from t qualify row_number() over (order by b) = 1",
    "select a from t where x group by a having y qualify c > 1 order by a",
    "select a from t window w as (order by b) qualify rank() over w = 1",
    "select a from t qualify rank() over w = 1 window w as (order by b)",
    "select a from t qualify (c) limit 1",
    "select a from t qualify not c union all select 1",
    "select * from (select a from t qualify c) x",
  ])("%s", (sql) => {
    expect(JSON.stringify(queryOf(sql))).toContain('"qualify"');
  });

  test("its condition keeps positions, and the named windows stay", () => {
    const select = selectOf(
      "select a from t window w as (order by b) qualify rank() over w = 1",
    );
    expect(select.qualify?.position).toBe(64);
    expect(select.windows.map(({ name }) => name.name)).toEqual(["w"]);
  });

  test("the word stays a name where a condition cannot stand", () => {
    expect(fromOf("t qualify").kind).toBe("table");
    expect(selectOf("select qualify from t").qualify).toBeUndefined();
    expect(selectOf("select 1 as qualify").items[0]?.alias?.name).toBe(
      "qualify",
    );
    const ordered = queryOf("select 1 from t order by qualify nulls last");
    expect(ordered.orderBy[0]?.nulls).toBe("last");
    expect(
      selectOf("select 1 from t qualify join u on true").from,
    ).toHaveLength(1);
  });

  test("errors inside and behind it name the user's tokens", () => {
    expect(failureOf("select a from t qualify x = order by a")).toEqual({
      code: "42601",
      message: 'syntax error at or near "order"',
      position: 29,
    });
    expect(failureOf("select a from t qualify x =")).toEqual({
      code: "42601",
      message: "syntax error at end of input",
      position: 28,
    });
    expect(failureOf("select a from t qualify a qualify b").code).toBe("42601");
    expect(failureOf("select a from t qualify a, b").code).toBe("42601");
  });
});

describe("types", () => {
  test("composite types nest, with the closing angles in any shape", () => {
    const expr = parseExpr(
      "x::array<map<string, struct<a: int, `B c` decimal(10,2) NOT NULL COMMENT 'it''s'>>>",
    );
    invariant(expr.kind === "cast", expr.kind);
    expect(bare(expr.type)).toMatchObject({
      name: "array",
      arguments: [
        {
          name: "map",
          arguments: [
            { name: "string" },
            {
              name: "struct",
              fields: [
                { name: "a", type: { name: "int4" } },
                {
                  name: "B c",
                  type: { name: "numeric", modifiers: [10, 2] },
                  nullable: false,
                  comment: "it's",
                },
              ],
            },
          ],
        },
      ],
    });
  });

  test("an operator that touches the closing angle is still one", () => {
    expect(parseExpr("x::array<int>=y")).toMatchObject({
      kind: "operator",
      operator: "=",
    });
    expect(parseExpr("x::array<int>[]")).toMatchObject({
      type: { name: "array", arrayDepth: 1 },
    });
  });

  test("columns called map or struct compare as ever", () => {
    expect(parseExpr("map < 5")).toMatchObject({ operator: "<" });
    expect(
      selectOf("select 1 from t where struct < b and c > d").where,
    ).toMatchObject({
      kind: "logic",
    });
    expect(
      queryOf("select 1 from t order by map < 5, a > 1").orderBy,
    ).toHaveLength(2);
  });

  test("a wrong type is a syntax error at its token", () => {
    expect(failureOf("select x::map<int>")).toMatchObject({
      code: "42601",
      position: 18,
    });
    expect(failureOf("select x::array<int from t>").code).toBe("42601");
    expect(failureOf("select x::array<>").code).toBe("42601");
  });

  test("Spark's type names pass as they are", () => {
    for (const type of [
      "string",
      "tinyint",
      "double",
      "binary",
      "timestamp_ntz",
      "variant",
    ]) {
      expect(parseExpr(`cast(x as ${type})`)).toMatchObject({
        type: { name: type },
      });
    }
  });
});

describe("calls", () => {
  test("TRY_CAST is a cast that may fail", () => {
    expect(parseExpr("try_cast(a as int)")).toMatchObject({
      kind: "cast",
      attempt: true,
    });
    expect(parseExpr("cast(a as int)")).toMatchObject({ attempt: false });
  });

  test("IGNORE NULLS stands inside or behind the arguments", () => {
    for (const call of [
      "first_value(x) ignore nulls over (order by y)",
      "first_value(x ignore nulls) over (order by y)",
    ]) {
      expect(parseExpr(call)).toMatchObject({ kind: "call", nulls: "ignore" });
    }
    expect(parseExpr("lag(x) respect nulls over w")).toMatchObject({
      nulls: "respect",
      over: { name: "w" },
    });
  });

  test("Spark's brackets behind CURRENT_DATE and its like are dropped", () => {
    expect(parseExpr("current_date()")).toMatchObject({ kind: "keyword" });
    expect(parseExpr("current_timestamp(3)")).toMatchObject({ precision: 3 });
    expect(parseExpr("current_user ( )")).toMatchObject({ kind: "keyword" });
  });

  test("STREAM is refused by name; a table called stream is read", () => {
    expect(failureOf("select 1 from STREAM t")).toMatchObject({
      code: "0A000",
      position: 15,
    });
    expect(failureOf("select 1 from stream(t)").code).toBe("0A000");
    expect(fromOf("stream").kind).toBe("table");
    expect(fromOf("stream AS s").kind).toBe("table");
  });
});

describe("parameters of HTTP statements", () => {
  test("a listed name is a parameter wherever it stands, others are not", () => {
    const markers = { names: ["a", "b"] };
    const sql = "select :b, x[1:c], :a::int, :b where :a";
    const [parsed] = parseSql(sql, markers);
    expect(parsed?.parameterCount).toBe(2);
    const indexes = JSON.stringify(parsed).match(/"index":\d/g);
    expect(indexes).toEqual([2, 1, 2, 1].map((n) => `"index":${n}`));
    expect(failureOf("select :c", markers).code).toBe("42601");
    expect(failureOf("select :a").code).toBe("42601");
  });

  test("question marks number themselves, next to operators too", () => {
    const [parsed] = parseSql("select ? where a=? and b<?", { ordinals: 3 });
    expect(parsed?.parameterCount).toBe(3);
    expect(JSON.stringify(parsed).match(/"index":\d/g)).toEqual(
      [1, 2, 3].map((n) => `"index":${n}`),
    );
  });

  test("a marker works in time travel", () => {
    const [parsed] = parseSql("select 1 from t version as of :v", {
      names: ["v"],
    });
    expect(JSON.stringify(parsed)).toContain('"kind":"parameter","index":1');
  });

  test("question marks are operators without ordinals", () => {
    expect(parseExpr("a ? 'b'")).toMatchObject({ operator: "?" });
    expect(parseSql("select $3, $1")[0]?.parameterCount).toBe(3);
  });
});

describe("writing", () => {
  test("INSERT OVERWRITE and INSERT INTO TABLE", () => {
    expect(parseOne("insert overwrite table s.t select 1")).toMatchObject({
      kind: "insert",
      overwrite: true,
      table: { parts: [{ name: "s" }, { name: "t" }] },
    });
    expect(parseOne("insert into table t values (1)")).toMatchObject({
      overwrite: false,
    });
    expect(parseOne("explain insert overwrite t select 1")).toMatchObject({
      statement: { overwrite: true },
    });
  });

  test.each([
    [
      "insert into t partition (a=1) select 1",
      'INSERT INTO "t" PARTITION ("a" = 1) SELECT 1',
    ],
    [
      "insert overwrite table s.t partition (`A b` = -1, c, d = f(2, 3)) table q",
      'INSERT OVERWRITE "s"."t" PARTITION ("A b" = (-1), "c", "d" = "f"(2, 3)) SELECT * FROM "q"',
    ],
    [
      'insert into t partition (a = 1) (x, "Y") values (1, 2)',
      'INSERT INTO "t" PARTITION ("a" = 1)  ("x", "Y") VALUES (1, 2)',
    ],
    [
      "insert into t partition (a = 'x') (select 1)",
      `INSERT INTO "t" PARTITION ("a" = 'x') SELECT 1`,
    ],
    [
      "insert into t partition (a = $1) by name select 1 as b",
      'INSERT INTO "t" PARTITION ("a" = $1) BY NAME SELECT 1 AS "b"',
    ],
    [
      "with q as (select 1) insert into t replace where a = 1 and b in (2, 3) select 1",
      'WITH "q" AS (SELECT 1) INSERT INTO "t" REPLACE WHERE (("a" = 1) AND ("b" IN (2, 3))) SELECT 1',
    ],
    [
      "insert into t (x, y) replace where f(x) (select 1, 2)",
      'INSERT INTO "t"  ("x", "y") REPLACE WHERE "f"("x") SELECT 1, 2',
    ],
    [
      "insert into t by name replace where a > date '2020-01-01' with q as (select 1) table q",
      `INSERT INTO "t" BY NAME REPLACE WHERE ("a" > CAST('2020-01-01' AS "date")) WITH "q" AS (SELECT 1) SELECT * FROM "q"`,
    ],
    [
      "insert into t replace where a = any (array[1]) values (1)",
      'INSERT INTO "t" REPLACE WHERE ("a" = ANY (ARRAY[1])) VALUES (1)',
    ],
  ])("%s", (sql, printed) => {
    const statement = parseOne(sql);
    expect(printStatement(statement)).toBe(printed);
    expect(bare(parseOne(printed))).toEqual(bare(statement));
  });

  test.each([
    ["insert into t partition () select 1", "42601", 26],
    ["insert into t partition (a = ) select 1", "42601", 30],
    ["insert into t partition (a > 1) select 1", "42601", 28],
    ["insert into t partition (a = 1, ) select 1", "42601", 33],
    ["insert into t partition (a = 1", "42601", 15],
    ["insert into t partition (a.b = 1) select 1", "42601", 27],
    ["insert into t replace where select 1", "42601", 29],
    ["insert into t replace where a = 1", "42601", 34],
    ["insert into t replace where a = select 1", "42601", 33],
    ["insert into t replace on (a = b) select 1", "0A000", 15],
    ["insert overwrite t replace where a = 1 select 1", "42601", 36],
  ])("%s: %s at %i", (sql, code, position) => {
    expect(failureOf(sql)).toMatchObject({ code, position });
  });

  test.each([
    ["insert into t select 1", {}],
    ["insert into t by name select 1 as a", { byName: true }],
    ["insert with schema evolution into t select 1", { evolves: true }],
    [
      "insert with schema evolution overwrite table t by name select 1 as a",
      { overwrite: true, byName: true, evolves: true },
    ],
    [
      "with q as (select 1) insert with schema evolution into t table q",
      { evolves: true },
    ],
  ])("%s", (sql, said) => {
    const none = { overwrite: false, byName: false, evolves: false };
    const statement = parseOne(sql);
    expect(statement).toMatchObject({ kind: "insert", ...none, ...said });
    expect(parseOne(printStatement(statement))).toMatchObject(said);
  });

  test("MERGE WITH SCHEMA EVOLUTION", () => {
    const sql =
      "merge with schema evolution into s.t using s on true when matched then delete";
    const merge = parseOne(sql);
    expect(merge).toMatchObject({ kind: "merge", evolves: true });
    expect(parseOne(printStatement(merge))).toMatchObject({ evolves: true });
    expect(parseOne(sql.replace("with schema evolution", ""))).toMatchObject({
      evolves: false,
    });
  });

  test("MERGE with stars and clauses by source", () => {
    const merge = parseOne(
      `merge into t using s on t.a = s.a when matched then update set *
       when not matched then insert * when not matched by source and t.b then delete`,
    );
    expect(merge).toMatchObject({
      kind: "merge",
      clauses: [
        { match: "matched", action: { kind: "update-star" } },
        { match: "not-matched", action: { kind: "insert-star" } },
        { match: "not-matched-by-source", action: { kind: "delete" } },
      ],
    });
  });

  test("CREATE TABLE with every clause of Delta", () => {
    const create = parseOne(
      `create or replace table default.t (
         a int comment 'first', b struct<c: int> not null, d text default 'x' check (d <> ''),
         primary key (a), foreign key (a) references u (b))
       using delta partitioned by (a, "B") cluster by (d) location 'p'
       comment 'it''s' tblproperties ('k' = 'v', delta.x = true, n = 5)`,
    );
    expect(bare(create)).toMatchObject({
      kind: "create-table",
      mode: "or-replace",
      columns: [
        { name: { name: "a" }, comment: "first", nullable: true },
        { type: { name: "struct" }, nullable: false },
        { default: { value: { text: "x" } }, check: { operator: "<>" } },
      ],
      constraints: [{ kind: "primary-key" }, { kind: "foreign-key" }],
      options: {
        using: "delta",
        partitionedBy: [{ name: "a" }, { name: "B" }],
        clusterBy: [{ name: "d" }],
        location: "p",
        comment: "it's",
        properties: { k: "v", "delta.x": "true", n: "5" },
      },
    });
  });

  test("commas and comments inside a type are not the table's", () => {
    const create = parseOne(
      "create table t (a map<int, struct<b: int comment 'inner'>> comment 'outer', c int comment 'last')",
    );
    expect(create).toMatchObject({
      columns: [{ comment: "outer" }, { comment: "last" }],
    });
    expect(JSON.stringify(create)).toContain('"comment":"inner"');
  });

  test("CREATE TABLE AS with and without AS", () => {
    for (const as of ["as ", ""]) {
      expect(
        parseOne(`create table t using delta ${as}select 1 a`),
      ).toMatchObject({
        kind: "create-table-as",
        options: { using: "delta" },
        withData: true,
      });
    }
    expect(parseOne("select 1 into t")).toMatchObject({
      kind: "create-table-as",
    });
    expect(
      parseOne("select 1 into temp t from a union select 2"),
    ).toMatchObject({ kind: "create-table-as", temporary: true });
  });

  test("CREATE VIEW keeps the user's text", () => {
    const sql =
      "create or replace view v (a) comment 'c' as select `x` /* y */ from t ;";
    expect(parseOne(sql)).toMatchObject({
      kind: "create-view",
      mode: "or-replace",
      comment: "c",
      source: "select `x` /* y */ from t",
    });
    expect(parseOne("create view if not exists v as select 1")).toMatchObject({
      mode: "if-not-exists",
    });
  });

  test("ALTER TABLE adds and drops lists of columns", () => {
    expect(
      parseOne(
        "alter table t add columns (a int comment 'x', b map<int, int>)",
      ),
    ).toMatchObject({
      actions: [
        {
          kind: "add-column",
          columns: [{ comment: "x" }, { type: { name: "map" } }],
        },
      ],
    });
    expect(
      parseOne("alter table t add column a int comment 'x', add column b int"),
    ).toMatchObject({ actions: [{ columns: [{ comment: "x" }, {}] }] });
    expect(parseOne("alter table t drop columns (a, b)")).toMatchObject({
      actions: [
        { kind: "drop-column", columns: [{ name: "a" }, { name: "b" }] },
      ],
    });
  });

  test.each([
    [
      "alter table t change column a a bigint comment 'x' after b",
      "alter table t alter column a type bigint, alter column a comment 'x', alter column a after b",
    ],
    [
      "alter table t change a type bigint",
      "alter table t alter column a type bigint",
    ],
    [
      "alter table t add columns (a int first, b int comment 'x' after `C`)",
      "alter table t add column a int first, add column b int comment 'x' after \"C\"",
    ],
    ["create table t like s.u", "create table t (like s.u)"],
    [
      "create table t using delta location 'x/y'",
      "create table t () using delta location 'x/y'",
    ],
    [
      "create table t (a int, b int generated always as (a + 1) comment 'x')",
      "create table t (a int, b int generated always as (a + 1) stored comment 'x')",
    ],
  ])("%s is %s", (sparks, ours) => {
    const written = parseOne(sparks);
    if (written.kind === "alter" && ours.includes(" comment 'x', alter"))
      expect(written.actions).toMatchObject([
        { change: { kind: "type", type: { name: "int8" } } },
        { change: { kind: "comment", comment: "x" } },
        { change: { kind: "place", place: { column: { name: "b" } } } },
      ]);
    else expect(printStatement(written)).toBe(printStatement(parseOne(ours)));
  });

  test.each([
    [
      "create table t (a int) with row filter f on () with row filter f on ()",
      "duplicate clause ROW FILTER",
      48,
    ],
    [
      "create table t (a int generated always as identity (cache 5))",
      "CACHE of an identity column is not supported",
      23,
    ],
    ["create table t (a int) inherits (u)", "INHERITS is not supported", 1],
    [
      "create table t (a int) using delta using delta",
      "duplicate clause USING",
      36,
    ],
    [
      "alter table t change column a b int",
      "a new name in CHANGE COLUMN is not supported",
      31,
    ],
    [
      "insert into t values (1) on conflict (a) where a > 1 do nothing",
      "a predicate of the key in ON CONFLICT is not supported",
      38,
    ],
  ])("%s is refused by name", (sql, message, position) => {
    expect(failureOf(sql)).toMatchObject({ message, position });
  });
});

test("rules that look ahead take linear time", () => {
  const times = (text: string, count: number): string => text.repeat(count);
  const start = performance.now();
  for (const sql of [
    times("qualify ", 90_000),
    times("a ignore nulls) ", 20_000),
    `select a ${times("qualify b ) ", 20_000)}`,
    `select ${times("a::map<b, ", 15_000)}`,
    `select ${times("f(a respect nulls) over w, ", 9000)} 1 1`,
    `alter table t ${times("add column a int, ", 12_000)}`,
    times("default.", 40_000),
    times("t version as of 1 ", 20_000),
  ]) {
    expect(failureOf(sql).code).toMatch(/^42601|^54001/);
  }
  expect(performance.now() - start).toBeLessThan(10_000);
});
