// Traversal keeps identity where nothing changed, reaches subqueries, and derives output and free columns.

import { describe, expect, test } from "vitest";
import { BOOL, INT4 } from "../../storage/common/data-type.ts";
import { columnId } from "../../storage/common/ids.ts";
import { columnsUsed, freeColumns, substituteColumns } from "./columns.ts";
import type { ColumnRef, Expression } from "./expression.ts";
import type { Join, LogicalPlan, PlanColumn, Values } from "./plan.ts";
import { printPlan } from "./print.ts";
import { expressionsOf, nodesOf, outputOf, rewrite } from "./walk.ts";

function column(id: number, name: string): PlanColumn {
  return { id: columnId(id), name, type: INT4, nullable: false };
}
function reference(of: PlanColumn): ColumnRef {
  return {
    kind: "column",
    column: of.id,
    name: of.name,
    type: of.type,
    nullable: of.nullable,
  };
}
const a = column(1, "a");
const b = column(2, "b");
const c = column(3, "c");
function values(of: PlanColumn): Values {
  return { kind: "values", columns: [of], rows: [[literal("1")]] };
}
function literal(value: string): Expression {
  return { kind: "literal", type: INT4, value };
}
function equal(left: Expression, right: Expression): Expression {
  return {
    kind: "call",
    function: "=(int4,int4)",
    args: [left, right],
    type: BOOL,
  };
}
function join(type: Join["type"]): Join {
  return {
    kind: "join",
    type,
    condition: equal(reference(a), reference(b)),
    left: values(a),
    right: values(b),
    lateral: false,
  };
}
/** exists (select from values(b) where b = a), over values(a). */
const correlated: LogicalPlan = {
  kind: "filter",
  predicate: {
    kind: "subquery",
    type: BOOL,
    form: { kind: "exists", negated: false },
    plan: {
      kind: "filter",
      predicate: equal(reference(b), reference(a)),
      input: values(b),
    },
  },
  input: values(a),
};

describe("rewrite", () => {
  test("returns the same plan when no node changes", () => {
    expect(rewrite(correlated, (node) => node)).toBe(correlated);
  });

  test("reaches the plans of subqueries", () => {
    const changed = rewrite(correlated, (node) =>
      node.kind === "values" && node.columns[0] === b
        ? { ...node, rows: [] }
        : node,
    );
    expect(printPlan(changed)).toBe(
      [
        "filter exists(subquery)",
        "  subquery",
        "    filter (b#2 = a#1)",
        "      values [b#2] ",
        "  values [a#1] (1)",
      ].join("\n"),
    );
  });
});

describe("columns", () => {
  test("an outer join makes the padded side nullable", () => {
    const nullable = (type: Join["type"]): readonly boolean[] =>
      outputOf(join(type)).map((item) => item.nullable);
    expect(nullable("inner")).toEqual([false, false]);
    expect(nullable("left")).toEqual([false, true]);
    expect(nullable("right")).toEqual([true, false]);
    expect(nullable("full")).toEqual([true, true]);
    expect(nullable("semi")).toEqual([false]);
  });

  test("the outer column of a correlated subquery is free in it and used by the filter", () => {
    const [predicate] = expressionsOf(correlated);
    expect(predicate && [...columnsUsed(predicate)]).toEqual([a.id]);
    expect([...freeColumns(correlated)]).toEqual([]);
  });

  test("a projection of an outer column under its own id leaves it free", () => {
    const plan: LogicalPlan = {
      kind: "project",
      items: [{ column: c, value: reference(c) }],
      input: values(a),
    };
    expect([...freeColumns(plan)]).toEqual([c.id]);
  });

  test("substitution reaches correlated uses", () => {
    const [predicate] = expressionsOf(correlated);
    const changed =
      predicate &&
      substituteColumns(predicate, (id) =>
        id === a.id ? literal("7") : undefined,
      );
    expect(changed && [...columnsUsed(changed)]).toEqual([]);
  });

  test("nodesOf yields nodes of subqueries as well", () => {
    expect([...nodesOf(correlated)].map((node) => node.kind)).toEqual([
      "filter",
      "values",
      "filter",
      "values",
    ]);
  });
});
