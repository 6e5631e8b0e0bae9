// SelectStmt of the grammar's tree -> Query: WITH, set operations, SELECT and VALUES. FROM is in tree-from.ts.

import type {
  CommonTable,
  Expr,
  GroupItem,
  Query,
  QueryBody,
  Select,
  SelectItem,
  SetOperation,
  WithClause,
} from "../ast.ts";
import { duplicateClause, syntaxError, unsupported } from "../errors.ts";
import type * as Tree from "../grammar.ts";
import { markOf, sourceText } from "../source.ts";
import { readWindow, sortItems } from "./tree-call.ts";
import { readFrom } from "./tree-from.ts";
import {
  at,
  expressions,
  identifier,
  identifiers,
  isNode,
  optional,
  optionalExpression,
  refuseIf,
  type TreeReader,
} from "./tree.ts";

/** `position` serves the parts that have no location in the tree: the query's own. SELECT INTO is not one of them. */
export function readQuery(
  c: TreeReader,
  select: Tree.SelectStmt,
  position: number,
): Query {
  refuseIf(select.intoClause !== undefined, "SELECT INTO here is", position);
  const withClause = readWith(c, select.withClause);
  const body = readBody(c, select, position);
  return {
    kind: "query",
    ...optional("with", withClause),
    body,
    orderBy: sortItems(c, select.sortClause),
    ...optional("limit", optionalExpression(c, select.limitCount)),
    ...optional("offset", optionalExpression(c, select.limitOffset)),
    withTies: select.limitOption === "LIMIT_OPTION_WITH_TIES",
    ...optional("locking", lockingText(select.lockingClause)),
    position,
  };
}

const STRENGTHS: ReadonlyMap<string, string> = new Map([
  ["LCS_FORKEYSHARE", "FOR KEY SHARE"],
  ["LCS_FORSHARE", "FOR SHARE"],
  ["LCS_FORNOKEYUPDATE", "FOR NO KEY UPDATE"],
  ["LCS_FORUPDATE", "FOR UPDATE"],
]);

function lockingText(
  clauses: readonly Tree.Node[] | undefined,
): string | undefined {
  const clause = clauses?.[0];
  if (clause === undefined || !isNode(clause, "LockingClause"))
    return undefined;
  return STRENGTHS.get(clause.LockingClause.strength ?? "") ?? "FOR UPDATE";
}

function readBody(
  c: TreeReader,
  select: Tree.SelectStmt,
  position: number,
): QueryBody {
  if (select.valuesLists !== undefined) {
    const rows = select.valuesLists.map((row) =>
      isNode(row, "List") ? expressions(c, row.List.items) : [],
    );
    return { kind: "values", rows, position };
  }
  const { op } = select;
  return op === undefined || op === "SETOP_NONE"
    ? readSelect(c, select, position)
    : readSetOperation(c, select, position);
}

const SET_OPERATORS: ReadonlyMap<string, SetOperation["operator"]> = new Map<
  string,
  SetOperation["operator"]
>([
  ["SETOP_UNION", "union"],
  ["SETOP_INTERSECT", "intersect"],
  ["SETOP_EXCEPT", "except"],
]);

function readSetOperation(
  c: TreeReader,
  select: Tree.SelectStmt,
  position: number,
): SetOperation {
  return {
    kind: "set-operation",
    operator: SET_OPERATORS.get(select.op ?? "") ?? "union",
    all: select.all === true,
    left: readOperand(c, select.larg ?? {}, position),
    right: readOperand(c, select.rarg ?? {}, position),
    position,
  };
}

/** An operand with clauses of its own (it stood in brackets) stays a whole query. */
function readOperand(
  c: TreeReader,
  select: Tree.SelectStmt,
  position: number,
): QueryBody {
  const own =
    select.withClause ??
    select.sortClause ??
    select.limitCount ??
    select.limitOffset ??
    select.lockingClause;
  return own === undefined
    ? readBody(c, select, position)
    : readQuery(c, select, position);
}

function readSelect(
  c: TreeReader,
  select: Tree.SelectStmt,
  position: number,
): Select {
  refuseIf(select.intoClause !== undefined, "SELECT INTO here is", position);
  return {
    kind: "select",
    distinct: readDistinct(c, select.distinctClause),
    items: selectItems(c, select.targetList),
    from: (select.fromClause ?? []).map((item) => readFrom(c, item)),
    ...optional("where", optionalExpression(c, select.whereClause)),
    groupBy: (select.groupClause ?? []).flatMap((item) => readGroup(c, item)),
    groupDistinct: select.groupDistinct === true,
    ...optional("having", optionalExpression(c, select.havingClause)),
    ...readWindows(c, select.windowClause),
    position,
  };
}

/** Plain DISTINCT is a list of one empty node in the tree. */
function readDistinct(
  c: TreeReader,
  clause: readonly Tree.Node[] | undefined,
): Select["distinct"] {
  if (clause === undefined) return false;
  const on = clause.filter((node) => Object.keys(node).length > 0);
  return on.length === 0 ? true : expressions(c, on);
}

export function selectItems(
  c: TreeReader,
  nodes: readonly Tree.Node[] | undefined,
): SelectItem[] {
  return (nodes ?? []).flatMap((node) => {
    if (!isNode(node, "ResTarget")) return [];
    const { name, val, location } = node.ResTarget;
    if (val === undefined) return [];
    const position = at(c, location);
    const value = c.expression(val);
    if (name === undefined) return [{ value, position }];
    return [{ value, alias: identifier(c, name, position), position }];
  });
}

/** `(a, b)` is one row to the grammar but two items to GROUP BY. */
function readGroup(c: TreeReader, node: Tree.Node): readonly GroupItem[] {
  if (isNode(node, "GroupingSet"))
    return [readGroupingSet(c, node.GroupingSet)];
  return groupedExpressions(c, node).map((value) => ({
    kind: "expression",
    value,
  }));
}

function groupedExpressions(c: TreeReader, node: Tree.Node): readonly Expr[] {
  const isList =
    isNode(node, "RowExpr") &&
    node.RowExpr.row_format === "COERCE_IMPLICIT_CAST";
  return isList ? expressions(c, node.RowExpr.args) : [c.expression(node)];
}

function readGroupingSet(c: TreeReader, set: Tree.GroupingSet): GroupItem {
  const content = set.content ?? [];
  switch (set.kind) {
    case "GROUPING_SET_ROLLUP":
    case "GROUPING_SET_CUBE": {
      const sets = content.map((node) => groupedExpressions(c, node));
      const kind = set.kind === "GROUPING_SET_CUBE" ? "cube" : "rollup";
      return { kind, sets };
    }
    case "GROUPING_SET_SETS":
      return {
        kind: "sets",
        items: content.map((node) => readSetItem(c, node)),
      };
    default:
      return { kind: "set", items: [] };
  }
}

function readSetItem(c: TreeReader, node: Tree.Node): GroupItem {
  return isNode(node, "GroupingSet")
    ? readGroupingSet(c, node.GroupingSet)
    : { kind: "set", items: groupedExpressions(c, node) };
}

/** The WINDOW clause, and the condition of QUALIFY that dialect.ts wrote as a window. */
function readWindows(
  c: TreeReader,
  clause: readonly Tree.Node[] | undefined,
): Pick<Select, "windows" | "qualify"> {
  const windows: Select["windows"][number][] = [];
  let qualify: Expr | undefined;
  for (const node of clause ?? []) {
    if (!isNode(node, "WindowDef")) continue;
    const window = node.WindowDef;
    const mark = markOf(c.source, window.name ?? "");
    if (mark?.kind === "qualify") {
      if (qualify !== undefined) {
        const { token } = mark;
        throw duplicateClause("QUALIFY", token.position);
      }
      qualify = sortItems(c, window.orderClause)[0]?.value;
      // `QUALIFY a, b`: the brackets around the condition made a row of it.
      if (qualify?.kind === "row") {
        throw syntaxError(
          sourceText(c.source, mark.token),
          mark.token.position,
        );
      }
      continue;
    }
    const position = at(c, window.location);
    const name = identifier(c, window.name ?? "", position);
    windows.push({ name, spec: readWindow(c, window) });
  }
  return { windows, ...optional("qualify", qualify) };
}

export function readWith(
  c: TreeReader,
  clause: Tree.WithClause | undefined,
): WithClause | undefined {
  if (clause === undefined) return undefined;
  return {
    recursive: clause.recursive === true,
    items: (clause.ctes ?? []).flatMap((node) =>
      isNode(node, "CommonTableExpr")
        ? [readCommonTable(c, node.CommonTableExpr)]
        : [],
    ),
    position: at(c, clause.location),
  };
}

function readCommonTable(
  c: TreeReader,
  table: Tree.CommonTableExpr,
): CommonTable {
  const position = at(c, table.location);
  refuseIf(table.search_clause !== undefined, "SEARCH is", position);
  refuseIf(table.cycle_clause !== undefined, "CYCLE is", position);
  const { ctequery: query, ctematerialized: mode } = table;
  if (query === undefined) throw unsupported("this WITH item is", position);
  const materialized =
    mode === "CTEMaterializeAlways"
      ? true
      : mode === "CTEMaterializeNever"
        ? false
        : undefined;
  return {
    name: identifier(c, table.ctename ?? "", position),
    columns: identifiers(c, table.aliascolnames, position),
    query: isNode(query, "SelectStmt")
      ? c.query(query.SelectStmt, position)
      : c.statement(query, position),
    ...optional("materialized", materialized),
    position,
  };
}
