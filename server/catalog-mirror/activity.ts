// Sessions as pg_stat_activity shows them: one's own (access-control section 16), as of the statement that asks; and the pids it may end.

import type { Governance } from "../../auth/governance.ts";
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
  const sessions = registry.sessions();
  const mayEnd = access.isAdmin(id)
    ? sessions
    : sessions.filter(({ identity }) => identity.principal.id === id);
  const pids = mayEnd.map(({ pid }) => pid).join();
  return [
    `SET sluice.activity = ${literal(activityOf(sessions, asking))}`,
    `SET sluice.backends = ${literal(pids)}`,
  ].join("; ");
}

/** As JSON. */
function activityOf(sessions: readonly Session[], asking: Session): string {
  const { id } = asking.identity.principal;
  return JSON.stringify(
    sessions
      .filter(({ identity }) => identity.principal.id === id)
      .map((session) => {
        const { activity, transaction } = session;
        const inTransaction =
          activity.state === "active" || transaction.inBlock;
        return {
          pid: session.pid,
          datname: session.currentCatalog,
          usename: session.userName,
          application_name: session.settings.get("application_name"),
          client_addr: session.identity.clientAddress,
          backend_start: instantText(session.startedAtMs),
          xact_start: inTransaction
            ? instantText(transaction.startedAtMs)
            : null,
          query_start: instantText(activity.startedAtMs),
          state_change: instantText(activity.changedAtMs),
          state: stateOf(session),
          query: activity.sql,
        };
      }),
  );
}

function stateOf({ activity, transaction }: Session): string {
  if (activity.state === "active") return "active";
  if (!transaction.inBlock) return "idle";
  return transaction.failed
    ? "idle in transaction (aborted)"
    : "idle in transaction";
}
