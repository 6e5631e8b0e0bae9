// Random aggregates whose result does not depend on the order rows come in.

import { joined, tree, type Tree } from "../tree.ts";
import {
  KINDS,
  deeper,
  plain,
  type Around,
  type Column,
  type Kind,
} from "./around.ts";
import type { Makers } from "./value.ts";

/** `over`: the columns of the rows that are aggregated. */
export function aggregate(
  kind: Kind,
  around: Around,
  over: readonly Column[],
  { value, piece }: Makers,
): Tree {
  const { dice } = around;
  const row = deeper(plain({ ...around, columns: over }));
  const of = (other: Kind): Tree => value(other, row);
  const filter = dice.chance(0.2)
    ? tree("filter", [" filter (where ", value("bool", row), ")"], "")
    : "";
  const [name, parts, type] = call(kind, around, of);
  return piece(kind, `${name}(`, ...parts, ")", filter, type);
}

/** Name, arguments, and a cast where the aggregate's type is another. */
export type Call = readonly [string, readonly (string | Tree)[], string];

export function call(
  kind: Kind,
  { dice }: Around,
  of: (kind: Kind) => Tree,
): Call {
  const distinct = dice.chance(0.2) ? "distinct " : "";
  switch (kind) {
    case "int":
      return [dice.pick(["max", "min", "bit_or"]), [of("int")], ""];
    case "big":
      return dice.pick<() => Call>([
        () => ["count", ["*"], ""],
        () => ["count", [distinct, of(dice.pick(KINDS))], ""],
        () => ["sum", [distinct, of("int")], ""],
      ])();
    case "num":
      return dice.pick<() => Call>([
        () => ["sum", [distinct, of("num")], ""],
        () => ["avg", [of("num")], "::numeric(12,2)"],
        () => ["avg", [distinct, of("int")], "::numeric(12,2)"],
        () => [dice.pick(["max", "min"]), [of("num")], ""],
      ])();
    case "text":
      return dice.pick<() => Call>([
        () => [dice.pick(["max", "min"]), [of("text")], ""],
        () => {
          const item = of("text");
          const order = [item, dice.pick([" desc", " nulls first", ""])];
          return [
            "string_agg",
            [distinct, item, ", ','", " order by ", ...order],
            "",
          ];
        },
        () => {
          const item = of(dice.pick(KINDS));
          return ["array_agg", [distinct, item, " order by ", item], "::text"];
        },
      ])();
    case "bool":
      return [dice.pick(["bool_and", "bool_or", "every"]), [of("bool")], ""];
    case "date":
      return [dice.pick(["max", "min"]), [of("date")], ""];
  }
}

/** ` group by …`, and the columns that may stand beside the aggregates. */
export function grouping(
  around: Around,
  { value }: Makers,
): {
  readonly clause: Tree;
  readonly keys: readonly Column[];
  /** `grouping(…)` may be asked of each key. */
  readonly sets: boolean;
} {
  const { dice } = around;
  const keys = dice.some(
    0,
    3,
    (): { readonly column: Column; readonly text: Tree } => {
      const known = dice.pickOf(around.columns);
      if (known !== undefined && dice.chance(0.8))
        return { column: known, text: tree("key", [known.text]) };
      const kind = dice.pick(KINDS);
      const made = value(kind, deeper(deeper(plain(around))));
      return {
        column: { kind, text: textOf(made) },
        text: tree("key", [made]),
      };
    },
  );
  const list = keys.map(({ text }) => text);
  const columns = keys
    .map(({ column }) => column)
    .filter(({ text }) => !/^(null|true|false|date '|'|[-0-9(])/.test(text));
  const all = joined(list, ", ");
  if (keys.length === 0)
    return { clause: tree("group", [""]), keys: [], sets: false };
  const sets = keys.length > 1 && dice.chance(0.35);
  const form = sets
    ? dice.pick([
        [" group by rollup (", ...all, ")"],
        [" group by cube (", ...all, ")"],
        [" group by grouping sets ((", ...all, "), (", list[0] ?? "", "), ())"],
      ])
    : [" group by ", ...all];
  return { clause: tree("group", form), keys: columns, sets };
}

function textOf(node: string | Tree): string {
  return typeof node === "string" ? node : node.parts.map(textOf).join("");
}
