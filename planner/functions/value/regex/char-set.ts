// Sets of characters: ranges of code points and named classes, with Unicode's meaning as C.UTF-8 has it.

export type ClassName =
  | "alnum"
  | "alpha"
  | "ascii"
  | "blank"
  | "cntrl"
  | "digit"
  | "graph"
  | "lower"
  | "print"
  | "punct"
  | "space"
  | "upper"
  | "word"
  | "xdigit";

export const CLASSES: readonly ClassName[] = [
  "alnum",
  "alpha",
  "ascii",
  "blank",
  "cntrl",
  "digit",
  "graph",
  "lower",
  "print",
  "punct",
  "space",
  "upper",
  "word",
  "xdigit",
];

export interface CharSet {
  readonly ranges: readonly (readonly [number, number])[];
  readonly classes: readonly ClassName[];
  readonly negated: boolean;
  readonly ignoreCase?: boolean;
}

/** The body of a bracket, in the syntax that JavaScript (with flag u) and RE2 share. */
export const CLASS_BODIES: Readonly<Record<ClassName, string>> = {
  alnum: "\\p{L}\\p{N}",
  alpha: "\\p{L}",
  ascii: "\\x00-\\x7f",
  blank: " \\t",
  cntrl: "\\x00-\\x1f\\x7f",
  digit: "0-9",
  graph: "\\x21-\\x7e\\p{L}\\p{M}\\p{N}\\p{P}\\p{S}",
  lower: "\\p{Ll}",
  print: "\\x20-\\x7e\\p{L}\\p{M}\\p{N}\\p{P}\\p{S}\\p{Zs}",
  punct: "!-/:-@\\[-`{-~\\p{P}\\p{S}",
  space: " \\t\\n\\r\\f\\x0b\\p{Z}",
  upper: "\\p{Lu}",
  word: "\\p{L}\\p{N}_",
  xdigit: "0-9A-Fa-f",
};

const TESTS: ReadonlyMap<ClassName, RegExp> = new Map(
  CLASSES.map((name) => [name, new RegExp(`^[${CLASS_BODIES[name]}]$`, "u")]),
);

export function contains(set: CharSet, code: number): boolean {
  if (set.ignoreCase !== true) return holds(set, code) !== set.negated;
  const char = String.fromCodePoint(code);
  const found = [char, char.toLowerCase(), char.toUpperCase()].some((variant) =>
    holds(set, variant.codePointAt(0) ?? 0),
  );
  return found !== set.negated;
}

function holds(set: CharSet, code: number): boolean {
  return (
    set.ranges.some(([low, high]) => code >= low && code <= high) ||
    set.classes.some(
      (name) => TESTS.get(name)?.test(String.fromCodePoint(code)) === true,
    )
  );
}

export function isWord(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    (code >= 48 && code <= 57) ||
    code === 95 ||
    (code > 127 && TESTS.get("word")?.test(String.fromCodePoint(code)) === true)
  );
}
