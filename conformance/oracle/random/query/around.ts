// What a piece of a random query may use: the columns in sight, the names given so far, and how deep it may still go.

import type { Dice } from "../dice.ts";
import type { Tree } from "../tree.ts";

/** The types of values; numerics always have two digits after the point, so that equal ones are written alike. */
export const KINDS = ["int", "big", "num", "text", "bool", "date"] as const;
export type Kind = (typeof KINDS)[number];

export const TYPE_OF: Readonly<Record<Kind, string>> = {
  int: "int",
  big: "bigint",
  num: "numeric(12,2)",
  text: "text",
  bool: "boolean",
  date: "date",
};

export interface Column {
  readonly text: string;
  readonly kind: Kind;
}

/** Something a name in FROM stands for, with its columns' names. */
export interface Relation {
  readonly name: string;
  readonly columns: readonly Column[];
}

export interface Around {
  readonly dice: Dice;
  /** Levels left; at 0 only columns and constants come. */
  readonly depth: number;
  /** Of this query, and of those around it. */
  readonly columns: readonly Column[];
  readonly outer: readonly Column[];
  /** The columns aggregates compute over, where aggregates may stand. */
  readonly aggregated?: readonly Column[];
  /** Where window functions may stand. */
  readonly windows: boolean;
  readonly tables: readonly Relation[];
  /** A name that is not yet used in the statement. */
  readonly fresh: () => string;
  /** A query with such columns, without brackets. */
  readonly query: (around: Around, kinds: readonly Kind[]) => Tree;
}

/** One level deeper. */
export function deeper(around: Around): Around {
  return { ...around, depth: around.depth - 1 };
}

/** For a query inside: what is in sight here is outside there. */
export function inside(around: Around): Around {
  const { aggregated: _, ...rest } = around;
  return {
    ...rest,
    depth: around.depth - 1,
    columns: [],
    outer: [...around.columns, ...around.outer],
    windows: false,
  };
}

/** Without aggregates and window functions, as in WHERE. */
export function plain(around: Around): Around {
  const { aggregated: _, ...rest } = around;
  return { ...rest, windows: false };
}
