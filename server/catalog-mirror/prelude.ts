// The session's own values as the mirror's functions give them, set before each statement that follows a change.

import type { Session } from "../session/session.ts";
import { VERSION } from "../version.ts";
import { literal, quoted } from "./names.ts";
import { ownSchemaOid } from "./own-schema.ts";

/** What current_setting and pg_settings show of the session; others are PostgreSQL's defaults. */
const SETTINGS = [
  "application_name",
  "bytea_output",
  "client_encoding",
  "client_min_messages",
  "datestyle",
  "default_transaction_isolation",
  "default_transaction_read_only",
  "extra_float_digits",
  "intervalstyle",
  "is_superuser",
  "max_identifier_length",
  "server_version",
  "server_version_num",
  "session_authorization",
  "standard_conforming_strings",
  "statement_timeout",
  "timezone",
  "transaction_isolation",
  "transaction_read_only",
];

export function sessionPrelude(session: Session): string {
  const path = shownPath(session).map(quoted).join(", ");
  return [
    `SET search_path = ${path === "" ? "''" : path}`,
    setting("pid", String(session.pid)),
    setting("version", versionText()),
    ...SETTINGS.map((name) => setting(name, session.settings.show(name))),
    setting("search_path", session.settings.show("search_path")),
    setting("temp_schema", session.temporary?.contents.name ?? "pg_temp"),
    setting("temp_schema_oid", String(ownSchemaOid(session))),
  ].join("; ");
}

/**
 * PostgreSQL puts temporary objects first; here they stand last, so that current_schema() is what it should be. An object that hides another of
 * its name is not visible then, and the other is.
 */
function shownPath({ searchPath, temporary }: Session): readonly string[] {
  if (temporary === undefined || temporary.contents.key === "")
    return searchPath;
  const { name } = temporary.contents;
  const named = searchPath.map((entry) => (entry === "pg_temp" ? name : entry));
  return named.includes(name) ? named : [...named, name];
}

function setting(name: string, value: string): string {
  return `SET sluice.${name} = ${literal(value)}`;
}

function versionText(): string {
  return `PostgreSQL 15.20 (Sluice ${VERSION}) on ${process.platform}, Delta lake SQL gateway, 64-bit`;
}
