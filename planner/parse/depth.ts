// How deep the tree of a statement can become, from its tokens alone: recursion in the WASM parser and in every later phase is
// bounded by it (a chain of 8,000 operators overflows the parser's stack and damages the instance).

import { nestedTooDeep } from "./errors.ts";
import type { Token } from "./token.ts";

/** Also the depth at which the kernel refuses an expression. */
export const MAX_DEPTH = 1000;

interface Level {
  /** True for CASE … END, which nests like brackets. */
  readonly isCase: boolean;
  /** Joins and set operations: each makes everything before it one level deeper. */
  chain: number;
  /** Operators since the last separator. */
  operators: number;
  /** Deepest bracket since the last separator. */
  inner: number;
  /** Deepest finished segment. */
  deepest: number;
}

const SEPARATORS: ReadonlySet<string> = new Set(
  `and or select from where group having order limit offset on using when then else values set as returning qualify
window by with`.split(/\s+/),
);
const OPERATOR_WORDS: ReadonlySet<string> = new Set(
  `not is isnull notnull collate at like ilike similar between in overlaps`.split(
    " ",
  ),
);
const CHAIN_WORDS: ReadonlySet<string> = new Set(
  `join union intersect except`.split(" "),
);

function newLevel(isCase: boolean): Level {
  return { isCase, chain: 0, operators: 0, inner: 0, deepest: 0 };
}

function depthOf(level: Level): number {
  return (
    1 + level.chain + Math.max(level.deepest, level.operators + level.inner)
  );
}

function endSegment(level: Level): void {
  level.deepest = Math.max(level.deepest, level.operators + level.inner);
  level.operators = 0;
  level.inner = 0;
}

/** Throws 54001 when brackets, operators, joins or set operations could nest deeper than MAX_DEPTH. */
export function checkDepth(tokens: readonly Token[]): void {
  const levels: Level[] = [];
  let level = newLevel(false);
  let fieldPath = false;
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i];
    if (token === undefined) break;
    const previous = tokens[i - 1];
    switch (effectOf(token, previous, fieldPath)) {
      case "open":
        levels.push(level);
        level = newLevel(token.kind === "word");
        break;
      case "close": {
        const outer = closes(level, token) ? levels.pop() : undefined;
        if (outer === undefined) break;
        outer.inner = Math.max(outer.inner, depthOf(level));
        if (token.text === "]") outer.operators++;
        level = outer;
        break;
      }
      case "separate":
        endSegment(level);
        break;
      case "chain":
        endSegment(level);
        level.chain++;
        break;
      case "operate":
        level.operators++;
        break;
      case "none":
        break;
    }
    fieldPath = continuesFieldPath(token, previous, fieldPath);
    if (levels.length + depthOf(level) > MAX_DEPTH) {
      throw nestedTooDeep(MAX_DEPTH, token.position);
    }
  }
}

type Effect = "open" | "close" | "separate" | "chain" | "operate" | "none";

function closes(level: Level, token: Token): boolean {
  return level.isCase === (token.kind === "word");
}

function effectOf(
  token: Token,
  previous: Token | undefined,
  fieldPath: boolean,
): Effect {
  switch (token.kind) {
    case "operator":
      return "operate";
    case "symbol":
      return symbolEffect(token.text, previous, fieldPath);
    case "word":
      return isLabel(previous) ? "none" : wordEffect(token.text);
    default:
      return "none";
  }
}

/** `x.end`, `AS end`: a label, whatever the word. */
function isLabel(previous: Token | undefined): boolean {
  return previous?.text === "." || previous?.text === "as";
}

function symbolEffect(
  text: string,
  previous: Token | undefined,
  fieldPath: boolean,
): Effect {
  if (text === "(" || text === "[") return "open";
  if (text === ")" || text === "]") return "close";
  if (text === "," || text === ";") return "separate";
  if (text === "::") return "operate";
  if (text === "." && (fieldPath || closesBracket(previous))) return "operate";
  return "none";
}

function wordEffect(word: string): Effect {
  if (word === "case") return "open";
  if (word === "end") return "close";
  if (SEPARATORS.has(word)) return "separate";
  if (CHAIN_WORDS.has(word)) return "chain";
  return OPERATOR_WORDS.has(word) ? "operate" : "none";
}

function closesBracket(token: Token | undefined): boolean {
  return token?.text === ")" || token?.text === "]";
}

/** `(x).a.b.c`: each dot is one level, unlike the dots of a qualified name. */
function continuesFieldPath(
  token: Token,
  previous: Token | undefined,
  fieldPath: boolean,
): boolean {
  if (token.text === "." && token.kind === "symbol") {
    return fieldPath || closesBracket(previous);
  }
  return fieldPath && previous?.text === ".";
}
