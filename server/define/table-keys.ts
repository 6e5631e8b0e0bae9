// PRIMARY KEY, UNIQUE and FOREIGN KEY as a table keeps them: one property a key, JSON of its columns (contract.md section 4).

import type { TableKey } from "../../planner/bind/bound.ts";
import {
  KEY_PREFIX,
  keyColumns,
} from "../../planner/bind/define/table-keys.ts";
import type { DefinitionChange } from "../../storage/delta/definition/definition-change.ts";
import type { Session } from "../session/session.ts";

export function keyProperty(name: string): string {
  return `${KEY_PREFIX}${name}`;
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
      const columns = property.startsWith(KEY_PREFIX) ? keyColumns(text) : [];
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
