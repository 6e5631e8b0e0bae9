// Random FROM items: tables, joins of every kind, LATERAL, subqueries, VALUES, functions, CTEs.

import { joined, tree, type Tree } from "../tree.ts";
import {
  KINDS,
  inside,
  plain,
  type Around,
  type Column,
  type Kind,
} from "./around.ts";
import { constant, value } from "./value.ts";

export interface Source {
  readonly from: Tree;
  readonly columns: readonly Column[];
}

export function source(around: Around): Source {
  return around.depth > 0 && around.dice.chance(0.4)
    ? join(around)
    : single(around, false);
}

function single(around: Around, lateral: boolean): Source {
  const { dice } = around;
  const name = around.fresh();
  const turn = around.depth > 0 ? dice.below(10) : 0;
  if (turn < 6) return table(around, name);
  if (turn === 6) return rowsOf(around, name);
  const kinds = dice.some(1, 3, () => dice.pick(KINDS));
  const columns = columnsOf(name, kinds);
  const names = columns.map((_, at) => `c${at}`).join(", ");
  const seen = inside(plain(around));
  const query = around.query(
    lateral ? seen : { ...seen, outer: around.outer },
    kinds,
  );
  return {
    from: tree("source", [
      lateral ? "lateral (" : "(",
      query,
      `) as ${name}(${names})`,
    ]),
    columns,
  };
}

function columnsOf(name: string, kinds: readonly Kind[]): readonly Column[] {
  return kinds.map((kind, at) => ({ kind, text: `${name}.c${at}` }));
}

function table({ dice, tables }: Around, name: string): Source {
  const picked = dice.pickOf(tables);
  return {
    from: tree("source", [`${picked?.name ?? ""} as ${name}`]),
    columns: (picked?.columns ?? []).map(({ text, kind }) => ({
      kind,
      text: `${name}.${text}`,
    })),
  };
}

function rowsOf({ dice }: Around, name: string): Source {
  switch (dice.below(3)) {
    case 0:
      return {
        from: tree("source", [
          `generate_series(${dice.pick(["1, 3", "0, 4, 2", "3, 1"])}) as ${name}(c0)`,
        ]),
        columns: columnsOf(name, ["int"]),
      };
    case 1: {
      const kind = dice.pick(KINDS);
      const items = dice.some(1, 3, () => constant(dice, kind)).join(", ");
      return {
        from: tree("source", [`unnest(array[${items}]) as ${name}(c0)`]),
        columns: columnsOf(name, [kind]),
      };
    }
    default: {
      const kinds = dice.some(1, 3, () => dice.pick(KINDS));
      const rows = dice.some(
        1,
        3,
        () => `(${kinds.map((kind) => constant(dice, kind)).join(", ")})`,
      );
      return {
        from: tree("source", [
          `(values ${rows.join(", ")}) as ${name}(${kinds.map((_, at) => `c${at}`).join(", ")})`,
        ]),
        columns: columnsOf(name, kinds),
      };
    }
  }
}

const JOINS = [
  "join",
  "left join",
  "right join",
  "full join",
  "cross join",
] as const;

function join(around: Around): Source {
  const { dice } = around;
  const less = { ...around, depth: around.depth - 1 };
  const left = source(less);
  const kind = dice.pick(JOINS);
  const lateral =
    kind !== "right join" && kind !== "full join" && dice.chance(0.3);
  const right = single(
    lateral ? { ...less, columns: left.columns } : less,
    lateral,
  );
  const columns = [...left.columns, ...right.columns];
  const on =
    kind === "cross join"
      ? []
      : [" on ", ...meeting(around, left, right, kind)];
  return {
    from: tree("source", ["(", left.from, ` ${kind} `, right.from, ...on, ")"]),
    columns,
  };
}

/** An equality of two columns where there is one, and often more; FULL JOIN knows nothing else. */
function meeting(
  around: Around,
  left: Source,
  right: Source,
  kind: (typeof JOINS)[number],
): readonly (string | Tree)[] {
  const { dice } = around;
  const pairs = left.columns.flatMap((a) =>
    right.columns
      .filter((b) => b.kind === a.kind)
      .map((b) => `${a.text} = ${b.text}`),
  );
  const equality = dice.pickOf(pairs) ?? "true";
  if (kind === "full join") return [equality];
  const more = value(
    "bool",
    plain({
      ...around,
      depth: Math.min(around.depth - 1, 2),
      columns: [...left.columns, ...right.columns],
    }),
  );
  return dice.pick([[equality], joined([equality, more], " and "), [more]]);
}
