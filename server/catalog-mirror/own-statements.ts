// The asking session's prepared statements, portals and cursors as pg_prepared_statements and pg_cursors show them. A session that asks
// over HTTP has none, since it ends with its statement.

import { redact } from "../../auth/redact.ts";
import { instantText } from "../instant-text.ts";
import { typeOid } from "../pgwire/oids.ts";
import type { NamedStatement } from "../session/portals.ts";
import type { Session } from "../session/session.ts";
import { literal } from "./names.ts";

/** Settings that the mirror's views read. */
export function ownStatementSettings({ statements, portals }: Session): string {
  const { portals: bound, cursors } = portals.all();
  const prepared = statements.named().map(preparedRow);
  const open = [
    ...cursors.map((cursor) => ({
      name: cursor.name,
      statement: redact(cursor.text),
      is_holdable: cursor.hold,
      is_binary: cursor.binary,
      is_scrollable: cursor.scroll,
      creation_time: instantText(cursor.createdAtMs),
    })),
    ...bound.map((portal) => ({
      name: portal.name,
      statement: redact(portal.prepared.parsed.text),
      is_holdable: false,
      is_binary: false,
      is_scrollable: false,
      creation_time: instantText(portal.createdAtMs),
    })),
  ];
  return [
    `SET sluice.prepared_statements = ${literal(JSON.stringify(prepared))}`,
    `SET sluice.cursors = ${literal(JSON.stringify(open))}`,
  ].join("; ");
}

function preparedRow({ name, prepared, preparation }: NamedStatement): object {
  return {
    name,
    statement: redact(preparation.text),
    prepare_time: instantText(preparation.atMs),
    parameter_types: prepared.parameterTypes.map(typeOid),
    from_sql: preparation.by === "sql",
  };
}
