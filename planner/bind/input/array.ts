// One-dimensional array literals, `{1,NULL,"a b"}`.

import type { ArrayType } from "../../../storage/common/data-type.ts";

/** Items of an array literal, null for NULL; undefined when it is malformed or has more than one dimension. */
export function parseArray(
  text: string,
): readonly (string | null)[] | undefined {
  const body = /^\s*\{(.*)\}\s*$/su.exec(text)?.[1];
  if (body === undefined) return undefined;
  if (body.trim() === "") return [];
  const items: (string | null)[] = [];
  const pattern =
    /\s*(?:"((?:[^"\\]|\\.)*)"|((?:[^",{}\\\s]|\\.|\s(?!\s*(?:,|$)))+))\s*(,|$)/suy;
  for (;;) {
    const match = pattern.exec(body);
    if (!match) return undefined;
    const [, quoted, plain, end] = match;
    if (quoted !== undefined) items.push(unescape(quoted));
    else if (plain?.toUpperCase() === "NULL") items.push(null);
    else items.push(unescape(plain ?? ""));
    if (end === "") return items;
  }
}

function unescape(text: string): string {
  return text.replace(/\\(.)/gsu, "$1");
}

/** PostgreSQL's array output. */
export function formatArray(items: readonly (string | null)[]): string {
  return `{${items.map((item) => (item === null ? "NULL" : formatItem(item))).join(",")}}`;
}

function formatItem(item: string): string {
  const plain =
    item !== "" && !/[{}",\\\s]/u.test(item) && item.toUpperCase() !== "NULL";
  return plain ? item : `"${item.replace(/["\\]/gu, "\\$&")}"`;
}

/** Canonical text; undefined when an element's type is not read here or the literal is left to the engine's cast. */
export function readArray(
  type: ArrayType,
  text: string,
  readElement: (text: string) => string | undefined,
): string | undefined {
  if (type.element.kind === "array") return undefined;
  const items = parseArray(text);
  if (!items) return undefined;
  const read = items.map((item) => (item === null ? null : readElement(item)));
  const complete = read.filter((item) => item !== undefined);
  return complete.length === read.length ? formatArray(complete) : undefined;
}
