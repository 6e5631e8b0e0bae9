// Queries to plans: what each clause becomes, which types and names the result has, what is known of parameters.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { typeNameWithModifier } from "../../storage/common/data-type.ts";
import { freeColumns } from "../logical/columns.ts";
import { printPlan } from "../logical/print.ts";
import { outputOf } from "../logical/walk.ts";
import type { BoundQuery, LogicalPlan } from "../logical/plan.ts";
import { bindSql, testCatalog, type BindOptions } from "./bind.testkit.ts";

function queryOf(sql: string, options: BindOptions = {}): BoundQuery {
  const bound = bindSql(sql, options);
  if (bound.kind !== "query") throw new Error(`${sql} is no query`);
  return bound.query;
}

/** The plan with scans shown by their table only. */
function planOf(sql: string, options: BindOptions = {}): string {
  return shortPlan(queryOf(sql, options).plan);
}

function shortPlan(plan: LogicalPlan): string {
  return printPlan(plan).replace(/(scan [\w.]+)@0 \[[^\]]*\]/gu, "$1");
}

/** `name type` of each result column. */
function columnsOf(sql: string, options: BindOptions = {}): readonly string[] {
  return queryOf(sql, options).columns.map(
    (column) => `${column.name} ${typeNameWithModifier(column.type)}`,
  );
}

function tpch(number: number): string {
  const name = String(number).padStart(2, "0");
  return readFileSync(
    new URL(`../../conformance/tpch/${name}.sql`, import.meta.url),
    "utf8",
  );
}

describe("TPC-H", () => {
  test.each(Array.from({ length: 22 }, (_, i) => i + 1))(
    "query %i binds to a closed plan that gives its columns",
    (number) => {
      const { plan, columns } = queryOf(tpch(number));
      expect([...freeColumns(plan)]).toEqual([]);
      expect(outputOf(plan).map((column) => column.id)).toEqual(
        columns.map((column) => column.id),
      );
    },
  );

  test("query 6 is a filter, an aggregation and a projection over one scan", () => {
    expect(planOf(tpch(6))).toBe(
      [
        "project [revenue#22]",
        "  aggregate by [] [sum#22 := sum((l_extendedprice#6 * l_discount#7))]",
        "    filter ((l_shipdate#11 >= '1994-01-01'::date) and (l_shipdate#11 < ('1994-01-01'::date + '1 year'::interval)) and ((l_discount#7 >= ('0.06'::numeric - '0.01'::numeric)) and (l_discount#7 <= ('0.06'::numeric + '0.01'::numeric))) and (l_quantity#5 < '24'::numeric))",
        "      scan tpch.lineitem",
      ].join("\n"),
    );
  });
});

describe("the streaming benchmark's query", () => {
  test("binds word for word", () => {
    expect(
      planOf(
        "SELECT COUNT(*) FROM events JOIN campaigns USING (ad_id) WHERE event_type = 'view' GROUP BY window(event_time, '10 seconds'), campaign_id",
      ),
    ).toBe(
      [
        "project [count#19]",
        "  aggregate by [group#20 := window(event_time#5, '00:00:10'::interval), campaign_id#13] [count#19 := count()]",
        "    filter ((event_time#5 > '-infinity'::timestamp with time zone) and (event_time#5 < 'infinity'::timestamp with time zone))",
        "      filter (event_type#4 = 'view')",
        "        inner join on (ad_id#3 = ad_id#12)",
        "          scan web.events",
        "          scan web.campaigns",
      ].join("\n"),
    );
  });
});

describe("FROM", () => {
  test("USING merges the columns, which come first", () => {
    expect(columnsOf("select * from u join t as t(a, q) using (a)")).toEqual([
      "a integer",
      "x text",
      "y bigint",
      "q text",
      "c numeric(10,2)",
      "d date",
      "e timestamp with time zone",
      "f double precision",
      "g boolean",
      "arr integer[]",
      "i8 bigint",
      "ts timestamp without time zone",
    ]);
  });

  test("FULL JOIN USING takes the first side that is not NULL", () => {
    expect(planOf("select a from t full join u using (a)")).toContain(
      "coalesce(a#1, a#16)",
    );
  });

  test("a set-returning function after a table is lateral over it", () => {
    expect(
      planOf("select a, x, n from t, unnest(arr) with ordinality v(x, n)"),
    ).toBe(
      [
        "project [a#1, x#16, n#17]",
        "  unnest arr#8 [unnest#16, ordinality#17]",
        "    scan public.t",
      ].join("\n"),
    );
  });

  test("LEFT JOIN of unnest keeps rows without elements", () => {
    expect(
      planOf("select a, x from t left join unnest(arr) v(x) on true"),
    ).toContain("outer unnest");
  });

  test("LATERAL subqueries refer to columns on their left", () => {
    expect(
      planOf(
        "select z.y from t x, lateral (select u.y from u where u.a = x.a) z",
      ),
    ).toBe(
      [
        "project [y#18]",
        "  lateral cross join",
        "    scan public.t",
        "    project [y#18]",
        "      filter (a#16 = a#1)",
        "        scan public.u",
      ].join("\n"),
    );
  });

  test("the padded side of an outer join is nullable", () => {
    const { plan } = queryOf("select t.a, u.a from u left join t on t.a = u.a");
    expect(outputOf(plan).map((column) => column.nullable)).toEqual([
      true,
      true,
    ]);
    expect(outputOf(queryOf("select a from t").plan)[0]?.nullable).toBe(false);
  });

  test("a view is inlined behind a barrier, and its scans are opaque", () => {
    const catalog = testCatalog().view(
      "public",
      "v",
      'select "a" as "k" from "main"."public"."t"',
    );
    const { plan } = queryOf("select k from v", { catalog });
    expect(shortPlan(plan)).toBe(
      [
        "project [k#1]",
        "  barrier",
        "    project [k#1]",
        "      scan public.t",
      ].join("\n"),
    );
    expect(JSON.stringify(plan)).toContain('"opaque":true');
  });
});

describe("WITH", () => {
  test("one reference takes the definition in its place, several share it", () => {
    expect(planOf("with x as (select a from t) select * from x")).not.toContain(
      "with x",
    );
    expect(
      planOf("with x as (select a from t) select * from x, x y"),
    ).toContain("with x(1)");
    expect(
      planOf("with x as materialized (select a from t) select * from x"),
    ).toContain("with x(1) materialized");
  });

  test("a recursive one has a base, a step over the working table, and a use", () => {
    expect(
      planOf(
        "with recursive r(n) as (select 1 union all select n + 1 from r where n < 10) select * from r",
      ),
    ).toBe(
      [
        "recursive r(1) all [n#2]",
        "  project [?column?#1 := 1]",
        "    values [] ()",
        "  project [?column?#4 := (n#3 + 1)]",
        "    filter (n#3 < 10)",
        "      common r(1) [n#3]",
        "  project [n#5]",
        "    common r(1) [n#5]",
      ].join("\n"),
    );
  });
});

describe("grouping and windows", () => {
  test("ROLLUP, CUBE and GROUPING SETS become index lists, grouped columns nullable", () => {
    expect(
      planOf("select a, b, grouping(a, b) from t group by rollup(a, b)"),
    ).toBe(
      [
        "project [a#17, b#18, grouping#16]",
        "  aggregate by [a#17 := a#1, b#18 := b#2] sets (0,1)(0)() [grouping#16 := grouping(0,1)]",
        "    scan public.t",
      ].join("\n"),
    );
    expect(
      planOf("select 1 from t group by grouping sets (a, (a, b), ()), d"),
    ).toContain("sets (0,2)(0,1,2)(2)");
  });

  test("an aggregate over outer columns belongs to the outer query", () => {
    expect(planOf("select (select sum(t.a) from u limit 1) from t")).toBe(
      [
        "project [sum#26 := (subquery)]",
        "  subquery",
        "    limit '1'::bigint",
        "      project [sum#25 := sum#24]",
        "        scan public.u",
        "  aggregate by [] [sum#24 := sum(a#1)]",
        "    scan public.t",
      ].join("\n"),
    );
  });

  test("equal aggregates are computed once", () => {
    expect(
      planOf(
        "select sum(a), sum(a) + 1 from t having sum(a) > 0 order by sum(a)",
      ).match(/:= sum\(/gu),
    ).toHaveLength(1);
  });

  test("calls over one window share a node, QUALIFY filters above it", () => {
    expect(
      planOf(
        "select a, sum(f) over w as s, count(*) over w from t window w as (partition by b order by a) qualify s > 1",
      ),
    ).toBe(
      [
        "project [a#1, s#16, count#17]",
        "  filter (sum#16 > '1'::double precision)",
        "    window partition by b#2 order by a#1 [sum#16 := sum(f#6), count#17 := count()]",
        "      scan public.t",
      ].join("\n"),
    );
  });

  test("windows run over aggregates", () => {
    expect(
      planOf("select b, sum(sum(a)) over (order by b) from t group by b"),
    ).toContain("window order by b#2");
  });
});

describe("ORDER BY, DISTINCT, LIMIT", () => {
  test("a key outside the select list is projected, then dropped", () => {
    expect(planOf("select a from t order by b desc limit 2")).toBe(
      [
        "project [a#1]",
        "  limit '2'::bigint",
        "    sort b#2 desc",
        "      project [a#1, b#2]",
        "        scan public.t",
      ].join("\n"),
    );
  });

  test("an output name comes before a column, a column before another case of a name", () => {
    expect(planOf("select -a as b from t order by b")).toContain("sort b#16");
    expect(planOf("select a as x from t order by 1")).toContain("sort x#1");
  });

  test("DISTINCT ON keeps the first row in the order", () => {
    expect(
      planOf("select distinct on (b) b, a from t order by b, a desc"),
    ).toContain("distinct on b#2 order by b#2, a#1 desc");
  });

  test("a set operation has common types and its own columns", () => {
    expect(
      columnsOf("select 1 as n union select 2.5 union all select null"),
    ).toEqual(["n numeric"]);
    expect(columnsOf("select 'x' union select 'y'")).toEqual(["?column? text"]);
    expect(
      columnsOf("select date '2020-01-01' union select '2021-01-01'"),
    ).toEqual(["date date"]);
  });
});

describe("literals", () => {
  test.each([
    [
      "select 1, 3000000000, 99999999999999999999, 1.50, -5",
      [
        "?column? integer",
        "?column? bigint",
        "?column? numeric",
        "?column? numeric",
        "?column? integer",
      ],
    ],
    [
      "select 'x', null, true, interval '90' day",
      [
        "?column? text",
        "?column? text",
        "?column? boolean",
        "interval interval",
      ],
    ],
    ["values (1, 'a'), (2.5, null)", ["column1 numeric", "column2 text"]],
  ])("%s has PostgreSQL's types and names", (sql, columns) => {
    expect(columnsOf(sql)).toEqual(columns);
  });

  test("a string compared with a date is a date constant", () => {
    expect(planOf("select a from t where d >= 'Jan 5, 2024'")).toContain(
      "(d#4 >= '2024-01-05'::date)",
    );
  });

  test("an instant without zone is read in the session's", () => {
    expect(
      planOf("select a from t where e > '2024-07-01 10:00'", {
        timeZone: "Europe/Berlin",
      }),
    ).toContain("'2024-07-01 08:00:00+00'::timestamp with time zone");
  });

  test("session values are constants and mark the plan", () => {
    const bound = bindSql(
      "select current_user, now(), is_member('analysts'), current_date",
    );
    expect(bound.sessionDependent).toBe(true);
    expect(bindSql("select a from t").sessionDependent).toBe(false);
    expect(planOf("select current_date, is_member('analysts')")).toContain(
      "current_date#1 := '2024-02-29'::date, is_member#2 := true",
    );
  });
});

describe("parameters", () => {
  test.each([
    ["select a from t where a = $1 and b like $2", ["integer", "text"]],
    ["select $1::date, $2 + 1, $3", ["date", "integer", "text"]],
    [
      "insert into t(a, c, e) values ($1, $2, $3)",
      ["integer", "numeric", "timestamp with time zone"],
    ],
    ["select a from t limit $1 offset $2", ["bigint", "bigint"]],
    ["select a from t where a = any($1)", ["integer[]"]],
    [
      "select coalesce(b, $1), case when $2 then $3 else 2.5 end from t",
      ["text", "boolean", "numeric"],
    ],
    ["select $1 union select 1", ["integer"]],
    ["select a from t where d between $1 and $2", ["date", "date"]],
  ])("%s takes types from its contexts", (sql, types) => {
    expect(bindSql(sql).parameterTypes.map(typeNameWithModifier)).toEqual(
      types,
    );
  });

  test("a declared type wins", () => {
    const bound = bindSql("select $1 + 1", { declared: [{ kind: "int8" }] });
    expect(bound.parameterTypes).toEqual([{ kind: "int8" }]);
  });

  test("contexts that disagree are an error", () => {
    expect(() => bindSql("select $1, $1::int")).toThrow(
      "inconsistent types deduced for parameter $1",
    );
  });
});

describe("case of names", () => {
  test("an unquoted name that matches nothing exactly takes the stored spelling", () => {
    expect(columnsOf("select username, m.ID from mixed m")).toEqual([
      "UserName text",
      "Id integer",
    ]);
  });

  test("fields of structs are reached by path, and by star", () => {
    expect(
      columnsOf("select st.x, (st).inner.y, s.st.x, (st).* from s"),
    ).toEqual(["x integer", "y text", "x integer", "x integer", "inner jsonb"]);
  });
});

describe("hidden columns", () => {
  test("they are scanned only where they are used, and ask for READ_METADATA", () => {
    const bound = bindSql("select _metadata.file_path from t");
    expect(bound.requirements).toMatchObject([
      { kind: "privilege", privilege: "READ_METADATA", name: "t" },
    ]);
    expect(
      printPlan(queryOf("select _metadata.file_path from t").plan),
    ).toContain("ts#10, file_path#11]");
    expect(printPlan(queryOf("select a from t").plan)).not.toContain(
      "file_path",
    );
  });
});

describe("INSERT", () => {
  function insertPlan(sql: string): string {
    const bound = bindSql(sql);
    if (bound.kind !== "insert") throw new Error(`${sql} is no INSERT`);
    return shortPlan(bound.source);
  }

  test("rows have every column of the table, in its order and types", () => {
    expect(
      insertPlan("insert into u(y, a) values (1, default), (2.5, 3)"),
    ).toBe(
      [
        "project [a#3 := a#2, x#4 := null::text, y#5 := y#1]",
        "  values [y#1, a#2] ('1'::bigint, null::integer), ('2.5'::numeric::bigint, 3)",
      ].join("\n"),
    );
  });

  test("a query's columns are assigned from the left", () => {
    expect(insertPlan("insert into u select i8, c from t")).toBe(
      [
        "project [a#16 := i8#9::integer, x#17 := c#3::text, y#18 := null::bigint]",
        "  project [i8#9, c#3]",
        "    scan public.t",
      ].join("\n"),
    );
  });

  test("too long a constant for varchar(n) is refused, trailing spaces are cut", () => {
    expect(() => bindSql("insert into s(vc) values ('abcd')")).toThrow(
      "value too long for type character varying(3)",
    );
    expect(insertPlan("insert into s(vc) values ('abc  ')")).toContain(
      "'abc'::character varying(3)",
    );
  });
});

describe("assignment to character types of limited length", () => {
  test("a value keeps its length, for the writer to refuse", () => {
    const bound = bindSql("insert into s(vc) select b from t");
    expect(
      bound.kind === "insert" && outputOf(bound.source).at(2)?.type,
    ).toEqual({ kind: "varchar", length: 3 });
    expect(bound.kind === "insert" && printPlan(bound.source)).not.toContain(
      "varying(3)",
    );
  });
});

describe("CREATE", () => {
  test("CREATE TABLE AS gives unconstrained numbers a scale", () => {
    const bound = bindSql(
      "create table n(k) as select a, c, 'x' as s, avg(a), sum(c * 1.25), round(avg(c), 2) + 1 from t group by 1, 2",
    );
    expect(
      bound.kind === "create-table-as" &&
        bound.columns.map(
          (column) => `${column.name} ${typeNameWithModifier(column.type)}`,
        ),
    ).toEqual([
      "k integer",
      "c numeric(10,2)",
      "s text",
      "avg numeric(38,18)",
      "sum numeric(38,4)",
      "?column? numeric(38,2)",
    ]);
  });

  test("a view's text has full names, no stars, stored spellings", () => {
    const bound = bindSql(
      "create view v as select *, m.username as n from u, mixed m where a = id order by ID",
    );
    expect(bound.kind === "create-view" && bound.definition).toBe(
      'SELECT "u"."a", "u"."x", "u"."y", "m"."Id", "m"."UserName", "m"."UserName" AS "n" FROM "main"."public"."u", "main"."public"."Mixed" AS "m" WHERE ("a" = "Id") ORDER BY "Id"',
    );
    expect(
      bound.kind === "create-view" &&
        bound.references.map((entry) => entry.name),
    ).toEqual(["u", "Mixed"]);
  });

  test("the frozen text of a view binds to the same columns", () => {
    const sql =
      "select *, (select max(y) from u where u.a = t.a) mx from t left join lateral (select x from u limit 1) l on true";
    const view = bindSql(`create view v as ${sql}`);
    if (view.kind !== "create-view") throw new Error("no view");
    expect(columnsOf(view.definition)).toEqual(columnsOf(sql));
  });
});
