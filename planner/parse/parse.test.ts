import { beforeAll, describe, expect, test } from "vitest";
import { loadGrammar } from "./grammar.ts";
import { parseSql } from "./parse.ts";
import { bare, failureOf, parseExpr, parseOne } from "./parse.testkit.ts";

beforeAll(loadGrammar);

describe("several statements", () => {
  test("each has its own text, offset and parameters", () => {
    const parsed = parseSql(" select '😀;' ;; -- x;\n select $2 ; begin");
    expect(
      parsed.map(({ text, offset, parameterCount }) => ({
        text,
        offset,
        parameterCount,
      })),
    ).toEqual([
      { text: "select '😀;'", offset: 1, parameterCount: 0 },
      { text: "select $2", offset: 23, parameterCount: 2 },
      { text: "begin", offset: 35, parameterCount: 0 },
    ]);
  });

  test("a text without statements gives none", () => {
    for (const sql of ["", " ", ";", "-- x", "/* ; */ ;"]) {
      expect(parseSql(sql)).toEqual([]);
    }
  });

  test("positions count through the whole text", () => {
    expect(failureOf("select '😀'; select a from from t")).toEqual({
      code: "42601",
      message: 'syntax error at or near "from"',
      position: 27,
    });
    const second = parseSql("select 'é'; select x")[1];
    expect(second?.statement).toMatchObject({
      query: { body: { items: [{ value: { position: 20 } }] } },
    });
  });

  test("ordinals go on from statement to statement", () => {
    const parsed = parseSql("select ?; select ?", { ordinals: 2 });
    expect(parsed.map(({ parameterCount }) => parameterCount)).toEqual([1, 2]);
  });
});

test.each([
  ["select 1; select $00", "$0", 18],
  ["select n from generate_series(1, $0) as g(n)", "$0", 34],
  ["select $65536", "$65536", 8],
  ["select $1, $2147483647", "$2147483647", 12],
])("%s: there is no such parameter", (sql, name, position) => {
  expect(failureOf(sql)).toEqual({
    code: "42P02",
    message: `there is no parameter ${name}`,
    position,
  });
});

describe("syntax errors", () => {
  test.each([
    ["selec 1", 'syntax error at or near "selec"', 1],
    ["select (", "syntax error at end of input", 9],
    ["select ( ; select 1", 'syntax error at or near ";"', 10],
    ['select "Aé" from "t" "u" "v"', 'syntax error at or near ""v""', 26],
    ["select `a` from `t` `u` `v`", 'syntax error at or near "`v`"', 25],
    ["select '😀', 😀 x from where", 'syntax error at or near "where"', 22],
    ["select 'a' 'b'", "syntax error at or near \"'b'\"", 12],
    ["select \u0001", 'syntax error at or near "\u0001"', 8],
    ["select E'\\u00zz'", "invalid Unicode escape", 8],
    [
      "update t set a[1] = 2",
      "assigning to an array element is not supported",
      14,
    ],
    [
      "insert into t by name (a) values (1)",
      "INSERT with a column list cannot be BY NAME as well",
      1,
    ],
    [
      "insert with schema into t values (1)",
      'syntax error at or near "with"',
      8,
    ],
    [
      "merge into t using s on true when matched then update set * except (a)",
      "EXCEPT after the star of MERGE is not supported",
      61,
    ],
    [
      "with recursive q as (select 1) merge into t using q on true when matched then delete",
      "WITH RECURSIVE is not supported for MERGE statement",
      undefined,
    ],
  ])("%s", (sql, message, position) => {
    expect(failureOf(sql)).toMatchObject({ message, position });
  });

  test("a megabyte of anything ends in an error", () => {
    const bytes = Array.from({ length: 1 << 20 }, (_, i) =>
      String.fromCharCode(((i * 7919 * 31) % 255) + 1),
    ).join("");
    for (const sql of [
      bytes,
      "'".repeat(1e6 + 1),
      "(".repeat(1e6),
      "a+".repeat(5e5),
    ]) {
      expect(failureOf(sql).code).toMatch(/^42601|^54001/);
    }
  });
});

describe("expressions", () => {
  test.each([
    ["1", { value: { kind: "integer", text: "1" } }],
    ["0", { value: { kind: "integer", text: "0" } }],
    [
      "9223372036854775808",
      { value: { kind: "integer", text: "9223372036854775808" } },
    ],
    ["0xFFFFFFFFFF", { value: { kind: "integer", text: "1099511627775" } }],
    ["10_000_000_000", { value: { kind: "integer", text: "10000000000" } }],
    ["-5", { value: { kind: "integer", text: "-5" } }],
    ["1.50", { value: { kind: "decimal", text: "1.50" } }],
    ["1e3", { value: { kind: "decimal", text: "1e3" } }],
    ["E'a\\n'", { value: { kind: "string", text: "a\n" } }],
    ["''", { value: { kind: "string", text: "" } }],
    ["x'1F'", { value: { kind: "bit-string", text: "x1F" } }],
    ["false", { value: { kind: "boolean", value: false } }],
    ["null", { value: { kind: "null" } }],
    ["a not in (1, 2)", { kind: "in-list", negated: true }],
    [
      "a in (select 1)",
      { kind: "quantified", operator: "=", quantifier: "any" },
    ],
    [
      "a not in (select 1)",
      { kind: "quantified", operator: "<>", quantifier: "all" },
    ],
    ["not a = any (select 1)", { kind: "logic", operator: "not" }],
    ["a <> all (array[1])", { kind: "quantified", source: { kind: "array" } }],
    ["a like any (b)", { kind: "quantified", operator: "~~" }],
    [
      "a not ilike 'x' escape '!'",
      { kind: "like", operator: "ilike", negated: true, escape: {} },
    ],
    ["a similar to 'x'", { kind: "like", operator: "similar", negated: false }],
    [
      "a not between symmetric 1 and 2",
      { kind: "between", negated: true, symmetric: true },
    ],
    ["a is not distinct from b", { kind: "distinct-from", negated: true }],
    ["a is not unknown", { kind: "is", test: "unknown", negated: true }],
    [
      "a at time zone 'utc'",
      { kind: "at-time-zone", operand: { kind: "column" } },
    ],
    [
      "extract(year from a)",
      {
        kind: "call",
        name: { parts: [{ name: "pg_catalog" }, { name: "extract" }] },
      },
    ],
    ["trim(both 'x' from a)", { name: { parts: [{}, { name: "btrim" }] } }],
    [
      "coalesce(a, 1)",
      { kind: "call", name: { parts: [{ name: "coalesce" }] } },
    ],
    ["least(a, 1)", { name: { parts: [{ name: "least" }] } }],
    ["nullif(a, 1)", { name: { parts: [{ name: "nullif" }] } }],
    ["count(*) filter (where a)", { star: true, filter: { kind: "column" } }],
    [
      "string_agg(distinct a, ',' order by a desc nulls last)",
      { distinct: true, orderBy: [{ descending: true, nulls: "last" }] },
    ],
    [
      "percentile_cont(0.5) within group (order by a)",
      { withinGroup: [{}], orderBy: [] },
    ],
    ["f(a => 1, variadic b)", { variadic: true, args: [{ name: "a" }, {}] }],
    [
      "current_timestamp(3)",
      { kind: "keyword", keyword: "current_timestamp", precision: 3 },
    ],
    ["current_user", { kind: "keyword", keyword: "current_user" }],
    [
      "a[1][2:]",
      {
        kind: "subscript",
        slice: { lower: {} },
        operand: { kind: "subscript", index: {} },
      },
    ],
    [
      "(a).b.*",
      { kind: "field", field: { name: "*" }, operand: { kind: "field" } },
    ],
    [
      "interval '1' day to second(3)",
      {
        type: {
          name: "interval",
          intervalFields: "day to second",
          modifiers: [3],
        },
      },
    ],
    [
      "a::varchar(10)[]",
      { type: { name: "varchar", modifiers: [10], arrayDepth: 1 } },
    ],
    ['a::"char"', { type: { name: "char" } }],
    ["a operator(pg_catalog.+) b", { kind: "operator", schema: "pg_catalog" }],
    [
      "sum(a) over (w order by b groups between 1 preceding and unbounded following exclude ties)",
      {
        over: {
          base: { name: "w" },
          frame: {
            unit: "groups",
            start: { kind: "preceding" },
            end: { kind: "unbounded-following" },
            exclude: "ties",
          },
        },
      },
    ],
    ["row(1)", { kind: "row" }],
    ["(1, 2)", { kind: "row" }],
    ["array(select 1)", { kind: "subquery", form: "array" }],
    [
      "case a when 1 then 2 else 3 end",
      { kind: "case", operand: {}, otherwise: {} },
    ],
  ])("%s", (text, expected) => {
    expect(bare(parseExpr(text))).toMatchObject(expected);
  });

  test.each([
    ["xmlelement(name a)", "XML expressions are not supported"],
    ["json_object('a': 1)", "JSON_OBJECT is not supported"],
    ["a is json", "IS JSON is not supported"],
  ])("%s is refused where it stands", (text, message) => {
    expect(failureOf(`SELECT ${text}`)).toMatchObject({
      code: "0A000",
      message,
    });
  });
});

describe("queries", () => {
  test("grouping sets keep their structure, a bracketed list is its items", () => {
    expect(
      bare(
        parseOne(
          "select 1 from t group by distinct (a, b), rollup (c, (d, e)), grouping sets ((), a, (a, b), cube (f))",
        ),
      ),
    ).toMatchObject({
      query: {
        body: {
          groupDistinct: true,
          groupBy: [
            { kind: "expression" },
            { kind: "expression" },
            { kind: "rollup", sets: [[{}], [{}, {}]] },
            {
              kind: "sets",
              items: [
                { kind: "set", items: [] },
                { kind: "set", items: [{}] },
                { kind: "set", items: [{}, {}] },
                { kind: "cube" },
              ],
            },
          ],
        },
      },
    });
  });

  test("operands of set operations keep clauses of their own", () => {
    expect(
      bare(
        parseOne(
          "(select 1 limit 1) union all select 2 except values (3) order by 1 offset 2",
        ),
      ),
    ).toMatchObject({
      query: {
        orderBy: [{}],
        offset: {},
        body: {
          operator: "except",
          right: { kind: "values" },
          left: {
            operator: "union",
            all: true,
            left: { kind: "query", limit: {} },
          },
        },
      },
    });
  });

  test("joins of every kind", () => {
    const { from } = (() => {
      const statement = parseOne(
        `select 1 from a cross join b natural left join c join d using (x, "Y") as j
         full join lateral (select 1) e on true, rows from (f(1), g()) with ordinality as h (i),
         unnest(a) u, json_to_record('x') as r (a int), k tablesample system (10) repeatable (1)`,
      );
      if (
        statement.kind !== "select" ||
        statement.query.body.kind !== "select"
      ) {
        return { from: [] };
      }
      return statement.query.body;
    })();
    expect(bare(from)).toMatchObject([
      {
        type: "full",
        right: { kind: "subquery", lateral: true },
        left: {
          type: "inner",
          using: [{ name: "x" }, { name: "Y" }],
          alias: { name: { name: "j" } },
          aliasOf: "using",
          left: { type: "left", natural: true, left: { type: "cross" } },
        },
      },
      { kind: "function", ordinality: true, calls: [{}, {}] },
      { kind: "function", alias: { name: { name: "u" } } },
      { kind: "function", columnTypes: [{ type: { name: "int4" } }] },
      { kind: "table", sample: { method: "system", repeatable: {} } },
    ]);
  });

  test("DISTINCT ON, WITH TIES, locking, CTEs", () => {
    expect(
      bare(
        parseOne(
          `with recursive a (x) as not materialized (select 1 union all select x from a)
         select distinct on (x) x from a order by x fetch first 3 rows with ties for update`,
        ),
      ),
    ).toMatchObject({
      query: {
        with: {
          recursive: true,
          items: [{ materialized: false, columns: [{ name: "x" }] }],
        },
        body: { distinct: [{}] },
        withTies: true,
        locking: "FOR UPDATE",
      },
    });
  });
});

describe("session statements", () => {
  test.each([
    [
      "set search_path to a, \"B\", 'c d'",
      { kind: "set", name: "search_path", values: ["a", "B", "c d"] },
    ],
    ["set local x.Y = 1", { name: "x.y", values: ["1"], scope: "local" }],
    ["set x to default", { kind: "set", name: "x" }],
    [
      "set time zone interval '-08:00' hour to minute",
      { name: "timezone", values: ["<-08>+08"] },
    ],
    ["set time zone 2", { name: "timezone", values: ["2"] }],
    ["set names 'utf8'", { name: "client_encoding", values: ["utf8"] }],
    [
      "set session characteristics as transaction read only",
      {
        kind: "transaction",
        action: {
          kind: "set",
          session: true,
          options: { transaction_read_only: "on" },
        },
      },
    ],
    [
      "begin isolation level serializable, read write, not deferrable",
      {
        action: {
          kind: "begin",
          options: {
            transaction_isolation: "serializable",
            transaction_read_only: "off",
            transaction_deferrable: "off",
          },
        },
      },
    ],
    ["commit and chain", { action: { kind: "commit", chain: true } }],
    ["abort", { action: { kind: "rollback", chain: false } }],
    ['rollback to "Sp"', { action: { kind: "rollback-to", name: "Sp" } }],
    ["reset all", { kind: "reset" }],
    [
      "prepare p (int, text) as select $1",
      { kind: "prepare", types: [{ name: "int4" }, { name: "text" }] },
    ],
    ["execute p (1, 'a')", { kind: "execute", args: [{}, {}] }],
    ["deallocate all", { kind: "deallocate" }],
    [
      'declare "C" no scroll cursor with hold for select 1',
      { name: "C", hold: true, scroll: false },
    ],
    [
      "fetch 5 from c",
      { kind: "fetch", direction: "forward", count: 5, move: false },
    ],
    ["move backward all in c", { direction: "backward", move: true }],
    ["fetch last c", { direction: "absolute", count: -1 }],
    ["close all", { kind: "close" }],
    ["discard temp", { what: "temp" }],
    ["unlisten *", { kind: "unlisten", channel: "*" }],
    [
      "explain (analyze false, format 'JSON', buffers) select 1",
      { analyze: false, format: "json" },
    ],
    [
      "copy t (a) from stdin with (format csv, header, force_null (a, b))",
      {
        target: "stdin",
        options: [
          { name: "format", value: { kind: "text", text: "csv" } },
          { name: "header", value: { kind: "none" } },
          {
            name: "force_null",
            value: {
              kind: "columns",
              columns: [{ name: "a" }, { name: "b" }],
            },
          },
        ],
      },
    ],
    [
      "copy (select 1) to stdout csv",
      { direction: "to", source: { kind: "query" } },
    ],
    ["copy t to '/tmp/x'", { target: "file" }],
    ["copy t from program 'x'", { target: "program" }],
    ["truncate a, b", { kind: "truncate" }],
    ["lock table t", { kind: "lock" }],
  ])("%s", (sql, expected) => {
    expect(bare(parseOne(sql))).toMatchObject(expected);
  });

  test("DEFAULT and ALL leave their member out", () => {
    expect(parseOne("set x to default")).toHaveProperty("values", undefined);
    expect(parseOne("fetch all from c")).not.toHaveProperty("count");
  });

  test("wrong options of EXPLAIN are named", () => {
    expect(failureOf("explain (foo) select 1").message).toBe(
      'unrecognized EXPLAIN option "foo"',
    );
    expect(failureOf("explain (format xml) select 1").code).toBe("0A000");
    expect(failureOf("explain (format x) select 1").code).toBe("22023");
  });
});
