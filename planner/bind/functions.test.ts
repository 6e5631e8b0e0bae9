// SQL functions: how their text is stored, and what a call becomes.

import { describe, expect, test } from "vitest";
import { SqlError } from "../../storage/common/errors.ts";
import { printPlan } from "../logical/print.ts";
import {
  bindSql,
  temporarySchema,
  testCatalog,
  type BindOptions,
} from "./bind.testkit.ts";

function stored(sql: string): object {
  const bound = bindSql(sql);
  if (bound.kind !== "create-function") throw new Error(`${sql} makes none`);
  const { definition, returns, parameters } = bound;
  return { definition, returns: returns.kind, parameters };
}

function planOf(sql: string, options: BindOptions): string {
  const bound = bindSql(sql, options);
  if (bound.kind !== "query") throw new Error(`${sql} is no query`);
  return printPlan(bound.query.plan);
}

function codeOf(run: () => unknown): string {
  try {
    run();
    return "no error";
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    return error.code;
  }
}

describe("the text stored", () => {
  test("names parameters by number, whatever qualifies them", () => {
    expect(
      stored(
        "create function f(a int, b text default 'x') return f.A + length(b)",
      ),
    ).toMatchObject({
      definition: '($1 + "length"($2))',
      returns: "int4",
      parameters: [
        { name: "a", type: { kind: "int4" } },
        { name: "b", type: { kind: "text" }, default: "'x'" },
      ],
    });
  });

  test("qualifies tables and prefers a table's column to a parameter", () => {
    const { definition } = stored(
      "create function f(a int, z int) return (select max(i8) from t where a = z)",
    ) as { readonly definition: string };
    expect(definition).toContain('FROM "main"."public"."t"');
    expect(definition).toMatch(/"a" = \$2/u);
    expect(definition).not.toContain("$1");
  });

  test.each([
    ["create function f(a int) returns int return array[a]", "42P13"],
    ["create function f(a int) return nosuch", "42703"],
    ["create function f(a int) return $2", "42P02"],
    ["create function f(a int default b) return a", "42703"],
    ["create function f(a int default (select 1)) return a", "0A000"],
    ["create function f(a int default 'x'::text) return a", "42804"],
    ["create function f(a int) return sum(a)", "42803"],
    ["create function f(a int) return generate_series(1, a)", "0A000"],
    ["create function f(a int) return pg_temp.own()", "0A000"],
    ["create function f(a int) return (select x from own)", "0A000"],
    ["create temp function f(a int) return pg_temp.own()", "no error"],
  ])("%s is refused with %s", (sql, code) => {
    const temporary = temporarySchema({
      views: { own: "select 1 as x" },
      functions: { own: "1" },
    });
    expect(codeOf(() => bindSql(sql, { temporary }))).toBe(code);
  });
});

describe("a call", () => {
  const catalog = testCatalog()
    .function("public", "one", "1")
    .function(
      "public",
      "largest",
      '(SELECT max("a") FROM "main"."public"."t")',
    );

  test("is replaced by the body", () => {
    expect(planOf("select one() + a from t", { catalog })).toContain(
      "('1'::bigint + a#",
    );
  });

  test("puts a barrier around what the body reads", () => {
    const plan = planOf("select largest() from u", { catalog });
    expect(plan).toMatch(/barrier\n[^]*scan public\.t/u);
  });

  test.each([
    ["select one(1)", "42883"],
    ["select one(x => 1)", "42883"],
    ["select one() over ()", "42809"],
    ["select one(distinct)", "42601"],
    ["select * from one()", "0A000"],
    ["create table n (a int default one())", "0A000"],
    ["create table n (a int check (a > one()))", "0A000"],
  ])("%s is refused with %s", (sql, code) => {
    expect(codeOf(() => bindSql(sql, { catalog }))).toBe(code);
  });

  test("that grows its expression without end is refused", () => {
    const levels = Array.from({ length: 40 }, (_, i) => i + 1);
    const grown = levels.reduce(
      (made, i) =>
        made.function(
          "public",
          `f${i}`,
          `"main"."public"."f${i - 1}"() + "main"."public"."f${i - 1}"()`,
        ),
      testCatalog().function("public", "f0", "1"),
    );
    expect(codeOf(() => bindSql("select f5()", { catalog: grown }))).toBe(
      "no error",
    );
    expect(codeOf(() => bindSql("select f40()", { catalog: grown }))).toBe(
      "54001",
    );
  });

  test("of a function that calls itself is refused", () => {
    const cyclic = testCatalog()
      .function("public", "f", '"main"."public"."g"()')
      .function("public", "g", '"main"."public"."f"()');
    expect(codeOf(() => bindSql("select f()", { catalog: cyclic }))).toBe(
      "42P17",
    );
  });
});
