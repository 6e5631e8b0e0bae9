// Groups, users and tokens (access control specification, sections 12 and 19; contract, section 5).

import type { GroupStatement, Identifier, Statement } from "../ast.ts";
import {
  atEnd,
  atWords,
  expectEnd,
  expectWords,
  position,
  readIdentifier,
  readInteger,
  readList,
  readString,
  takeIfExists,
  takeOneOf,
  takeWords,
  unexpectedToken,
  type Cursor,
} from "../cursor.ts";
import { unsupported } from "../errors.ts";

/** `g [WITH [USER list] [GROUP list]]` behind CREATE GROUP. */
export function readCreateGroup(c: Cursor, start: number): GroupStatement {
  const name = readIdentifier(c);
  let users: readonly Identifier[] = [];
  let groups: readonly Identifier[] = [];
  if (takeWords(c, "with")) {
    if (!atWords(c, "user") && !atWords(c, "group")) throw unexpectedToken(c);
    if (takeWords(c, "user")) users = readList(c, readIdentifier);
    if (takeWords(c, "group")) groups = readList(c, readIdentifier);
  }
  expectEnd(c);
  const action = { kind: "create", users, groups } as const;
  return { kind: "group", name, action, position: start };
}

type Change = Extract<
  GroupStatement["action"],
  { readonly kind: "alter" }
>["changes"][number];

/** `g (ADD|DROP) (USER|GROUP) list {[ADD|DROP] (USER|GROUP) list}` behind ALTER GROUP: a verb holds until the next. */
export function readAlterGroup(c: Cursor, start: number): Statement {
  const name = readIdentifier(c);
  if (atWords(c, "rename") || atWords(c, "owner")) {
    return {
      kind: "unsupported",
      construct: "renaming a group is",
      tables: [],
      position: start,
    };
  }
  const changes: Change[] = [];
  let verb = readVerb(c);
  if (verb === undefined) throw unexpectedToken(c);
  do {
    const type = takeOneOf(c, ["user", "group"]);
    if (type !== "user" && type !== "group") throw unexpectedToken(c);
    changes.push({ verb, type, members: readList(c, readIdentifier) });
    verb = readVerb(c) ?? verb;
  } while (!atEnd(c));
  const action = { kind: "alter", changes } as const;
  return { kind: "group", name, action, position: start };
}

function readVerb(c: Cursor): Change["verb"] | undefined {
  if (takeWords(c, "add")) return "add";
  return takeWords(c, "drop") ? "drop" : undefined;
}

export function readDropGroup(c: Cursor, start: number): GroupStatement {
  const ifExists = takeIfExists(c);
  const name = readIdentifier(c);
  expectEnd(c);
  const action = { kind: "drop", ifExists } as const;
  return { kind: "group", name, action, position: start };
}

export function readCreateUser(c: Cursor, start: number): Statement {
  const ifNotExists = takeWords(c, "if not exists");
  const name = readIdentifier(c);
  if (!atEnd(c)) {
    throw unsupported(
      "options of CREATE USER are",
      position(c),
      "Create the user by name alone, then a token for it with CREATE TOKEN.",
    );
  }
  return {
    kind: "user",
    action: "create",
    name,
    ifExists: ifNotExists,
    position: start,
  };
}

export function readDropUser(c: Cursor, start: number): Statement {
  const ifExists = takeIfExists(c);
  const name = readIdentifier(c);
  expectEnd(c);
  return { kind: "user", action: "drop", name, ifExists, position: start };
}

/** `[FOR USER u] [COMMENT '…'] [LIFETIME n DAYS] [ADDRESSES '10.0.0.0/8', …]` behind CREATE TOKEN, in any order. */
export function readCreateToken(c: Cursor, start: number): Statement {
  let user: Identifier | undefined;
  let comment: string | undefined;
  let lifetimeDays: number | undefined;
  let addresses: readonly string[] | undefined;
  while (!atEnd(c)) {
    if (user === undefined && takeWords(c, "for")) {
      takeWords(c, "user");
      user = readIdentifier(c);
    } else if (comment === undefined && takeWords(c, "comment")) {
      comment = readString(c);
    } else if (lifetimeDays === undefined && takeWords(c, "lifetime")) {
      lifetimeDays = readInteger(c);
      if (takeOneOf(c, ["days", "day"]) === undefined) throw unexpectedToken(c);
    } else if (addresses === undefined && takeWords(c, "addresses")) {
      addresses = readList(c, readString);
    } else {
      throw unexpectedToken(c);
    }
  }
  const action = {
    kind: "create" as const,
    ...(user === undefined ? {} : { user }),
    ...(comment === undefined ? {} : { comment }),
    ...(lifetimeDays === undefined ? {} : { lifetimeDays }),
    ...(addresses === undefined ? {} : { addresses }),
  };
  return { kind: "token", action, position: start };
}

/** `'id'` behind REVOKE TOKEN. */
export function readRevokeToken(c: Cursor, start: number): Statement {
  const id = readString(c);
  expectEnd(c);
  return { kind: "token", action: { kind: "revoke", id }, position: start };
}

/** `'id'` behind CANCEL QUERY. */
export function readCancelQuery(c: Cursor, start: number): Statement {
  expectWords(c, "query");
  const id = readString(c);
  expectEnd(c);
  return { kind: "cancel-query", id, position: start };
}
