// A deterministic automaton over one part of a regular expression, built as it runs. A state is a set of instructions before a
// character, with the kind of the character before it, so that anchors and word edges are decided when the next one is known.

import { contains, isWord, type CharSet } from "./char-set.ts";
import type { Assertion, Regex } from "./tree.ts";

type Instruction =
  | { readonly op: "char"; readonly set: CharSet }
  | { readonly op: "split"; readonly a: number; readonly b: number }
  | { readonly op: "jump"; readonly to: number }
  | { readonly op: "assert"; readonly what: Assertion }
  | { readonly op: "match" };

/** What stands beside a position: nothing, a newline, a word character, another. */
const EDGE = 0;
const NEWLINE = 1;
const WORD = 2;
const OTHER = 3;

function kindOf(code: number): number {
  if (code === 10) return NEWLINE;
  return isWord(code) ? WORD : OTHER;
}

interface State {
  readonly program: readonly number[];
  readonly before: number;
  readonly next: (State | undefined)[];
  readonly far: Map<number, State>;
  /** By the kind of what follows. */
  readonly accepts: (boolean | undefined)[];
}

const LIMIT = 2000;

export class Automaton {
  readonly #code: Instruction[] = [];
  #states = new Map<string, State>();

  constructor(part: Regex) {
    this.#compile(part);
    this.#code.push({ op: "match" });
  }

  /** Ends of matches that begin at `from`, in order; none beyond `limit`. With `first` only the shortest. */
  ends(
    text: readonly number[],
    from: number,
    limit: number,
    first = false,
  ): readonly number[] {
    const found: number[] = [];
    let state: State | undefined = this.#state(
      [0],
      from === 0 ? EDGE : kindOf(text[from - 1] ?? 0),
    );
    for (let at = from; state !== undefined; at++) {
      const code = text[at];
      if (this.#accepts(state, code === undefined ? EDGE : kindOf(code))) {
        found.push(at);
        if (first) return found;
      }
      if (at >= limit || code === undefined) return found;
      state = this.#step(state, code);
    }
    return found;
  }

  matches(text: readonly number[], from: number, to: number): boolean {
    return this.ends(text, from, to).at(-1) === to;
  }

  #state(program: readonly number[], before: number): State {
    const key = `${before}:${program.join()}`;
    const known = this.#states.get(key);
    if (known !== undefined) return known;
    if (this.#states.size > LIMIT) this.#states = new Map();
    const state: State = {
      program,
      before,
      next: [],
      far: new Map(),
      accepts: [],
    };
    this.#states.set(key, state);
    return state;
  }

  #accepts(state: State, after: number): boolean {
    return (state.accepts[after] ??= this.#closure(state, after).some(
      (at) => this.#code[at]?.op === "match",
    ));
  }

  #step(state: State, code: number): State | undefined {
    const known = code < 128 ? state.next[code] : state.far.get(code);
    if (known !== undefined)
      return known.program.length === 0 ? undefined : known;
    const targets = new Set<number>();
    for (const at of this.#closure(state, kindOf(code))) {
      const instruction = this.#code[at];
      if (instruction?.op === "char" && contains(instruction.set, code))
        targets.add(at + 1);
    }
    const made = this.#state(
      [...targets].sort((a, b) => a - b),
      kindOf(code),
    );
    if (code < 128) state.next[code] = made;
    else state.far.set(code, made);
    return made.program.length === 0 ? undefined : made;
  }

  #closure(state: State, after: number): readonly number[] {
    const seen = new Set<number>();
    const pending = [...state.program];
    for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
      if (seen.has(at)) continue;
      seen.add(at);
      const instruction = this.#code[at];
      if (instruction?.op === "jump") pending.push(instruction.to);
      else if (instruction?.op === "split")
        pending.push(instruction.a, instruction.b);
      else if (
        instruction?.op === "assert" &&
        holds(instruction.what, state.before, after)
      )
        pending.push(at + 1);
    }
    return [...seen];
  }

  #compile(part: Regex): void {
    const code = this.#code;
    switch (part.kind) {
      case "empty":
        return;
      case "set":
        code.push({ op: "char", set: part.set });
        return;
      case "assert":
        code.push({ op: "assert", what: part.what });
        return;
      case "group":
        this.#compile(part.body);
        return;
      case "concat":
        this.#compile(part.left);
        this.#compile(part.right);
        return;
      case "alternate":
        this.#alternate(part.options);
        return;
      case "repeat":
        this.#repeat(part.body, part.min, part.max);
    }
  }

  #alternate(options: readonly Regex[]): void {
    const jumps: number[] = [];
    for (const [i, option] of options.entries()) {
      const split = this.#code.length;
      const last = i === options.length - 1;
      if (!last) this.#code.push({ op: "match" });
      this.#compile(option);
      if (last) break;
      jumps.push(this.#code.length);
      this.#code.push({ op: "match" });
      this.#code[split] = { op: "split", a: split + 1, b: this.#code.length };
    }
    for (const at of jumps)
      this.#code[at] = { op: "jump", to: this.#code.length };
  }

  #repeat(body: Regex, min: number, max: number): void {
    for (let i = 0; i < min; i++) this.#compile(body);
    if (max === Infinity) {
      const split = this.#code.length;
      this.#code.push({ op: "match" });
      this.#compile(body);
      this.#code.push({ op: "jump", to: split });
      this.#code[split] = { op: "split", a: split + 1, b: this.#code.length };
      return;
    }
    const splits: number[] = [];
    for (let i = min; i < max; i++) {
      splits.push(this.#code.length);
      this.#code.push({ op: "match" });
      this.#compile(body);
    }
    for (const at of splits)
      this.#code[at] = { op: "split", a: at + 1, b: this.#code.length };
  }
}

function holds(what: Assertion, before: number, after: number): boolean {
  switch (what) {
    case "text-start":
      return before === EDGE;
    case "text-end":
      return after === EDGE;
    case "line-start":
      return before === EDGE || before === NEWLINE;
    case "line-end":
      return after === EDGE || after === NEWLINE;
    case "word-start":
      return before !== WORD && after === WORD;
    case "word-end":
      return before === WORD && after !== WORD;
    case "word-edge":
      return (before === WORD) !== (after === WORD);
    case "not-word-edge":
      return (before === WORD) === (after === WORD);
  }
}
