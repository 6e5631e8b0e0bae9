// Queries and items of FROM as SQL text.

import { unreachable } from "../../../storage/common/invariant.ts";
import type {
  CommonTable,
  FromItem,
  FunctionFrom,
  GroupItem,
  JoinFrom,
  Query,
  QueryBody,
  Select,
  SelectItem,
  Statement,
  TableAlias,
  TableFrom,
  TimeTravel,
  WithClause,
} from "../ast.ts";
import {
  printCall,
  printExpression,
  printExpressions,
  printOrderBy,
  printWindow,
} from "./print-expression.ts";
import {
  joinParts,
  printColumnList,
  printIdentifier,
  printName,
  printNames,
  printType,
  quoteName,
  quoteString,
} from "./print-name.ts";

/** How a data-modifying item of WITH is printed. */
export type PrintStatement = (statement: Statement) => string;

/** Printers of one text, tied together by print.ts. */
export interface QueryPrinter {
  readonly query: (query: Query) => string;
  readonly statement: PrintStatement;
}

export function printQueryWith(p: QueryPrinter, query: Query): string {
  return joinParts(
    query.with === undefined ? undefined : printWith(p, query.with),
    printBody(p, query.body),
    printOrderBy(query.orderBy, p.query),
    printLimit(p, query),
    query.locking,
  );
}

function printLimit(p: QueryPrinter, query: Query): string {
  const { limit, offset } = query;
  const rows =
    limit === undefined ? undefined : printExpression(limit, p.query);
  return joinParts(
    offset === undefined
      ? undefined
      : `OFFSET ${printExpression(offset, p.query)}`,
    rows === undefined
      ? undefined
      : query.withTies
        ? `FETCH FIRST (${rows}) ROWS WITH TIES`
        : `LIMIT ${rows}`,
  );
}

export function printWith(p: QueryPrinter, clause: WithClause): string {
  const items = clause.items.map((item) => printCommonTable(p, item));
  return `WITH ${clause.recursive ? "RECURSIVE " : ""}${items.join(", ")}`;
}

function printCommonTable(p: QueryPrinter, table: CommonTable): string {
  const { materialized } = table;
  const inside =
    table.query.kind === "query"
      ? p.query(table.query)
      : p.statement(table.query);
  return joinParts(
    `${printIdentifier(table.name)}${printColumnList(table.columns)}`,
    "AS",
    materialized === undefined
      ? undefined
      : `${materialized ? "" : "NOT "}MATERIALIZED`,
    `(${inside})`,
  );
}

function printBody(p: QueryPrinter, body: QueryBody): string {
  switch (body.kind) {
    case "select":
      return printSelect(p, body);
    case "values": {
      const rows = body.rows.map(
        (row) => `(${printExpressions(row, p.query)})`,
      );
      return `VALUES ${rows.join(", ")}`;
    }
    case "query":
      return `(${p.query(body)})`;
    case "set-operation": {
      const operator = `${body.operator.toUpperCase()}${body.all ? " ALL" : ""}`;
      return `${printOperand(p, body.left)} ${operator} ${printOperand(p, body.right)}`;
    }
    default:
      return unreachable(body);
  }
}

function printOperand(p: QueryPrinter, body: QueryBody): string {
  return body.kind === "query" ? printBody(p, body) : `(${printBody(p, body)})`;
}

function printSelect(p: QueryPrinter, select: Select): string {
  const { where, having, qualify } = select;
  const clause = (word: string, text: string): string | undefined =>
    text === "" ? undefined : `${word} ${text}`;
  return joinParts(
    "SELECT",
    printDistinct(p, select.distinct),
    printItems(p, select.items),
    clause("FROM", printFromList(p, select.from)),
    where === undefined
      ? undefined
      : `WHERE ${printExpression(where, p.query)}`,
    clause(
      select.groupDistinct ? "GROUP BY DISTINCT" : "GROUP BY",
      select.groupBy.map((item) => printGroup(p, item)).join(", "),
    ),
    having === undefined
      ? undefined
      : `HAVING ${printExpression(having, p.query)}`,
    clause(
      "WINDOW",
      select.windows
        .map(
          ({ name, spec }) =>
            `${printIdentifier(name)} AS ${printWindow(spec, p.query)}`,
        )
        .join(", "),
    ),
    qualify === undefined
      ? undefined
      : `QUALIFY ${printExpression(qualify, p.query)}`,
  );
}

function printDistinct(
  p: QueryPrinter,
  distinct: Select["distinct"],
): string | undefined {
  if (distinct === false) return undefined;
  if (distinct === true) return "DISTINCT";
  return `DISTINCT ON (${printExpressions(distinct, p.query)})`;
}

export function printItems(
  p: QueryPrinter,
  items: readonly SelectItem[],
): string {
  return items
    .map(({ value, alias }) => {
      const text = printExpression(value, p.query);
      return alias === undefined
        ? text
        : `${text} AS ${printIdentifier(alias)}`;
    })
    .join(", ");
}

function printGroup(p: QueryPrinter, item: GroupItem): string {
  switch (item.kind) {
    case "expression":
      return printExpression(item.value, p.query);
    case "rollup":
    case "cube": {
      const sets = item.sets.map((set) =>
        set.length === 1
          ? printExpressions(set, p.query)
          : `(${printExpressions(set, p.query)})`,
      );
      return `${item.kind.toUpperCase()} (${sets.join(", ")})`;
    }
    case "sets": {
      const items = item.items.map((inner) => printGroup(p, inner));
      return `GROUPING SETS (${items.join(", ")})`;
    }
    case "set":
      return item.items.length === 1
        ? printExpressions(item.items, p.query)
        : `(${printExpressions(item.items, p.query)})`;
    default:
      return unreachable(item);
  }
}

export function printFromList(
  p: QueryPrinter,
  items: readonly FromItem[],
): string {
  return items.map((item) => printFrom(p, item)).join(", ");
}

export function printFrom(p: QueryPrinter, item: FromItem): string {
  switch (item.kind) {
    case "table":
      return printTable(p, item);
    case "path":
      return joinParts(
        item.format === undefined
          ? quoteString(item.path)
          : `${item.format}.\`${item.path.replaceAll("`", "``")}\``,
        printTravel(p, item.travel),
        printAlias(item.alias),
      );
    case "subquery":
      return joinParts(
        item.lateral ? "LATERAL" : undefined,
        `(${p.query(item.query)})`,
        printAlias(item.alias),
      );
    case "function":
      return printFunction(p, item);
    case "join":
      return printJoin(p, item);
    default:
      return unreachable(item);
  }
}

export function printAlias(alias: TableAlias | undefined): string | undefined {
  if (alias === undefined) return undefined;
  return `AS ${printIdentifier(alias.name)}${printColumnList(alias.columns)}`;
}

export function printTravel(
  p: QueryPrinter,
  travel: TimeTravel | undefined,
): string | undefined {
  if (travel === undefined) return undefined;
  const value = `(${printExpression(travel.value, p.query)})`;
  return `${travel.kind.toUpperCase()} AS OF ${value}`;
}

function printTable(p: QueryPrinter, table: TableFrom): string {
  const { sample } = table;
  const repeatable =
    sample?.repeatable === undefined
      ? undefined
      : `REPEATABLE (${printExpression(sample.repeatable, p.query)})`;
  return joinParts(
    printName(table.name),
    printTravel(p, table.travel),
    printAlias(table.alias),
    sample === undefined
      ? undefined
      : `TABLESAMPLE ${quoteName(sample.method)}(${printExpressions(sample.args, p.query)})`,
    repeatable,
  );
}

function printFunction(p: QueryPrinter, item: FunctionFrom): string {
  const calls = item.calls.map((call) => printCall(call, p.query));
  const columns = item.columnTypes.map(
    ({ name, type }) => `${printIdentifier(name)} ${printType(type)}`,
  );
  const { alias } = item;
  const named =
    columns.length === 0
      ? printAlias(alias)
      : `AS ${alias === undefined ? "" : printIdentifier(alias.name)} (${columns.join(", ")})`;
  return joinParts(
    item.lateral ? "LATERAL" : undefined,
    calls.length === 1 ? calls.join("") : `ROWS FROM (${calls.join(", ")})`,
    item.ordinality ? "WITH ORDINALITY" : undefined,
    named,
  );
}

function printJoin(p: QueryPrinter, join: JoinFrom): string {
  const word =
    join.type === "inner" ? "JOIN" : `${join.type.toUpperCase()} JOIN`;
  const { on, using, alias } = join;
  const forUsing = join.aliasOf === "using" ? printAlias(alias) : undefined;
  const text = joinParts(
    printFrom(p, join.left),
    join.natural ? "NATURAL" : undefined,
    word,
    printFrom(p, join.right),
    on === undefined ? undefined : `ON ${printExpression(on, p.query)}`,
    using === undefined ? undefined : `USING (${printNames(using)})`,
    forUsing,
  );
  return joinParts(
    `(${text})`,
    forUsing === undefined ? printAlias(alias) : undefined,
  );
}
