// Which overload a call means: PostgreSQL's func_match_argtypes and func_select_candidate, and oper() for operators
// (manual, chapter 10.2 and 10.3). Pure over the rows given; registry.ts supplies them by name.

import { TEXT, type DataType } from "../../storage/common/data-type.ts";
import { invariant } from "../../storage/common/invariant.ts";
import type { FunctionRow, TypePattern } from "./function.ts";
import {
  baseType,
  canCoerce,
  categoryOf,
  commonType,
  isBinaryCoercible,
  isPreferred,
  sameKind,
  typeKey,
  withoutModifier,
  type TypeCategory,
} from "./types.ts";

export type Resolution =
  | {
      readonly kind: "match";
      readonly row: FunctionRow;
      /** One a given argument: where it differs from the argument's type the binder puts a Cast. */
      readonly argTypes: readonly DataType[];
      readonly returns: DataType;
    }
  | { readonly kind: "none" }
  | { readonly kind: "ambiguous" };

/** The best of `rows` (all of one name) for these arguments; UNKNOWN marks untyped literals and parameters. */
export function selectFunction(
  rows: readonly FunctionRow[],
  args: readonly DataType[],
): Resolution {
  const inputs = args.map(baseType);
  const candidates = rows.flatMap((row) => candidateOf(row, args.length));
  const exact = candidates.filter(({ patterns }) =>
    patterns.every(
      (pattern, i) =>
        pattern.kind === "exact" && sameKind(pattern.type, at(inputs, i)),
    ),
  );
  if (exact[0] !== undefined) return matched(exact[0], args);
  const matching = candidates.filter((candidate) => accepts(candidate, inputs));
  return decide(matching, inputs, args);
}

/** As selectFunction, with the rule of operators: an untyped side is first taken to have the other's type. */
export function selectOperator(
  rows: readonly FunctionRow[],
  args: readonly DataType[],
): Resolution {
  const [left, right] = args;
  if (args.length === 2 && left !== undefined && right !== undefined) {
    const known = [left, right].filter((type) => type.kind !== "unknown");
    const [only] = known;
    if (known.length === 1 && only !== undefined) {
      const same = exactRow(rows, [baseType(only), baseType(only)]);
      if (same !== undefined) {
        return matched({ row: same, patterns: same.args }, args);
      }
    }
  }
  return selectFunction(rows, args);
}

interface Candidate {
  readonly row: FunctionRow;
  /** One an argument given: variadic repeated, optional ones cut. */
  readonly patterns: readonly TypePattern[];
}

function exactRow(
  rows: readonly FunctionRow[],
  types: readonly DataType[],
): FunctionRow | undefined {
  return rows.find(
    (row) =>
      row.args.length === types.length &&
      row.args.every(
        (pattern, i) =>
          pattern.kind === "exact" && sameKind(pattern.type, at(types, i)),
      ),
  );
}

function candidateOf(row: FunctionRow, count: number): readonly Candidate[] {
  const declared = row.args.length;
  const required = declared - (row.optional ?? 0);
  if (count >= required && count <= declared) {
    return [{ row, patterns: row.args.slice(0, count) }];
  }
  const last = row.args.at(-1);
  if (!row.variadic || last === undefined || count < declared) return [];
  const extra = Array.from({ length: count - declared }, () => last);
  return [{ row, patterns: [...row.args, ...extra] }];
}

function accepts(candidate: Candidate, inputs: readonly DataType[]): boolean {
  const fits = candidate.patterns.every((pattern, i) => {
    const input = at(inputs, i);
    switch (pattern.kind) {
      case "exact":
        return canCoerce(input, pattern.type, "implicit");
      case "anyarray":
        return input.kind === "array" || input.kind === "unknown";
      case "anystruct":
        return input.kind === "struct";
      case "anymap":
        return input.kind === "map";
      case "anynonarray":
        return input.kind !== "array";
      default:
        return true;
    }
  });
  return fits && elementOf(candidate.patterns, inputs) !== undefined;
}

/** The one element type of all polymorphic arguments; undefined when they disagree. TEXT when all are untyped. */
function elementOf(
  patterns: readonly TypePattern[],
  inputs: readonly DataType[],
): DataType | undefined {
  const elements = patterns.flatMap((pattern, i) => {
    const input = at(inputs, i);
    if (pattern.kind === "anyelement" || pattern.kind === "anynonarray") {
      return [input];
    }
    return pattern.kind === "anyarray" && input.kind === "array"
      ? [input.element]
      : [];
  });
  if (elements.length === 0) return TEXT;
  const common = commonType(elements);
  return common.kind === "common" ? common.type : undefined;
}

function matched(candidate: Candidate, args: readonly DataType[]): Resolution {
  const element = elementOf(candidate.patterns, args.map(baseType)) ?? TEXT;
  const argTypes = candidate.patterns.map((pattern, i) =>
    targetType(pattern, at(args, i), element),
  );
  return {
    kind: "match",
    row: candidate.row,
    argTypes,
    returns: resultType(candidate.row, argTypes),
  };
}

/** Only these pass on the modifier of their arguments (exprTypmod); other calls have none. */
const KEEPS_MODIFIER: ReadonlySet<string> = new Set([
  "coalesce",
  "greatest",
  "least",
  "nullif",
]);

function resultType(row: FunctionRow, argTypes: readonly DataType[]): DataType {
  const type = row.returns(argTypes);
  return KEEPS_MODIFIER.has(row.name) ? type : withoutModifier(type);
}

function targetType(
  pattern: TypePattern,
  arg: DataType,
  element: DataType,
): DataType {
  switch (pattern.kind) {
    case "exact":
      return isBinaryCoercible(arg, pattern.type) ? arg : pattern.type;
    case "anyelement":
    case "anynonarray":
      return sameKind(arg, element) ? arg : element;
    case "anyarray":
      return arg.kind === "array" && sameKind(arg.element, element)
        ? arg
        : { kind: "array", element };
    case "any":
    case "anystruct":
    case "anymap":
      return arg.kind === "unknown" ? TEXT : arg;
  }
}

function decide(
  matching: readonly Candidate[],
  inputs: readonly DataType[],
  args: readonly DataType[],
): Resolution {
  if (matching.length === 0) return { kind: "none" };
  let best = matching;
  for (const score of [exactScore, preferredScore]) {
    best = highest(best, (candidate) => score(candidate, inputs));
    if (best.length === 1 && best[0] !== undefined) {
      return matched(best[0], args);
    }
  }
  const chosen = decideUnknowns(best, inputs);
  return chosen === undefined ? { kind: "ambiguous" } : matched(chosen, args);
}

function highest(
  candidates: readonly Candidate[],
  score: (candidate: Candidate) => number,
): readonly Candidate[] {
  const scores = candidates.map(score);
  const top = Math.max(...scores);
  return candidates.filter((_, i) => scores[i] === top);
}

function exactScore(
  { patterns }: Candidate,
  inputs: readonly DataType[],
): number {
  return patterns.filter(
    (pattern, i) =>
      pattern.kind === "exact" && sameKind(pattern.type, at(inputs, i)),
  ).length;
}

function preferredScore(
  { patterns }: Candidate,
  inputs: readonly DataType[],
): number {
  return patterns.filter((pattern, i) => {
    const input = at(inputs, i);
    if (pattern.kind !== "exact" || input.kind === "unknown") return false;
    return (
      sameKind(pattern.type, input) ||
      (isPreferred(pattern.type) &&
        categoryOf(pattern.type) === categoryOf(input))
    );
  }).length;
}

function decideUnknowns(
  candidates: readonly Candidate[],
  inputs: readonly DataType[],
): Candidate | undefined {
  const open = inputs.flatMap((type, i) =>
    type.kind === "unknown" ? [i] : [],
  );
  if (open.length === 0) return undefined;
  const narrowed = narrowByCategory(candidates, open);
  if (narrowed.length === 1) return narrowed[0];
  const known = inputs.filter((type) => type.kind !== "unknown");
  const [first] = known;
  if (first === undefined || !known.every((type) => sameKind(type, first))) {
    return undefined;
  }
  const uniform = inputs.map(() => first);
  const fitting = narrowed.filter((candidate) => accepts(candidate, uniform));
  return fitting.length === 1 ? fitting[0] : undefined;
}

/** Rule 4e: strings win an open slot, else the slot's category must be one; then preferred types of that category. */
function narrowByCategory(
  candidates: readonly Candidate[],
  open: readonly number[],
): readonly Candidate[] {
  const slots = open.map((slot) => {
    const patterns = candidates.map(({ patterns }) => at(patterns, slot));
    const categories = new Set(patterns.map(patternCategory));
    const category: TypeCategory | undefined = categories.has("S")
      ? "S"
      : categories.size === 1
        ? [...categories][0]
        : undefined;
    const preferred = patterns.some(
      (pattern) =>
        patternCategory(pattern) === category && patternPreferred(pattern),
    );
    return { slot, category, preferred };
  });
  if (slots.some(({ category }) => category === undefined)) return candidates;
  const kept = candidates.filter(({ patterns }) =>
    slots.every(({ slot, category, preferred }) => {
      const pattern = at(patterns, slot);
      return (
        patternCategory(pattern) === category &&
        (!preferred || patternPreferred(pattern))
      );
    }),
  );
  return kept.length === 0 ? candidates : kept;
}

function patternCategory(pattern: TypePattern): TypeCategory {
  return pattern.kind === "exact" ? categoryOf(pattern.type) : "P";
}

function patternPreferred(pattern: TypePattern): boolean {
  return pattern.kind === "exact" && isPreferred(pattern.type);
}

function at<T>(items: readonly T[], index: number): T {
  const item = items[index];
  invariant(item !== undefined, `no item ${index}`);
  return item;
}

/** `name(int4,text)`, as ids are written. */
export function rowId(name: string, args: readonly TypePattern[]): string {
  return `${name}(${args.map((arg) => (arg.kind === "exact" ? typeKey(arg.type) : arg.kind)).join(",")})`;
}
