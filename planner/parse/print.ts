// Our tree -> SQL text that parses to the same tree, names fully quoted. View definitions are stored so.

import type { Expr, ListenStatement, Query, Statement } from "./ast.ts";
import { unsupported } from "./errors.ts";
import {
  printDescribe,
  printFetch,
  printGrant,
  printGroup,
  printOptimize,
  printOwner,
  printSecurable,
  printSet,
  printSetting,
  printShow,
  printShowGrants,
  printToken,
  printTransaction,
  printUse,
  printUser,
  printVacuum,
} from "./print/print-command.ts";
import { printExpression, printExpressions } from "./print/print-expression.ts";
import {
  joinParts,
  printIdentifier,
  printName,
  printType,
  quoteName,
  quoteString,
} from "./print/print-name.ts";
import {
  printQueryWith,
  printTravel,
  type QueryPrinter,
} from "./print/print-query.ts";
import { printCopy, printCopyInto } from "./print/print-copy.ts";
import { printAlter } from "./print/print-alter.ts";
import {
  printComment,
  printCreateFunction,
  printCreateTable,
  printCreateTableAs,
  printCreateView,
  printDelete,
  printDrop,
  printInsert,
  printMerge,
  printUpdate,
} from "./print/print-statement.ts";

const PRINTER: QueryPrinter = { query: printQuery, statement: printStatement };

export function printQuery(query: Query): string {
  return printQueryWith(PRINTER, query);
}

export function printExpr(expr: Expr): string {
  return printExpression(expr, printQuery);
}

type Kind = Statement["kind"];
/** The member of the union whose `kind` may be K. */
type StatementOf<K extends Kind, S = Statement> = S extends {
  readonly kind: infer Kinds;
}
  ? K extends Kinds
    ? S
    : never
  : never;
type StatementsByKind = { readonly [K in Kind]: StatementOf<K> };
type StatementPrinters = {
  readonly [K in Kind]: (statement: StatementsByKind[K]) => string;
};

const STATEMENT_PRINTERS: StatementPrinters = {
  select: ({ query }) => printQuery(query),
  insert: (statement) => printInsert(PRINTER, statement),
  update: (statement) => printUpdate(PRINTER, statement),
  delete: (statement) => printDelete(PRINTER, statement),
  merge: (statement) => printMerge(PRINTER, statement),
  copy: (statement) => printCopy(PRINTER, statement),
  "copy-into": (statement) => printCopyInto(PRINTER, statement),
  "create-table": (statement) => printCreateTable(PRINTER, statement),
  "create-table-as": (statement) => printCreateTableAs(PRINTER, statement),
  "create-view": (statement) => printCreateView(PRINTER, statement),
  "create-function": (statement) => printCreateFunction(PRINTER, statement),
  "create-schema": ({ name, ifNotExists, comment }) =>
    joinParts(
      "CREATE SCHEMA",
      ifNotExists ? "IF NOT EXISTS" : undefined,
      printName(name),
      comment === undefined ? undefined : `COMMENT ${quoteString(comment)}`,
    ),
  drop: printDrop,
  truncate: ({ tables }) =>
    `TRUNCATE TABLE ${tables.map(printName).join(", ")}`,
  alter: (statement) => printAlter(PRINTER, statement),
  comment: printComment,
  explain: ({ analyze, format, statement }) =>
    `EXPLAIN (${analyze ? "ANALYZE, " : ""}FORMAT ${format.toUpperCase()}) ${printStatement(statement)}`,
  describe: (statement) => printDescribe(PRINTER, statement),
  show: printShow,
  use: printUse,
  set: printSet,
  reset: ({ name }) =>
    `RESET ${name === undefined ? "ALL" : printSetting(name)}`,
  transaction: printTransaction,
  prepare: ({ name, types, statement }) => {
    const list =
      types.length === 0 ? "" : ` (${types.map(printType).join(", ")})`;
    return `PREPARE ${quoteName(name)}${list} AS ${printStatement(statement)}`;
  },
  execute: ({ name, args }) => {
    const list =
      args.length === 0 ? "" : ` (${printExpressions(args, printQuery)})`;
    return `EXECUTE ${quoteName(name)}${list}`;
  },
  deallocate: ({ name }) => `DEALLOCATE ${nameOrAll(name)}`,
  "declare-cursor": ({ name, query, hold, scroll, binary }) =>
    joinParts(
      `DECLARE ${quoteName(name)}`,
      binary ? "BINARY" : undefined,
      scroll === undefined ? undefined : `${scroll ? "" : "NO "}SCROLL`,
      "CURSOR",
      hold ? "WITH HOLD" : undefined,
      `FOR ${printQuery(query)}`,
    ),
  fetch: printFetch,
  close: ({ cursor }) => `CLOSE ${nameOrAll(cursor)}`,
  discard: ({ what }) => `DISCARD ${what.toUpperCase()}`,
  listen: printChannel,
  unlisten: printChannel,
  notify: printChannel,
  lock: ({ tables }) => `LOCK TABLE ${tables.map(printName).join(", ")}`,
  grant: printGrant,
  deny: printGrant,
  revoke: printGrant,
  "show-grants": printShowGrants,
  "repair-privileges": ({ securable }) =>
    `MSCK REPAIR ${printSecurable(securable)} PRIVILEGES`,
  "alter-owner": printOwner,
  group: printGroup,
  user: printUser,
  token: printToken,
  "refresh-table": ({ table }) => `REFRESH TABLE ${printName(table)}`,
  "refresh-catalog": ({ name }) =>
    joinParts(
      "REFRESH CATALOG",
      name === undefined ? undefined : printIdentifier(name),
    ),
  "cancel-query": ({ id }) => `CANCEL QUERY ${quoteString(id)}`,
  analyze: ({ table, columns }) =>
    joinParts(
      table === undefined
        ? "ANALYZE"
        : `ANALYZE TABLE ${printName(table)} COMPUTE STATISTICS`,
      columns === undefined
        ? undefined
        : columns.length === 0
          ? "NOSCAN"
          : `FOR COLUMNS ${columns.map(printIdentifier).join(", ")}`,
    ),
  optimize: (statement) => printOptimize(PRINTER, statement),
  vacuum: printVacuum,
  "add-partition": ({ table, columns }) =>
    joinParts(
      "ALTER TABLE",
      printName(table),
      "ADD PARTITION",
      `(${columns.map((column) => `${printIdentifier(column)} = NULL`).join(", ")})`,
    ),
  restore: ({ table, travel }) =>
    joinParts(
      "RESTORE TABLE",
      printName(table),
      "TO",
      printTravel(PRINTER, travel),
    ),
  unsupported: ({ construct, position }) => {
    throw unsupported(construct, position);
  },
};

/** Throws 0A000 for a statement that was parsed only to be refused, since its text is not in the tree. */
export function printStatement(statement: Statement): string {
  return printByKind(statement.kind, statement);
}

function printByKind<K extends Kind>(
  kind: K,
  statement: StatementsByKind[K],
): string {
  return STATEMENT_PRINTERS[kind](statement);
}

function printChannel({ kind, channel }: ListenStatement): string {
  const name = channel === "*" ? "*" : quoteName(channel);
  return `${kind.toUpperCase()} ${name}`;
}

function nameOrAll(name: string | undefined): string {
  return name === undefined ? "ALL" : quoteName(name);
}
