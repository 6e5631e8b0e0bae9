// Random values of a type. They are total: none fails for any row, since which rows are asked is not the same in two engines.

import type { Dice } from "../dice.ts";
import { joined, tree, type Tree } from "../tree.ts";
import { aggregate } from "./aggregate.ts";
import {
  KINDS,
  TYPE_OF,
  deeper,
  inside,
  plain,
  type Around,
  type Kind,
} from "./around.ts";
import { condition } from "./condition.ts";
import { windowed } from "./window.ts";

const CONSTANTS: Readonly<Record<Kind, readonly [string, ...string[]]>> = {
  int: ["0", "1", "2", "3", "-1", "7", "null::int"],
  big: ["0::bigint", "1::bigint", "5000000000", "-3::bigint", "null::bigint"],
  num: ["0.00", "1.50", "-2.25", "100.00", "null::numeric(12,2)"],
  text: ["''::text", "'a'::text", "'b'::text", "'Ab'::text", "null::text"],
  bool: ["true", "false", "null::boolean"],
  date: ["date '2020-02-29'", "date '2021-01-01'", "null::date"],
};

export function constant(dice: Dice, kind: Kind): string {
  return dice.pick(CONSTANTS[kind]);
}

export function sortOf(kind: Kind): string {
  return `value ${kind}`;
}

/** A piece of the kind; it shrinks to constants. */
export function piece(kind: Kind, ...parts: readonly (string | Tree)[]): Tree {
  return tree(
    sortOf(kind),
    parts,
    `null::${TYPE_OF[kind]}`,
    CONSTANTS[kind][0],
  );
}

export function value(kind: Kind, around: Around): Tree {
  const { dice } = around;
  if (around.depth > 0 && dice.chance(0.65)) return composed(kind, around);
  const column = columnOf(kind, around);
  return column !== undefined && dice.chance(0.85)
    ? piece(kind, column)
    : piece(kind, constant(dice, kind));
}

/** Of this query rather than of one around it. */
function columnOf(kind: Kind, around: Around): string | undefined {
  const of = (columns: Around["columns"]): string | undefined =>
    around.dice.pickOf(columns.filter((column) => column.kind === kind))?.text;
  return around.dice.chance(0.75)
    ? (of(around.columns) ?? of(around.outer))
    : (of(around.outer) ?? of(around.columns));
}

function composed(kind: Kind, around: Around): Tree {
  const { dice } = around;
  if (around.aggregated !== undefined && dice.chance(0.5))
    return aggregate(kind, around, around.aggregated, MAKERS);
  if (around.windows && dice.chance(0.4)) return windowed(kind, around, MAKERS);
  return dice.chance(0.35) ? general(kind, around) : special(kind, around);
}

/** What every type has: CASE, COALESCE, NULLIF, GREATEST, a scalar subquery. */
function general(kind: Kind, around: Around): Tree {
  const { dice } = around;
  const same = (): Tree => value(kind, deeper(around));
  const type = TYPE_OF[kind];
  switch (dice.below(6)) {
    case 0:
      return piece(
        kind,
        ...["(case when ", value("bool", deeper(around)), " then ", same()],
        ...[" else ", same(), " end)"],
      );
    case 1:
      return piece(kind, `coalesce(`, same(), ", ", same(), `)`);
    case 2:
      return piece(kind, "nullif(", same(), ", ", same(), `)::${type}`);
    case 3:
      return kind === "bool"
        ? piece(kind, "coalesce(", same(), ", false)")
        : piece(
            kind,
            dice.pick(["greatest(", "least("]),
            ...[same(), ", ", same(), ")"],
          );
    case 4:
      return simpleCase(kind, around);
    default:
      return scalarSubquery(kind, around);
  }
}

function simpleCase(kind: Kind, around: Around): Tree {
  const test = around.dice.pick(KINDS);
  const tested = (): Tree => value(test, deeper(around));
  const same = (): Tree => value(kind, deeper(around));
  return piece(
    kind,
    ...["(case ", tested(), " when ", tested(), " then ", same()],
    ...[" when ", tested(), " then ", same(), " end)"],
  );
}

/** One row at most, whichever way: an aggregate without groups, or the first in a total order. */
function scalarSubquery(kind: Kind, around: Around): Tree {
  const rows = around.query(inside(plain(around)), [kind]);
  return piece(
    kind,
    "(select ",
    tree("extreme", [kind === "bool" ? "bool_or(c)" : "max(c)"], "max(c)"),
    ...[" from (", rows, ") as o(c))"],
  );
}

function special(kind: Kind, around: Around): Tree {
  const { dice } = around;
  const of = (other: Kind): Tree => value(other, deeper(around));
  switch (kind) {
    case "int":
      return dice.pick([
        () =>
          piece(
            kind,
            "(",
            of("int"),
            dice.pick([" + ", " - "]),
            of("int"),
            ")",
          ),
        () =>
          piece(kind, "(", of("int"), dice.pick([" % 3)", " / 2)", " * 2)"])),
        () => piece(kind, "length(", of("text"), ")"),
        () => piece(kind, "abs(", of("int"), ")"),
        () => piece(kind, "(", of("date"), " - ", of("date"), ")"),
        () => piece(kind, "extract(year from ", of("date"), ")::int"),
        () => piece(kind, "(", of("bool"), ")::int"),
      ])();
    case "big":
      return dice.pick([
        () => piece(kind, of("int"), "::bigint"),
        () => piece(kind, "(", of("big"), " + ", of("int"), ")"),
        () => piece(kind, "(", of("int"), " - ", of("big"), ")"),
      ])();
    case "num":
      return dice.pick([
        () => piece(kind, of("int"), "::numeric(12,2)"),
        () =>
          piece(
            kind,
            "(",
            of("num"),
            dice.pick([" + ", " - "]),
            of("num"),
            ")",
          ),
        () => piece(kind, "round(", of("num"), " * 1.5, 2)"),
        () => piece(kind, "round(", of("num"), " / 3, 2)"),
        () => piece(kind, "abs(", of("num"), ")"),
      ])();
    case "text":
      return dice.pick([
        () => piece(kind, "(", of("text"), " || ", of("text"), ")"),
        () =>
          piece(
            kind,
            dice.pick(["upper(", "lower(", "reverse("]),
            of("text"),
            ")",
          ),
        () => piece(kind, "substr(", of("text"), ", 1, 2)"),
        () => piece(kind, "(", of(dice.pick(KINDS)), ")::text"),
        () =>
          piece(
            kind,
            "concat(",
            ...joined(
              dice.some(1, 3, () => of(dice.pick(KINDS))),
              ", ",
            ),
            ")",
          ),
        () => piece(kind, "to_char(", of("date"), ", 'YYYY-MM')"),
      ])();
    case "date":
      return dice.pick([
        () => piece(kind, "(", of("date"), dice.pick([" + 1)", " - 30)"])),
        () => piece(kind, "date_trunc('month', ", of("date"), ")::date"),
        () => piece(kind, "(", of("date"), " + interval '1 month')::date"),
      ])();
    case "bool":
      return condition(around, MAKERS);
  }
}

/** What other files make values with; passed, since they make each other. */
export interface Makers {
  readonly value: (kind: Kind, around: Around) => Tree;
  readonly piece: (kind: Kind, ...parts: readonly (string | Tree)[]) => Tree;
}

const MAKERS: Makers = { value, piece };
