// Operators, predicates and boolean logic of the grammar's tree -> ours.

import type { Expr, LikeExpr, Query } from "../ast.ts";
import { unsupported } from "../errors.ts";
import type * as Tree from "../grammar.ts";
import {
  at,
  expressions,
  isNode,
  nameText,
  optional,
  stringOf,
  strings,
  type TreeReader,
} from "./tree.ts";
import { plainCall } from "./plain-call.ts";

type BinaryReader = (c: TreeReader, node: Tree.A_Expr) => Expr;

const READERS: Readonly<Record<Tree.A_Expr_Kind, BinaryReader>> = {
  AEXPR_OP: readPlain,
  AEXPR_OP_ANY: (c, node) => readQuantifiedArray(c, node, "any"),
  AEXPR_OP_ALL: (c, node) => readQuantifiedArray(c, node, "all"),
  AEXPR_DISTINCT: (c, node) => readDistinct(c, node, false),
  AEXPR_NOT_DISTINCT: (c, node) => readDistinct(c, node, true),
  AEXPR_NULLIF: readNullIf,
  AEXPR_IN: readInList,
  AEXPR_LIKE: (c, node) => readLike(c, node, "like"),
  AEXPR_ILIKE: (c, node) => readLike(c, node, "ilike"),
  AEXPR_SIMILAR: (c, node) => readLike(c, node, "similar"),
  AEXPR_BETWEEN: readBetween,
  AEXPR_NOT_BETWEEN: readBetween,
  AEXPR_BETWEEN_SYM: readBetween,
  AEXPR_NOT_BETWEEN_SYM: readBetween,
};

export function readOperator(c: TreeReader, node: Tree.A_Expr): Expr {
  return READERS[node.kind ?? "AEXPR_OP"](c, node);
}

function left(c: TreeReader, node: Tree.A_Expr): Expr {
  return operand(c, node.lexpr, at(c, node.location));
}

function right(c: TreeReader, node: Tree.A_Expr): Expr {
  return operand(c, node.rexpr, at(c, node.location));
}

function operand(
  c: TreeReader,
  node: Tree.Node | undefined,
  position: number,
): Expr {
  if (node === undefined) throw unsupported("this operator is", position);
  return c.expression(node);
}

/** `OPERATOR(s.+)` names a schema; pg_catalog's operators are the plain ones, but the schema is kept as written. */
function readPlain(c: TreeReader, node: Tree.A_Expr): Expr {
  const names = strings(node.name);
  const schema = names.length > 1 ? nameText(c, names[0]) : undefined;
  return {
    kind: "operator",
    operator: names.at(-1) ?? "",
    ...optional("schema", schema),
    ...(node.lexpr === undefined ? {} : { left: c.expression(node.lexpr) }),
    right: right(c, node),
    position: at(c, node.location),
  };
}

function readQuantifiedArray(
  c: TreeReader,
  node: Tree.A_Expr,
  quantifier: "any" | "all",
): Expr {
  const position = at(c, node.location);
  return {
    kind: "quantified",
    operand: left(c, node),
    operator: plainOperator(c, node.name, position),
    quantifier,
    source: { kind: "array", array: right(c, node) },
    position,
  };
}

function plainOperator(
  c: TreeReader,
  name: readonly Tree.Node[] | undefined,
  position: number,
): string {
  const names = strings(name);
  const foreign = names.length > 1 && nameText(c, names[0]) !== "pg_catalog";
  if (foreign) throw unsupported("a schema's own operator is", position);
  return names.at(-1) ?? "=";
}

/** `x op ANY|ALL (SELECT …)`; IN has no operator in the tree. */
export function readQuantifiedSubquery(
  c: TreeReader,
  link: Tree.SubLink,
  query: Query,
): Expr {
  const position = at(c, link.location);
  const all = link.subLinkType === "ALL_SUBLINK";
  if (!all && link.subLinkType !== "ANY_SUBLINK") {
    throw unsupported("assigning a subquery to several columns is", position);
  }
  return {
    kind: "quantified",
    operand: operand(c, link.testexpr, position),
    operator: plainOperator(c, link.operName, position),
    quantifier: all ? "all" : "any",
    source: { kind: "query", query },
    position,
  };
}

function readDistinct(
  c: TreeReader,
  node: Tree.A_Expr,
  negated: boolean,
): Expr {
  return {
    kind: "distinct-from",
    left: left(c, node),
    right: right(c, node),
    negated,
    position: at(c, node.location),
  };
}

function readNullIf(c: TreeReader, node: Tree.A_Expr): Expr {
  const args = [left(c, node), right(c, node)];
  return plainCall("nullif", args, at(c, node.location));
}

function readInList(c: TreeReader, node: Tree.A_Expr): Expr {
  return {
    kind: "in-list",
    operand: left(c, node),
    items: listItems(c, node.rexpr),
    negated: stringOf(node.name?.[0]) === "<>",
    position: at(c, node.location),
  };
}

function listItems(c: TreeReader, node: Tree.Node | undefined): Expr[] {
  return node !== undefined && isNode(node, "List")
    ? expressions(c, node.List.items)
    : [];
}

function readBetween(c: TreeReader, node: Tree.A_Expr): Expr {
  const position = at(c, node.location);
  const [low, high] = listItems(c, node.rexpr);
  if (low === undefined || high === undefined) {
    throw unsupported("this BETWEEN is", position);
  }
  const kind = node.kind ?? "AEXPR_BETWEEN";
  return {
    kind: "between",
    operand: left(c, node),
    low,
    high,
    negated: kind.startsWith("AEXPR_NOT"),
    symmetric: kind.endsWith("SYM"),
    position,
  };
}

/** The grammar hides ESCAPE in a call: `like_escape(pattern, escape)`, and SIMILAR TO always calls `similar_to_escape`. */
function readLike(
  c: TreeReader,
  node: Tree.A_Expr,
  operator: LikeExpr["operator"],
): Expr {
  const position = at(c, node.location);
  const parts = escapeParts(node.rexpr);
  const pattern = parts?.[0] ?? node.rexpr;
  const escape = parts?.[1];
  return {
    kind: "like",
    operator,
    operand: left(c, node),
    pattern: operand(c, pattern, position),
    ...(escape === undefined ? {} : { escape: c.expression(escape) }),
    negated: stringOf(node.name?.[0]).startsWith("!"),
    position,
  };
}

function escapeParts(
  node: Tree.Node | undefined,
): readonly Tree.Node[] | undefined {
  if (node === undefined || !isNode(node, "FuncCall")) return undefined;
  const [schema, name] = strings(node.FuncCall.funcname);
  const hidden = name === "like_escape" || name === "similar_to_escape";
  return schema === "pg_catalog" && hidden ? node.FuncCall.args : undefined;
}

export function readBoolean(c: TreeReader, node: Tree.BoolExpr): Expr {
  const position = at(c, node.location);
  const operands = expressions(c, node.args);
  if (node.boolop !== "NOT_EXPR") {
    const operator = node.boolop === "OR_EXPR" ? "or" : "and";
    return { kind: "logic", operator, operands, position };
  }
  return (
    notIn(node, operands[0]) ?? {
      kind: "logic",
      operator: "not",
      operands,
      position,
    }
  );
}

/** `x NOT IN (SELECT …)` is NOT over IN in the tree; ours says `<> ALL`, which is the same for NULLs too. */
function notIn(
  node: Tree.BoolExpr,
  operand: Expr | undefined,
): Expr | undefined {
  const inner = node.args?.[0];
  if (inner === undefined || !isNode(inner, "SubLink")) return undefined;
  const { subLinkType, operName } = inner.SubLink;
  const isIn = subLinkType === "ANY_SUBLINK" && operName === undefined;
  if (!isIn || operand?.kind !== "quantified") return undefined;
  return { ...operand, operator: "<>", quantifier: "all" };
}

export function readNullTest(c: TreeReader, node: Tree.NullTest): Expr {
  const position = at(c, node.location);
  return {
    kind: "is",
    operand: operand(c, node.arg, position),
    test: "null",
    negated: node.nulltesttype === "IS_NOT_NULL",
    position,
  };
}

export function readBooleanTest(c: TreeReader, node: Tree.BooleanTest): Expr {
  const position = at(c, node.location);
  const kind = node.booltesttype ?? "IS_TRUE";
  const test = kind.endsWith("TRUE")
    ? "true"
    : kind.endsWith("FALSE")
      ? "false"
      : "unknown";
  return {
    kind: "is",
    operand: operand(c, node.arg, position),
    test,
    negated: kind.startsWith("IS_NOT_"),
    position,
  };
}
