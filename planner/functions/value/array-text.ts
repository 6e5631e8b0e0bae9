// Arrays as PostgreSQL's text, `{1,NULL,"a b"}`, in both directions. One dimension; nested braces are refused.

import { SqlError, notSupported } from "../../../storage/common/errors.ts";

function malformed(text: string, detail?: string): SqlError {
  return new SqlError(
    "22P02",
    `malformed array literal: "${text}"`,
    detail === undefined ? {} : { detail },
  );
}

/** Element texts; null for an unquoted NULL. */
export function readArray(text: string): readonly (string | null)[] {
  const body = text.replace(/^\s*(?:\[[-\d:[\]]+\]\s*=)?\s*/, "").trimEnd();
  if (!body.startsWith("{")) {
    throw malformed(
      text,
      'Array value must start with "{" or dimension information.',
    );
  }
  const items: (string | null)[] = [];
  let at = skipSpace(body, 1);
  if (body[at] === "}") return end(body, at, text, items);
  for (;;) {
    const item = readItem(body, at, text);
    items.push(item.value);
    at = skipSpace(body, item.next);
    if (body[at] === "}") return end(body, at, text, items);
    if (body[at] !== ",")
      throw malformed(
        text,
        at >= body.length
          ? "Unexpected end of input."
          : `Unexpected array element.`,
      );
    at = skipSpace(body, at + 1);
  }
}

function end(
  body: string,
  at: number,
  text: string,
  items: readonly (string | null)[],
): readonly (string | null)[] {
  if (at !== body.length - 1)
    throw malformed(text, "Junk after closing right brace.");
  return items;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (/\s/.test(text[at] ?? "")) at++;
  return at;
}

function readItem(
  body: string,
  from: number,
  text: string,
): { readonly value: string | null; readonly next: number } {
  if (body[from] === "{")
    throw notSupported("arrays of more than one dimension are");
  if (body[from] === '"') return readQuoted(body, from + 1, text);
  const match = /^(?:[^\\,{}"]|\\[^])*/.exec(body.slice(from));
  const raw = (match?.[0] ?? "").trimEnd();
  if (raw === "") {
    throw malformed(
      text,
      from >= body.length
        ? "Unexpected end of input."
        : `Unexpected "${body[from] ?? ""}" character.`,
    );
  }
  const value =
    raw.toUpperCase() === "NULL" ? null : raw.replace(/\\([^])/g, "$1");
  return { value, next: from + (match?.[0].length ?? 0) };
}

function readQuoted(
  body: string,
  from: number,
  text: string,
): { readonly value: string; readonly next: number } {
  const match = /^((?:[^\\"]|\\[^])*)"/.exec(body.slice(from));
  if (match === null) throw malformed(text, "Unexpected end of input.");
  return {
    value: (match[1] ?? "").replace(/\\([^])/g, "$1"),
    next: from + match[0].length,
  };
}

export function formatArray(items: readonly (string | null)[]): string {
  return `{${items.map(quoteItem).join(",")}}`;
}

function quoteItem(item: string | null): string {
  if (item === null) return "NULL";
  if (item !== "" && !/[{},"\\\s]/.test(item) && item.toUpperCase() !== "NULL")
    return item;
  return `"${item.replace(/[\\"]/g, "\\$&")}"`;
}
