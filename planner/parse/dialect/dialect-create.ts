// Delta's clauses of CREATE TABLE and CREATE VIEW: cut out of the text, read here, pinned to the new object's name.

import type { CreateMode, Identifier, TableOptions } from "../ast.ts";
import { afterCompositeType } from "./dialect-type.ts";
import { startCursor, type Cursor } from "../cursor.ts";
import { duplicateClause, unsupported } from "../errors.ts";
import { readMask, readRowFilter } from "../command/read-policy.ts";
import {
  afterBrackets,
  dropTokens,
  insertAfter,
  insertBefore,
  pinNote,
  unexpected,
  type Rewriter,
} from "../rewriter.ts";
import { readOptions } from "../named-text.ts";
import { stringValue } from "../string-value.ts";
import { afterDottedName, isName } from "../token-walk.ts";
import { isOperator, isSymbol, isWord } from "../token.ts";

const MODIFIERS: ReadonlySet<string> = new Set(
  "temp temporary global local unlogged".split(" "),
);

/** Dispatches on what CREATE makes; everything but tables and views is left alone. */
export function rewriteCreate(r: Rewriter, index: number): number {
  const { tokens } = r;
  // Elsewhere the word is a name, or an error that the grammar reports.
  const leads =
    index === 0 || isWord(tokens[0], "explain") || isWord(tokens[0], "prepare");
  if (!leads) return index + 1;
  let at = index + 1;
  const replace = isWord(tokens[at], "or") && isWord(tokens[at + 1], "replace");
  if (replace) at += 2;
  while (tokens[at]?.kind === "word" && MODIFIERS.has(tokens[at]?.text ?? "")) {
    at++;
  }
  if (isWord(tokens[at], "table")) {
    if (replace) dropTokens(r, index + 1, index + 3);
    rewriteTable(r, at + 1, replace);
  } else if (isWord(tokens[at], "view")) {
    rewriteView(r, at + 1, replace);
  }
  return index + 1;
}

function isIfNotExists(r: Rewriter, index: number): boolean {
  const { tokens } = r;
  return (
    isWord(tokens[index], "if") &&
    isWord(tokens[index + 1], "not") &&
    isWord(tokens[index + 2], "exists")
  );
}

function rewriteTable(r: Rewriter, index: number, replace: boolean): void {
  const { tokens } = r;
  const conditional = isIfNotExists(r, index);
  if (conditional && replace) throw unexpected(r, index);
  const name = conditional ? index + 3 : index;
  const blame = tokens[name];
  let at = afterDottedName(tokens, name);
  if (at === name || blame === undefined) return;
  const like = isWord(tokens[at], "like");
  const listed = like || isSymbol(tokens[at], "(");
  if (like) at = bracketLike(r, at);
  else if (listed) {
    const close = afterBrackets(r, at);
    if (close === undefined) return;
    rewriteColumns(r, at + 1, close - 1);
    at = close;
  }
  const { options, end } = readClauses(r, at);
  if (end > at || replace) {
    pinNote(r, name, { kind: "create-table", replace, options }, blame);
  }
  if (end > at && !listed) supplyColumns(r, at, end);
  supplyAs(r, end);
}

/** Only clauses: the columns are those of the table at LOCATION. */
function supplyColumns(r: Rewriter, behindName: number, end: number): void {
  if (r.tokens[end] === undefined) insertAfter(r, behindName - 1, "()");
}

/** Spark's query without AS. */
function supplyAs(r: Rewriter, index: number): void {
  const query = r.tokens[index];
  if (isWord(query, "select") || isWord(query, "values"))
    insertBefore(r, index, "AS");
}

/** Spark's `LIKE s` behind the name is PostgreSQL's `(LIKE s)`. */
function bracketLike(r: Rewriter, index: number): number {
  const end = afterDottedName(r.tokens, index + 1);
  if (end === index + 1) throw unexpected(r, index + 1);
  insertBefore(r, index, "(");
  insertAfter(r, end - 1, ")");
  return end;
}

interface Clauses {
  readonly options: TableOptions;
  /** Index of the first token behind the clauses. */
  readonly end: number;
}

type MutableOptions = { -readonly [K in keyof TableOptions]: TableOptions[K] };
/** Reads one clause whose keyword is at `index` and returns the index behind it; `index` when it is not this clause. */
type ClauseReader = (
  r: Rewriter,
  index: number,
  options: MutableOptions,
) => number;

const CLAUSES: ReadonlyMap<string, ClauseReader> = new Map<
  string,
  ClauseReader
>([
  [
    "using",
    (r, index, options) => {
      const format = r.tokens[index + 1];
      if (!isName(format) || format === undefined) {
        throw unexpected(r, index + 1);
      }
      options.using = format.text;
      return index + 2;
    },
  ],
  [
    "options",
    (r, index, options) => {
      const c = { ...startCursor(r.statement), next: index + 1 };
      options.fileOptions = readOptions(c);
      return c.next;
    },
  ],
  [
    "partitioned",
    (r, index, options) => {
      const list = readNames(r, index);
      options.partitionedBy = list.names;
      return list.end;
    },
  ],
  [
    "cluster",
    (r, index, options) => {
      const list = readNames(r, index);
      options.clusterBy = list.names;
      return list.end;
    },
  ],
  [
    "location",
    (r, index, options) => {
      options.location = stringAt(r, index + 1);
      return index + 2;
    },
  ],
  [
    "comment",
    (r, index, options) => {
      options.comment = stringAt(r, index + 1);
      return index + 2;
    },
  ],
  [
    "tblproperties",
    (r, index, options) => {
      const read = readProperties(r, index + 1);
      options.properties = read.properties;
      return read.end;
    },
  ],
  [
    "row filter",
    (r, index, options) => {
      const cursor = cursorAt(r, index + 3);
      options.rowFilter = readRowFilter(cursor);
      return cursor.next;
    },
  ],
]);
const REFUSED_CLAUSES: ReadonlyMap<string, string> = new Map([
  ["clustered", "CLUSTERED BY is"],
  ["row", "row formats are"],
  ["stored", "STORED AS is"],
  ["shallow", "CLONE is"],
  ["deep", "CLONE is"],
  ["clone", "CLONE is"],
]);

function readClauses(r: Rewriter, from: number): Clauses {
  const options: MutableOptions = {
    partitionedBy: [],
    clusterBy: [],
    properties: {},
  };
  const seen = new Set<string>();
  let at = from;
  for (;;) {
    const token = r.tokens[at];
    if (token?.kind !== "word") break;
    const refused = REFUSED_CLAUSES.get(token.text);
    if (refused !== undefined) throw unsupported(refused, token.position);
    const name = isRowFilter(r, at) ? "row filter" : token.text;
    const reader = CLAUSES.get(name);
    if (reader === undefined) break;
    if (seen.has(name)) {
      throw duplicateClause(name.toUpperCase(), token.position);
    }
    seen.add(name);
    const end = reader(r, at, options);
    dropTokens(r, at, end);
    at = end;
  }
  return { options, end: at };
}

/** `WITH ROW FILTER`, and not PostgreSQL's WITH. */
function isRowFilter({ tokens }: Rewriter, index: number): boolean {
  return ["with", "row", "filter"].every((word, i) =>
    isWord(tokens[index + i], word),
  );
}

/** The tokens from `index` on, to be read one by one. */
function cursorAt({ statement, tokens }: Rewriter, index: number): Cursor {
  return { statement, tokens, next: index };
}

function stringAt(r: Rewriter, index: number): string {
  const token = r.tokens[index];
  const value =
    token === undefined ? undefined : stringValue(r.statement.sql, token);
  if (value === undefined) throw unexpected(r, index);
  return value;
}

/** `BY (a, b)` behind the keyword at `index`. */
function readNames(
  r: Rewriter,
  index: number,
): { readonly names: readonly Identifier[]; readonly end: number } {
  if (!isWord(r.tokens[index + 1], "by")) throw unexpected(r, index + 1);
  if (!isSymbol(r.tokens[index + 2], "(")) throw unexpected(r, index + 2);
  const names: Identifier[] = [];
  for (let at = index + 3; ; at += 2) {
    const token = r.tokens[at];
    if (token === undefined || !isName(token)) throw unexpected(r, at);
    const { text: name, position } = token;
    names.push({ name, quoted: token.kind !== "word", position });
    if (isSymbol(r.tokens[at + 1], ")")) return { names, end: at + 2 };
    if (!isSymbol(r.tokens[at + 1], ",")) throw unexpected(r, at + 1);
  }
}

/** `('k' = 'v', k.l = 5)` at `index`. */
export function readProperties(
  r: Rewriter,
  index: number,
): { readonly properties: Record<string, string>; readonly end: number } {
  const properties: Record<string, string> = {};
  if (!isSymbol(r.tokens[index], "(")) throw unexpected(r, index);
  for (let at = index + 1; ;) {
    const key = readKey(r, at);
    const equals = isOperator(r.tokens[key.end], "=") ? key.end + 1 : key.end;
    properties[key.text] = literalAt(r, equals);
    const separator = r.tokens[equals + 1];
    if (isSymbol(separator, ")")) return { properties, end: equals + 2 };
    if (!isSymbol(separator, ",")) throw unexpected(r, equals + 1);
    at = equals + 2;
  }
}

function readKey(
  r: Rewriter,
  index: number,
): { readonly text: string; readonly end: number } {
  const token = r.tokens[index];
  if (token?.kind === "string") {
    return { text: stringAt(r, index), end: index + 1 };
  }
  const end = afterDottedName(r.tokens, index);
  if (end === index || token === undefined) throw unexpected(r, index);
  const last = r.tokens[end - 1] ?? token;
  return { text: r.statement.sql.slice(token.start, last.end), end };
}

function literalAt(r: Rewriter, index: number): string {
  const token = r.tokens[index];
  const plain =
    token?.kind === "number" || isWord(token, "true") || isWord(token, "false");
  return plain && token !== undefined ? token.text : stringAt(r, index);
}

/** Cuts `COMMENT '…'` and `MASK f …` off each column between the brackets. */
function rewriteColumns(r: Rewriter, from: number, to: number): void {
  let column = from;
  for (let at = from; at < to;) {
    const token = r.tokens[at];
    if (isSymbol(token, ",")) column = at + 1;
    if (at > column) rewriteColumnClause(r, at, column);
    const opens = isSymbol(token, "(") || isSymbol(token, "[");
    at = opens
      ? (afterBrackets(r, at) ?? to)
      : (afterCompositeType(r, at) ?? at + 1);
  }
}

/** One clause of the definition of the column whose name is at `column`. */
export function rewriteColumnClause(
  r: Rewriter,
  index: number,
  column: number,
): void {
  const token = r.tokens[index];
  const value = r.tokens[index + 1];
  if (isWord(token, "comment") && value?.kind === "string") {
    const text = stringAt(r, index + 1);
    pinNote(r, column, { kind: "comment", text }, value);
    dropTokens(r, index, index + 2);
  } else if (isWord(token, "generated")) {
    markStored(r, index);
  } else if (
    isWord(token, "mask") &&
    value !== undefined &&
    isName(value) &&
    index > column + 1
  ) {
    const cursor = cursorAt(r, index + 1);
    const mask = readMask(cursor);
    pinNote(r, column, { kind: "mask", mask }, value);
    dropTokens(r, index, cursor.next);
  }
}

/** `GENERATED ALWAYS AS (…)`: PostgreSQL wants STORED behind it, Delta has nothing else. */
function markStored(r: Rewriter, index: number): void {
  const { tokens } = r;
  const expression =
    isWord(tokens[index + 1], "always") &&
    isWord(tokens[index + 2], "as") &&
    isSymbol(tokens[index + 3], "(");
  if (!expression) return;
  const end = afterBrackets(r, index + 3);
  if (end !== undefined && !isWord(tokens[end], "stored"))
    insertAfter(r, end - 1, "STORED");
}

function rewriteView(r: Rewriter, index: number, replace: boolean): void {
  const { tokens } = r;
  const conditional = isIfNotExists(r, index);
  if (conditional && replace) throw unexpected(r, index);
  if (conditional) dropTokens(r, index, index + 3);
  const name = conditional ? index + 3 : index;
  const blame = tokens[name];
  let at = afterDottedName(tokens, name);
  if (blame === undefined || at === name) return;
  if (isSymbol(tokens[at], "(")) {
    refuseColumnComments(r, at);
    at = afterBrackets(r, at) ?? at;
  }
  const clauses = isWord(tokens[at], "using") ? undefined : readClauses(r, at);
  refuseOptions(clauses?.options.fileOptions);
  const comment = clauses?.options.comment;
  pinNote(
    r,
    name,
    {
      kind: "create-view",
      ifNotExists: conditional,
      ...(comment === undefined ? {} : { comment }),
    },
    blame,
  );
}

function refuseOptions(options: TableOptions["fileOptions"]): void {
  const [option] = options ?? [];
  if (option) throw unsupported("OPTIONS of a view are", option.position);
}

function refuseColumnComments(r: Rewriter, open: number): void {
  const end = afterBrackets(r, open) ?? open;
  for (let at = open + 2; at < end - 1; at++) {
    const comment = r.tokens[at];
    if (isWord(comment, "comment") && r.tokens[at + 1]?.kind === "string") {
      throw unsupported(
        "comments on columns of a view are",
        comment?.position ?? 1,
      );
    }
  }
}

/** Whether CREATE said OR REPLACE, IF NOT EXISTS, or neither. */
export function createMode(replace: boolean, ifNotExists: boolean): CreateMode {
  if (replace) return "or-replace";
  return ifNotExists ? "if-not-exists" : "create";
}
