// Sessions as pg_stat_activity shows them, as of the statement that asks: one's own (access-control section 16), to administrators all;
// and the pids it may end, which are the same.

import type { Governance } from "../../auth/governance.ts";
import { redact } from "../../auth/redact.ts";
import { instantText } from "../instant-text.ts";
import type { SessionRegistry } from "../session/registry.ts";
import type { Session } from "../session/session.ts";
import { literal } from "./names.ts";

/** Settings that the mirror's view and functions read: administrators may end any session. */
export function activitySettings(
  { access }: Governance,
  registry: SessionRegistry,
  asking: Session,
): string {
  const { id } = asking.identity.principal;
  const all = registry.sessions();
  const sessions = access.isAdmin(id)
    ? all
    : all.filter(({ identity }) => identity.principal.id === id);
  const pids = sessions.map(({ pid }) => pid).join();
  return [
    `SET sluice.activity = ${literal(JSON.stringify(sessions.map(activityOf)))}`,
    `SET sluice.backends = ${literal(pids)}`,
  ].join("; ");
}

function activityOf(session: Session): object {
  const { activity, transaction } = session;
  const inTransaction = activity.state === "active" || transaction.inBlock;
  return {
    pid: session.pid,
    datname: session.currentCatalog,
    usename: session.userName,
    application_name: session.settings.get("application_name"),
    client_addr: session.identity.clientAddress,
    backend_start: instantText(session.startedAtMs),
    xact_start: inTransaction ? instantText(transaction.startedAtMs) : null,
    query_start: instantText(activity.startedAtMs),
    state_change: instantText(activity.changedAtMs),
    state: stateOf(session),
    query: redact(activity.sql),
  };
}

function stateOf({ activity, transaction }: Session): string {
  if (activity.state === "active") return "active";
  if (!transaction.inBlock) return "idle";
  return transaction.failed
    ? "idle in transaction (aborted)"
    : "idle in transaction";
}
