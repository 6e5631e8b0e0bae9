// GRANT, DENY, REVOKE, SHOW GRANTS, MSCK REPAIR PRIVILEGES, OWNER TO: the syntax tree -> auth's requests.

import {
  changeGrants,
  repairPrivileges,
  transferOwnership,
  type NamedSecurable,
} from "../../auth/grants.ts";
import { showGrants } from "../../auth/show-grants.ts";
import type { SecurableName } from "../../planner/parse/ast.ts";
import type { Resolved } from "../../planner/bind/resolve/resolved.ts";
import { invariant } from "../../storage/common/invariant.ts";
import {
  action,
  columnsOf,
  done,
  listing,
  notify,
  type Command,
  type StatementOf,
} from "./command.ts";
import { referencesOf } from "./view-references.ts";

export function grantCommand(
  statement: StatementOf<"grant" | "deny" | "revoke">,
): Command {
  return action(({ services, session, resolved }) => {
    const { kind, privileges, principals } = statement;
    const on = namedSecurable(resolved, statement.securable);
    const { notices } = changeGrants(services.governance, session.identity, {
      kind,
      privileges,
      on,
      principals,
    });
    notify(session, notices);
    return done(kind.toUpperCase());
  });
}

export function repairPrivilegesCommand(
  statement: StatementOf<"repair-privileges">,
): Command {
  return action(({ services, session, resolved }) => {
    const on = namedSecurable(resolved, statement.securable);
    notify(
      session,
      repairPrivileges(services.governance, session.identity, on).notices,
    );
    return done("MSCK REPAIR");
  });
}

export function ownerCommand(statement: StatementOf<"alter-owner">): Command {
  return action(({ services, session, resolved }) => {
    const on = namedSecurable(resolved, statement.securable);
    const references = referencesOf(services, on.securable);
    const request = { on, owner: statement.owner, references };
    notify(
      session,
      transferOwnership(services.governance, session.identity, request).notices,
    );
    return done(`ALTER ${statement.securable.kind.toUpperCase()}`);
  });
}

export function showGrantsCommand(
  statement: StatementOf<"show-grants">,
): Command {
  const columns = columnsOf(
    "principal",
    "actionType",
    "objectType",
    "objectKey",
  );
  return listing(columns, "SHOW", ({ services, session, resolved }) =>
    showGrants(
      services.governance,
      session.identity,
      namedSecurable(resolved, statement.securable),
      statement.principal,
    ).map((row) => [
      row.principal,
      row.actionType,
      row.objectType,
      row.objectKey,
    ]),
  );
}

/** The securable as it was resolved: the requirement about it carries id and typed name. */
function namedSecurable(
  resolved: Resolved,
  name: SecurableName,
): NamedSecurable {
  if (name.kind === "any-file")
    return { securable: { kind: "any-file" }, name: "any file" };
  if (name.kind === "anonymous-function")
    return {
      securable: { kind: "anonymous-function" },
      name: "anonymous function",
    };
  const found = resolved.requirements.find(
    (requirement) =>
      requirement.kind === "owner" || requirement.kind === "visible",
  );
  invariant(
    found !== undefined && "securable" in found,
    "a named securable is required to be owned or visible",
  );
  return found;
}
