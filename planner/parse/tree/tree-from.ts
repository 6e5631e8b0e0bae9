// Items of FROM, with the time travel, paths and samples that hang on a table.

import type {
  FromItem,
  FunctionFrom,
  JoinFrom,
  PathFrom,
  TableAlias,
  TableSample,
  TimeTravel,
} from "../ast.ts";
import { missingAlias, unsupported } from "../errors.ts";
import type * as Tree from "../grammar.ts";
import { namedByText } from "../name-text.ts";
import { takeNote } from "../source.ts";
import { isSymbol } from "../token.ts";
import {
  at,
  expressions,
  identifier,
  identifiers,
  isNode,
  kindOf,
  optional,
  optionalExpression,
  relationMark,
  relationName,
  strings,
  tokenAt,
  type TreeReader,
} from "./tree.ts";
import { plainCall } from "./plain-call.ts";

export function readFrom(c: TreeReader, node: Tree.Node): FromItem {
  if (isNode(node, "RangeVar")) return readTable(c, node.RangeVar);
  if (isNode(node, "JoinExpr")) return readJoin(c, node.JoinExpr);
  if (isNode(node, "RangeSubselect")) {
    return readSubquery(c, node.RangeSubselect);
  }
  if (isNode(node, "RangeFunction")) {
    const read = readFunction(c, node.RangeFunction);
    return namedByText(read) ?? read;
  }
  if (isNode(node, "RangeTableSample")) {
    return readSample(c, node.RangeTableSample);
  }
  throw refused(c, node);
}

function refused(c: TreeReader, node: Tree.Node): Error {
  if (isNode(node, "RangeTableFunc")) {
    return unsupported("XMLTABLE is", at(c, node.RangeTableFunc.location));
  }
  if (isNode(node, "JsonTable")) {
    return unsupported("JSON_TABLE is", at(c, node.JsonTable.location));
  }
  return unsupported(`${kindOf(node)} in FROM is`, 1);
}

const PATH_FORMATS: ReadonlyMap<string, PathFrom["format"]> = new Map<
  string,
  PathFrom["format"]
>([
  ["delta", "delta"],
  ["parquet", "parquet"],
  ["csv", "csv"],
  ["json", "json"],
]);

export function readTable(c: TreeReader, relation: Tree.RangeVar): FromItem {
  const position = at(c, relation.location);
  const alias = readAlias(c, relation.alias, position);
  const travel = readTravel(c, relation.location);
  const common = { ...optional("alias", alias), ...optional("travel", travel) };
  const path = readPath(c, relation);
  if (path !== undefined) return { ...path, ...common, position };
  return {
    kind: "table",
    name: relationName(c, relation),
    ...common,
    position,
  };
}

/** ``delta.`path` ``: only back-quotes make a path; `delta."t"` is a table of a schema. */
function readPath(
  c: TreeReader,
  relation: Tree.RangeVar,
): Pick<PathFrom, "kind" | "format" | "path"> | undefined {
  const format = PATH_FORMATS.get(relation.schemaname ?? "");
  if (format === undefined || relation.catalogname !== undefined) {
    return undefined;
  }
  const mark = relationMark(c, relation);
  if (mark?.kind !== "name" || !mark.backtick) return undefined;
  return { kind: "path", format, path: mark.identifier.name };
}

function readTravel(
  c: TreeReader,
  location: number | undefined,
): TimeTravel | undefined {
  if (c.source.notes.size === 0) return undefined;
  const note = takeNote(c.source, tokenAt(c, location), "travel");
  if (note === undefined) return undefined;
  return { kind: note.form, value: c.expressionOf(note.tokens) };
}

/** The tree gives an alias no place of its own: `position` is its item's. */
export function readAlias(
  c: TreeReader,
  alias: Tree.Alias | undefined,
  position: number,
): TableAlias | undefined {
  if (alias === undefined) return undefined;
  const name = identifier(c, alias.aliasname ?? "", position);
  const columns = identifiers(c, alias.colnames, position);
  return { name, columns, position: name.position };
}

function readSubquery(c: TreeReader, item: Tree.RangeSubselect): FromItem {
  const { subquery } = item;
  if (subquery === undefined || !isNode(subquery, "SelectStmt")) {
    throw unsupported("a statement in FROM is", 1);
  }
  const position = firstPosition(c, subquery.SelectStmt);
  const query = c.query(subquery.SelectStmt, position);
  const alias = readAlias(c, item.alias, position);
  if (alias === undefined) throw withoutAlias(c, subquery.SelectStmt);
  const lateral = item.lateral === true;
  return {
    kind: "subquery",
    query,
    lateral,
    ...optional("alias", alias),
    position,
  };
}

/** The error stands at the outermost bracket around the query, which the tree does not know: tokens are walked back to it. */
function withoutAlias(c: TreeReader, select: Tree.SelectStmt): Error {
  const [row] = select.valuesLists ?? [];
  const [value] =
    row !== undefined && isNode(row, "List") ? (row.List.items ?? []) : [];
  const inside =
    value === undefined
      ? firstPosition(c, select)
      : c.expression(value).position;
  const { tokens } = c.source;
  let index = tokens.findLastIndex((token) => token.position <= inside);
  let depth = value === undefined ? 1 : 2;
  while (index > 0 && depth > 0) {
    index -= 1;
    if (isSymbol(tokens[index], ")")) depth += 1;
    if (isSymbol(tokens[index], "(")) depth -= 1;
  }
  while (isSymbol(tokens[index - 1], "(")) index -= 1;
  return missingAlias(
    value === undefined ? "subquery" : "VALUES",
    tokens[index]?.position ?? inside,
  );
}

/** A select has no location: its first output column, or the first of its left operand, stands near its beginning. */
function firstPosition(c: TreeReader, select: Tree.SelectStmt): number {
  let innermost = select;
  while (innermost.larg !== undefined) innermost = innermost.larg;
  const first = innermost.targetList?.[0];
  const location =
    first !== undefined && isNode(first, "ResTarget")
      ? first.ResTarget.location
      : undefined;
  return at(c, location);
}

function readFunction(c: TreeReader, item: Tree.RangeFunction): FunctionFrom {
  const functions = (item.functions ?? []).flatMap((node) =>
    isNode(node, "List") ? [functionOf(c, node.List.items ?? [])] : [],
  );
  const position = functions[0]?.position ?? 1;
  return {
    kind: "function",
    calls: functions,
    lateral: item.lateral === true,
    ordinality: item.ordinality === true,
    ...optional("alias", readFunctionAlias(c, item.alias, position)),
    columnTypes: (item.coldeflist ?? []).flatMap((node) => {
      if (!isNode(node, "ColumnDef")) return [];
      const { colname, typeName, location } = node.ColumnDef;
      if (typeName === undefined) return [];
      const name = identifier(c, colname ?? "", at(c, location));
      return [{ name, type: c.type(typeName) }];
    }),
    position,
  };
}

/** `AS (a int)` without a name leaves the alias out of the tree, or without a name in it. */
function readFunctionAlias(
  c: TreeReader,
  alias: Tree.Alias | undefined,
  position: number,
): TableAlias | undefined {
  return alias?.aliasname === undefined
    ? undefined
    : readAlias(c, alias, position);
}

/** Keywords such as CURRENT_DATE may stand as functions too; ROWS FROM may give each a column list (refused). */
function functionOf(
  c: TreeReader,
  items: readonly Tree.Node[],
): FunctionFrom["calls"][number] {
  const [node, columns] = items;
  if (node === undefined) throw unsupported("this function in FROM is", 1);
  const call = c.expression(node);
  const { position } = call;
  if (columns !== undefined && Object.keys(columns).length > 0) {
    throw unsupported("a column list inside ROWS FROM is", position);
  }
  if (call.kind === "call") return call;
  if (call.kind === "keyword" && call.precision === undefined) {
    return plainCall(call.keyword, [], position);
  }
  throw unsupported("this expression in FROM is", position);
}

function readSample(c: TreeReader, item: Tree.RangeTableSample): FromItem {
  const position = at(c, item.location);
  const relation = item.relation;
  if (relation === undefined || !isNode(relation, "RangeVar")) {
    throw unsupported("TABLESAMPLE of anything but a table is", position);
  }
  const table = readTable(c, relation.RangeVar);
  if (table.kind !== "table") {
    throw unsupported("TABLESAMPLE of a path is", position);
  }
  const names = strings(item.method).map(
    (name) => identifier(c, name, position).name,
  );
  const sample: TableSample = {
    method: names.at(-1) ?? "",
    args: expressions(c, item.args),
    ...optional("repeatable", optionalExpression(c, item.repeatable)),
    position,
  };
  return { ...table, sample };
}

const JOIN_TYPES: ReadonlyMap<string, JoinFrom["type"]> = new Map<
  string,
  JoinFrom["type"]
>([
  ["JOIN_INNER", "inner"],
  ["JOIN_LEFT", "left"],
  ["JOIN_RIGHT", "right"],
  ["JOIN_FULL", "full"],
]);

function readJoin(c: TreeReader, join: Tree.JoinExpr): FromItem {
  if (join.larg === undefined || join.rarg === undefined) {
    throw unsupported("this join is", 1);
  }
  const left = readFrom(c, join.larg);
  const right = readFrom(c, join.rarg);
  const { position } = left;
  const natural = join.isNatural === true;
  const on = optionalExpression(c, join.quals);
  const using =
    join.usingClause === undefined
      ? undefined
      : identifiers(c, join.usingClause, right.position);
  const plain = !natural && on === undefined && using === undefined;
  const named = join.alias ?? join.join_using_alias;
  return {
    kind: "join",
    type: plain ? "cross" : (JOIN_TYPES.get(join.jointype ?? "") ?? "inner"),
    left,
    right,
    natural,
    ...optional("on", on),
    ...optional("using", using),
    ...optional("alias", readAlias(c, named, position)),
    ...(join.alias === undefined && named !== undefined
      ? { aliasOf: "using" }
      : {}),
    position,
  };
}
