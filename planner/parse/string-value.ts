// What a string token says. Only our own grammar asks: string constants of queries are decoded by PostgreSQL's.

import type { Token } from "./token.ts";

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
]);
const ESCAPE =
  /\\(?:[0-7]{1,3}|x[0-9A-Fa-f]{1,2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|[\s\S])/g;
// Between the parts of a constant that goes on behind a line break.
const CONTINUATION =
  /'(?:[ \t\f\v]|--[^\n\r]*)*[\n\r](?:[ \t\n\r\f\v]|--[^\n\r]*[\n\r])*'/g;
const QUOTE_PAIR = /''/g;

/** The text of `'…'`, `E'…'`, `N'…'` and dollar quotes; undefined for any other token, bit strings and `U&'…'` included. */
export function stringValue(sql: string, token: Token): string | undefined {
  if (token.kind !== "string") return undefined;
  const source = sql.slice(token.start, token.end);
  if (source.startsWith("$")) {
    const tag = source.indexOf("$", 1) + 1;
    return source.slice(tag, -tag);
  }
  const prefix = source.charAt(0).toLowerCase();
  if (prefix === "'") return unquote(source.slice(1, -1));
  if (prefix === "n") return unquote(source.slice(2, -1));
  return prefix === "e" ? unescape(source.slice(2, -1)) : undefined;
}

/** Doubled quotes first become a character no text holds, so that a continuation is told from a quote in the text. */
function unquote(inside: string): string {
  if (!inside.includes("'")) return inside;
  return inside
    .replace(QUOTE_PAIR, "\0")
    .replace(CONTINUATION, "")
    .replaceAll("\0", "'");
}

function unescape(inside: string): string {
  return unquote(inside).replace(ESCAPE, (escape) => {
    const code = escape.charAt(1);
    if (code >= "0" && code <= "7") return codePoint(escape.slice(1), 8);
    const isHex = /^(?:x|u|U)/.test(code) && escape.length > 2;
    if (isHex) return codePoint(escape.slice(2), 16);
    return ESCAPES.get(code) ?? escape.slice(1);
  });
}

function codePoint(digits: string, base: number): string {
  const point = Number.parseInt(digits, base);
  return point > 0x10ffff ? "\ufffd" : String.fromCodePoint(point);
}
