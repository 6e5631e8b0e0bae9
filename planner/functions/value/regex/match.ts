// Matching as PostgreSQL does (manual 9.7.3.5): the earliest match; of those the longest, or the shortest when the expression
// prefers that; then the parts from left to right, each as long (or short) as the rest allows.

import { Automaton } from "./automaton.ts";
import { readFlags } from "./flags.ts";
import { parseRegex } from "./parse.ts";
import type { ParsedRegex, Regex } from "./tree.ts";

export interface RegexMatch {
  /** Code points from 0. */
  readonly start: number;
  readonly end: number;
  /** One range a capture; undefined where it took no part. */
  readonly captures: readonly (readonly [number, number] | undefined)[];
}

export class CompiledRegex {
  readonly #parsed: ParsedRegex;
  readonly #automata = new Map<Regex, Automaton>();
  readonly #shortest: boolean;

  constructor(pattern: string, flags: string) {
    this.#parsed = parseRegex(pattern, readFlags(flags));
    this.#shortest = preference(this.#parsed.root) === "short";
  }

  get captureCount(): number {
    return this.#parsed.captures;
  }

  /** The first match at or after `from`; undefined when there is none. */
  find(text: readonly number[], from: number): RegexMatch | undefined {
    const { root, captures } = this.#parsed;
    const automaton = this.#automaton(root);
    for (let start = from; start <= text.length; start++) {
      const ends = automaton.ends(text, start, text.length, this.#shortest);
      const end = this.#shortest ? ends[0] : ends.at(-1);
      if (end === undefined) continue;
      const ranges: (readonly [number, number] | undefined)[] = Array.from(
        { length: captures },
        () => undefined,
      );
      if (captures > 0) this.#dissect(root, { text, ranges }, start, end);
      return { start, end, captures: ranges };
    }
    return undefined;
  }

  /** All matches that do not overlap; an empty match right after another one does not count. */
  *all(text: readonly number[], from = 0): Generator<RegexMatch> {
    let at = from;
    let last = -1;
    while (at <= text.length) {
      const match = this.find(text, at);
      if (match === undefined) return;
      if (match.start === match.end && match.start === last) {
        at = match.end + 1;
        continue;
      }
      yield match;
      last = match.end;
      at = match.end === match.start ? match.end + 1 : match.end;
    }
  }

  #automaton(part: Regex): Automaton {
    const known = this.#automata.get(part);
    if (known !== undefined) return known;
    const made = new Automaton(part);
    this.#automata.set(part, made);
    return made;
  }

  /** Fills the captures inside `part`, which matches exactly from..to. */
  #dissect(part: Regex, work: Work, from: number, to: number): void {
    if (!hasCapture(part)) return;
    switch (part.kind) {
      case "group":
        if (part.capture !== undefined)
          work.ranges[part.capture - 1] = [from, to];
        this.#dissect(part.body, work, from, to);
        return;
      case "alternate": {
        const option = part.options.find((item) =>
          this.#automaton(item).matches(work.text, from, to),
        );
        if (option !== undefined) this.#dissect(option, work, from, to);
        return;
      }
      case "concat": {
        const middles = this.#ends(part.left, work, from, to);
        const right = this.#automaton(part.right);
        const middle = middles.find((at) => right.matches(work.text, at, to));
        if (middle === undefined) return;
        this.#dissect(part.left, work, from, middle);
        this.#dissect(part.right, work, middle, to);
        return;
      }
      case "repeat":
        for (const [start, end] of this.#iterations(part, work, from, to) ??
          []) {
          this.#dissect(part.body, work, start, end);
        }
        return;
      default:
    }
  }

  /** Ends of a part in its own order of preference. */
  #ends(part: Regex, work: Work, from: number, to: number): readonly number[] {
    const ends = this.#automaton(part).ends(work.text, from, to);
    return preference(part) === "short" ? ends : ends.toReversed();
  }

  /** The ranges of each turn of a repetition that covers from..to exactly. */
  #iterations(
    part: Regex & { readonly kind: "repeat" },
    work: Work,
    from: number,
    to: number,
  ): readonly (readonly [number, number])[] | undefined {
    const failed = new Set<string>();
    const go = (
      at: number,
      turn: number,
    ): readonly (readonly [number, number])[] | undefined => {
      if (at === to && turn >= part.min && (turn > 0 || part.min === 0))
        return [];
      if (turn >= part.max || failed.has(`${at},${Math.min(turn, part.min)}`))
        return undefined;
      const ends = this.#automaton(part.body).ends(work.text, at, to);
      for (const end of part.greedy ? ends.toReversed() : ends) {
        if (end === at && turn >= part.min) continue;
        const rest = go(end, turn + 1);
        if (rest !== undefined) return [[at, end], ...rest];
      }
      failed.add(`${at},${Math.min(turn, part.min)}`);
      return undefined;
    };
    return go(from, 0);
  }
}

interface Work {
  readonly text: readonly number[];
  readonly ranges: (readonly [number, number] | undefined)[];
}

/** An alternation prefers long; a sequence does as its first part with a preference. */
function preference(part: Regex): "long" | "short" | undefined {
  switch (part.kind) {
    case "alternate":
      return "long";
    case "repeat":
      return part.min === part.max
        ? preference(part.body)
        : part.greedy
          ? "long"
          : "short";
    case "group":
      return preference(part.body);
    case "concat":
      return preference(part.left) ?? preference(part.right);
    default:
      return undefined;
  }
}

const CAPTURING = new WeakMap<Regex, boolean>();

function hasCapture(part: Regex): boolean {
  const known = CAPTURING.get(part);
  if (known !== undefined) return known;
  const found = captures(part);
  CAPTURING.set(part, found);
  return found;
}

function captures(part: Regex): boolean {
  switch (part.kind) {
    case "group":
      return part.capture !== undefined || hasCapture(part.body);
    case "repeat":
      return hasCapture(part.body);
    case "concat":
      return hasCapture(part.left) || hasCapture(part.right);
    case "alternate":
      return part.options.some(hasCapture);
    default:
      return false;
  }
}

export function codePoints(text: string): number[] {
  return Array.from(text, (char) => char.codePointAt(0) ?? 0);
}
