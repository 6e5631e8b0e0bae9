import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  BOOL,
  DATE,
  INT4,
  INT8,
  NUMERIC,
  TEXT,
  numeric,
  arrayOf,
} from "../../storage/common/data-type.ts";
import { columnId } from "../../storage/common/ids.ts";
import type { Case } from "../logical/expression.ts";
import type { LogicalPlan, Window } from "../logical/plan.ts";
import { outputOf } from "../logical/walk.ts";
import {
  agg,
  and,
  ascending,
  barrier,
  col,
  distinct,
  exists,
  filter,
  int,
  isIn,
  join,
  limit,
  literal,
  not,
  op,
  or,
  PlanBuilder,
  scalar,
  sort,
  text,
} from "../optimize/plan.testkit.ts";
import { emitPlan } from "./duckdb-sql.ts";
import { SETTINGS, TestKernel, type TestTables } from "./kernel.testkit.ts";

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await TestKernel.open();
});
afterAll(() => kernel[Symbol.asyncDispose]());

const TABLES: TestTables = {
  orders: [
    ["1", "10", "1.50", "'a'"],
    ["2", "10", "2.50", "'b'"],
    ["3", "20", "NULL", "'c'"],
    ["4", "NULL", "4.00", "NULL"],
  ],
  customers: [
    ["10", "'ann'"],
    ["20", "'bob'"],
    ["30", "'eve'"],
  ],
};
const ORDERS = { id: INT4, customer: INT4, price: numeric(10, 2), tag: TEXT };
const CUSTOMERS = { key: INT4, name: TEXT };

function sqlOf(plan: LogicalPlan): string {
  return emitPlan(
    plan,
    outputOf(plan).map((column) => column.id),
    SETTINGS,
  ).sql;
}

describe("the text", () => {
  test("filter, join, sort and limit over scans are one SELECT block", () => {
    const b = new PlanBuilder();
    const orders = b.scan("orders", ORDERS);
    const customers = b.scan("customers", CUSTOMERS);
    const joined = join(
      "inner",
      filter(orders, op(">", col(orders, "id"), int(1))),
      customers,
      op("=", col(orders, "customer"), col(customers, "key")),
    );
    const top = limit(
      sort(b.project(joined, { n: col(customers, "name") }), col(orders, "id")),
      2,
    );
    expect(sqlOf({ ...top, input: sort(joined, col(orders, "id")) })).toBe(
      "SELECT c1, c2, c3, c4, c5, c6 FROM scan_1 JOIN scan_2 ON (c2 = c5) WHERE (c1 > 1::INTEGER) ORDER BY c1 ASC NULLS LAST LIMIT 2",
    );
  });

  test("a query with common tables does not begin with WITH", () => {
    const b = new PlanBuilder();
    const orders = b.scan("orders", { id: INT4 });
    const reference = b.column("id", INT4);
    const plan: LogicalPlan = {
      kind: "common-table",
      id: 7,
      name: "t",
      definition: orders,
      materialized: undefined,
      input: {
        kind: "common-table-ref",
        id: 7,
        name: "t",
        columns: [reference],
      },
    };
    expect(sqlOf(plan)).toBe(
      "SELECT c2 FROM (WITH cte_7 AS (SELECT c1 FROM scan_1) SELECT t1.c1 AS c2 FROM cte_7 AS t1) AS t2",
    );
  });

  test("an output column asked for twice gets two names", () => {
    const b = new PlanBuilder();
    const orders = b.scan("orders", { id: INT4 });
    const { sql, columns } = emitPlan(
      orders,
      [columnId(1), columnId(1)],
      SETTINGS,
    );
    expect(sql).toBe("SELECT c1, c1 AS c1_1 FROM scan_1");
    expect(columns.map((column) => column.name)).toEqual(["c1", "c1_1"]);
  });

  test("a negative limit is PostgreSQL's 2201W", () => {
    const b = new PlanBuilder();
    expect(() => sqlOf(limit(b.scan("orders", ORDERS), -1))).toThrow(
      "LIMIT must not be negative",
    );
  });
});

describe("the rows", () => {
  test("left join pads, and a filter of its right side stays inside", async () => {
    const b = new PlanBuilder();
    const customers = b.scan("customers", CUSTOMERS);
    const orders = b.scan("orders", ORDERS);
    const plan = sort(
      b.project(
        join(
          "left",
          customers,
          filter(orders, op("=", col(orders, "tag"), text("a"))),
          op("=", col(customers, "key"), col(orders, "customer")),
        ),
        { name: col(customers, "name"), id: col(orders, "id") },
      ),
    );
    const rows = await kernel.rows(plan, TABLES);
    expect(rows.toSorted()).toEqual([
      ["ann", "1"],
      ["bob", null],
      ["eve", null],
    ]);
  });

  test("a constant from the padded side of an outer join is NULL where nothing matched", async () => {
    const b = new PlanBuilder();
    const customers = b.scan("customers", CUSTOMERS);
    const orders = b.scan("orders", ORDERS);
    const marked = b.project(orders, {
      customer: col(orders, "customer"),
      one: int(1),
    });
    const plan = join(
      "left",
      customers,
      marked,
      op("=", col(customers, "key"), col(marked, "customer")),
    );
    const rows = await kernel.rows(
      b.project(plan, {
        name: col(customers, "name"),
        one: col(marked, "one"),
      }),
      TABLES,
    );
    expect(rows.toSorted()).toEqual([
      ["ann", "1"],
      ["ann", "1"],
      ["bob", "1"],
      ["eve", null],
    ]);
  });

  test("semi and anti joins keep left rows once", async () => {
    const b = new PlanBuilder();
    const customers = b.scan("customers", CUSTOMERS);
    const orders = b.scan("orders", ORDERS);
    const on = op("=", col(customers, "key"), col(orders, "customer"));
    const semi = await kernel.rows(join("semi", customers, orders, on), TABLES);
    const anti = await kernel.rows(join("anti", customers, orders, on), TABLES);
    expect(semi.toSorted()).toEqual([
      ["10", "ann"],
      ["20", "bob"],
    ]);
    expect(anti).toEqual([["30", "eve"]]);
  });

  test("a mark join is three-valued", async () => {
    const b = new PlanBuilder();
    const customers = b.scan("customers", CUSTOMERS);
    const orders = b.scan("orders", ORDERS);
    const mark = b.column("mark", BOOL);
    const plan: LogicalPlan = {
      ...join(
        "mark",
        customers,
        orders,
        op("=", col(customers, "key"), col(orders, "customer")),
      ),
      mark,
    };
    const rows = await kernel.rows(plan, TABLES);
    expect(rows.toSorted()).toEqual([
      ["10", "ann", "true"],
      ["20", "bob", "true"],
      ["30", "eve", null],
    ]);
  });

  test("a single join takes one match and raises an error on a second", async () => {
    const b = new PlanBuilder();
    const customers = b.scan("customers", CUSTOMERS);
    const orders = b.scan("orders", ORDERS);
    const on = op("=", col(customers, "key"), col(orders, "customer"));
    const plan = join(
      "single",
      filter(customers, op(">", col(customers, "key"), int(10))),
      orders,
      on,
    );
    const rows = await kernel.rows(
      b.project(plan, {
        n: col(customers, "name"),
        i: col(orders, "id"),
        t: col(orders, "tag"),
      }),
      TABLES,
    );
    expect(rows.toSorted()).toEqual([
      ["bob", "3", "c"],
      ["eve", null, null],
    ]);
    await expect(
      kernel.rows(join("single", customers, orders, on), TABLES),
    ).rejects.toThrow(/[Mm]ore than one row/);
  });

  test("a lateral join reads the left side", async () => {
    const b = new PlanBuilder();
    const customers = b.scan("customers", CUSTOMERS);
    const orders = b.scan("orders", ORDERS);
    const mine = limit(
      sort(
        filter(orders, op("=", col(orders, "customer"), col(customers, "key"))),
        col(orders, "id"),
      ),
      1,
    );
    const plan: LogicalPlan = {
      ...join("left", customers, mine, literal(BOOL, "t")),
      lateral: true,
    };
    const rows = await kernel.rows(
      b.project(plan, { n: col(customers, "name"), i: col(orders, "id") }),
      TABLES,
    );
    expect(rows.toSorted()).toEqual([
      ["ann", "1"],
      ["bob", "3"],
      ["eve", null],
    ]);
  });

  test("aggregates group, filter, and count over no rows", async () => {
    const b = new PlanBuilder();
    const orders = b.scan("orders", ORDERS);
    const plan = b.aggregate(
      orders,
      { customer: col(orders, "customer") },
      {
        n: agg("count"),
        total: agg("sum", col(orders, "price")),
        few: { ...agg("count"), filter: op("<", col(orders, "id"), int(2)) },
      },
    );
    const rows = await kernel.rows(sort(plan, col(plan, "customer")), TABLES);
    expect(rows).toEqual([
      ["10", "2", "4.00", "1"],
      ["20", "1", null, "0"],
      [null, "1", "4.00", "0"],
    ]);
    const none = b.aggregate(
      filter(orders, literal(BOOL, "f")),
      {},
      { n: agg("count") },
    );
    expect(await kernel.rows(none, TABLES)).toEqual([["0"]]);
  });

  test("a sum over branches of several scales is a decimal's, with the largest scale among its rows", async () => {
    const b = new PlanBuilder();
    const orders = b.scan("orders", ORDERS);
    const priceOrZero: Case = {
      kind: "case",
      type: NUMERIC,
      branches: [
        {
          when: op("<", col(orders, "id"), int(2)),
          then: col(orders, "price"),
        },
      ],
      otherwise: literal(NUMERIC, "0"),
    };
    const plan = b.aggregate(
      orders,
      { customer: col(orders, "customer") },
      { total: agg("sum", priceOrZero) },
    );
    expect(sqlOf(plan)).not.toContain("list(");
    const rows = await kernel.rows(sort(plan, col(plan, "customer")), TABLES);
    expect(rows).toEqual([
      ["10", "1.50"],
      ["20", "0"],
      [null, "0"],
    ]);
  });

  test("numbers that are equal at different scales are one group and one distinct value", async () => {
    const b = new PlanBuilder();
    const values = b.values({ x: NUMERIC }, [
      [literal(NUMERIC, "1.0")],
      [literal(NUMERIC, "1.00")],
      [literal(NUMERIC, "2")],
    ]);
    const grouped = b.aggregate(
      values,
      { x: col(values, "x") },
      { n: agg("count") },
    );
    const rows = await kernel.rows(grouped, {});
    expect(rows.map((row) => row[1]).toSorted()).toEqual(["1", "2"]);
    const different = await kernel.rows(distinct(values), {});
    expect(different).toHaveLength(2);
    const common = b.union(
      values,
      b.values({ x: NUMERIC }, [[literal(NUMERIC, "1.000")]]),
      "intersect",
      false,
    );
    expect(await kernel.rows(common, {})).toHaveLength(1);
  });

  test("grouping sets show which columns were rolled up", async () => {
    const b = new PlanBuilder();
    const orders = b.scan("orders", ORDERS);
    const plain = b.aggregate(
      orders,
      { customer: col(orders, "customer") },
      { n: agg("count") },
    );
    const level = b.column("level", INT4);
    const plan: LogicalPlan = {
      ...plain,
      sets: [[0], []],
      grouping: [{ column: level, groups: [0] }],
    };
    const rows = await kernel.rows(plan, TABLES);
    expect(rows.map(String).toSorted()).toEqual([
      ",1,0",
      ",4,1",
      "10,2,0",
      "20,1,0",
    ]);
  });

  test("subquery expressions keep their logic", async () => {
    const b = new PlanBuilder();
    const customers = b.scan("customers", CUSTOMERS);
    const key = col(customers, "key");
    const keys = (): LogicalPlan => {
      const orders = b.scan("orders", ORDERS);
      return b.project(orders, { customer: col(orders, "customer") });
    };
    const mine = (): LogicalPlan => {
      const orders = b.scan("orders", ORDERS);
      return filter(orders, op("=", col(orders, "customer"), key));
    };
    const first = mine();
    const plan = b.project(customers, {
      name: col(customers, "name"),
      member: isIn(key, keys()),
      outside: not(isIn(key, keys())),
      some: exists(mine()),
      first: scalar(
        b.aggregate(first, {}, { m: agg("min", col(first, "id")) }),
        INT4,
      ),
    });
    const rows = await kernel.rows(plan, TABLES);
    expect(rows.map(String).toSorted()).toEqual([
      "ann,true,false,true,1",
      "bob,true,false,true,3",
      "eve,,,false,",
    ]);
  });

  test("a scalar subquery of more than one row is an error", async () => {
    const b = new PlanBuilder();
    const orders = b.scan("orders", ORDERS);
    const one = b.values({}, [[]]);
    const plan = b.project(one, {
      x: scalar(b.project(orders, { id: col(orders, "id") }), INT4),
    });
    await expect(kernel.rows(plan, TABLES)).rejects.toThrow(
      /More than one row returned by a subquery/,
    );
  });

  test("windows number rows within a partition, NULLs last", async () => {
    const b = new PlanBuilder();
    const orders = b.scan("orders", ORDERS);
    const plan: Window = {
      kind: "window",
      partitionBy: [col(orders, "customer")],
      orderBy: [
        { value: col(orders, "price"), descending: true, nullsFirst: true },
      ],
      frame: undefined,
      calls: [
        {
          column: b.column("total", INT8),
          call: {
            function: "count(any)",
            args: [col(orders, "id")],
            distinct: false,
            filter: undefined,
            ignoreNulls: false,
            type: INT8,
          },
        },
      ],
      input: orders,
    };
    const rows = await kernel.rows(
      b.project(plan, { id: col(orders, "id"), n: col(plan, "total") }),
      TABLES,
    );
    expect(rows.toSorted()).toEqual([
      ["1", "2"],
      ["2", "1"],
      ["3", "1"],
      ["4", "1"],
    ]);
  });

  test("WITH TIES keeps the peers of the last row", async () => {
    const b = new PlanBuilder();
    const orders = b.scan("orders", ORDERS);
    const keys = [ascending(col(orders, "customer"))];
    const plan: LogicalPlan = {
      ...limit({ kind: "sort", keys, input: orders }, 1),
      ties: keys,
    };
    const rows = await kernel.rows(plan, TABLES);
    expect(rows.map((row) => row[0]).toSorted()).toEqual(["1", "2"]);
  });

  test("set operations keep or drop duplicates", async () => {
    const b = new PlanBuilder();
    const left = b.values({ x: INT4 }, [[int(1)], [int(1)], [int(2)]]);
    const right = b.values({ x: INT4 }, [[int(1)], [int(3)]]);
    const run = async (
      operator: "union" | "intersect" | "except",
      all: boolean,
    ): Promise<unknown> =>
      (await kernel.rows(b.union(left, right, operator, all), {}))
        .flat()
        .toSorted();
    expect(await run("union", true)).toEqual(["1", "1", "1", "2", "3"]);
    expect(await run("union", false)).toEqual(["1", "2", "3"]);
    expect(await run("intersect", true)).toEqual(["1"]);
    expect(await run("except", true)).toEqual(["1", "2"]);
    expect(await run("except", false)).toEqual(["2"]);
  });

  test("a recursive table counts to its end", async () => {
    const b = new PlanBuilder();
    const n = b.column("n", INT4);
    const step = b.column("n", INT4);
    const read = b.column("n", INT4);
    const ref = (column: typeof n): LogicalPlan => ({
      kind: "common-table-ref",
      id: 3,
      name: "t",
      columns: [column],
    });
    const plan: LogicalPlan = {
      kind: "recursive-table",
      id: 3,
      name: "t",
      columns: [n],
      all: true,
      base: b.values({ n: INT4 }, [[int(1)]]),
      recursive: b.project(
        filter(ref(step), op("<", col(ref(step), "n"), int(4))),
        { n: op("+", col(ref(step), "n"), int(1)) },
      ),
      input: ref(read),
    };
    expect((await kernel.rows(plan, {})).flat()).toEqual(["1", "2", "3", "4"]);
  });

  test("unnest pads the shorter array and keeps outer rows", async () => {
    const b = new PlanBuilder();
    const values = b.values({ a: arrayOf(INT4), z: arrayOf(TEXT) }, [
      [literal(arrayOf(INT4), "{1,2}"), literal(arrayOf(TEXT), "{x}")],
      [literal(arrayOf(INT4), "{}"), literal(arrayOf(TEXT), null)],
    ]);
    const plan: LogicalPlan = {
      kind: "unnest",
      arrays: [col(values, "a"), col(values, "z")],
      columns: [b.column("i", INT4), b.column("s", TEXT)],
      ordinality: b.column("n", INT8),
      outer: true,
      input: values,
    };
    const rows = await kernel.rows(
      b.project(plan, {
        i: col(plan, "i"),
        s: col(plan, "s"),
        n: col(plan, "n"),
      }),
      {},
    );
    expect(rows).toEqual([
      ["1", "x", "1"],
      ["2", null, "2"],
      [null, null, null],
    ]);
  });

  test("DISTINCT ON takes the first row of each key", async () => {
    const b = new PlanBuilder();
    const orders = b.scan("orders", ORDERS);
    const plan: LogicalPlan = {
      kind: "distinct",
      on: [col(orders, "customer")],
      orderBy: [
        ascending(col(orders, "customer")),
        { value: col(orders, "id"), descending: true, nullsFirst: true },
      ],
      input: orders,
    };
    const rows = await kernel.rows(plan, TABLES);
    expect(rows.map((row) => row[0])).toEqual(["2", "3", "4"]);
  });

  test("an empty VALUES has typed columns and no rows", async () => {
    const b = new PlanBuilder();
    expect(
      await kernel.rows(b.values({ d: DATE, n: numeric(5, 2) }, []), {}),
    ).toEqual([]);
  });

  test("a failing filter above a barrier does not see the rows below it", async () => {
    const b = new PlanBuilder();
    const orders = b.scan("orders", ORDERS);
    const visible = barrier(
      filter(orders, op("<>", col(orders, "id"), int(3))),
    );
    const plan = filter(
      visible,
      op(">", op("/", int(10), op("-", col(orders, "id"), int(3))), int(-100)),
    );
    expect(await kernel.rows(plan, TABLES)).toHaveLength(3);
    expect(sqlOf(plan)).toContain("LIMIT 9223372036854775807");
    const harmless = filter(
      visible,
      or(
        and(op(">", col(orders, "id"), int(1))),
        op("=", col(orders, "tag"), text("a")),
      ),
    );
    expect(sqlOf(harmless)).not.toContain("LIMIT");
  });
});
