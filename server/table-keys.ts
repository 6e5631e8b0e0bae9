// PRIMARY KEY, UNIQUE and FOREIGN KEY as a table keeps them: one property a key, JSON of its columns (contract.md section 4).

import type { TableKey } from "../planner/bind/bound.ts";
import type { Session } from "./session/session.ts";

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
