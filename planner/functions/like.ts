// LIKE and ILIKE, and their ESCAPE clause.

import { BOOL, TEXT, type DataType } from "../../storage/common/data-type.ts";
import { emitSql } from "./date-time.ts";
import { operator, partial, scalar, type SqlTemplate } from "./define.ts";
import { once, quoteText } from "./emit.ts";
import type { FunctionRow } from "./function.ts";
import { constantText } from "./literal.ts";

const BPCHAR: DataType = { kind: "bpchar" };

/** A constant pattern without escapes needs no ESCAPE clause, and then the kernel finds prefixes and substrings by itself. */
function like(symbol: string, negated: boolean): SqlTemplate {
  const word = `${negated ? "NOT " : ""}${symbol}`;
  return (a = "", p = "") => {
    const pattern = constantText(p);
    if (pattern !== undefined && !pattern.includes("\\"))
      return `(${a} ${word} ${p})`;
    if (pattern !== undefined && !/(?:^|[^\\])(?:\\\\)*\\$/.test(pattern))
      return `(${a} ${word} ${p} ESCAPE '\\')`;
    const insensitive = symbol === "ILIKE" ? "true" : "false";
    const slow = `pg_like(${a}, ${p}, ${insensitive})`;
    return `(${once(p, (v) => `CASE WHEN ends_with(${v}, '\\') THEN ${negated ? `NOT ${slow}` : slow} ELSE ${a} ${word} ${v} ESCAPE '\\' END`)})`;
  };
}

const OPERATORS: readonly FunctionRow[] = [
  ["~~", "LIKE", false],
  ["!~~", "LIKE", true],
  ["~~*", "ILIKE", false],
  ["!~~*", "ILIKE", true],
].flatMap(([name, word, negated]) => {
  const template = like(String(word), negated === true);
  return [
    operator(String(name), [TEXT, TEXT], BOOL, partial(template)),
    operator(String(name), [BPCHAR, TEXT], BOOL, partial(template)),
  ];
});

const ESCAPES: readonly FunctionRow[] = [
  scalar("like_escape", [TEXT, TEXT], TEXT, {
    total: false,
    duckdb: emitSql((call) => {
      const [pattern, escape] = call.args.map((arg) => constantText(arg.sql));
      return pattern !== undefined &&
        escape !== undefined &&
        Array.from(escape).length <= 1
        ? quoteText(withEscape(pattern, escape))
        : `pg_like_escape(${call.args.map((arg) => arg.sql).join(", ")})`;
    }),
  }),
];

/** The same LIKE pattern with backslash as its escape character; an empty `escape` means none. */
export function withEscape(pattern: string, escape: string): string {
  if (escape === "\\") return pattern;
  let result = "";
  const characters = Array.from(pattern);
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i] ?? "";
    if (character === escape && i + 1 < characters.length) {
      i++;
      result += `\\${characters[i] ?? ""}`;
    } else if (character === escape) result += "\\";
    else result += character === "\\" ? "\\\\" : character;
  }
  return result;
}

export const LIKES: readonly FunctionRow[] = [...OPERATORS, ...ESCAPES];
