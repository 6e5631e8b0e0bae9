// Groups, users and access tokens by SQL (access-control section 12, contract section 5).

import {
  alterGroup,
  createGroup,
  createPrincipal,
  dropGroup,
  dropUser,
  listGroups,
  listUsers,
  type MemberChange,
} from "../../auth/principals.ts";
import {
  createToken,
  listTokens,
  revokeToken,
} from "../../auth/token-requests.ts";
import { instantText } from "../instant-text.ts";
import { TIMESTAMPTZ } from "../../storage/common/data-type.ts";
import {
  action,
  columnsOf,
  done,
  listing,
  matchesShowPattern,
  notify,
  type Command,
  type StatementOf,
} from "./command.ts";

const DAY_MS = 86_400_000;

export function groupCommand({
  name,
  action: change,
}: StatementOf<"group">): Command {
  return action(({ services, session }) => {
    const { governance } = services;
    switch (change.kind) {
      case "create": {
        const members: readonly MemberChange[] = [
          { verb: "add", type: "user", members: change.users },
          { verb: "add", type: "group", members: change.groups },
        ];
        notify(
          session,
          createGroup(governance, session.identity, name, members).notices,
        );
        return done("CREATE GROUP");
      }
      case "alter":
        notify(
          session,
          alterGroup(governance, session.identity, name, change.changes)
            .notices,
        );
        return done("ALTER GROUP");
      case "drop":
        notify(
          session,
          dropGroup(governance, session.identity, name, change.ifExists)
            .notices,
        );
        return done("DROP GROUP");
    }
  });
}

export function userCommand(statement: StatementOf<"user">): Command {
  return action(({ services, session }) => {
    const { governance } = services;
    if (statement.action === "create") {
      createPrincipal(governance, session.identity, {
        ...statement.name,
        kind: "user",
      });
      return done("CREATE USER");
    }
    notify(
      session,
      dropUser(governance, session.identity, statement.name, statement.ifExists)
        .notices,
    );
    return done("DROP USER");
  });
}

const ISSUED = columnsOf("token_id", "token_value", [
  "expiry_time",
  TIMESTAMPTZ,
]);

export function tokenCommand({
  action: change,
}: StatementOf<"token">): Command {
  if (change.kind === "revoke") {
    return action(({ services, session }) => {
      revokeToken(services.governance, session.identity, change.id);
      return done("REVOKE TOKEN");
    });
  }
  return listing(ISSUED, "CREATE TOKEN", ({ services, session }) => {
    const issued = createToken(services.governance, session.identity, {
      user: change.user,
      comment: change.comment,
      lifetimeMs:
        change.lifetimeDays === undefined
          ? undefined
          : change.lifetimeDays * DAY_MS,
      addresses: change.addresses,
    });
    return [
      [issued.token.id, issued.value, timestampText(issued.token.expiresAtMs)],
    ];
  });
}

const TOKENS = columnsOf(
  "token_id",
  "comment",
  ["creation_time", TIMESTAMPTZ],
  ["expiry_time", TIMESTAMPTZ],
  ["last_used", TIMESTAMPTZ],
);

export function showTokensCommand(): Command {
  return listing(TOKENS, "SHOW", ({ services, session }) =>
    listTokens(services.governance, session.identity, "own").map((token) => [
      token.id,
      token.comment,
      timestampText(token.createdAtMs),
      timestampText(token.expiresAtMs),
      timestampText(token.lastUsedAtMs),
    ]),
  );
}

export function showUsersCommand(like: string | undefined): Command {
  return listing(columnsOf("name"), "SHOW", ({ services, session }) =>
    listUsers(services.governance, session.identity)
      .filter(({ name }) => matchesShowPattern(name, like))
      .map(({ name }) => [name]),
  );
}

export function showGroupsCommand(
  member: { readonly name: string; readonly position: number } | undefined,
  like: string | undefined,
): Command {
  return listing(columnsOf("name"), "SHOW", ({ services, session }) =>
    listGroups(services.governance, session.identity, member)
      .filter(({ name }) => matchesShowPattern(name, like))
      .map(({ name }) => [name]),
  );
}

/** NULL for what never happened or never ends. */
export function timestampText(ms: number | undefined): string | null {
  return ms === undefined ? null : instantText(ms);
}
