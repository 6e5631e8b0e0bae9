// Statements about the session: settings, transactions, prepared statements, cursors, channels.

import type {
  DeclareCursorStatement,
  ExplainStatement,
  FetchStatement,
  ResetStatement,
  SetStatement,
  ShowStatement,
  Statement,
  TransactionStatement,
} from "../ast.ts";
import { grammarError, invalidOptionValue, unsupported } from "../errors.ts";
import type * as Tree from "../grammar.ts";
import { constantText, optionText, readOptions } from "./tree-option.ts";
import {
  at,
  expressions,
  isNode,
  nameText,
  optional,
  refuseIf,
  type TreeReader,
} from "./tree.ts";

export function readSet(
  c: TreeReader,
  set: Tree.VariableSetStmt,
  position: number,
): SetStatement | ResetStatement | TransactionStatement {
  const name = settingName(c, set.name);
  switch (set.kind) {
    case "VAR_RESET":
      return { kind: "reset", name, position };
    case "VAR_RESET_ALL":
      return { kind: "reset", position };
    case "VAR_SET_MULTI":
      return readSetTransaction(c, set, position);
    case "VAR_SET_CURRENT":
      throw unsupported("SET FROM CURRENT is", position);
    default: {
      const isDefault = set.kind === "VAR_SET_DEFAULT";
      const values = (set.args ?? []).map((arg) => settingText(c, arg));
      const scope = set.is_local === true ? "local" : "session";
      return {
        kind: "set",
        name,
        values: isDefault ? undefined : values,
        scope,
        position,
      };
    }
  }
}

/** Settings match without case; one with a dot arrives joined from its parts. */
function settingName(c: TreeReader, name: string | undefined): string {
  return (name ?? "")
    .split(".")
    .map((part) => nameText(c, part))
    .join(".")
    .toLowerCase();
}

function readSetTransaction(
  c: TreeReader,
  set: Tree.VariableSetStmt,
  position: number,
): TransactionStatement {
  const snapshot = set.name === "TRANSACTION SNAPSHOT";
  refuseIf(snapshot, "SET TRANSACTION SNAPSHOT is", position);
  const session = set.name === "SESSION CHARACTERISTICS";
  const options = readTransactionOptions(c, set.args);
  return {
    kind: "transaction",
    action: { kind: "set", options, session },
    position,
  };
}

function settingText(c: TreeReader, node: Tree.Node): string {
  if (isNode(node, "A_Const")) return constantText(c, node.A_Const);
  if (!isNode(node, "TypeCast")) return optionText(c, node);
  const { arg, location } = node.TypeCast;
  const text = arg === undefined ? "" : optionText(c, arg);
  return posixZone(text, at(c, location));
}

const OFFSET =
  /^\s*([+-]?)(\d{1,2})(?::?(\d{2}))?(?::(\d{2}))?\s*(?:hours?)?\s*$/i;

/** `SET TIME ZONE INTERVAL '+02:00'` counts east of Greenwich; the name PostgreSQL gives such a zone is `<+02>-02`. */
function posixZone(interval: string, position: number): string {
  const match = OFFSET.exec(interval);
  if (match === null) {
    throw invalidOptionValue(
      `invalid value for parameter "TimeZone": "${interval}"`,
      position,
    );
  }
  const [, sign, hours, minutes, seconds] = match;
  const rest = [minutes, seconds]
    .filter((part) => part !== undefined && part !== "00")
    .map((part) => `:${part ?? ""}`)
    .join("");
  const size = `${(hours ?? "0").padStart(2, "0")}${rest}`;
  return sign === "-" ? `<-${size}>+${size}` : `<+${size}>-${size}`;
}

export function readShow(
  c: TreeReader,
  show: Tree.VariableShowStmt,
  position: number,
): ShowStatement {
  const name = settingName(c, show.name);
  return { kind: "show", what: { kind: "setting", name }, position };
}

function readTransactionOptions(
  c: TreeReader,
  nodes: readonly Tree.Node[] | undefined,
): Record<string, string> {
  const options = readOptions(c, nodes);
  for (const flag of ["transaction_read_only", "transaction_deferrable"]) {
    const value = options[flag];
    if (value !== undefined) options[flag] = value === "0" ? "off" : "on";
  }
  return options;
}

export function readTransaction(
  c: TreeReader,
  statement: Tree.TransactionStmt,
  position: number,
): TransactionStatement {
  const action = transactionAction(c, statement, position);
  return { kind: "transaction", action, position };
}

function transactionAction(
  c: TreeReader,
  statement: Tree.TransactionStmt,
  position: number,
): TransactionStatement["action"] {
  const name = nameText(c, statement.savepoint_name);
  const chain = statement.chain === true;
  switch (statement.kind) {
    case "TRANS_STMT_COMMIT":
      return { kind: "commit", chain };
    case "TRANS_STMT_ROLLBACK":
      return { kind: "rollback", chain };
    case "TRANS_STMT_SAVEPOINT":
      return { kind: "savepoint", name };
    case "TRANS_STMT_RELEASE":
      return { kind: "release", name };
    case "TRANS_STMT_ROLLBACK_TO":
      return { kind: "rollback-to", name };
    case "TRANS_STMT_PREPARE":
    case "TRANS_STMT_COMMIT_PREPARED":
    case "TRANS_STMT_ROLLBACK_PREPARED":
      throw unsupported("two-phase commit is", position);
    default: {
      const options = readTransactionOptions(c, statement.options);
      return { kind: "begin", options };
    }
  }
}

// Options that change only what our EXPLAIN prints anyway.
const EXPLAIN_FLAGS: ReadonlySet<string> = new Set(
  `verbose costs settings generic_plan buffers serialize wal timing summary memory`.split(
    " ",
  ),
);

export function readExplain(
  c: TreeReader,
  explain: Tree.ExplainStmt,
  position: number,
): ExplainStatement {
  if (explain.query === undefined)
    throw unsupported("this EXPLAIN is", position);
  const options = readOptions(c, explain.options);
  for (const name of Object.keys(options)) {
    if (EXPLAIN_FLAGS.has(name) || name === "analyze" || name === "format") {
      continue;
    }
    throw grammarError(`unrecognized EXPLAIN option "${name}"`, position);
  }
  return {
    kind: "explain",
    analyze: flagValue(options["analyze"]),
    format: explainFormat(options["format"], position),
    statement: c.statement(explain.query, position),
    position,
  };
}

function flagValue(text: string | undefined): boolean {
  return (
    text !== undefined && !["false", "off", "0"].includes(text.toLowerCase())
  );
}

function explainFormat(
  text: string | undefined,
  position: number,
): ExplainStatement["format"] {
  const format = text?.toLowerCase() ?? "text";
  if (format === "text" || format === "json") return format;
  if (format === "xml" || format === "yaml") {
    throw unsupported(`EXPLAIN (FORMAT ${format.toUpperCase()}) is`, position);
  }
  throw invalidOptionValue(
    `unrecognized value for EXPLAIN option "format": "${format}"`,
    position,
  );
}

export function readPrepare(
  c: TreeReader,
  prepare: Tree.PrepareStmt,
  position: number,
): Statement {
  if (prepare.query === undefined)
    throw unsupported("this PREPARE is", position);
  return {
    kind: "prepare",
    name: nameText(c, prepare.name),
    types: (prepare.argtypes ?? []).flatMap((node) =>
      isNode(node, "TypeName") ? [c.type(node.TypeName)] : [],
    ),
    statement: c.statement(prepare.query, position),
    position,
  };
}

export function readExecute(
  c: TreeReader,
  execute: Tree.ExecuteStmt,
  position: number,
): Statement {
  const args = expressions(c, execute.params);
  return { kind: "execute", name: nameText(c, execute.name), args, position };
}

// PostgreSQL's CURSOR_OPT bits (nodes/parsenodes.h).
const BINARY = 0x1;
const SCROLL = 0x2;
const NO_SCROLL = 0x4;
const HOLD = 0x20;

export function readDeclareCursor(
  c: TreeReader,
  declare: Tree.DeclareCursorStmt,
  position: number,
): DeclareCursorStatement {
  const { query } = declare;
  if (query === undefined || !isNode(query, "SelectStmt")) {
    throw unsupported("a cursor over anything but a query is", position);
  }
  const options = declare.options ?? 0;
  const scroll =
    (options & SCROLL) !== 0
      ? true
      : (options & NO_SCROLL) !== 0
        ? false
        : undefined;
  return {
    kind: "declare-cursor",
    name: nameText(c, declare.portalname),
    query: c.query(query.SelectStmt, position),
    hold: (options & HOLD) !== 0,
    ...optional("scroll", scroll),
    binary: (options & BINARY) !== 0,
    position,
  };
}

const DIRECTIONS: ReadonlyMap<string, FetchStatement["direction"]> = new Map<
  string,
  FetchStatement["direction"]
>([
  ["FETCH_FORWARD", "forward"],
  ["FETCH_BACKWARD", "backward"],
  ["FETCH_ABSOLUTE", "absolute"],
  ["FETCH_RELATIVE", "relative"],
]);
/** ALL is the largest `long`, which has 32 bits in WebAssembly. */
const FETCH_ALL = 2 ** 31 - 1;

export function readFetch(
  c: TreeReader,
  fetch: Tree.FetchStmt,
  position: number,
): FetchStatement {
  // Declared bigint by the package, a number in its JSON.
  const count = Number(fetch.howMany ?? 0);
  return {
    kind: "fetch",
    cursor: nameText(c, fetch.portalname),
    direction: DIRECTIONS.get(fetch.direction ?? "") ?? "forward",
    ...(count >= FETCH_ALL ? {} : { count }),
    move: fetch.ismove === true,
    position,
  };
}
