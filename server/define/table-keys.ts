// PRIMARY KEY, UNIQUE and FOREIGN KEY as a table keeps them: one property a key, JSON of its columns (contract.md section 4).

import type { TableKey } from "../../planner/bind/bound.ts";
import type { DefinitionChange } from "../../storage/delta/definition/definition-change.ts";
import type { Session } from "../session/session.ts";

const PREFIX = "sluice.keys.";

export function keyProperty(name: string): string {
  return `${PREFIX}${name}`;
}

export function keyText({ kind, columns, references }: TableKey): string {
  return JSON.stringify({
    kind,
    columns,
    ...(references === undefined ? {} : { references }),
  });
}

export function keyProperties(
  keys: readonly TableKey[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    keys.map((key) => [keyProperty(key.name), keyText(key)]),
  );
}

/** The keys of a table by its properties; what is not of the form above is nobody's key. */
export function tableKeys(
  properties: Readonly<Record<string, string>>,
): readonly TableKey[] {
  return Object.entries(properties).flatMap(([property, text]) => {
    if (!property.startsWith(PREFIX)) return [];
    const key = keyOf(property.slice(PREFIX.length), text);
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

/** Says that keys inform and do not bind. */
export function noticeKeys(
  session: Session,
  table: string,
  keys: readonly TableKey[],
): void {
  for (const { name } of keys)
    session.notice(
      "NOTICE",
      `constraint "${name}" of table "${table}" is informational and not enforced`,
    );
}

/** What becomes of the table's keys when columns are renamed and dropped: a key goes with any of its columns. */
export function keysAfter(
  properties: Readonly<Record<string, string>>,
  changes: readonly DefinitionChange[],
): readonly DefinitionChange[] {
  const renamed = new Map<string, string>();
  const dropped = new Set<string>();
  for (const change of changes) {
    if (change.kind === "rename-column") renamed.set(change.from, change.to);
    if (change.kind === "drop-column") dropped.add(change.name);
  }
  return Object.entries(properties).flatMap(
    ([property, text]): readonly DefinitionChange[] => {
      const columns = property.startsWith(PREFIX)
        ? namesIn(parsed(text), "columns")
        : [];
      if (columns.some((column) => dropped.has(column)))
        return [{ kind: "drop-key", property }];
      if (!columns.some((column) => renamed.has(column))) return [];
      const key: unknown = JSON.parse(text);
      const names = columns.map((column) => renamed.get(column) ?? column);
      const after = JSON.stringify({ ...Object(key), columns: names });
      return [{ kind: "set-key", property, text: after }];
    },
  );
}
