// COPY of the grammar's tree -> ours. Options keep their order and what they were given: what they mean is bound later.

import type {
  CopyOption,
  CopyStatement,
  Identifier,
  QualifiedName,
  Query,
  SelectItem,
} from "../ast.ts";
import { unsupported } from "../errors.ts";
import type * as Tree from "../grammar.ts";
import { plainQuery } from "./plain-query.ts";
import { optionText } from "./tree-option.ts";
import {
  at,
  identifier,
  identifiers,
  isNode,
  nameText,
  optional,
  optionalExpression,
  relationName,
  stringOf,
  type TreeReader,
} from "./tree.ts";

export function readCopy(
  c: TreeReader,
  copy: Tree.CopyStmt,
  position: number,
): CopyStatement {
  const direction = copy.is_from === true ? "from" : "to";
  const standard = direction === "from" ? "stdin" : "stdout";
  const file = copy.filename === undefined ? standard : "file";
  return {
    kind: "copy",
    direction,
    source: readSource(c, copy, position),
    target: copy.is_program === true ? "program" : file,
    options: (copy.options ?? []).flatMap((node) =>
      isNode(node, "DefElem") ? [readOption(c, node.DefElem)] : [],
    ),
    ...optional("where", optionalExpression(c, copy.whereClause)),
    position,
  };
}

function readSource(
  c: TreeReader,
  copy: Tree.CopyStmt,
  position: number,
): CopyStatement["source"] {
  const { relation, query } = copy;
  if (relation !== undefined) {
    const name = relationName(c, relation);
    const columns = identifiers(c, copy.attlist, name.position);
    return { kind: "table", name, columns, query: queryOf(name, columns) };
  }
  if (query === undefined || !isNode(query, "SelectStmt")) {
    throw unsupported("COPY of a data-modifying statement is", position);
  }
  return { kind: "query", query: c.query(query.SelectStmt, position) };
}

/** `SELECT columns FROM name`. */
function queryOf(name: QualifiedName, columns: readonly Identifier[]): Query {
  const { position } = name;
  const items = columns.map((column): SelectItem => ({
    value: {
      kind: "column",
      name: { parts: [column], position: column.position },
      position: column.position,
    },
    position: column.position,
  }));
  const all: SelectItem = { value: { kind: "star", position }, position };
  return plainQuery({
    items: items.length > 0 ? items : [all],
    from: [{ kind: "table", name, position }],
    position,
  });
}

function readOption(c: TreeReader, option: Tree.DefElem): CopyOption {
  const { defname, arg, location } = option;
  const position = at(c, location);
  return {
    name: nameText(c, defname).toLowerCase(),
    value: readValue(c, arg, position),
    position,
  };
}

function readValue(
  c: TreeReader,
  arg: Tree.Node | undefined,
  position: number,
): CopyOption["value"] {
  if (arg === undefined) return { kind: "none" };
  if (isNode(arg, "A_Star")) return { kind: "star" };
  if (isNode(arg, "List")) {
    const items = arg.List.items ?? [];
    return {
      kind: "columns",
      columns: items.map((item) => identifier(c, stringOf(item), position)),
    };
  }
  return { kind: "text", text: optionText(c, arg) };
}
