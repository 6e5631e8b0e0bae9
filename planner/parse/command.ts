// Our own grammar, by recursive descent over our lexer's tokens: what PostgreSQL's grammar lacks or reads with another meaning. A reader
// that answers undefined leaves the statement to PostgreSQL's grammar.

import type { Statement } from "./ast.ts";
import {
  readAlterOwner,
  readGrant,
  readRepair,
} from "./command/command-grant.ts";
import {
  readAlterGroup,
  readCancelQuery,
  readCreateGroup,
  readCreateToken,
  readCreateUser,
  readDropGroup,
  readDropUser,
  readRevokeToken,
} from "./command/command-principal.ts";
import {
  readOptimize,
  readReorg,
  readRestore,
  readVacuum,
} from "./command/command-maintenance.ts";
import { readCopyInto } from "./command/command-copy.ts";
import { readCreateFunction } from "./command/command-function.ts";
import { readDescribe, readShow, readUse } from "./command/command-show.ts";
import {
  readAlterTable,
  readAnalyzeTable,
  readCreateSchema,
  readDropSchema,
  readLaterStatement,
  readRefresh,
} from "./command/command-table.ts";
import { readClone, readPartitionChange } from "./command/command-partition.ts";
import { startCursor, takeWords, type Cursor } from "./cursor.ts";
import { unsupported } from "./errors.ts";
import type { StatementTokens } from "./rewriter.ts";

/** Reads from behind the words it is listed with; `start` is the statement's position. */
type Reader = (c: Cursor, start: number) => Statement | undefined;

// By first word: the words that lead to each reader, tried in order.
const COMMANDS: ReadonlyMap<string, readonly (readonly [string, Reader])[]> =
  new Map<string, readonly (readonly [string, Reader])[]>([
    ["grant", [["grant", (c, start) => readGrant(c, "grant", start)]]],
    ["deny", [["deny", (c, start) => readGrant(c, "deny", start)]]],
    [
      "revoke",
      [
        ["revoke token", readRevokeToken],
        ["revoke", (c, start) => readGrant(c, "revoke", start)],
      ],
    ],
    ["msck", [["msck repair", readRepair]]],
    ["show", [["show", readShow]]],
    [
      "describe",
      [
        ["describe stream", laterDescribe],
        ["describe", readDescribe],
      ],
    ],
    ["desc", [["desc", readDescribe]]],
    ["use", [["use", readUse]]],
    ["set", [["set catalog", readSetCatalog]]],
    [
      "create",
      [
        ["create group", readCreateGroup],
        ["create user mapping", () => undefined],
        ["create user", readCreateUser],
        ["create token", readCreateToken],
        ["create schema", readCreateSchema],
        ["create", readCreateFunction],
        ["create", readClone],
        ["", readLaterStatement],
      ],
    ],
    [
      "alter",
      [
        ["alter default privileges", refuseDefaultPrivileges],
        ["alter group", readAlterGroup],
        ["alter", readAlterOwner],
        ["alter", readPartitionChange],
        ["alter", readAlterTable],
        ["", readLaterStatement],
      ],
    ],
    [
      "drop",
      [
        ["drop group", readDropGroup],
        ["drop user mapping", () => undefined],
        ["drop user", readDropUser],
        ["drop schema", readDropSchema],
        ["", readLaterStatement],
      ],
    ],
    ["refresh", [["refresh", readRefresh]]],
    ["cancel", [["cancel", readCancelQuery]]],
    ["analyze", [["analyze", readAnalyzeTable]]],
    ["optimize", [["optimize", readOptimize]]],
    ["reorg", [["reorg table", readReorg]]],
    ["vacuum", [["vacuum", readVacuum]]],
    ["restore", [["restore", readRestore]]],
    ["copy", [["copy into", readCopyInto]]],
    ...[
      "convert",
      "undrop",
      "subscribe",
      "explain",
      "cache",
      "uncache",
      "execute",
    ].map((word) => [word, [["", readLaterStatement]]] as const),
  ] as readonly (readonly [string, readonly (readonly [string, Reader])[]])[]);

/** Undefined: not ours. Throws 42601 and 0A000 as PostgreSQL's grammar would. */
export function readCommand(statement: StatementTokens): Statement | undefined {
  const first = statement.tokens[0];
  if (first?.kind !== "word") return undefined;
  for (const [words, read] of COMMANDS.get(first.text) ?? []) {
    const c = startCursor(statement);
    if (words !== "" && !takeWords(c, words)) continue;
    const command = read(c, first.position);
    if (command !== undefined) return command;
  }
  return undefined;
}

function laterDescribe(c: Cursor, start: number): Statement | undefined {
  // `DESCRIBE stream` alone is a table's description.
  return c.next < c.tokens.length
    ? readLaterStatement(startCursor(c.statement), start)
    : undefined;
}

/** Databricks' `SET CATALOG name`; PostgreSQL's takes a string and does nothing. */
function readSetCatalog(c: Cursor, start: number): Statement | undefined {
  if (c.tokens[c.next]?.kind === "string") return undefined;
  const use = readUse(c, start);
  return use.kind === "use" ? { ...use, type: "catalog" } : use;
}

function refuseDefaultPrivileges(_c: Cursor, start: number): never {
  throw unsupported(
    "ALTER DEFAULT PRIVILEGES is",
    start,
    "Grant on the schema: its tables inherit the privilege, later ones too.",
  );
}
