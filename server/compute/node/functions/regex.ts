// Regular expression functions over PostgreSQL's own matching rules. Compiled expressions are kept by pattern and flags.

import {
  CompiledRegex,
  codePoints,
  type RegexMatch,
} from "../../../../planner/functions/value/regex/match.ts";
import { similarToRegex } from "../../../../planner/functions/value/regex/similar.ts";
import { SqlError } from "../../../../storage/common/errors.ts";
import {
  BOOLEAN,
  INTEGER,
  LIST,
  VARCHAR,
  listValue,
  type DuckDBType,
  type DuckDBValue,
} from "../../../../storage/kernel/duckdb.ts";
import { number, text } from "./arguments.ts";
import type { KernelFunction } from "./define.ts";

const KEPT = 200;

/** The functions of one kernel, with a cache of their own. */
export function regexFunctions(): readonly KernelFunction[] {
  const cache = new Map<string, CompiledRegex>();
  const compile = (pattern: string, flags: string): CompiledRegex => {
    const key = `${flags}:${pattern}`;
    const known = cache.get(key);
    if (known !== undefined) return known;
    const made = new CompiledRegex(pattern, flags);
    if (cache.size >= KEPT) cache.clear();
    cache.set(key, made);
    return made;
  };
  return [...questions(compile), ...replacements(compile)];
}

type Compile = (pattern: string, flags: string) => CompiledRegex;

/** A text as code points, and back by range. */
class Subject {
  readonly points: readonly number[];
  readonly #text: string;

  constructor(value: string) {
    this.#text = value;
    this.points = codePoints(value);
  }

  slice(start: number, end: number): string {
    if (this.points.length === this.#text.length)
      return this.#text.slice(start, end);
    return String.fromCodePoint(...this.points.slice(start, end));
  }
}

function withoutGlobal(flags: string, caller: string): string {
  if (flags.includes("g")) {
    throw new SqlError(
      "22023",
      `${caller}() does not support the "global" option`,
    );
  }
  return flags;
}

/** The captures as texts, or the whole match when there are none. */
function groups(
  match: RegexMatch,
  subject: Subject,
): readonly (string | null)[] {
  if (match.captures.length === 0)
    return [subject.slice(match.start, match.end)];
  return match.captures.map((range) =>
    range === undefined ? null : subject.slice(range[0], range[1]),
  );
}

function split(regex: CompiledRegex, subject: Subject): readonly string[] {
  const parts: string[] = [];
  let from = 0;
  for (const match of regex.all(subject.points)) {
    if (
      match.start === match.end &&
      (match.start === from || match.start >= subject.points.length)
    ) {
      if (match.start === 0 || match.start >= subject.points.length) continue;
      if (match.start === from) continue;
    }
    parts.push(subject.slice(from, match.start));
    from = match.end;
  }
  parts.push(subject.slice(from, subject.points.length));
  return parts;
}

function startAt(value: DuckDBValue | undefined): number {
  const start = number(value);
  if (start < 1)
    throw new SqlError(
      "22023",
      `invalid value for parameter "start": ${start}`,
    );
  return start - 1;
}

function nth(value: DuckDBValue | undefined): number {
  const n = number(value);
  if (n < 1)
    throw new SqlError("22023", `invalid value for parameter "n": ${n}`);
  return n;
}

function groupIndex(value: DuckDBValue | undefined): number {
  const group = number(value);
  if (group < 0)
    throw new SqlError(
      "22023",
      `invalid value for parameter "subexpr": ${group}`,
    );
  return group;
}

function nthMatch(
  regex: CompiledRegex,
  subject: Subject,
  from: number,
  n: number,
): RegexMatch | undefined {
  if (from > subject.points.length) return undefined;
  let seen = 0;
  for (const match of regex.all(subject.points, from))
    if (++seen === n) return match;
  return undefined;
}

function range(
  match: RegexMatch,
  group: number,
): readonly [number, number] | undefined {
  return group === 0 ? [match.start, match.end] : match.captures[group - 1];
}

function define(
  name: string,
  parameters: readonly DuckDBType[],
  returns: DuckDBType,
  call: KernelFunction["call"],
): KernelFunction {
  return { name: `pg_regex_${name}`, parameters, returns, call };
}

const THREE = [VARCHAR, VARCHAR, VARCHAR];

function questions(compile: Compile): readonly KernelFunction[] {
  return [
    define("test", THREE, BOOLEAN, (value, pattern, flags) => {
      const regex = compile(
        text(pattern),
        withoutGlobal(text(flags), "regexp_like"),
      );
      return regex.find(codePoints(text(value)), 0) !== undefined;
    }),
    define("match", THREE, LIST(VARCHAR), (value, pattern, flags) => {
      if (text(flags).includes("g")) {
        throw new SqlError(
          "22023",
          'regexp_match() does not support the "global" option',
          { hint: "Use the regexp_matches function instead." },
        );
      }
      const subject = new Subject(text(value));
      const match = compile(text(pattern), text(flags)).find(subject.points, 0);
      return match === undefined
        ? null
        : listValue([...groups(match, subject)]);
    }),
    define("matches", THREE, LIST(LIST(VARCHAR)), (value, pattern, flags) => {
      const subject = new Subject(text(value));
      const regex = compile(text(pattern), text(flags).replaceAll("g", ""));
      const found = text(flags).includes("g")
        ? [...regex.all(subject.points)]
        : [regex.find(subject.points, 0)].filter(
            (match) => match !== undefined,
          );
      return listValue(
        found.map((match) => listValue([...groups(match, subject)])),
      );
    }),
    define("split", THREE, LIST(VARCHAR), (value, pattern, flags) => {
      const regex = compile(
        text(pattern),
        withoutGlobal(text(flags), "regexp_split_to_array"),
      );
      return listValue([...split(regex, new Subject(text(value)))]);
    }),
    define(
      "count",
      [VARCHAR, VARCHAR, INTEGER, VARCHAR],
      INTEGER,
      (value, pattern, start, flags) => {
        const regex = compile(
          text(pattern),
          withoutGlobal(text(flags), "regexp_count"),
        );
        const points = codePoints(text(value));
        const from = startAt(start);
        return from > points.length ? 0 : [...regex.all(points, from)].length;
      },
    ),
    define(
      "instr",
      [VARCHAR, VARCHAR, INTEGER, INTEGER, INTEGER, VARCHAR, INTEGER],
      INTEGER,
      (...[value, pattern, start, n, end, flags, group]) => {
        const regex = compile(
          text(pattern),
          withoutGlobal(text(flags), "regexp_instr"),
        );
        const match = nthMatch(
          regex,
          new Subject(text(value)),
          startAt(start),
          nth(n),
        );
        const found =
          match === undefined ? undefined : range(match, groupIndex(group));
        if (number(end) !== 0 && number(end) !== 1)
          throw new SqlError(
            "22023",
            `invalid value for parameter "endoption": ${number(end)}`,
          );
        return found === undefined
          ? 0
          : found[number(end)] === undefined
            ? 0
            : found[number(end) === 1 ? 1 : 0] + 1;
      },
    ),
    define(
      "substr",
      [VARCHAR, VARCHAR, INTEGER, INTEGER, VARCHAR, INTEGER],
      VARCHAR,
      (...[value, pattern, start, n, flags, group]) => {
        const regex = compile(
          text(pattern),
          withoutGlobal(text(flags), "regexp_substr"),
        );
        const subject = new Subject(text(value));
        const match = nthMatch(regex, subject, startAt(start), nth(n));
        const found =
          match === undefined ? undefined : range(match, groupIndex(group));
        return found === undefined ? null : subject.slice(found[0], found[1]);
      },
    ),
    define("substring", [VARCHAR, VARCHAR], VARCHAR, (value, pattern) => {
      const subject = new Subject(text(value));
      const match = compile(text(pattern), "").find(subject.points, 0);
      const found =
        match === undefined
          ? undefined
          : range(match, match.captures.length > 0 ? 1 : 0);
      return found === undefined ? null : subject.slice(found[0], found[1]);
    }),
    {
      name: "pg_similar",
      parameters: [VARCHAR, VARCHAR],
      returns: VARCHAR,
      call: (pattern, escape) => similarToRegex(text(pattern), text(escape)),
    },
  ];
}

/** `\1` to `\9` and `\&` in the replacement; any other backslash stands for itself or escapes the next. */
function expand(
  replacement: string,
  match: RegexMatch,
  subject: Subject,
): string {
  return replacement.replace(/\\([1-9&\\])/g, (_, what: string) => {
    if (what === "\\") return "\\";
    const found =
      what === "&"
        ? ([match.start, match.end] as const)
        : match.captures[Number(what) - 1];
    return found === undefined ? "" : subject.slice(found[0], found[1]);
  });
}

interface Replacement {
  readonly regex: CompiledRegex;
  readonly by: string;
  readonly from: number;
  /** 0 replaces all, else only the n-th match. */
  readonly n: number;
}

function replace(value: string, { regex, by, from, n }: Replacement): string {
  const subject = new Subject(value);
  if (from > subject.points.length) return value;
  let result = "";
  let done = 0;
  let seen = 0;
  for (const match of regex.all(subject.points, from)) {
    seen++;
    if (n !== 0 && seen < n) continue;
    result += subject.slice(done, match.start) + expand(by, match, subject);
    done = match.end;
    if (n !== 0) break;
  }
  return result + subject.slice(done, subject.points.length);
}

function replacements(compile: Compile): readonly KernelFunction[] {
  return [
    define(
      "replace",
      [VARCHAR, VARCHAR, VARCHAR, INTEGER, INTEGER, VARCHAR],
      VARCHAR,
      (...[value, pattern, by, start, n, flags]) => {
        const letters = text(flags);
        const count = number(n);
        if (count < -1)
          throw new SqlError(
            "22023",
            `invalid value for parameter "n": ${count}`,
          );
        return replace(text(value), {
          regex: compile(text(pattern), letters.replaceAll("g", "")),
          by: text(by),
          from: startAt(start),
          n: count === -1 ? (letters.includes("g") ? 0 : 1) : count,
        });
      },
    ),
  ];
}
