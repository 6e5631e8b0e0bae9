// Parsing what was printed gives the printed tree: over generated trees here, over recorded and written statements in the other tests.

import { beforeAll, describe, expect, test } from "vitest";
import { fc } from "../../storage/common/property.testkit.ts";
import type { Expr, FromItem, Query, Select, TypeName } from "./ast.ts";
import { loadGrammar } from "./grammar.ts";
import { bare, parseExpr, parseOne } from "./parse.testkit.ts";
import { printExpr, printQuery, printStatement } from "./print.ts";

beforeAll(loadGrammar);

const position = 1;

const nameText = fc.oneof(
  fc.constantFrom(
    "a",
    "B",
    "select",
    "x y",
    'q"q',
    "b`t",
    "é😀",
    "window",
    "n".repeat(80),
  ),
  fc.string({ minLength: 1, maxLength: 5, unit: "grapheme-ascii" }),
);
const identifier = nameText.map((name) => ({ name, quoted: true, position }));
const qualified = (max: number) =>
  fc
    .array(identifier, { minLength: 1, maxLength: max })
    .map((parts) => ({ parts, position }));
const text = fc.oneof(
  fc.string({ maxLength: 6, unit: "grapheme-ascii" }),
  fc.constantFrom("it's", "\\", "é😀", "$$", "-- x", ":a", "?", "\u00020"),
);

const plainType: fc.Arbitrary<TypeName> = fc
  .record({
    name: fc.constantFrom("int4", "text", "numeric", "string", "Odd Name"),
    modifiers: fc.constantFrom([], [10], [10, 2]),
    arrayDepth: fc.constantFrom(0, 0, 1, 2),
  })
  .map((type) => ({ ...type, position, arguments: [], fields: [] }));
const type: fc.Arbitrary<TypeName> = fc.letrec<{ type: TypeName }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 2 },
    plainType,
    tie("type").map((inner) => compositeType("array", [inner], [])),
    fc
      .tuple(tie("type"), tie("type"))
      .map((pair) => compositeType("map", pair, [])),
    fc
      .array(fc.record({ name: nameText, type: tie("type") }), {
        minLength: 1,
        maxLength: 3,
      })
      .map((fields) => compositeType("struct", [], fields)),
  ),
})).type;

function compositeType(
  name: string,
  args: readonly TypeName[],
  fields: TypeName["fields"],
): TypeName {
  return {
    name,
    position,
    modifiers: [],
    arrayDepth: 0,
    arguments: args,
    fields,
  };
}

const literal: fc.Arbitrary<Expr> = fc
  .oneof(
    fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map((value) => ({
      kind: "integer" as const,
      text: value.toString(),
    })),
    fc.constantFrom("1.50", "0.1", "1e10", "-2.5").map((digits) => ({
      kind: "decimal" as const,
      text: digits,
    })),
    text.map((value) => ({ kind: "string" as const, text: value })),
    fc.constantFrom("b0101", "x1F").map((bits) => ({
      kind: "bit-string" as const,
      text: bits,
    })),
    fc.boolean().map((value) => ({ kind: "boolean" as const, value })),
    fc.constant({ kind: "null" as const }),
  )
  .map((value) => ({ kind: "literal", value, position }));

// One count of levels for expressions, queries and FROM together: a tree of three levels of queries has thousands of nodes.
const shallow = { depthIdentifier: fc.createDepthIdentifier() };

const { expr, query } = fc.letrec<{
  expr: Expr;
  query: Query;
  from: FromItem;
}>((tie) => {
  const expr = tie("expr");
  const exprs = (minLength: number) =>
    fc.array(expr, { minLength, maxLength: 3 });
  const column: fc.Arbitrary<Expr> = qualified(4).map((name) => ({
    kind: "column",
    name,
    position,
  }));
  const negated = fc.boolean();
  // `(SELECT …)` alone inside IN or ANY is a subquery, not a value.
  const value = expr.filter(({ kind }) => kind !== "subquery");
  const sort = fc.array(
    fc
      .record({
        value: expr,
        descending: fc.boolean(),
        nulls: fc.constantFrom(undefined, "first" as const, "last" as const),
      })
      .map(({ nulls, ...item }) =>
        nulls === undefined ? item : { ...item, nulls },
      ),
    { maxLength: 2 },
  );
  const compound: readonly fc.Arbitrary<Expr>[] = [
    fc
      .record({
        operator: fc.constantFrom("+", "<>", "->>", "~~", "@>", "<="),
        left: expr,
        right: expr,
      })
      .map((fields) => ({ kind: "operator", ...fields, position })),
    fc
      .record({ operator: fc.constantFrom("-", "@", "!!"), right: column })
      .map((fields) => ({ kind: "operator", ...fields, position })),
    fc
      .tuple(fc.constantFrom("and" as const, "or" as const), exprs(2))
      .filter(
        ([operator, [first]]) =>
          !(first?.kind === "logic" && first.operator === operator),
      )
      .map(([operator, operands]) => ({
        kind: "logic",
        operator,
        operands: operands.length < 2 ? [...operands, ...operands] : operands,
        position,
      })),
    expr.map((inner) => ({
      kind: "logic",
      operator: "not",
      operands: [inner],
      position,
    })),
    fc
      .record({
        operand: expr,
        test: fc.constantFrom(
          "null" as const,
          "true" as const,
          "unknown" as const,
        ),
        negated,
      })
      .map((fields) => ({ kind: "is", ...fields, position })),
    fc
      .record({ left: expr, right: expr, negated })
      .map((fields) => ({ kind: "distinct-from", ...fields, position })),
    fc
      .record({
        operand: expr,
        low: expr,
        high: expr,
        negated,
        symmetric: fc.boolean(),
      })
      .map((fields) => ({ kind: "between", ...fields, position })),
    fc
      .record({
        operand: expr,
        items: fc.array(value, { minLength: 1, maxLength: 3 }),
        negated,
      })
      .map((fields) => ({ kind: "in-list", ...fields, position })),
    fc
      .record({
        operand: expr,
        operator: fc.constantFrom("=", "<>", "<"),
        quantifier: fc.constantFrom("any" as const, "all" as const),
        array: value,
      })
      .map(({ array, ...fields }) => ({
        kind: "quantified",
        ...fields,
        source: { kind: "array", array },
        position,
      })),
    fc
      .record({
        operand: expr,
        operator: fc.constantFrom("=", "<"),
        quantifier: fc.constantFrom("any" as const, "all" as const),
        query: tie("query"),
      })
      .map(({ query: inner, ...fields }) => ({
        kind: "quantified",
        ...fields,
        source: { kind: "query", query: inner },
        position,
      })),
    fc
      .record({
        operator: fc.constantFrom(
          "like" as const,
          "ilike" as const,
          "similar" as const,
        ),
        operand: expr,
        pattern: expr,
        negated,
      })
      .map((fields) => ({ kind: "like", ...fields, position })),
    fc.record({ operand: expr, pattern: expr, escape: expr }).map((fields) => ({
      kind: "like",
      operator: "like",
      negated: true,
      ...fields,
      position,
    })),
    fc
      .record({ operand: expr, type, attempt: fc.boolean() })
      .map((fields) => ({ kind: "cast", ...fields, position })),
    fc
      .record({ operand: expr, index: expr })
      .map((fields) => ({ kind: "subscript", ...fields, position })),
    fc
      .record({ operand: expr, upper: expr })
      .map(({ operand: inner, upper }) => ({
        kind: "subscript",
        operand: inner,
        slice: { upper },
        position,
      })),
    fc
      .record({
        operand: expr,
        field: identifier.filter(({ name }) => name !== "*"),
      })
      .map((fields) => ({ kind: "field", ...fields, position })),
    fc
      .record({ operand: expr, collation: qualified(2) })
      .map((fields) => ({ kind: "collate", ...fields, position })),
    fc
      .record({ operand: expr, zone: expr })
      .map((fields) => ({ kind: "at-time-zone", ...fields, position })),
    fc
      .array(expr, { maxLength: 3 })
      .map((items) => ({ kind: "array", items, position })),
    fc
      .array(expr, { maxLength: 3 })
      .map((items) => ({ kind: "row", items, position })),
    fc
      .record({
        operand: expr,
        branches: fc.array(fc.record({ when: expr, then: expr }), {
          minLength: 1,
          maxLength: 2,
        }),
        otherwise: expr,
      })
      .map((fields) => ({ kind: "case", ...fields, position })),
    fc
      .record({
        form: fc.constantFrom(
          "scalar" as const,
          "exists" as const,
          "array" as const,
        ),
        query: tie("query"),
      })
      .map((fields) => ({ kind: "subquery", ...fields, position })),
    fc
      .record({
        name: qualified(3),
        values: fc.array(fc.record({ value: expr }), {
          minLength: 1,
          maxLength: 3,
        }),
        distinct: fc.boolean(),
        orderBy: sort,
        filter: expr,
      })
      .map(({ values, ...fields }) => ({
        kind: "call",
        ...fields,
        args: values,
        star: false,
        variadic: false,
        withinGroup: [],
        position,
      })),
    fc
      .record({
        name: qualified(2),
        partitionBy: exprs(0),
        orderBy: sort,
        offset: expr,
      })
      .map(({ name, partitionBy, orderBy, offset }) => ({
        kind: "call",
        name,
        args: [],
        star: true,
        distinct: false,
        variadic: false,
        orderBy: [],
        withinGroup: [],
        over: {
          kind: "window",
          partitionBy,
          orderBy,
          frame: {
            unit: "rows",
            start: { kind: "preceding", offset },
            end: { kind: "current-row" },
            exclude: "group",
          },
          position,
        },
        nulls: "ignore",
        position,
      })),
  ];
  const select: fc.Arbitrary<Select> = fc
    .record({
      distinct: fc.oneof(fc.boolean(), exprs(1)),
      items: fc.array(
        fc
          .record({ value: expr, alias: identifier })
          .map((item) => ({ ...item, position })),
        { minLength: 1, maxLength: 3 },
      ),
      from: fc.array(tie("from"), { maxLength: 2 }),
      where: expr,
      groupBy: fc.array(
        fc.oneof(
          // An explicit ROW(…) stays one item; the bracketed list that is two has no tree of its own here.
          expr.map((item) => ({ kind: "expression" as const, value: item })),
          fc
            .array(exprs(1), { minLength: 1, maxLength: 2 })
            .map((sets) => ({ kind: "rollup" as const, sets })),
          fc.constant({
            kind: "sets" as const,
            items: [{ kind: "set" as const, items: [] }],
          }),
        ),
        { maxLength: 2 },
      ),
      qualify: expr.filter(({ kind }) => kind !== "row"),
      window: identifier,
      orderBy: sort,
    })
    .map(({ window, orderBy, ...fields }) => ({
      kind: "select",
      ...fields,
      groupDistinct: false,
      windows: [
        {
          name: window,
          spec: { kind: "window", partitionBy: [], orderBy, position },
        },
      ],
      position,
    }));
  const values = fc
    .array(exprs(1), { minLength: 1, maxLength: 2 })
    .map((rows) => ({ kind: "values" as const, rows, position }));
  const body = fc.oneof(
    select,
    values,
    fc
      .record({
        operator: fc.constantFrom(
          "union" as const,
          "except" as const,
          "intersect" as const,
        ),
        all: fc.boolean(),
        left: fc.oneof(select, values),
        right: fc.oneof(select, values),
      })
      .map((fields) => ({
        kind: "set-operation" as const,
        ...fields,
        position,
      })),
  );
  const alias = fc
    .record({
      name: identifier,
      columns: fc.array(identifier, { maxLength: 2 }),
    })
    .map((fields) => ({ ...fields, position }));
  return {
    expr: fc.oneof(
      { ...shallow, maxDepth: 2 },
      literal,
      column,
      fc
        .integer({ min: 1, max: 99 })
        .map((index): Expr => ({ kind: "parameter", index, position })),
      fc
        .constantFrom("current_date", "current_user")
        .map((keyword): Expr => ({ kind: "keyword", keyword, position })),
      ...compound,
    ),
    query: fc
      .record({ body, orderBy: sort, limit: expr, offset: expr })
      .map((fields): Query => ({
        kind: "query",
        ...fields,
        withTies: false,
        position,
      })),
    from: fc.oneof(
      { ...shallow, maxDepth: 1 },
      fc
        .record({ name: qualified(3), alias, value: expr })
        .map(({ value, ...fields }): FromItem => ({
          kind: "table",
          ...fields,
          travel: { kind: "version", value },
          position,
        })),
      fc.record({ path: nameText, alias }).map((fields): FromItem => ({
        kind: "path",
        format: "parquet",
        ...fields,
        position,
      })),
      fc
        .record({ query: tie("query"), alias, lateral: fc.boolean() })
        .map((fields): FromItem => ({ kind: "subquery", ...fields, position })),
      fc
        .record({
          type: fc.constantFrom("left" as const, "full" as const),
          left: tie("from"),
          right: tie("from"),
          on: expr,
          alias,
        })
        .map((fields): FromItem => ({
          kind: "join",
          ...fields,
          natural: false,
          position,
        })),
      fc
        .record({
          left: tie("from"),
          right: tie("from"),
          using: fc.array(identifier, { minLength: 1, maxLength: 2 }),
          alias: alias.map((named) => ({ ...named, columns: [] })),
        })
        .map((fields): FromItem => ({
          kind: "join",
          type: "inner",
          ...fields,
          natural: false,
          aliasOf: "using",
          position,
        })),
    ),
  };
});

describe("parse of print is identity", () => {
  test("over generated expressions", () => {
    fc.assert(
      fc.property(expr, (generated) => {
        const printed = printExpr(generated);
        expect(bare(parseExpr(printed)), printed).toEqual(bare(generated));
      }),
      { numRuns: 200 },
    );
  });

  test("over generated queries", () => {
    fc.assert(
      fc.property(query, (generated) => {
        const printed = printQuery(generated);
        const statement = parseOne(printed);
        expect(bare(statement), printed).toEqual({
          kind: "select",
          query: bare(generated),
        });
      }),
      { numRuns: 100 },
    );
  });

  test.each([
    "insert overwrite s.t (a, b) select * from u",
    "insert into t as x default values returning a, x.*",
    "with a as (select 1) update t as x set a = 1, s.f = default from a where x.b returning *",
    "update t set (a, b.c) = (select 1, 2), (d) = row(5), (e, f) = (1, default), g = (select 2)",
    "with a as (delete from t returning *) select * from a",
    "delete from t using u where t.a = u.a",
    "merge into t as x using (select 1 a) as s on x.a = s.a when matched and s.b then update set a = 1 when matched then do nothing when not matched then insert (x.a, b) values (s.a, 1) when not matched by source then delete",
    "merge into t using s on true when matched then update set * when not matched then insert *",
    "merge into t using s on true when not matched then insert default values",
    "copy t (a) from stdin with (format csv, header true, null 'x')",
    "copy (select 1) to stdout",
    "create table if not exists t (a int not null default 1 check (a > 0) comment 'c', b array<struct<x: int>>, constraint k primary key (a), unique (b), foreign key (a) references s.u (x), constraint z check (a < 9)) using delta partitioned by (a) cluster by (b) location 'l' comment 'c' tblproperties ('a' = 'b')",
    "create temp table t (a) using delta as select 1 with no data",
    "create or replace view v (a) comment 'x' as select 1",
    "create temporary view if not exists v as values (1)",
    "create temp table t (a int) using delta comment 'x' on commit delete rows",
    "create temp table t on commit drop as select 1 as a",
    "create temp table t (a int) on commit preserve rows",
    "drop table if exists a.b, c cascade",
    "drop function f",
    "alter table if exists t rename column a to b",
    "alter table t rename to u",
    "alter table t rename to s.u",
    "alter view v set schema s",
    "alter schema s rename to r",
    "alter table t drop column if exists a, drop column if exists b",
    "alter table t add column a int not null comment 'x', add column b text",
    "alter table t add column if not exists a int default 5 first, drop column b",
    "alter table t alter column a type bigint, alter column a set not null, alter column b drop not null",
    "alter table t alter column a set default now(), alter column b drop default",
    "alter table t alter column a after b",
    "alter table t add constraint c check (a > 0), drop constraint if exists d",
    "alter table t cluster by (a, b)",
    "alter table t cluster by none",
    "alter table t unset tblproperties if exists ('a')",
    "create table t (a int generated always as identity (start with 5 increment by -2), b int generated by default as identity)",
    "create table t (a timestamp, d date generated always as (a::date) comment 'day')",
    "create table t (like s.u)",
    "comment on column s.t.c is 'it''s'",
    "explain (analyze, format json) update t set a = 1",
    "set local my.x to 'a', 'B'",
    "set search_path to default",
    "reset my.x",
    "begin isolation level repeatable read, read only, deferrable",
    "rollback and chain",
    "prepare p (int, map<int, text>) as select $1",
    "execute p (1, 'a')",
    "declare c binary scroll cursor with hold for select 1",
    "fetch relative -3 from c",
    'listen "A"',
    "lock table a, b",
    "optimize s.t full where d > '2026-01-01' and p in (1, 2) zorder by (a, s.b)",
    "optimize table t zorder by a",
    "reorg table s.t where d > '2026-01-01' apply (purge)",
    "refresh table s.t",
    "create table t (a int) using csv options ('header' = 'true', sep = ';') location 'p'",
    "copy into s.t from 'a''b/*.csv'",
    "copy into t by position from 'p' fileformat = csv files = ('x.csv', 'y/z.csv') format_options ('sep' = ';')",
    "copy into t from 'p' fileformat = json validate all pattern = '*.json'",
    "copy into t from 'p' fileformat = csv validate 15 rows",
    "copy into t (a, b) from (select f._c0::int, upper(trim(both from _c1)) as b from 'p' f where _c0 <> '') fileformat = csv copy_options ('force' = true) pattern = '*.csv'",
    "vacuum t retain 0.5 hours dry run",
    "vacuum s.t full",
    "restore table s.t to timestamp as of now() - interval '1 day'",
    "restore t version as of 3",
  ])("%s", (sql) => {
    const statement = parseOne(sql);
    const printed = printStatement(statement);
    expect(bare(parseOne(printed)), printed).toEqual(bare(statement));
  });

  test("a statement that was only parsed to be refused has no text", () => {
    expect(() => printStatement(parseOne("cache table t"))).toThrow(
      "CACHE TABLE is not supported",
    );
  });
});
