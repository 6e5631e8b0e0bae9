// The informational keys of a table, as its properties tell them (contract.md section 4; written by server/define/table-keys.ts).

import type { TableKey } from "../bound.ts";

/** Of the properties that hold one key each: JSON of its columns, under its name. */
export const KEY_PREFIX = "sluice.keys.";

/** The keys of a table by its properties; what is not of the form above is nobody's key. */
export function tableKeys(
  properties: Readonly<Record<string, string>>,
): readonly TableKey[] {
  return Object.entries(properties).flatMap(([property, text]) => {
    if (!property.startsWith(KEY_PREFIX)) return [];
    const key = keyOf(property.slice(KEY_PREFIX.length), text);
    return key === undefined ? [] : [key];
  });
}

function keyOf(name: string, text: string): TableKey | undefined {
  const key = parsed(text);
  const columns = namesIn(key, "columns");
  const kind = member(key, "kind");
  if (columns.length === 0) return undefined;
  if (kind === "primary-key" || kind === "unique")
    return { name, kind, columns };
  const references = member(key, "references");
  const table = namesIn(references, "table");
  if (kind !== "foreign-key" || table.length === 0) return undefined;
  const referred = namesIn(references, "columns");
  return { name, kind, columns, references: { table, columns: referred } };
}

/** The columns a key's text names. */
export function keyColumns(text: string): readonly string[] {
  return namesIn(parsed(text), "columns");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}

function namesIn(value: unknown, name: string): readonly string[] {
  const list = member(value, name);
  return Array.isArray(list)
    ? list.filter((item) => typeof item === "string")
    : [];
}
