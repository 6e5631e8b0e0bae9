// Random queries of the grammar of SELECT: FROM, WHERE, GROUP BY, windows, DISTINCT [ON], set operations, VALUES, WITH [RECURSIVE], ORDER BY, LIMIT.
// Every query has one right answer as a multiset: where an order decides, it is total.

import type { Dice } from "../dice.ts";
import { joined, tree, type Tree } from "../tree.ts";
import { grouping } from "./aggregate.ts";
import {
  KINDS,
  TYPE_OF,
  deeper,
  plain,
  type Around,
  type Kind,
  type Relation,
} from "./around.ts";
import { source } from "./source.ts";
import { constant, piece, value } from "./value.ts";

/** A statement over the tables. */
export function randomQuery(
  dice: Dice,
  tables: readonly Relation[],
  depth: number,
): Tree {
  let names = 0;
  const around: Around = {
    ...{ dice, depth, tables, columns: [], outer: [], windows: false },
    fresh: () => `t${(names += 1)}`,
    query,
  };
  return query(
    around,
    dice.some(1, 4, () => dice.pick(KINDS)),
  );
}

function query(around: Around, kinds: readonly Kind[]): Tree {
  const { dice } = around;
  const turn = around.depth > 1 ? dice.below(20) : 10;
  if (turn < 2) return withQuery(around, kinds);
  if (turn === 2) return recursive(around, kinds);
  return tree("query", [body(around, kinds), tail(dice, kinds)]);
}

function body(around: Around, kinds: readonly Kind[]): Tree {
  const { dice } = around;
  const turn = around.depth > 0 ? dice.below(20) : 10;
  if (turn < 3) return setOperation(around, kinds);
  if (turn === 3) return values(around, kinds);
  if (turn < 9) return grouped(around, kinds);
  if (turn === 9) return distinctOn(around, kinds);
  return select(around, kinds);
}

/** Nothing, or a part of the rows in a total order. */
function tail(dice: Dice, kinds: readonly Kind[]): Tree | string {
  if (!dice.chance(0.25)) return "";
  const order = kinds.map(
    (_, at) =>
      `${at + 1}${dice.pick(["", " desc", " nulls first", " desc nulls last"])}`,
  );
  const part = dice.pick([
    "",
    " limit 3",
    " limit 1 offset 1",
    " offset 2",
    " fetch first 2 rows only",
    " limit null",
  ]);
  return tree(
    "tail",
    [` order by ${order.join(", ")}`, tree("limit", [part], "")],
    "",
  );
}

function setOperation(around: Around, kinds: readonly Kind[]): Tree {
  const { dice } = around;
  const side = (): Tree =>
    tree(
      "side",
      ["(", query(deeper(around), kinds), ")"],
      `(select ${kinds.map((kind) => constant(dice, kind)).join(", ")})`,
    );
  const operation = dice.pick([
    "union",
    "union all",
    "intersect",
    "intersect all",
    "except",
    "except all",
  ]);
  return tree("body", [side(), ` ${operation} `, side()]);
}

function values(around: Around, kinds: readonly Kind[]): Tree {
  const row = (): Tree =>
    tree("row", [
      "(",
      ...joined(
        kinds.map((kind) => value(kind, { ...deeper(around), windows: false })),
        ", ",
      ),
      ")",
    ]);
  return tree("body", [
    "values ",
    ...joined(around.dice.some(1, 3, row), ", "),
  ]);
}

function select(around: Around, kinds: readonly Kind[]): Tree {
  const { dice } = around;
  const from = source(deeper(around));
  const inSight: Around = { ...around, columns: from.columns };
  const items = kinds.map((kind) =>
    value(kind, deeper({ ...inSight, windows: true })),
  );
  const distinct = dice.chance(0.2) ? tree("distinct", ["distinct "], "") : "";
  return tree("body", [
    "select ",
    distinct,
    ...joined(items, ", "),
    " from ",
    from.from,
    where(inSight),
  ]);
}

function where(around: Around): Tree | string {
  return around.dice.chance(0.6)
    ? tree("where", [" where ", value("bool", deeper(plain(around)))], "")
    : "";
}

function grouped(around: Around, kinds: readonly Kind[]): Tree {
  const { dice } = around;
  const from = source(deeper(around));
  const inSight: Around = { ...around, columns: from.columns };
  const group = grouping(inSight, { value, piece });
  const over: Around = deeper({
    ...{ ...inSight, columns: group.keys, aggregated: from.columns },
    windows: dice.chance(0.2),
  });
  const items = kinds.map((kind) => {
    const key = group.keys.find((made) => from.columns.includes(made));
    return group.sets && kind === "int" && key !== undefined && dice.chance(0.5)
      ? piece("int", `grouping(${key.text})`)
      : value(kind, over);
  });
  const having = dice.chance(0.3)
    ? tree(
        "having",
        [" having ", value("bool", deeper({ ...over, windows: false }))],
        "",
      )
    : "";
  return tree("body", [
    "select ",
    ...joined(items, ", "),
    " from ",
    from.from,
    where(inSight),
    group.clause,
    having,
  ]);
}

/** The first row of each key in the order of all outputs. */
function distinctOn(around: Around, kinds: readonly Kind[]): Tree {
  const from = source(deeper(around));
  const inSight: Around = { ...around, columns: from.columns };
  const items = kinds.map((kind) => value(kind, deeper(inSight)));
  const order = kinds.map((_, at) => String(at + 1)).join(", ");
  return tree("body", [
    ...["(select distinct on (", items[0] ?? "", ") ", ...joined(items, ", ")],
    ...[" from ", from.from, where(inSight), ` order by ${order})`],
  ]);
}

function withQuery(around: Around, kinds: readonly Kind[]): Tree {
  const { dice } = around;
  const name = around.fresh();
  const made = dice.some(1, 3, () => dice.pick(KINDS));
  const columns = made.map((kind, at) => ({ kind, text: `c${at}` }));
  const definition = query(deeper({ ...around, columns: [] }), made);
  const hint = dice.pick(["", "", "materialized ", "not materialized "]);
  const seen: Around = {
    ...deeper(around),
    tables: [...around.tables, { name, columns }, { name, columns }],
  };
  return tree("query", [
    `with ${name}(${columns.map(({ text }) => text).join(", ")}) as ${hint}(`,
    ...[definition, ") ", body(seen, kinds), tail(dice, kinds)],
  ]);
}

/** Counts up to a few levels, joining a table on the way. */
function recursive(around: Around, kinds: readonly Kind[]): Tree {
  const { dice } = around;
  const name = around.fresh();
  const columns = ["n", ...kinds.map((_, at) => `c${at}`)].join(", ");
  const less = deeper(around);
  const from = source({ ...deeper(less), columns: [] });
  const own = kinds.map((kind, at) => ({ kind, text: `${name}.c${at}` }));
  const seen: Around = { ...deeper(less), columns: [...from.columns, ...own] };
  const items = kinds.map((kind) =>
    piece(kind, "(", value(kind, seen), `)::${TYPE_OF[kind]}`),
  );
  const first = kinds.map((kind) =>
    piece(kind, constant(dice, kind), `::${TYPE_OF[kind]}`),
  );
  return tree("query", [
    `with recursive ${name}(${columns}) as (select 1, `,
    ...[
      ...joined(first, ", "),
      dice.pick([" union ", " union all "]),
      `select ${name}.n + 1, `,
    ],
    ...[
      ...joined(items, ", "),
      ` from ${name}, `,
      from.from,
      ` where ${name}.n < 3) `,
    ],
    `select ${kinds.map((_, at) => `c${at}`).join(", ")} from ${name}`,
  ]);
}
