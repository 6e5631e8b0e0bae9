// Random window functions. What depends on the order of rows that tie gets an order over all columns, where ties are equal rows.

import { joined, tree, type Tree } from "../tree.ts";
import { call, type Call } from "./aggregate.ts";
import { KINDS, deeper, plain, type Around, type Kind } from "./around.ts";
import type { Makers } from "./value.ts";

const BOUNDS_BEFORE = [
  "unbounded preceding",
  "2 preceding",
  "1 preceding",
  "current row",
] as const;
const BOUNDS_AFTER = [
  "current row",
  "1 following",
  "unbounded following",
] as const;
const EXCLUDE = [
  "",
  "",
  "",
  " exclude current row",
  " exclude group",
  " exclude ties",
] as const;

export function windowed(kind: Kind, around: Around, makers: Makers): Tree {
  const { dice } = around;
  const row = deeper(plain(around));
  const of = (other: Kind): Tree => makers.value(other, row);
  const own = ownFunction(kind, around, of);
  if (own !== undefined && dice.chance(0.6))
    return makers.piece(
      kind,
      own,
      " over (",
      ...partition(around, of),
      ...total(around),
      ")",
    );
  const [name, parts, type] = callWithoutExtras(kind, around, of);
  return makers.piece(
    kind,
    `${name}(`,
    ...parts,
    ") over (",
    ...partition(around, of),
    ...frame(around, of),
    ")",
    type,
  );
}

/** Aggregates over windows know neither DISTINCT nor ORDER BY. */
function callWithoutExtras(
  kind: Kind,
  around: Around,
  of: (kind: Kind) => Tree,
): Call {
  for (;;) {
    const made = call(kind, around, of);
    if (!made[1].some((part) => part === "distinct " || part === " order by "))
      return made;
  }
}

function ownFunction(
  kind: Kind,
  { dice }: Around,
  of: (kind: Kind) => Tree,
): Tree | undefined {
  const made = (...parts: readonly (string | Tree)[]): Tree =>
    tree(`window ${kind}`, parts);
  const value = (): Tree =>
    dice.pick([
      () => made("lag(", of(kind), ")"),
      () => made("lead(", of(kind), ", 2)"),
      () => made("lag(", of(kind), ", 1, ", of(kind), ")"),
      () => made("first_value(", of(kind), ")"),
      () => made("last_value(", of(kind), ")"),
      () => made("nth_value(", of(kind), ", 2)"),
    ])();
  if (kind === "big")
    return made(dice.pick(["row_number()", "rank()", "dense_rank()"]));
  if (kind === "int" && dice.chance(0.2)) return made("ntile(3)");
  return value();
}

function partition(
  { dice }: Around,
  of: (kind: Kind) => Tree,
): readonly (string | Tree)[] {
  return dice.chance(0.5)
    ? [tree("partition", ["partition by ", of(dice.pick(KINDS)), " "], "")]
    : [];
}

/** An order by some value, and then by all columns. */
function total(around: Around): readonly (string | Tree)[] {
  const { dice } = around;
  const keys = around.columns.map(
    ({ text }) =>
      `${text}${dice.pick(["", " desc", " nulls first", " desc nulls last"])}`,
  );
  return keys.length === 0 ? [] : ["order by ", ...joined(keys, ", ")];
}

function frame(
  around: Around,
  of: (kind: Kind) => Tree,
): readonly (string | Tree)[] {
  const { dice } = around;
  const bounds = `between ${dice.pick(BOUNDS_BEFORE)} and ${dice.pick(BOUNDS_AFTER)}${dice.pick(EXCLUDE)}`;
  const rows = (unit: string): Tree =>
    tree("frame", [` ${unit} ${bounds}`], "");
  switch (dice.below(5)) {
    case 0:
      return [];
    case 1:
      return ["order by ", of(dice.pick(KINDS))];
    case 2:
      return ["order by ", of(dice.pick(KINDS)), rows("groups")];
    case 3:
      return [
        "order by ",
        of(dice.pick(["int", "big"] as const)),
        dice.pick(["", " desc"]),
        rows("range"),
      ];
    default: {
      const order = total(around);
      return order.length === 0 ? [] : [...order, rows("rows")];
    }
  }
}
