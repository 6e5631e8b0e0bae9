// SHOW and DESCRIBE of things other than settings, and USE.

import type { QualifiedName, ShowStatement, Statement } from "../ast.ts";
import { readShowGrants } from "./command-grant.ts";
import {
  atEnd,
  atString,
  atWords,
  expectEnd,
  expectWords,
  peek,
  readIdentifier,
  readInteger,
  readName,
  readString,
  restOf,
  takeOneOf,
  takePattern,
  takeWords,
  type Cursor,
} from "../cursor.ts";
import { readStatementTokens } from "../read-statement.ts";
import { isSymbol } from "../token.ts";

type Shown = ShowStatement["what"];

/** Each form by the words behind SHOW. */
const FORMS: ReadonlyMap<string, (c: Cursor) => Shown | undefined> = new Map<
  string,
  (c: Cursor) => Shown | undefined
>([
  ["catalogs", (c) => withPattern(c, { kind: "catalogs" })],
  ["queries", () => ({ kind: "queries" })],
  ["tokens", () => ({ kind: "tokens" })],
  ["streams", () => ({ kind: "streams" })],
  ["schemas", readSchemas],
  ["databases", readSchemas],
  ["tables", (c) => readObjects(c, "tables")],
  ["views", (c) => readObjects(c, "views")],
  ["functions", (c) => readObjects(c, "functions")],
  ["user functions", (c) => readObjects(c, "functions")],
  ["all functions", (c) => readObjects(c, "functions")],
  ["system functions", (c) => readObjects(c, "functions")],
  ["columns", readColumns],
  ["groups", readGroups],
  ["users", (c) => withPattern(c, { kind: "users" })],
]);

// Statements of other systems that name a table, or nothing we know.
const REFUSED_FORMS: ReadonlyMap<string, string> = new Map([
  ["tblproperties", "SHOW TBLPROPERTIES is"],
  ["partitions", "SHOW PARTITIONS is"],
  ["table extended", "SHOW TABLE EXTENDED is"],
  ["keys", "SHOW KEYS is"],
  ["primary keys", "SHOW PRIMARY KEYS is"],
  ["foreign keys", "SHOW FOREIGN KEYS is"],
  ["procedures", "SHOW PROCEDURES is"],
  ["volumes", "SHOW VOLUMES is"],
  ["stats", "SHOW STATS is"],
]);

/** At the word behind SHOW; undefined for a setting, which PostgreSQL's grammar reads. */
export function readShow(c: Cursor, start: number): Statement | undefined {
  if (takeOneOf(c, ["grants", "grant"]) !== undefined) {
    return readShowGrants(c, start);
  }
  if (takeWords(c, "create table") || takeWords(c, "create view")) {
    const name = readName(c);
    expectEnd(c);
    const target = { kind: "table" as const, name, form: "create" as const };
    return { kind: "describe", target, position: start };
  }
  for (const [words, read] of FORMS) {
    if (!takeWords(c, words)) continue;
    const what = read(c);
    if (what === undefined) return refused(`SHOW ${words}`, [], start);
    expectEnd(c);
    return { kind: "show", what, position: start };
  }
  for (const [words, construct] of REFUSED_FORMS) {
    if (takeWords(c, words)) {
      const tables = namesTable(words) ? tableBehindIn(c) : [];
      const needs = showsValues(words)
        ? (["READ_METADATA", "SELECT"] as const)
        : (["READ_METADATA"] as const);
      return { kind: "unsupported", construct, tables, needs, position: start };
    }
  }
  return undefined;
}

function refused(
  words: string,
  tables: readonly QualifiedName[],
  start: number,
): Statement {
  const construct = `${words.toUpperCase()} in this form is`;
  return { kind: "unsupported", construct, tables, position: start };
}

function namesTable(words: string): boolean {
  return /^(?:tblproperties|partitions|stats)/.test(words);
}

/** Partition values and statistics are data. */
function showsValues(words: string): boolean {
  return words === "partitions" || words === "stats";
}

function tableBehindIn(c: Cursor): readonly QualifiedName[] {
  takeOneOf(c, ["in", "from", "for"]);
  return atEnd(c) ? [] : [readName(c)];
}

function withPattern(
  c: Cursor,
  what: { readonly kind: "catalogs" | "users" },
): Shown {
  const like = takePattern(c);
  return like === undefined ? what : { ...what, like };
}

function takeIn(c: Cursor): boolean {
  return takeOneOf(c, ["in", "from"]) !== undefined;
}

function readSchemas(c: Cursor): Shown {
  const within = takeIn(c);
  if (within) takeWords(c, "catalog");
  const catalog = within ? readIdentifier(c) : undefined;
  const like = takePattern(c);
  return {
    kind: "schemas",
    ...(catalog === undefined ? {} : { catalog }),
    ...(like === undefined ? {} : { like }),
  };
}

/** `[IN name | IN CATALOG c [SCHEMA LIKE p] | IN ALL CATALOGS] [[LIKE] p]`; functions may also be named bare. */
function readObjects(c: Cursor, kind: "tables" | "views" | "functions"): Shown {
  const scope = takeIn(c) ? readScope(c) : {};
  const like = takePattern(c) ?? takeBareFunction(c, kind);
  return { kind, ...scope, ...(like === undefined ? {} : { like }) };
}

type Scope = Partial<
  Omit<
    Extract<Shown, { readonly kind: "tables" | "views" | "functions" }>,
    "kind"
  >
>;

function readScope(c: Cursor): Scope {
  if (takeWords(c, "all catalogs")) {
    return { allCatalogs: true, ...readSchemaPattern(c) };
  }
  if (takeWords(c, "catalog")) {
    return { catalog: readIdentifier(c), ...readSchemaPattern(c) };
  }
  if (!isSymbol(peek(c, 1), ".")) takeOneOf(c, ["schema", "database"]);
  return { in: readName(c) };
}

function readSchemaPattern(c: Cursor): Pick<Scope, "schemaLike"> {
  if (!takeWords(c, "schema")) return {};
  takeWords(c, "like");
  return { schemaLike: readString(c) };
}

function takeBareFunction(c: Cursor, kind: string): string | undefined {
  if (kind !== "functions" || atEnd(c) || atString(c)) return undefined;
  return readName(c)
    .parts.map((part) => part.name)
    .join(".");
}

/** `IN t [IN s]`; the forms over a whole catalog are not ours. */
function readColumns(c: Cursor): Shown | undefined {
  if (takeIn(c)) {
    if (atWords(c, "catalog") && !isSymbol(peek(c, 1), ".")) return undefined;
    if (atWords(c, "all catalogs")) return undefined;
  }
  const table = readName(c);
  if (!takeIn(c)) return { kind: "columns", table };
  const schema = readName(c);
  const last = table.parts.slice(-1);
  const parts = [...schema.parts, ...last];
  return { kind: "columns", table: { parts, position: schema.position } };
}

function readGroups(c: Cursor): Shown {
  let member: Extract<Shown, { readonly kind: "groups" }>["with"];
  if (takeWords(c, "with")) {
    const type = takeWords(c, "user") ? "user" : "group";
    if (type === "group") expectWords(c, "group");
    member = { type, name: readIdentifier(c) };
  }
  const like = takePattern(c);
  return {
    kind: "groups",
    ...(member === undefined ? {} : { with: member }),
    ...(like === undefined ? {} : { like }),
  };
}

/** At the word behind DESCRIBE or DESC. */
export function readDescribe(c: Cursor, start: number): Statement {
  if (takeWords(c, "query")) return describeQuery(c, start);
  if (["select", "with", "values"].some((word) => atWords(c, word))) {
    return describeQuery(c, start);
  }
  if (namesKind(c) && takeWords(c, "function")) {
    return describeFunction(c, start);
  }
  const refusedKind = takeRefusedKind(c);
  if (refusedKind !== undefined) {
    return refused(`describe ${refusedKind}`, [], start);
  }
  const form = takeForm(c);
  const name = readName(c);
  const limited = form === "history" && takeWords(c, "limit");
  const limit = limited ? readInteger(c) : undefined;
  if (!atEnd(c)) {
    // Statistics of a column are data.
    return form === "extended"
      ? {
          kind: "unsupported",
          construct: "DESCRIBE of a column is",
          tables: [name],
          needs: ["READ_METADATA", "SELECT"],
          position: start,
        }
      : refused("describe", [name], start);
  }
  return {
    kind: "describe",
    target: {
      kind: "table",
      name,
      form,
      ...(limit === undefined ? {} : { limit }),
    },
    position: start,
  };
}

/** A word before a name says what it names; a table called so stands alone or before a dot. */
function namesKind(c: Cursor): boolean {
  const next = peek(c, 1);
  return next !== undefined && !isSymbol(next, ".");
}

/** DESCRIBE SCHEMA s and its like. */
function takeRefusedKind(c: Cursor): string | undefined {
  return namesKind(c)
    ? takeOneOf(c, ["schema", "database", "catalog", "stream"])
    : undefined;
}

/** `[EXTENDED] name` behind DESCRIBE FUNCTION. */
function describeFunction(c: Cursor, start: number): Statement {
  const extended = namesKind(c) && takeWords(c, "extended");
  const name = readName(c);
  expectEnd(c);
  return {
    kind: "describe",
    target: { kind: "function", name, extended },
    position: start,
  };
}

function takeForm(c: Cursor): "columns" | "extended" | "detail" | "history" {
  const named = peek(c, 1) !== undefined && !isSymbol(peek(c, 1), ".");
  if (!named) return "columns";
  takeWords(c, "table");
  if (peek(c, 1) === undefined || isSymbol(peek(c, 1), ".")) return "columns";
  const word = takeOneOf(c, ["extended", "formatted", "detail", "history"]);
  switch (word) {
    case "extended":
    case "formatted":
      return "extended";
    case "detail":
    case "history":
      return word;
    default:
      return "columns";
  }
}

function describeQuery(c: Cursor, start: number): Statement {
  const statement = readStatementTokens(restOf(c));
  if (statement.kind !== "select") {
    return refused("describe query", [], start);
  }
  return {
    kind: "describe",
    target: { kind: "query", query: statement.query },
    position: start,
  };
}

/** `[CATALOG|SCHEMA|DATABASE] name`, behind USE; `SET CATALOG name` too. */
export function readUse(c: Cursor, start: number): Statement {
  const keyword =
    peek(c, 1) === undefined || isSymbol(peek(c, 1), ".")
      ? undefined
      : takeOneOf(c, ["catalog", "schema", "database"]);
  const type =
    keyword === undefined
      ? "either"
      : keyword === "catalog"
        ? "catalog"
        : "schema";
  const name = readName(c);
  expectEnd(c);
  return { kind: "use", type, name, position: start };
}
