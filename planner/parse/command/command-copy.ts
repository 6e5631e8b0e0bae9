// COPY INTO: files that a table takes in once (Databricks' grammar). The query over them, if there is one, PostgreSQL's grammar reads,
// with the path as a table's name.

import type {
  CopyIntoStatement,
  Identifier,
  NamedText,
  PathFrom,
  Query,
  Select,
  Statement,
} from "../ast.ts";
import {
  atEnd,
  atWords,
  expectWords,
  peek,
  position,
  readIdentifier,
  readInteger,
  readList,
  readName,
  readString,
  takeSymbol,
  takeWords,
  unexpectedToken,
  type Cursor,
} from "../cursor.ts";
import { duplicateClause, unsupported } from "../errors.ts";
import { readOptions } from "../named-text.ts";
import { readQueryTokens } from "../read-statement.ts";
import { matchBrackets } from "../token-walk.ts";
import { isOperator, isWord } from "../token.ts";

/** `t [BY POSITION | (c, …)] FROM 'path' | (SELECT … FROM 'path') clauses` behind COPY INTO. */
export function readCopyInto(c: Cursor, start: number): Statement {
  const table = readName(c);
  const byPosition = readPositions(c);
  expectWords(c, "from");
  const source = takeSymbol(c, "(") ? readSelect(c) : { files: readPath(c) };
  return {
    kind: "copy-into",
    table,
    ...(byPosition === undefined ? {} : { byPosition }),
    ...source,
    ...readClauses(c),
    position: start,
  };
}

function readPositions(c: Cursor): readonly Identifier[] | undefined {
  if (takeWords(c, "by position")) return [];
  if (!takeSymbol(c, "(")) return undefined;
  const columns = readList(c, readIdentifier);
  if (!takeSymbol(c, ")")) throw unexpectedToken(c);
  return columns;
}

function readPath(c: Cursor): PathFrom {
  const at = position(c);
  const path = readString(c);
  refuseCredentials(c);
  return { kind: "path", format: undefined, path, position: at };
}

function refuseCredentials(c: Cursor): void {
  if (atWords(c, "with")) {
    throw unsupported(
      "WITH credentials in COPY INTO is",
      position(c),
      "Credentials come from the cloud's environment or from sluice.yaml.",
    );
  }
}

/** Behind the opening bracket. */
function readSelect(c: Cursor): Source {
  const open = c.next - 1;
  const partners = matchBrackets(c.tokens);
  const close = partners[open];
  if (close === undefined)
    throw unexpectedToken({ ...c, next: c.tokens.length });
  while (c.next < close && !atPath(c))
    c.next = (partners[c.next] ?? c.next) + 1;
  const at = c.next + 1;
  if (c.next >= close) throw unexpectedToken({ ...c, next: close });
  c.next = at;
  const files = readPath(c);
  const tokens = c.tokens.slice(open + 1, close);
  const place = at - open - 1;
  const written = tokens[place];
  if (written !== undefined)
    tokens[place] = { ...written, kind: "backtick", text: files.path };
  const query = readQueryTokens({ ...c.statement, tokens }, "");
  c.next = close + 1;
  return overFiles(query, files);
}

/** At FROM with a path behind it. */
function atPath(c: Cursor): boolean {
  return isWord(peek(c), "from") && peek(c, 1)?.kind === "string";
}

interface Source {
  readonly files: PathFrom;
  readonly query: Query;
}

/** Throws 0A000 for everything but SELECT, one path in FROM, and WHERE. */
function overFiles(query: Query, path: PathFrom): Source {
  const { body } = query;
  const item = body.kind === "select" ? body.from[0] : undefined;
  if (body.kind !== "select" || item?.kind !== "table" || !isPlain(query, body))
    throw unsupported(
      "a query of COPY INTO other than SELECT … FROM 'path' [WHERE …] is",
      query.position,
    );
  const { alias } = item;
  const files = alias === undefined ? path : { ...path, alias };
  return { files, query: { ...query, body: { ...body, from: [files] } } };
}

function isPlain(query: Query, body: Select): boolean {
  const lists = [query.orderBy, body.groupBy, body.windows, body.from.slice(1)];
  const [item] = body.from;
  return (
    lists.every(({ length }) => length === 0) &&
    (query.with ?? query.limit ?? query.offset ?? query.locking) ===
      undefined &&
    (body.having ?? body.qualify) === undefined &&
    body.distinct === false &&
    item?.kind === "table" &&
    (item.travel ?? item.sample) === undefined
  );
}

type Clauses = Pick<
  CopyIntoStatement,
  "format" | "chosen" | "formatOptions" | "copyOptions" | "validate"
>;

/** In any order, each once. */
function readClauses(c: Cursor): Clauses {
  let format: string | undefined;
  let chosen: CopyIntoStatement["chosen"];
  let formatOptions: readonly NamedText[] | undefined;
  let copyOptions: readonly NamedText[] | undefined;
  let validate: CopyIntoStatement["validate"];
  const once = (clause: string, before: unknown): void => {
    if (before !== undefined) throw duplicateClause(clause, position(c));
  };
  while (!atEnd(c)) {
    refuseCredentials(c);
    if (atWords(c, "fileformat")) {
      once("FILEFORMAT", format);
      c.next++;
      takeEquals(c);
      format = readIdentifier(c).name.toLowerCase();
    } else if (atWords(c, "files") || atWords(c, "pattern")) {
      once("FILES or PATTERN", chosen);
      chosen = takeWords(c, "files") ? readFiles(c) : readPattern(c);
    } else if (atWords(c, "format_options")) {
      once("FORMAT_OPTIONS", formatOptions);
      c.next++;
      formatOptions = readOptions(c);
    } else if (atWords(c, "copy_options")) {
      once("COPY_OPTIONS", copyOptions);
      c.next++;
      copyOptions = readOptions(c);
    } else if (atWords(c, "validate")) {
      once("VALIDATE", validate);
      c.next++;
      validate = readValidated(c);
    } else throw unexpectedToken(c);
  }
  return {
    ...(format === undefined ? {} : { format }),
    ...(chosen === undefined ? {} : { chosen }),
    formatOptions: formatOptions ?? [],
    copyOptions: copyOptions ?? [],
    ...(validate === undefined ? {} : { validate }),
  };
}

/** `[ALL | n ROWS]`; all where nothing is said. */
function readValidated(c: Cursor): CopyIntoStatement["validate"] {
  if (takeWords(c, "all") || peek(c)?.kind !== "number") return {};
  const rows = readInteger(c);
  expectWords(c, "rows");
  return { rows };
}

function readFiles(c: Cursor): CopyIntoStatement["chosen"] {
  takeEquals(c);
  if (!takeSymbol(c, "(")) throw unexpectedToken(c);
  const names = readList(c, readString);
  if (!takeSymbol(c, ")")) throw unexpectedToken(c);
  return { kind: "files", names };
}

function readPattern(c: Cursor): CopyIntoStatement["chosen"] {
  c.next++;
  takeEquals(c);
  return { kind: "pattern", pattern: readString(c) };
}

function takeEquals(c: Cursor): void {
  if (!isOperator(peek(c), "=")) throw unexpectedToken(c);
  c.next++;
}
