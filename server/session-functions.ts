// Values of session functions and keywords: folded into the plan once per statement, so that every node sees the same.
// These names always mean these functions: nothing a user makes can shadow them (access-control section 13).

import { formatArray } from "../planner/functions/value/array-text.ts";
import {
  BOOL,
  INT4,
  INT8,
  NAME,
  OID,
  TEXT,
  TIMESTAMPTZ,
  arrayOf,
  type DataType,
} from "../storage/common/data-type.ts";
import { SqlError } from "../storage/common/errors.ts";
import type { Scalar } from "../storage/common/scalar.ts";
import { instantText } from "./instant-text.ts";
import type { Services } from "./services.ts";
import type { Session } from "./session/session.ts";
import { ownSchemaOid } from "./catalog-mirror/own-schema.ts";
import { VERSION } from "./version.ts";
import { currentCatalog, visibleTo } from "./visible.ts";

type SessionValue = (
  session: Session,
  services: Services,
  args: readonly Scalar[],
) => Scalar;

const PROCESS_STARTED_MS = Date.now();

/** Undefined when the session has no function of this name. Throws what the function throws (42704, 22023). */
export function sessionFunction(
  services: Services,
  session: Session,
): (name: string, args: readonly Scalar[]) => Scalar | undefined {
  return (name, args) => VALUES[name]?.(session, services, args);
}

const user: SessionValue = (session) => value(NAME, session.userName);
const database: SessionValue = (session) => value(NAME, session.currentCatalog);
const now: SessionValue = (session) =>
  value(TIMESTAMPTZ, instantText(session.transaction.startedAtMs));
const member: SessionValue = (session, services, [group]) =>
  value(
    BOOL,
    group?.text !== null &&
      group !== undefined &&
      services.governance.access.isMember(
        session.identity.principal.id,
        group.text,
      )
      ? "t"
      : "f",
  );

const VALUES: Readonly<Record<string, SessionValue>> = {
  // No session can hold an advisory lock: there is nothing to let go of.
  pg_advisory_unlock_all: () => value({ kind: "void" }, ""),
  current_user: user,
  session_user: user,
  user,
  current_role: user,
  current_catalog: database,
  current_database: database,
  current_schema: (session, services) =>
    value(NAME, existingPath(session, services)[0] ?? null),
  current_schemas: (session, services, [implicit]) => {
    const named = existingPath(session, services);
    const { key = "", name = "" } = session.temporary?.contents ?? {};
    const first = [...(key === "" ? [] : [name]), "pg_catalog"];
    const path =
      implicit?.text === "t"
        ? [...first.filter((entry) => !named.includes(entry)), ...named]
        : named;
    return value(arrayOf(NAME), formatArray(path));
  },
  now,
  transaction_timestamp: now,
  current_timestamp: now,
  statement_timestamp: (session) =>
    value(TIMESTAMPTZ, instantText(session.transaction.statementStartedAtMs)),
  clock_timestamp: (session) =>
    value(TIMESTAMPTZ, instantText(session.clock.now())),
  version: () =>
    value(
      TEXT,
      `PostgreSQL 15.20 (Sluice ${VERSION}) on ${process.platform}, Delta lake SQL gateway, 64-bit`,
    ),
  pg_backend_pid: (session) => value(INT4, String(session.pid)),
  pg_postmaster_start_time: () =>
    value(TIMESTAMPTZ, instantText(PROCESS_STARTED_MS)),
  pg_is_in_recovery: () => value(BOOL, "f"),
  pg_my_temp_schema: (session) => value(OID, String(ownSchemaOid(session))),
  txid_current: (session) =>
    value(INT8, String(session.transaction.startedAtMs)),
  inet_client_addr: (session) => value(TEXT, session.identity.clientAddress),
  pg_cancel_backend: (session, services, [pid]) =>
    cancelBackend(session, services, pid, "cancel"),
  pg_terminate_backend: (session, services, [pid]) =>
    cancelBackend(session, services, pid, "terminate"),
  current_setting: (session, _services, [name, missingOk]) => {
    if (name?.text === null || name === undefined) return value(TEXT, null);
    try {
      return value(TEXT, session.settings.show(name.text));
    } catch (error) {
      if (
        missingOk?.text === "t" &&
        error instanceof SqlError &&
        error.code === "42704"
      )
        return value(TEXT, null);
      throw error;
    }
  },
  set_config: (session, _services, [name, text, local]) =>
    value(
      TEXT,
      session.settings.set(
        name?.text ?? "",
        text?.text ?? "",
        local?.text === "t" ? "local" : "session",
      ),
    ),
  is_member: member,
  is_account_group_member: member,
  is_group_member: member,
};

/** The schemas of the search path that are there for this session: `$user` seldom is. */
function existingPath(session: Session, services: Services): readonly string[] {
  const visible = visibleTo(session, services);
  const catalog = currentCatalog(session, visible);
  if (catalog === undefined) return [];
  return session.searchPath.filter(
    (name) =>
      SYSTEM_SCHEMAS.has(name) ||
      visible.schema(catalog.id, { name, quoted: true, position: 0 }) !==
        undefined,
  );
}

const SYSTEM_SCHEMAS: ReadonlySet<string> = new Set([
  "pg_catalog",
  "information_schema",
]);

function cancelBackend(
  session: Session,
  services: Services,
  pid: Scalar | undefined,
  how: "cancel" | "terminate",
): Scalar {
  const number = Number(pid?.text ?? Number.NaN);
  return value(BOOL, endBackend(session, services, number, how) ? "t" : "f");
}

/**
 * One's own sessions; administrators any. False, with PostgreSQL's warning, for others: a pid of another is told apart from an absent one
 * only for administrators.
 */
export function endBackend(
  session: Session,
  { sessions, governance }: Services,
  number: number,
  how: "cancel" | "terminate",
): boolean {
  const target = sessions.find(number);
  const own = target?.identity.principal.id === session.identity.principal.id;
  if (
    target === undefined ||
    !(own || governance.access.isAdmin(session.identity.principal.id))
  ) {
    session.notice(
      "WARNING",
      `PID ${number} is not a PostgreSQL backend process`,
    );
    return false;
  }
  return how === "cancel"
    ? sessions.cancel(number)
    : sessions.terminate(
        number,
        new SqlError(
          "57P01",
          "terminating connection due to administrator command",
        ),
      );
}

function value(type: DataType, text: string | null): Scalar {
  return { type, text };
}
