// GRANT, DENY, REVOKE, SHOW GRANTS, MSCK REPAIR … PRIVILEGES and ALTER … OWNER TO (access control specification, section 19).

import type {
  GrantStatement,
  Identifier,
  OwnerStatement,
  SecurableName,
  Statement,
} from "../ast.ts";
import {
  atEnd,
  atWords,
  expectEnd,
  expectWords,
  peek,
  position,
  readIdentifier,
  readList,
  readName,
  takeOneOf,
  takeWords,
  tryName,
  unexpectedToken,
  type Cursor,
} from "../cursor.ts";
import { unsupported } from "../errors.ts";
import { isSymbol, isWord } from "../token.ts";

/** At the word behind GRANT, DENY or REVOKE. */
export function readGrant(
  c: Cursor,
  kind: GrantStatement["kind"],
  start: number,
): GrantStatement {
  refuseAdminOption(c, kind);
  const privileges = takeAll(c) ?? readList(c, readPrivilege);
  refuseRoleGrant(c, kind);
  expectWords(c, "on");
  const securable = readSecurable(c);
  refuseSecondObject(c);
  expectWords(c, kind === "revoke" ? "from" : "to");
  const principals = readList(c, readPrincipal);
  refuseTail(c);
  expectEnd(c);
  return { kind, privileges, securable, principals, position: start };
}

function refuseAdminOption(c: Cursor, kind: GrantStatement["kind"]): void {
  const option =
    kind === "revoke" &&
    (atWords(c, "grant option for") || atWords(c, "admin option for"));
  if (option) {
    throw unsupported(
      "GRANT OPTION FOR is",
      position(c),
      "Only owners and admins grant; REVOKE the privilege itself.",
    );
  }
}

function takeAll(c: Cursor): GrantStatement["privileges"] | undefined {
  const at = position(c);
  if (!takeWords(c, "all")) return undefined;
  takeWords(c, "privileges");
  refuseColumns(c);
  return [{ name: "ALL PRIVILEGES", position: at }];
}

/** Any name: whether it is a privilege, and one of this securable, is for auth to say. */
function readPrivilege(c: Cursor): GrantStatement["privileges"][number] {
  const at = position(c);
  for (const target of ["schema", "catalog"]) {
    if (takeWords(c, `use ${target}`)) {
      return { name: `USE ${target.toUpperCase()}`, position: at };
    }
  }
  // SELECT, CREATE and REFERENCES are reserved words, so any word is read here.
  const token = peek(c);
  const name = token?.kind === "word" ? token.text : readIdentifier(c).name;
  if (token?.kind === "word") {
    if (token.text === "on") throw unexpectedToken(c);
    c.next++;
  }
  refuseColumns(c);
  return { name: name.toUpperCase(), position: at };
}

function refuseColumns(c: Cursor): void {
  if (!isSymbol(peek(c), "(")) return;
  throw unsupported(
    "privileges on columns are",
    position(c),
    "Grant SELECT on a view that has only these columns.",
  );
}

function refuseRoleGrant(c: Cursor, kind: GrantStatement["kind"]): void {
  if (!isWord(peek(c), kind === "revoke" ? "from" : "to")) return;
  throw unsupported(
    "membership by GRANT is",
    position(c),
    "Use ALTER GROUP g ADD USER u or ALTER GROUP g DROP USER u.",
  );
}

function refuseSecondObject(c: Cursor): void {
  if (!isSymbol(peek(c), ",")) return;
  throw unsupported(
    "several objects in one statement are",
    position(c),
    "Write one statement for each object.",
  );
}

const TAILS: readonly (readonly [string, string, string])[] = [
  [
    "with",
    "WITH GRANT OPTION is",
    "Only owners and admins grant; make the principal the owner instead.",
  ],
  [
    "granted",
    "GRANTED BY is",
    "The grantor is always the user who runs the statement.",
  ],
  ["cascade", "CASCADE is", "A grant never depends on another grant."],
  ["restrict", "RESTRICT is", "A grant never depends on another grant."],
];

function refuseTail(c: Cursor): void {
  for (const [word, construct, hint] of TAILS) {
    if (isWord(peek(c), word)) throw unsupported(construct, position(c), hint);
  }
}

function readPrincipal(c: Cursor): Identifier {
  const at = position(c);
  if (takeWords(c, "public")) {
    return { name: "users", quoted: false, position: at };
  }
  if (atWords(c, "group") && peek(c, 1) !== undefined) c.next++;
  return readIdentifier(c);
}

/** One securable; a bare name is a table. */
export function readSecurable(c: Cursor): SecurableName {
  return readKeywordSecurable(c) ?? { kind: "table", name: readName(c) };
}

function readKeywordSecurable(c: Cursor): SecurableName | undefined {
  if (atWords(c, "all") || atWords(c, "any schema")) refuseMany(c);
  if (takeWords(c, "any file")) return { kind: "any-file" };
  if (takeWords(c, "anonymous function")) return { kind: "anonymous-function" };
  if (isKeyword(c, "catalog")) {
    c.next++;
    const ends = atEnd(c) || atWords(c, "to") || atWords(c, "from");
    if (ends || atWords(c, "privileges")) return { kind: "catalog" };
    return { kind: "catalog", name: readIdentifier(c) };
  }
  for (const [word, kind] of NAMED_SECURABLES) {
    if (!isKeyword(c, word)) continue;
    c.next++;
    return { kind, name: readName(c) };
  }
  return undefined;
}

const NAMED_SECURABLES = [
  ["schema", "schema"],
  ["database", "schema"],
  ["function", "function"],
  ["view", "view"],
  ["table", "table"],
] as const;

/** `schema.t` is a table of the schema called schema. */
function isKeyword(c: Cursor, word: string): boolean {
  return atWords(c, word) && !isSymbol(peek(c, 1), ".");
}

function refuseMany(c: Cursor): void {
  throw unsupported(
    "a grant on all objects of a schema is",
    position(c),
    "Grant on the schema: its tables inherit the privilege, later ones too.",
  );
}

/** At the word behind SHOW GRANT or SHOW GRANTS. */
export function readShowGrants(c: Cursor, start: number): Statement {
  const principal = atWords(c, "on") ? undefined : readPrincipal(c);
  expectWords(c, "on");
  const securable = readSecurable(c);
  expectEnd(c);
  return {
    kind: "show-grants",
    ...(principal === undefined ? {} : { principal }),
    securable,
    position: start,
  };
}

/** At the word behind MSCK REPAIR; without PRIVILEGES it repairs partitions, which Delta has no use for. */
export function readRepair(c: Cursor, start: number): Statement {
  const securable = readKeywordSecurable(c) ?? {
    kind: "schema" as const,
    name: readName(c),
  };
  if (!takeWords(c, "privileges")) {
    const tables = securable.kind === "table" ? [securable.name] : [];
    return {
      kind: "unsupported",
      construct: "MSCK REPAIR TABLE is",
      tables,
      needs: ["MODIFY"],
      position: start,
    };
  }
  expectEnd(c);
  return { kind: "repair-privileges", securable, position: start };
}

const OWNED = ["catalog", "schema", "database", "table", "view", "function"];

/** `ALTER kind name [SET] OWNER TO p`, at the word behind ALTER; undefined when it alters something else. */
export function readAlterOwner(
  c: Cursor,
  start: number,
): OwnerStatement | undefined {
  const word = takeOneOf(c, OWNED);
  if (word === undefined) return undefined;
  takeWords(c, "if exists");
  const kind = word === "database" ? "schema" : word;
  const name = tryName(c);
  if (name === undefined) return undefined;
  const owner = takeWords(c, "owner to") || takeWords(c, "set owner to");
  if (!owner) return undefined;
  const principal = readPrincipal(c);
  expectEnd(c);
  return {
    kind: "alter-owner",
    securable: toSecurable(kind, name),
    owner: principal,
    position: start,
  };
}

function toSecurable(
  kind: string,
  name: ReturnType<typeof readName>,
): SecurableName {
  switch (kind) {
    case "catalog": {
      const first = name.parts[0];
      return first === undefined
        ? { kind: "catalog" }
        : { kind: "catalog", name: first };
    }
    case "schema":
    case "view":
    case "function":
      return { kind, name };
    default:
      return { kind: "table", name };
  }
}
