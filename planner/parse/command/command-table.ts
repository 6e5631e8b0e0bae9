// Commands on schemas and tables that PostgreSQL's grammar lacks, and those of later issues, which become `unsupported`.

import type {
  AlterAction,
  ColumnPlace,
  Identifier,
  QualifiedName,
  Statement,
} from "../ast.ts";
import {
  atEnd,
  atWords,
  expectEnd,
  expectWords,
  peek,
  readIdentifier,
  readList,
  readName,
  readString,
  takeIfExists,
  takeOneOf,
  takeSymbol,
  takeWords,
  tryName,
  unexpectedToken,
  type Cursor,
} from "../cursor.ts";
import { readProperties } from "../dialect/dialect-create.ts";
import { readMask, readRowFilter } from "./read-policy.ts";
import { startRewriting } from "../rewriter.ts";
import { isName } from "../token-walk.ts";
import { isSymbol } from "../token.ts";

/** `[IF NOT EXISTS] [c.]s [COMMENT '…']` behind CREATE SCHEMA; undefined for PostgreSQL's own forms. */
export function readCreateSchema(
  c: Cursor,
  start: number,
): Statement | undefined {
  const ifNotExists = takeWords(c, "if not exists");
  if (atWords(c, "authorization")) return undefined;
  const name = readName(c);
  const comment = takeWords(c, "comment") ? readString(c) : undefined;
  if (atWords(c, "location") || atWords(c, "managed")) {
    return unsupported("LOCATION of a schema is", [], start);
  }
  if (!atEnd(c)) return undefined;
  return {
    kind: "create-schema",
    name,
    ifNotExists,
    ...(comment === undefined ? {} : { comment }),
    position: start,
  };
}

/** `[IF EXISTS] name {, name} [CASCADE|RESTRICT]` behind DROP SCHEMA. */
export function readDropSchema(c: Cursor, start: number): Statement {
  const ifExists = takeIfExists(c);
  const names = readList(c, readName);
  const cascade = takeOneOf(c, ["cascade", "restrict"]) === "cascade";
  expectEnd(c);
  return {
    kind: "drop",
    type: "schema",
    names,
    ifExists,
    cascade,
    position: start,
  };
}

/** ALTER TABLE and ALTER VIEW in Spark's forms, at the word behind ALTER; undefined for PostgreSQL's. */
export function readAlterTable(
  c: Cursor,
  start: number,
): Statement | undefined {
  const type = takeWords(c, "view") ? "view" : "table";
  if (type === "table" && !takeWords(c, "table")) return undefined;
  const ifExists = takeIfExists(c);
  const name = tryName(c);
  if (name === undefined) return undefined;
  const action =
    readProperty(c) ?? (type === "table" ? readPolicy(c) : undefined);
  if (action !== undefined) {
    expectEnd(c);
    const actions = [action];
    return { kind: "alter", type, name, ifExists, actions, position: start };
  }
  return (
    readPlaceChange(c, name, start) ??
    readColumnChange(c, { name, ifExists, position: start })
  );
}

function readProperty(c: Cursor): AlterAction | undefined {
  if (takeWords(c, "set tblproperties")) {
    const { properties, end } = readProperties(
      startRewriting(c.statement, undefined),
      c.next,
    );
    c.next = end;
    return { kind: "set-properties", properties };
  }
  if (takeWords(c, "cluster by")) return readClusterBy(c);
  if (takeWords(c, "rename to")) return readMove(c);
  if (!takeWords(c, "unset tblproperties")) return undefined;
  const ifExists = takeIfExists(c);
  if (!takeSymbol(c, "(")) throw unexpectedToken(c);
  const keys = readList(c, readPropertyKey);
  if (!takeSymbol(c, ")")) throw unexpectedToken(c);
  return { kind: "unset-properties", keys, ifExists };
}

/** Spark's RENAME TO s.t; PostgreSQL's has one part. */
function readMove(c: Cursor): AlterAction | undefined {
  const to = tryName(c);
  return to === undefined || to.parts.length === 1
    ? undefined
    : { kind: "rename", to };
}

function readClusterBy(c: Cursor): AlterAction {
  if (takeWords(c, "none")) return { kind: "cluster-by", columns: [] };
  if (!takeSymbol(c, "(")) throw unexpectedToken(c);
  const columns = readList(c, readIdentifier);
  if (!takeSymbol(c, ")")) throw unexpectedToken(c);
  return { kind: "cluster-by", columns };
}

function readPropertyKey(c: Cursor): string {
  if (!isName(peek(c))) return readString(c);
  return readName(c)
    .parts.map((part) => part.name)
    .join(".");
}

/** The row filter; a mask stands behind its column (readColumnChange). */
function readPolicy(c: Cursor): AlterAction | undefined {
  if (takeWords(c, "set row filter"))
    return { kind: "set-row-filter", filter: readRowFilter(c) };
  return takeWords(c, "drop row filter")
    ? { kind: "drop-row-filter" }
    : undefined;
}

/** What Delta and Spark add to ALTER about where a table lies: not yet. */
function readPlaceChange(
  c: Cursor,
  name: QualifiedName,
  start: number,
): Statement | undefined {
  for (const words of ["set location", "recover partitions"]) {
    if (!atWords(c, words)) continue;
    const construct = `ALTER TABLE ${words.toUpperCase()} is`;
    return unsupported(construct, [name], start);
  }
  return undefined;
}

interface AlteredTable {
  readonly name: QualifiedName;
  readonly ifExists: boolean;
  readonly position: number;
}

/** `ALTER|CHANGE [COLUMN] c` with COMMENT, which is COMMENT ON COLUMN, FIRST or AFTER; with MASK it is a policy. */
function readColumnChange(
  c: Cursor,
  altered: AlteredTable,
): Statement | undefined {
  const { name: table, position: start } = altered;
  if (takeOneOf(c, ["alter", "change"]) === undefined) return undefined;
  takeWords(c, "column");
  const column = readIdentifier(c);
  const action = readMaskOrPlace(c, column);
  if (action !== undefined) {
    expectEnd(c);
    return { kind: "alter", type: "table", ...altered, actions: [action] };
  }
  if (!takeWords(c, "comment")) return undefined;
  const comment = readString(c);
  expectEnd(c);
  const parts = [...table.parts, column];
  return {
    kind: "comment",
    type: "column",
    name: { parts, position: table.position },
    comment,
    position: start,
  };
}

function readMaskOrPlace(
  c: Cursor,
  column: Identifier,
): AlterAction | undefined {
  if (takeWords(c, "set mask"))
    return { kind: "set-mask", column, mask: readMask(c) };
  if (takeWords(c, "drop mask")) return { kind: "drop-mask", column };
  const place = readPlace(c);
  return (
    place && { kind: "alter-column", column, change: { kind: "place", place } }
  );
}

function readPlace(c: Cursor): ColumnPlace | undefined {
  if (takeWords(c, "first")) return { kind: "first" };
  return takeWords(c, "after")
    ? { kind: "after", column: readIdentifier(c) }
    : undefined;
}

export function unsupported(
  construct: string,
  tables: readonly QualifiedName[],
  start: number,
): Statement {
  return { kind: "unsupported", construct, tables, position: start };
}

/** `TABLE t [PARTITION (…)] COMPUTE STATISTICS …` behind ANALYZE; undefined for PostgreSQL's ANALYZE. */
export function readAnalyzeTable(
  c: Cursor,
  start: number,
): Statement | undefined {
  if (!takeWords(c, "table")) return undefined;
  const table = readName(c);
  if (!takeWords(c, "compute")) {
    return unsupported("ANALYZE TABLE in this form is", [table], start);
  }
  if (!takeWords(c, "statistics") && !takeWords(c, "delta statistics")) {
    throw unexpectedToken(c);
  }
  // Sizes and row counts are always known from the log: without columns there is nothing to scan for.
  const all = atEnd(c) || takeWords(c, "for all columns");
  const columns = all
    ? undefined
    : takeWords(c, "for columns")
      ? readList(c, readIdentifier)
      : takeWords(c, "noscan")
        ? []
        : undefined;
  expectEnd(c);
  return {
    kind: "analyze",
    table,
    ...(columns === undefined ? {} : { columns }),
    position: start,
  };
}

/** `CATALOG [name]` or `TABLE t` behind REFRESH; `STREAMING TABLE t` belongs to streams. */
export function readRefresh(c: Cursor, start: number): Statement {
  if (takeWords(c, "catalog")) {
    if (atEnd(c)) return { kind: "refresh-catalog", position: start };
    const name = readIdentifier(c);
    expectEnd(c);
    return { kind: "refresh-catalog", name, position: start };
  }
  if (takeWords(c, "materialized view")) {
    return unsupported("REFRESH MATERIALIZED VIEW is", [readName(c)], start);
  }
  if (takeWords(c, "streaming table")) {
    return unsupported("REFRESH STREAMING TABLE is", [readName(c)], start);
  }
  expectWords(c, "table");
  const table = readName(c);
  expectEnd(c);
  return { kind: "refresh-table", table, position: start };
}

/** Words that begin statements of later issues -> what is said of them, and which words may stand before the table. */
const LATER: ReadonlyMap<string, readonly [string, readonly string[]]> =
  new Map<string, readonly [string, readonly string[]]>([
    ["convert to delta", ["CONVERT TO DELTA is", []]],
    ["undrop", ["UNDROP is", ["table"]]],
    ["subscribe", ["SUBSCRIBE is", ["to"]]],
    ["explain stream", ["EXPLAIN STREAM is", []]],
    ["describe stream", ["DESCRIBE STREAM is", []]],
    ["cache table", ["CACHE TABLE is", []]],
    ["uncache table", ["UNCACHE TABLE is", []]],
    ["create streaming table", ["CREATE STREAMING TABLE is", []]],
    ["create or refresh streaming table", ["CREATE STREAMING TABLE is", []]],
    ["alter streaming table", ["ALTER STREAMING TABLE is", []]],
    ["drop streaming table", ["DROP STREAMING TABLE is", []]],
    ["execute immediate", ["EXECUTE IMMEDIATE is", []]],
    ["create catalog", ["CREATE CATALOG is", []]],
    ["drop catalog", ["DROP CATALOG is", []]],
    ["alter default privileges", ["ALTER DEFAULT PRIVILEGES is", []]],
  ]);

const NAMELESS = new Set([
  "explain stream",
  "execute immediate",
  "create catalog",
  "drop catalog",
  "alter default privileges",
]);

/** At the first word of the statement. */
export function readLaterStatement(
  c: Cursor,
  start: number,
): Statement | undefined {
  for (const [words, [construct, before]] of LATER) {
    if (!takeWords(c, words)) continue;
    const named = !NAMELESS.has(words);
    return unsupported(construct, named ? tableHere(c, before) : [], start);
  }
  return undefined;
}

function tableHere(
  c: Cursor,
  before: readonly string[],
): readonly QualifiedName[] {
  if (isSymbol(peek(c), "(")) return [];
  while (takeOneOf(c, before) !== undefined);
  takeWords(c, "if not exists");
  takeIfExists(c);
  return isName(peek(c)) ? [readName(c)] : [];
}
