// PostgreSQL's advanced regular expressions (manual 9.7.3) to a tree. Look-around and back-references are 0A000, errors 2201B.

import { SqlError, notSupported } from "../../../../storage/common/errors.ts";
import { CLASSES, type CharSet, type ClassName } from "./char-set.ts";
import {
  ASSERTIONS,
  CLASS_ESCAPES,
  SIMPLE_ESCAPES,
  numberedEscape,
} from "./escape.ts";
import { readFlags } from "./flags.ts";
import type { ParsedRegex, Regex, RegexFlags } from "./tree.ts";

const EMPTY: Regex = { kind: "empty" };

function invalid(what: string): SqlError {
  return new SqlError("2201B", `invalid regular expression: ${what}`);
}

export function parseRegex(pattern: string, flags: RegexFlags): ParsedRegex {
  return new Parser(pattern, flags).parse();
}

class Parser {
  #at = 0;
  #captures = 0;
  #text: readonly string[];
  #flags: RegexFlags;

  constructor(pattern: string, flags: RegexFlags) {
    this.#flags = flags;
    let rest = pattern;
    if (rest.startsWith("***=")) {
      this.#flags = { ...flags, literal: true };
      rest = rest.slice(4);
    } else if (rest.startsWith("***:")) rest = rest.slice(4);
    const options = /^\(\?([a-z]+)\)/.exec(rest);
    if (!this.#flags.literal && options !== null) {
      this.#flags = this.#embedded(options[1] ?? "");
      rest = rest.slice(options[0].length);
    }
    this.#text = Array.from(rest);
  }

  #embedded(letters: string): RegexFlags {
    try {
      return readFlags(letters, this.#flags);
    } catch {
      throw invalid("invalid embedded option");
    }
  }

  parse(): ParsedRegex {
    const root = this.#flags.literal ? this.#literal() : this.#alternation();
    if (this.#at < this.#text.length)
      throw invalid("parentheses () not balanced");
    return { root, captures: this.#captures, flags: this.#flags };
  }

  #literal(): Regex {
    const items = this.#text.map((char): Regex => ({
      kind: "set",
      set: this.#single(char),
    }));
    this.#at = this.#text.length;
    return concat(items);
  }

  #single(char: string): CharSet {
    const code = char.codePointAt(0) ?? 0;
    return this.#fold({ ranges: [[code, code]], classes: [], negated: false });
  }

  #fold(set: CharSet): CharSet {
    return this.#flags.ignoreCase ? { ...set, ignoreCase: true } : set;
  }

  #alternation(): Regex {
    const options = [this.#branch()];
    while (this.#peek() === "|") {
      this.#at++;
      options.push(this.#branch());
    }
    const [only] = options;
    return options.length === 1 && only !== undefined
      ? only
      : { kind: "alternate", options };
  }

  #branch(): Regex {
    const items: Regex[] = [];
    for (;;) {
      this.#skip();
      const char = this.#peek();
      if (
        char === undefined ||
        char === "|" ||
        (char === ")" && this.#depth > 0)
      )
        return concat(items);
      if (char === ")") throw invalid("parentheses () not balanced");
      items.push(this.#quantified());
    }
  }
  #depth = 0;

  #peek(): string | undefined {
    return this.#text[this.#at];
  }

  /** White space and comments in expanded syntax; `(?#…)` always. */
  #skip(): void {
    for (;;) {
      const rest = this.#text.slice(this.#at, this.#at + 3).join("");
      if (rest === "(?#") {
        const end = this.#text.indexOf(")", this.#at);
        if (end < 0) throw invalid("parentheses () not balanced");
        this.#at = end + 1;
      } else if (this.#flags.expanded && /^\s/.test(rest)) this.#at++;
      else if (this.#flags.expanded && rest.startsWith("#")) {
        const end = this.#text.indexOf("\n", this.#at);
        this.#at = end < 0 ? this.#text.length : end;
      } else return;
    }
  }

  #quantified(): Regex {
    const atom = this.#atom();
    this.#skip();
    const bounds = this.#quantifier();
    if (bounds === undefined) return atom;
    if (atom.kind === "assert") throw invalid("quantifier operand invalid");
    const greedy = this.#peek() !== "?";
    if (!greedy) this.#at++;
    this.#skip();
    if (this.#isQuantifier()) throw invalid("quantifier operand invalid");
    return {
      kind: "repeat",
      body: atom,
      min: bounds[0],
      max: bounds[1],
      greedy,
    };
  }

  #isQuantifier(): boolean {
    const char = this.#peek();
    if (char === "{") return /\d/.test(this.#text[this.#at + 1] ?? "");
    return char === "*" || char === "+" || char === "?";
  }

  #quantifier(): readonly [number, number] | undefined {
    if (!this.#isQuantifier()) return undefined;
    const char = this.#text[this.#at++];
    if (char === "*") return [0, Infinity];
    if (char === "+") return [1, Infinity];
    if (char === "?") return [0, 1];
    const end = this.#text.indexOf("}", this.#at);
    const match = /^(\d+)(,?)(\d*)$/.exec(
      this.#text.slice(this.#at, end < 0 ? undefined : end).join(""),
    );
    if (end < 0) throw invalid("braces {} not balanced");
    if (match === null) throw invalid("invalid repetition count(s)");
    this.#at = end + 1;
    const min = Number(match[1]);
    const max =
      match[2] === "" ? min : match[3] === "" ? Infinity : Number(match[3]);
    if (min > 255 || (max > 255 && max !== Infinity) || min > max)
      throw invalid("invalid repetition count(s)");
    return [min, max];
  }

  #atom(): Regex {
    const char = this.#text[this.#at++] ?? "";
    const anchor = this.#anchor(char);
    if (anchor !== undefined) return anchor;
    switch (char) {
      case "(":
        return this.#group();
      case "[":
        return this.#bracket();
      case ".":
        return { kind: "set", set: this.#anyCharacter() };
      case "\\":
        return this.#escape();
      default:
        if (
          "*+?".includes(char) ||
          (char === "{" && /\d/.test(this.#peek() ?? ""))
        ) {
          throw invalid("quantifier operand invalid");
        }
        return { kind: "set", set: this.#single(char) };
    }
  }

  #anyCharacter(): CharSet {
    const ranges = this.#flags.newlineStops ? ([[10, 10]] as const) : [];
    return { ranges, classes: [], negated: true };
  }

  #anchor(char: string): Regex | undefined {
    const lines = this.#flags.newlineAnchors;
    if (char === "^") {
      return { kind: "assert", what: lines ? "line-start" : "text-start" };
    }
    if (char !== "$") return undefined;
    return { kind: "assert", what: lines ? "line-end" : "text-end" };
  }

  #group(): Regex {
    const look = this.#text.slice(this.#at, this.#at + 3).join("");
    if (/^\?(?:[=!]|<[=!])/.test(look)) {
      throw notSupported("regular expression look-around is");
    }
    let capture: number | undefined;
    if (look.startsWith("?:")) this.#at += 2;
    else if (look.startsWith("?")) throw invalid("quantifier operand invalid");
    else capture = ++this.#captures;
    this.#depth++;
    const body = this.#alternation();
    this.#depth--;
    if (this.#peek() !== ")") throw invalid("parentheses () not balanced");
    this.#at++;
    return { kind: "group", body, capture };
  }

  #escape(): Regex {
    const char = this.#text[this.#at++];
    if (char === undefined) throw invalid("invalid escape \\ sequence");
    const assertion = ASSERTIONS[char];
    if (assertion !== undefined) return { kind: "assert", what: assertion };
    const named = CLASS_ESCAPES[char];
    if (named !== undefined)
      return {
        kind: "set",
        set: {
          ranges: [],
          classes: [named],
          negated: char !== char.toLowerCase(),
        },
      };
    if (/[1-9]/.test(char) && this.#isReference(char)) {
      throw notSupported("regular expression back-references are");
    }
    return { kind: "set", set: this.#single(this.#character(char)) };
  }

  /** One digit is always a back-reference, more only when so many groups are open. */
  #isReference(first: string): boolean {
    const digits = /^\d*/.exec(this.#text.slice(this.#at).join(""))?.[0] ?? "";
    return digits === "" || Number(first + digits) <= this.#captures;
  }

  /** The character that an escape stands for. */
  #character(char: string): string {
    const simple = SIMPLE_ESCAPES[char];
    if (simple !== undefined) return simple;
    const rest = this.#text.slice(this.#at, this.#at + 8).join("");
    const numbered = numberedEscape(char, rest);
    if (numbered !== undefined) {
      this.#at += numbered.length;
      return String.fromCodePoint(numbered.code);
    }
    if (/[A-Za-z0-9]/.test(char)) throw invalid("invalid escape \\ sequence");
    return char;
  }

  #bracket(): Regex {
    const word = /^\[:([<>]):\]\]/.exec(
      this.#text.slice(this.#at, this.#at + 6).join(""),
    );
    if (word !== null) {
      this.#at += 6;
      return {
        kind: "assert",
        what: word[1] === "<" ? "word-start" : "word-end",
      };
    }
    const negated = this.#peek() === "^";
    if (negated) this.#at++;
    const ranges: [number, number][] = [];
    const classes: ClassName[] = [];
    for (let first = true; first || this.#peek() !== "]"; first = false) {
      if (this.#peek() === undefined) throw invalid("brackets [] not balanced");
      const item = this.#bracketItem();
      if (typeof item !== "number") classes.push(item);
      else ranges.push([item, this.#rangeEnd(item)]);
    }
    this.#at++;
    if (negated && this.#flags.newlineStops) ranges.push([10, 10]);
    return { kind: "set", set: this.#fold({ ranges, classes, negated }) };
  }

  #rangeEnd(start: number): number {
    if (
      this.#peek() !== "-" ||
      this.#text[this.#at + 1] === "]" ||
      this.#text[this.#at + 1] === undefined
    )
      return start;
    this.#at++;
    const end = this.#bracketItem();
    if (typeof end !== "number" || end < start)
      throw invalid("invalid character range");
    return end;
  }

  #bracketItem(): number | ClassName {
    const char = this.#text[this.#at++] ?? "";
    if (char === "[" && /[:.=]/.test(this.#peek() ?? ""))
      return this.#namedItem();
    if (char === "\\") {
      const next = this.#text[this.#at++];
      if (next === undefined) throw invalid("invalid escape \\ sequence");
      const named = CLASS_ESCAPES[next];
      if (named !== undefined) {
        if (next !== next.toLowerCase())
          throw invalid("invalid escape \\ sequence");
        return named;
      }
      return this.#character(next).codePointAt(0) ?? 0;
    }
    return char.codePointAt(0) ?? 0;
  }

  #namedItem(): number | ClassName {
    const mark = this.#text[this.#at++] ?? "";
    const rest = this.#text.slice(this.#at).join("");
    const end = rest.indexOf(`${mark}]`);
    if (end < 0) throw invalid("brackets [] not balanced");
    const name = rest.slice(0, end);
    this.#at += Array.from(name).length + 2;
    if (mark !== ":") {
      if (Array.from(name).length !== 1)
        throw invalid("invalid collating element");
      return name.codePointAt(0) ?? 0;
    }
    const found = CLASSES.find((known) => known === name);
    if (found === undefined) throw invalid("invalid character class");
    return found;
  }
}

/** Right-recursive, as PostgreSQL builds it: the left item chooses first. */
function concat(items: readonly Regex[]): Regex {
  let result: Regex | undefined;
  for (const item of items.toReversed()) {
    result =
      result === undefined
        ? item
        : { kind: "concat", left: item, right: result };
  }
  return result ?? EMPTY;
}
