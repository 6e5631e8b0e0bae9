// OPTIMIZE, REORG, VACUUM and RESTORE: upkeep of a Delta table (contract, section 5; Databricks' grammar).

import type { QualifiedName, Select, Statement } from "../ast.ts";
import { unsupported } from "./command-table.ts";
import {
  atEnd,
  atWords,
  expectEnd,
  expectWords,
  peek,
  readList,
  readName,
  takeOneOf,
  takeSymbol,
  takeWords,
  unexpectedToken,
  type Cursor,
} from "../cursor.ts";
import { readQueryTokens } from "../read-statement.ts";
import { matchBrackets } from "../token-walk.ts";
import { isWord, type Token } from "../token.ts";

/** `[TABLE] t [FULL] [WHERE predicate] [ZORDER BY (c, …)]` behind OPTIMIZE. */
export function readOptimize(c: Cursor, start: number): Statement {
  if (isWord(peek(c), "table") && peek(c, 1) !== undefined) c.next++;
  const from = c.next;
  const table = readName(c);
  const full = takeWords(c, "full");
  const where = atWords(c, "where")
    ? readPredicate(c, from, ["zorder", "by"])
    : undefined;
  const zorder = takeWords(c, "zorder by") ? readColumns(c) : [];
  expectEnd(c);
  return {
    kind: "optimize",
    table,
    full,
    purge: false,
    zorder,
    ...(where === undefined ? {} : { where }),
    position: start,
  };
}

/** `t [WHERE predicate] APPLY (PURGE)` behind REORG TABLE; what else may be applied is refused. */
export function readReorg(c: Cursor, start: number): Statement {
  const from = c.next;
  const table = readName(c);
  const where = atWords(c, "where")
    ? readPredicate(c, from, ["apply"])
    : undefined;
  expectWords(c, "apply");
  if (!takeSymbol(c, "(")) throw unexpectedToken(c);
  if (atWords(c, "upgrade"))
    return unsupported("REORG TABLE … APPLY (UPGRADE …) is", [table], start);
  expectWords(c, "purge");
  if (!takeSymbol(c, ")")) throw unexpectedToken(c);
  expectEnd(c);
  return {
    kind: "optimize",
    table,
    full: false,
    purge: true,
    zorder: [],
    ...(where === undefined ? {} : { where }),
    position: start,
  };
}

/** Behind the table whose name begins at `from`; ends before these words. */
function readPredicate(
  c: Cursor,
  from: number,
  before: readonly string[],
): Select["where"] {
  const start = c.next;
  const end = wordsIndex(c.tokens, start, before);
  const name = c.tokens
    .slice(from, start)
    .filter((token) => !isWord(token, "full"));
  const tokens = [...name, ...c.tokens.slice(start, end)];
  const { where } = readBareSelect(c, tokens);
  c.next = end;
  return where;
}

/** Reads `SELECT 1 FROM` and these tokens, which may add a condition and nothing else. */
function readBareSelect(c: Cursor, tokens: readonly Token[]): Select {
  const { body, ...query } = readQueryTokens(
    { ...c.statement, tokens },
    "SELECT 1 FROM",
  );
  const extra = [query.with, query.limit, query.offset, query.locking];
  if (
    body.kind !== "select" ||
    body.from.length !== 1 ||
    query.orderBy.length + body.groupBy.length + body.windows.length > 0 ||
    [...extra, body.having, body.qualify].some((part) => part !== undefined)
  ) {
    throw unexpectedToken(c);
  }
  return body;
}

function wordsIndex(
  tokens: readonly Token[],
  from: number,
  words: readonly string[],
): number {
  const partners = matchBrackets(tokens);
  let at = from;
  while (at < tokens.length) {
    if (words.every((word, index) => isWord(tokens[at + index], word)))
      return at;
    at = Math.max(partners[at] ?? at, at) + 1;
  }
  return at;
}

function readColumns(c: Cursor): readonly QualifiedName[] {
  const bracketed = takeSymbol(c, "(");
  const columns = readList(c, readName);
  if (bracketed && !takeSymbol(c, ")")) throw unexpectedToken(c);
  return columns;
}

const POSTGRES_VACUUM = ["freeze", "verbose", "analyze"];

/** `t [FULL | LITE] [RETAIN n HOURS] [DRY RUN]` behind VACUUM; undefined for PostgreSQL's option list. */
export function readVacuum(c: Cursor, start: number): Statement | undefined {
  if (atEnd(c) || peek(c)?.kind === "symbol") return undefined;
  for (const word of ["full", ...POSTGRES_VACUUM]) {
    if (!atWords(c, word) || peek(c, 1) === undefined) continue;
    while (takeOneOf(c, ["full", ...POSTGRES_VACUUM]) !== undefined);
    const tables = atEnd(c) ? [] : [readName(c)];
    return unsupported(`VACUUM ${word.toUpperCase()} is`, tables, start);
  }
  const table = readName(c);
  if (takeWords(c, "lite"))
    return unsupported("VACUUM LITE is", [table], start);
  takeWords(c, "full");
  const retainHours = takeWords(c, "retain") ? readHours(c) : undefined;
  const dryRun = takeWords(c, "dry run");
  expectEnd(c);
  return {
    kind: "vacuum",
    table,
    dryRun,
    ...(retainHours === undefined ? {} : { retainHours }),
    position: start,
  };
}

const HOURS = /^(?:\d{1,9}(?:\.\d{0,6})?|\.\d{1,6})$/;

function readHours(c: Cursor): number {
  const token = peek(c);
  if (token?.kind !== "number" || !HOURS.test(token.text)) {
    throw unexpectedToken(c);
  }
  c.next++;
  if (takeOneOf(c, ["hours", "hour"]) === undefined) throw unexpectedToken(c);
  return Number(token.text);
}

/** `[TABLE] t [TO] VERSION AS OF n | TIMESTAMP AS OF x` behind RESTORE. */
export function readRestore(c: Cursor, start: number): Statement {
  if (isWord(peek(c), "table") && peek(c, 1) !== undefined) c.next++;
  const from = c.next;
  const table = readName(c);
  const behind = c.next;
  takeWords(c, "to");
  if (!atWords(c, "version") && !atWords(c, "timestamp")) {
    expectWords(c, "version");
  }
  const tokens = [...c.tokens.slice(from, behind), ...c.tokens.slice(c.next)];
  const { from: items, where } = readBareSelect(c, tokens);
  const [item] = items;
  const bare =
    item?.kind === "table" &&
    item.alias === undefined &&
    item.sample === undefined &&
    where === undefined;
  if (!bare || item.travel === undefined) throw unexpectedToken(c);
  return { kind: "restore", table, travel: item.travel, position: start };
}
