// SCIM filters (RFC 7644, 3.4.2.2) as far as http-api section 7 names them: eq, ne, co, sw, joined by and, or, with parentheses.

import { HttpProblem } from "../problem.ts";

type Predicate = (resource: object) => boolean;

const TOKEN = /\s*(?:([()])|"((?:[^"\\]|\\.)*)"|([^\s()"]+))/gy;

interface Token {
  readonly kind: "word" | "text" | "parenthesis";
  readonly text: string;
}

/** Undefined matches everything. 400 invalidFilter. */
export function parseFilter(filter: string | undefined): Predicate {
  if (filter === undefined || filter.trim() === "") return () => true;
  const tokens = tokensOf(filter);
  let at = 0;
  const isWord = (word: string): boolean =>
    tokens[at]?.kind === "word" && tokens[at]?.text.toLowerCase() === word;
  const next = (): Token => {
    const token = tokens[at];
    if (token === undefined) throw invalid(filter);
    at += 1;
    return token;
  };
  const either = (): Predicate => {
    let left = both();
    while (isWord("or")) {
      at += 1;
      const [first, second] = [left, both()];
      left = (resource) => first(resource) || second(resource);
    }
    return left;
  };
  const both = (): Predicate => {
    let left = single();
    while (isWord("and")) {
      at += 1;
      const [first, second] = [left, single()];
      left = (resource) => first(resource) && second(resource);
    }
    return left;
  };
  const single = (): Predicate => {
    const first = next();
    if (first.kind === "parenthesis" && first.text === "(") {
      const inner = either();
      if (next().text !== ")") throw invalid(filter);
      return inner;
    }
    const operator = next();
    const value = next();
    const compare = COMPARE[operator.text.toLowerCase()];
    if (
      first.kind !== "word" ||
      compare === undefined ||
      value.kind === "parenthesis"
    ) {
      throw invalid(filter);
    }
    const wanted = value.text.toLowerCase();
    const negative = operator.text.toLowerCase() === "ne";
    return (resource) => {
      const found = valuesAt(resource, first.text.toLowerCase().split("."));
      return negative
        ? found.every((one) => one !== wanted)
        : found.some((one) => compare(one, wanted));
    };
  };
  const predicate = either();
  if (at < tokens.length) throw invalid(filter);
  return predicate;
}

const COMPARE: Readonly<
  Record<string, ((found: string, wanted: string) => boolean) | undefined>
> = {
  eq: (found, wanted) => found === wanted,
  ne: (found, wanted) => found !== wanted,
  co: (found, wanted) => found.includes(wanted),
  sw: (found, wanted) => found.startsWith(wanted),
};

function tokensOf(filter: string): readonly Token[] {
  const tokens: Token[] = [];
  let end = 0;
  for (const match of filter.trim().matchAll(TOKEN)) {
    end = match.index + match[0].length;
    const [, parenthesis, text, word] = match;
    if (parenthesis !== undefined) {
      tokens.push({ kind: "parenthesis", text: parenthesis });
    } else if (text !== undefined) {
      tokens.push({ kind: "text", text: text.replaceAll(/\\(.)/g, "$1") });
    } else {
      tokens.push({ kind: "word", text: word ?? "" });
    }
  }
  if (end !== filter.trim().length) throw invalid(filter);
  return tokens;
}

/** All values at a path, as text in lower case: names are compared without case. */
function valuesAt(value: unknown, path: readonly string[]): readonly string[] {
  if (Array.isArray(value)) {
    return value.flatMap((one: unknown) => valuesAt(one, path));
  }
  const [name, ...rest] = path;
  if (typeof value === "string" || typeof value === "boolean") {
    return name === undefined ? [String(value).toLowerCase()] : [];
  }
  if (typeof value !== "object" || value === null) return [];
  if (name === undefined) {
    return "value" in value ? valuesAt(value.value, []) : [];
  }
  const entry = Object.entries(value).find(
    ([key]) => key.toLowerCase() === name,
  );
  return entry === undefined ? [] : valuesAt(entry[1], rest);
}

function invalid(filter: string): HttpProblem {
  return new HttpProblem(
    400,
    "invalidFilter",
    `filter is not valid: ${filter}`,
  );
}
