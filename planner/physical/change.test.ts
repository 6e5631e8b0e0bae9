// Random UPDATE, DELETE and MERGE statements over small tables with NULLs and duplicates: the plan's changes, with every rule off and
// with all on, are those of a model that goes through the rows one by one.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fc } from "../../storage/common/property.testkit.ts";
import { TestCatalog, bindSql } from "../bind/bind.testkit.ts";
import type { LogicalPlan } from "../logical/plan.ts";
import { lookupFunction } from "../optimize/function-lookup.ts";
import { applyRules } from "../optimize/optimizer.ts";
import { TestKernel } from "./kernel.testkit.ts";

type Value = number | string | null;
interface Row {
  readonly k: number | null;
  readonly v: number | null;
  readonly s: string | null;
}
interface Tables {
  readonly t: readonly Row[];
  readonly u: readonly Row[];
}
/** The rows an expression is evaluated over: of the target, of the source. */
interface Pair {
  readonly t?: Row;
  readonly u?: Row;
}
interface Expr<T extends Value | boolean> {
  readonly sql: string;
  readonly value: (pair: Pair, tables: Tables) => T | null;
}
type Condition = Expr<boolean>;

const catalog = new TestCatalog()
  .catalog("main")
  .schema("public")
  .table("public", "t", "k int, v int, s text")
  .table("public", "u", "k int, v int, s text");

const row: fc.Arbitrary<Row> = fc.record({
  k: fc.constantFrom(null, 0, 1, 2, 3),
  v: fc.constantFrom(null, -1, 0, 1, 2),
  s: fc.constantFrom(null, "a", "b"),
});
const tables: fc.Arbitrary<Tables> = fc.record({
  t: fc.array(row, { maxLength: 6 }),
  u: fc.array(row, { maxLength: 5 }),
});

type Side = "t" | "u";

function columns(sides: readonly Side[], name: "k" | "v"): Expr<number>[] {
  return sides.map((side) => ({
    sql: `${side}.${name}`,
    value: (pair) => pair[side]?.[name] ?? null,
  }));
}

function numbers(sides: readonly Side[]): fc.Arbitrary<Expr<number>> {
  const leaf = fc.constantFrom<Expr<number>>(
    ...columns(sides, "k"),
    ...columns(sides, "v"),
    { sql: "1", value: () => 1 },
    {
      sql: "(select max(v) from u)",
      value: (_, { u }) => maximum(u.map(({ v }) => v)),
    },
    {
      sql: "(select count(*)::int from t)",
      value: (_, { t }) => t.length,
    },
  );
  const sum = fc.tuple(leaf, leaf).map(([a, b]): Expr<number> => ({
    sql: `(${a.sql} + ${b.sql})`,
    value: (...at) => {
      const [x, y] = [a.value(...at), b.value(...at)];
      return x === null || y === null ? null : x + y;
    },
  }));
  return fc.oneof({ weight: 3, arbitrary: leaf }, sum);
}

function maximum(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}

function texts(sides: readonly Side[]): fc.Arbitrary<Expr<string>> {
  return fc.constantFrom<Expr<string>>(
    ...sides.map((side): Expr<string> => ({
      sql: `${side}.s`,
      value: (pair) => pair[side]?.s ?? null,
    })),
    { sql: "'new'", value: () => "new" },
    { sql: "null", value: () => null },
  );
}

function conditions(sides: readonly Side[]): fc.Arbitrary<Condition> {
  const number = numbers(sides);
  const compared = fc
    .tuple(number, fc.constantFrom("=", "<", "<>"), number)
    .map(([a, symbol, b]): Condition => ({
      sql: `${a.sql} ${symbol} ${b.sql}`,
      value: (...at) => compare(a.value(...at), symbol, b.value(...at)),
    }));
  const missing = fc
    .tuple(fc.oneof(number, texts(sides)), fc.boolean())
    .map(([a, negated]): Condition => ({
      sql: `${a.sql} is ${negated ? "not " : ""}null`,
      value: (...at) => (a.value(...at) === null) !== negated,
    }));
  const listed = number.map((a): Condition => ({
    sql: `${a.sql} in (select k from u)`,
    value: (pair, all) => {
      const found = all.u.map((it) => compare(a.value(pair, all), "=", it.k));
      if (found.includes(true)) return true;
      return found.includes(null) ? null : false;
    },
  }));
  const [side = "t"] = sides;
  const related: Condition = {
    sql: `exists (select 1 from u x where x.k = ${side}.k and x.v > 0)`,
    value: (pair, { u }) =>
      u.some(
        ({ k, v }) =>
          compare(k, "=", pair[side]?.k ?? null) === true &&
          compare(0, "<", v) === true,
      ),
  };
  const leaf = fc.oneof(
    compared,
    compared,
    missing,
    listed,
    fc.constant(related),
  );
  const not = leaf.map((a): Condition => ({
    sql: `not (${a.sql})`,
    value: (...at) => {
      const x = a.value(...at);
      return x === null ? null : !x;
    },
  }));
  const both = fc
    .tuple(leaf, fc.constantFrom("and", "or"), leaf)
    .map(([a, word, b]): Condition => ({
      sql: `(${a.sql} ${word} ${b.sql})`,
      value: (...at) => {
        const parts = [a.value(...at), b.value(...at)];
        const decisive = word === "or";
        if (parts.includes(decisive)) return decisive;
        return parts.includes(null) ? null : !decisive;
      },
    }));
  return fc.oneof(leaf, leaf, not, both);
}

function compare(
  a: number | null,
  symbol: string,
  b: number | null,
): boolean | null {
  if (a === null || b === null) return null;
  switch (symbol) {
    case "=":
      return a === b;
    case "<":
      return a < b;
    default:
      return a !== b;
  }
}

/** What becomes of a row of the target, or a new row: `index` is its place in the target. */
interface Change {
  readonly action: 0 | 1 | 2;
  readonly index: number | null;
  readonly after: Row | null;
}

interface Write {
  readonly sql: string;
  readonly changes: (all: Tables) => readonly Change[];
}

interface Assignments {
  readonly sql: string;
  readonly apply: (pair: Pair, all: Tables) => Row;
}

/** A SET list over some of the columns, one of them perhaps as a list. */
function assignments(sides: readonly Side[]): fc.Arbitrary<Assignments> {
  return fc
    .record({
      k: fc.option(numbers(sides)),
      v: fc.option(numbers(sides)),
      s: texts(sides),
      listed: fc.boolean(),
    })
    .map(({ k, v, s, listed }) => {
      const given = Object.entries({ k, v, s }).flatMap(([name, value]) =>
        value === null ? [] : [{ name, sql: value.sql }],
      );
      const list = (part: "name" | "sql"): string =>
        given.map((it) => it[part]).join(", ");
      return {
        sql: listed
          ? `(${list("name")}) = row(${list("sql")})`
          : given.map(({ name, sql }) => `${name} = ${sql}`).join(", "),
        apply: (pair, all) => ({
          k: k === null ? (pair.t?.k ?? null) : k.value(pair, all),
          v: v === null ? (pair.t?.v ?? null) : v.value(pair, all),
          s: s.value(pair, all),
        }),
      };
    });
}

const plainUpdate: fc.Arbitrary<Write> = fc
  .tuple(assignments(["t"]), conditions(["t"]))
  .map(([set, where]) => ({
    sql: `update t set ${set.sql} where ${where.sql}`,
    changes: (all) =>
      all.t.flatMap((t, index): readonly Change[] =>
        where.value({ t }, all) === true
          ? [{ action: 1, index, after: set.apply({ t }, all) }]
          : [],
      ),
  }));

const joinedUpdate: fc.Arbitrary<Write> = fc
  .tuple(assignments(["t", "u"]), conditions(["t", "u"]))
  .map(([set, where]) => ({
    sql: `update t set ${set.sql} from u where ${where.sql}`,
    changes: (all) =>
      pairs(all).flatMap(({ index, ...pair }): readonly Change[] =>
        where.value(pair, all) === true
          ? [{ action: 1, index, after: set.apply(pair, all) }]
          : [],
      ),
  }));

const deletion: fc.Arbitrary<Write> = fc
  .tuple(conditions(["t", "u"]), conditions(["t"]), fc.boolean())
  .map(([joined, plain, using]) => ({
    sql: using
      ? `delete from t using u where ${joined.sql}`
      : `delete from t where ${plain.sql}`,
    changes: (all) =>
      using
        ? pairs(all)
            .filter((pair) => joined.value(pair, all) === true)
            .map(({ index }) => deleted(index))
        : all.t.flatMap((t, index) =>
            plain.value({ t }, all) === true ? [deleted(index)] : [],
          ),
  }));

function deleted(index: number): Change {
  return { action: 2, index, after: null };
}

function pairs({ t, u }: Tables): readonly {
  readonly index: number;
  readonly t: Row;
  readonly u: Row;
}[] {
  return t.flatMap((mine, index) =>
    u.map((theirs) => ({ index, t: mine, u: theirs })),
  );
}

type Match = "matched" | "not matched" | "not matched by source";

interface Clause {
  readonly match: Match;
  readonly sql: string;
  readonly applies: (pair: Pair, all: Tables) => boolean;
  /** Undefined: DO NOTHING. */
  readonly change:
    ((pair: Pair, index: number | null, all: Tables) => Change) | undefined;
}

function clause(match: Match): fc.Arbitrary<Clause> {
  const seen = {
    matched: ["t", "u"],
    "not matched": ["u"],
    "not matched by source": ["t"],
  } as const;
  const sides: readonly Side[] = seen[match];
  return fc
    .record({
      condition: fc.option(conditions(sides)),
      set: assignments(sides),
      star: fc.boolean(),
      verb: fc.constantFrom("write", "write", "delete", "nothing"),
    })
    .map(({ condition, set, star, verb }) => {
      const action = actionOf(match, verb, set, star);
      return {
        match,
        sql: `when ${match}${condition === null ? "" : ` and ${condition.sql}`} then ${action.sql}`,
        applies: (pair, all) =>
          condition === null || condition.value(pair, all) === true,
        change: action.change,
      };
    });
}

function actionOf(
  match: Match,
  verb: string,
  set: Assignments,
  star: boolean,
): Pick<Clause, "sql" | "change"> {
  const copied = ({ u }: Pair): Row | null => u ?? null;
  if (verb === "nothing") return { sql: "do nothing", change: undefined };
  if (match === "not matched") {
    return {
      sql: star ? "insert *" : "insert (v, k) values (u.v, u.k)",
      change: (pair) => ({
        action: 0,
        index: null,
        after: star
          ? copied(pair)
          : { k: pair.u?.k ?? null, v: pair.u?.v ?? null, s: null },
      }),
    };
  }
  if (verb === "delete") {
    return { sql: "delete", change: (_, index) => deleted(index ?? -1) };
  }
  if (star && match === "matched") {
    return {
      sql: "update set *",
      change: (pair, index) => ({ action: 1, index, after: copied(pair) }),
    };
  }
  return {
    sql: `update set ${set.sql}`,
    change: (pair, index, all) => ({
      action: 1,
      index,
      after: set.apply(pair, all),
    }),
  };
}

/** No clause after one without condition for the same rows. */
function reachable(clauses: readonly Clause[]): readonly Clause[] {
  return clauses.filter(
    ({ match }, i) =>
      !clauses
        .slice(0, i)
        .some((it) => it.match === match && !it.sql.includes(`${match} and`)),
  );
}

const merge: fc.Arbitrary<Write> = fc
  .record({
    on: fc.oneof(
      fc.constant<Condition>({
        sql: "t.k = u.k",
        value: ({ t, u }) => compare(t?.k ?? null, "=", u?.k ?? null),
      }),
      conditions(["t", "u"]).filter(({ sql }) => !sql.includes("select")),
    ),
    clauses: fc.array(
      fc
        .constantFrom<Match>("matched", "not matched", "not matched by source")
        .chain(clause),
      { minLength: 1, maxLength: 4 },
    ),
  })
  .map(({ on, clauses: drawn }) => {
    const clauses = reachable(drawn);
    return {
      sql: `merge into t using u on ${on.sql} ${clauses.map(({ sql }) => sql).join(" ")}`,
      changes: (all) => {
        const first = (
          match: Match,
          pair: Pair,
          index: number | null,
        ): readonly Change[] => {
          const found = clauses.find(
            (it) => it.match === match && it.applies(pair, all),
          );
          return found?.change ? [found.change(pair, index, all)] : [];
        };
        const isMatch = (t: Row, u: Row): boolean =>
          on.value({ t, u }, all) === true;
        return [
          ...pairs(all)
            .filter(({ t, u }) => isMatch(t, u))
            .flatMap(({ index, ...pair }) => first("matched", pair, index)),
          ...all.u
            .filter((u) => !all.t.some((t) => isMatch(t, u)))
            .flatMap((u) => first("not matched", { u }, null)),
          ...all.t.flatMap((t, index) =>
            all.u.some((u) => isMatch(t, u))
              ? []
              : first("not matched by source", { t }, index),
          ),
        ];
      },
    };
  });

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await TestKernel.open();
});
afterAll(() => kernel[Symbol.asyncDispose]());

function literals({ k, v, s }: Row): readonly string[] {
  return [k, v, s].map((value) => {
    if (value === null) return "NULL";
    return typeof value === "string" ? `'${value}'` : String(value);
  });
}

/** Changes as `action index after`, in no order. */
async function changesOf(
  plan: LogicalPlan,
  all: Tables,
): Promise<readonly string[]> {
  const rows = await kernel.rows(plan, {
    t: all.t.map(literals),
    u: all.u.map(literals),
  });
  return rows
    .map(([action, file, index, k, v, s]) => {
      const place = file === null ? null : index;
      return shown(action, place, action === "2" ? [] : [k, v, s]);
    })
    .toSorted();
}

function shown(
  action: Value | undefined,
  index: Value | undefined,
  after: readonly (Value | undefined)[],
): string {
  return [action, index ?? "-", ...after].map(String).join(" ");
}

describe("changes of a plan are those of the model", () => {
  test.each([
    ["UPDATE", plainUpdate],
    ["UPDATE … FROM", joinedUpdate],
    ["DELETE", deletion],
    ["MERGE", merge],
  ])("%s", async (_name, write) => {
    await fc.assert(
      fc.asyncProperty(write, tables, async ({ sql, changes }, all) => {
        const bound = bindSql(sql, { catalog, searchPath: ["public"] });
        if (bound.kind !== "change") throw new Error(`${sql} changes nothing`);
        const expected = changes(all)
          .map(({ action, index, after }) =>
            shown(
              action,
              index,
              after === null ? [] : [after.k, after.v, after.s],
            ),
          )
          .toSorted();
        expect(await changesOf(bound.source, all)).toEqual(expected);
        const optimized = applyRules(bound.source, {
          functions: lookupFunction,
          verify: true,
        });
        expect(await changesOf(optimized, all)).toEqual(expected);
      }),
      { numRuns: 100 },
    );
  });
});
