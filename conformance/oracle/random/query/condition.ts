// Random conditions: comparisons, NULL tests, IN, ANY, ALL, EXISTS with and without correlation, LIKE, row comparisons, and their combinations.

import { joined, type Tree } from "../tree.ts";
import {
  KINDS,
  deeper,
  inside,
  plain,
  type Around,
  type Kind,
} from "./around.ts";
import type { Makers } from "./value.ts";

const COMPARISONS = ["=", "<>", "<", "<=", ">", ">="] as const;

export function condition(around: Around, { value, piece }: Makers): Tree {
  const { dice } = around;
  const kind = dice.pick(KINDS);
  const of = (other: Kind): Tree => value(other, deeper(around));
  const bool = (...parts: readonly (string | Tree)[]): Tree =>
    piece("bool", ...parts);
  const rows = (kinds: readonly Kind[]): Tree =>
    around.query(inside(plain(around)), kinds);
  const not = dice.pick(["", "not "]);
  const choices: readonly [() => Tree, ...(() => Tree)[]] = [
    () => bool("(", of(kind), ` ${dice.pick(COMPARISONS)} `, of(kind), ")"),
    () =>
      bool(
        "(",
        of("int"),
        ` ${dice.pick(COMPARISONS)} `,
        of(dice.pick(["big", "num"])),
        ")",
      ),
    () => bool("(", of("bool"), dice.pick([" and ", " or "]), of("bool"), ")"),
    () =>
      bool(
        "(",
        of("bool"),
        dice.pick([" and ", " or "]),
        of("bool"),
        dice.pick([" and ", " or "]),
        of("bool"),
        ")",
      ),
    () => bool("(not ", of("bool"), ")"),
    () => bool("(", of(kind), ` is ${not}null)`),
    () => bool("(", of(kind), ` is ${not}distinct from `, of(kind), ")"),
    () =>
      bool(
        "(",
        of("bool"),
        ` is ${not}${dice.pick(["true", "false", "unknown"])})`,
      ),
    () =>
      bool("(", of(kind), ` ${not}between `, of(kind), " and ", of(kind), ")"),
    () =>
      bool(
        "(",
        of(kind),
        ` ${not}in (`,
        ...joined(
          dice.some(1, 3, () => of(kind)),
          ", ",
        ),
        "))",
      ),
    () =>
      bool(
        "(",
        of("text"),
        ` ${not}like '${dice.pick(["a%", "%b", "_", "%"])}')`,
      ),
    () => bool("(", of(kind), ` ${not}in (`, rows([kind]), "))"),
    () => bool("(", of(kind), ` ${not}in (`, rows([kind]), "))"),
    () => bool(`(${not}exists (`, rows([kind]), "))"),
    () => bool(`(${not}exists (`, rows([kind]), "))"),
    () =>
      bool(
        "(",
        of(kind),
        ` ${dice.pick(COMPARISONS)} ${dice.pick(["any", "all"])} (`,
        rows([kind]),
        "))",
      ),
    () =>
      bool(
        "(",
        of(kind),
        ` ${dice.pick(COMPARISONS)} ${dice.pick(["any", "all"])} (array[`,
        of(kind),
        ", ",
        of(kind),
        "]))",
      ),
    () =>
      bool(
        "((",
        of("int"),
        ", ",
        of(kind),
        `) ${dice.pick(COMPARISONS)} (`,
        of("int"),
        ", ",
        of(kind),
        "))",
      ),
    () =>
      bool(
        "((",
        of("int"),
        ", ",
        of(kind),
        `) ${not}in (`,
        rows(["int", kind]),
        "))",
      ),
  ];
  return dice.pick(choices)();
}
