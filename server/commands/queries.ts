// SHOW QUERIES and CANCEL QUERY: statements that run now, one's own; administrators see and end any (access-control section 6).

import { INT4, TIMESTAMPTZ } from "../../storage/common/data-type.ts";
import { SqlError } from "../../storage/common/errors.ts";
import { instantText } from "../instant-text.ts";
import type { Session } from "../session/session.ts";
import {
  action,
  columnsOf,
  done,
  listing,
  type Command,
  type CommandContext,
  type StatementOf,
} from "./command.ts";

const QUERIES = columnsOf(
  "query_id",
  ["pid", INT4],
  "user_name",
  "catalog",
  "application_name",
  ["started_at", TIMESTAMPTZ],
  "statement",
  "progress",
);

/** The longest running first. */
export function showQueriesCommand(): Command {
  return listing(QUERIES, "SHOW", (context) =>
    running(context)
      .toSorted((a, b) => a.activity.startedAtMs - b.activity.startedAtMs)
      .map((session) => [
        session.activity.id,
        String(session.pid),
        session.userName,
        session.currentCatalog,
        session.settings.get("application_name"),
        instantText(session.activity.startedAtMs),
        session.activity.sql,
        session.activity.progress ?? null,
      ]),
  );
}

/** Ends it with 57014. Another's statement is told apart from none only for administrators. */
export function cancelQueryCommand({
  id,
}: StatementOf<"cancel-query">): Command {
  return action((context) => {
    const target = running(context).find(({ activity }) => activity.id === id);
    if (target?.cancel() !== true)
      throw new SqlError("42704", `query "${id}" does not exist`);
    return done("CANCEL QUERY");
  });
}

function running({ services, session }: CommandContext): readonly Session[] {
  const { id } = session.identity.principal;
  const all = services.governance.access.isAdmin(id);
  return services.sessions
    .sessions()
    .filter(
      (one) => one.isRunning && (all || one.identity.principal.id === id),
    );
}
