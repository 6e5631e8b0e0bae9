// Expressions of the grammar's tree -> ours. Operators and predicates are in tree-operator.ts, calls in tree-call.ts.

import type {
  CaseExpr,
  Expr,
  KeywordExpr,
  LiteralValue,
  SubqueryExpr,
} from "../ast.ts";
import { unsupported } from "../errors.ts";
import type * as Tree from "../grammar.ts";
import { takeNote } from "../source.ts";
import { readCall } from "./tree-call.ts";
import {
  readBoolean,
  readBooleanTest,
  readNullTest,
  readOperator,
  readQuantifiedSubquery,
} from "./tree-operator.ts";
import {
  at,
  expressions,
  identifier,
  isNode,
  kindOf,
  optional,
  optionalExpression,
  qualifiedName,
  stringOf,
  tokenAt,
  type NodeKind,
  type NodeOf,
  type TreeReader,
} from "./tree.ts";
import { plainCall } from "./plain-call.ts";

type Reader = (c: TreeReader, node: Tree.Node) => Expr | undefined;

/** A row of the table below; the reader gets the node already narrowed. */
function on<K extends NodeKind>(
  kind: K,
  read: (c: TreeReader, node: NodeOf<K>) => Expr,
): readonly [string, Reader] {
  return [kind, (c, node) => (isNode(node, kind) ? read(c, node) : undefined)];
}

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  on("ColumnRef", (c, node) => readColumn(c, node.ColumnRef)),
  on("A_Const", (c, node) => ({
    kind: "literal",
    value: readConstant(node.A_Const),
    position: at(c, node.A_Const.location),
  })),
  on("ParamRef", (c, node) => ({
    kind: "parameter",
    index: node.ParamRef.number ?? 0,
    position: at(c, node.ParamRef.location),
  })),
  on("A_Expr", (c, node) => readOperator(c, node.A_Expr)),
  on("BoolExpr", (c, node) => readBoolean(c, node.BoolExpr)),
  on("NullTest", (c, node) => readNullTest(c, node.NullTest)),
  on("BooleanTest", (c, node) => readBooleanTest(c, node.BooleanTest)),
  on("FuncCall", (c, node) => readCall(c, node.FuncCall)),
  on("SubLink", (c, node) => readSubquery(c, node.SubLink)),
  on("CaseExpr", (c, node) => readCase(c, node.CaseExpr)),
  on("TypeCast", (c, node) => readCast(c, node.TypeCast)),
  on("A_ArrayExpr", (c, node) => ({
    kind: "array",
    items: expressions(c, node.A_ArrayExpr.elements),
    position: at(c, node.A_ArrayExpr.location),
  })),
  on("RowExpr", (c, node) => ({
    kind: "row",
    items: expressions(c, node.RowExpr.args),
    position: at(c, node.RowExpr.location),
  })),
  on("A_Indirection", (c, node) => readIndirection(c, node.A_Indirection)),
  on("CollateClause", (c, node) => readCollation(c, node.CollateClause)),
  on("CoalesceExpr", (c, node) => {
    const { args, location } = node.CoalesceExpr;
    return plainCall("coalesce", expressions(c, args), at(c, location));
  }),
  on("MinMaxExpr", (c, node) => {
    const { op, args, location } = node.MinMaxExpr;
    const name = op === "IS_LEAST" ? "least" : "greatest";
    return plainCall(name, expressions(c, args), at(c, location));
  }),
  on("SQLValueFunction", (c, node) => readKeyword(c, node.SQLValueFunction)),
  on("MergeSupportFunc", (c, node) => ({
    kind: "keyword",
    keyword: "merge_action",
    position: at(c, node.MergeSupportFunc.location),
  })),
  on("SetToDefault", (c, node) => ({
    kind: "keyword",
    keyword: "default",
    position: at(c, node.SetToDefault.location),
  })),
  on("GroupingFunc", (c, node) => ({
    kind: "grouping",
    args: expressions(c, node.GroupingFunc.args),
    position: at(c, node.GroupingFunc.location),
  })),
]);

/** Throws 0A000 with the position for what our tree has no place for (XML, JSON constructors, CURRENT OF …). */
export function readExpression(c: TreeReader, node: Tree.Node): Expr {
  const kind = kindOf(node);
  const expression = READERS.get(kind)?.(c, node);
  if (expression !== undefined) return expression;
  throw unsupported(constructOf(kind), at(c, locationOf(node)));
}

// What the user wrote for node kinds whose name does not say it.
const CONSTRUCTS: ReadonlyMap<string, string> = new Map([
  ["XmlExpr", "XML expressions are"],
  ["XmlSerialize", "XMLSERIALIZE is"],
  ["CurrentOfExpr", "WHERE CURRENT OF is"],
  ["JsonIsPredicate", "IS JSON is"],
  ["JsonObjectConstructor", "JSON_OBJECT is"],
  ["JsonArrayConstructor", "JSON_ARRAY is"],
  ["JsonArrayQueryConstructor", "JSON_ARRAY is"],
  ["JsonObjectAgg", "JSON_OBJECTAGG is"],
  ["JsonArrayAgg", "JSON_ARRAYAGG is"],
  ["JsonParseExpr", "JSON() is"],
  ["JsonScalarExpr", "JSON_SCALAR is"],
  ["JsonSerializeExpr", "JSON_SERIALIZE is"],
  ["JsonFuncExpr", "SQL/JSON query functions are"],
  ["MergeSupportFunc", "MERGE_ACTION is"],
  ["NamedArgExpr", "a named argument here is"],
  ["MultiAssignRef", "assigning a subquery to several columns is"],
]);

function constructOf(kind: string): string {
  return CONSTRUCTS.get(kind) ?? `this expression (${kind}) is`;
}

/** The location of a node of any kind: each kind that has one calls it so. */
function locationOf(node: Tree.Node): number | undefined {
  for (const value of Object.values(node) as readonly unknown[]) {
    if (typeof value === "object" && value !== null && "location" in value) {
      return typeof value.location === "number" ? value.location : undefined;
    }
  }
  return undefined;
}

function readColumn(c: TreeReader, column: Tree.ColumnRef): Expr {
  const fields = column.fields ?? [];
  const position = at(c, column.location);
  const last = fields.at(-1);
  if (last === undefined || !isNode(last, "A_Star")) {
    const name = qualifiedName(c, fields.map(stringOf), column.location);
    return { kind: "column", name, position };
  }
  if (fields.length === 1) return { kind: "star", position };
  const names = fields.slice(0, -1).map(stringOf);
  const qualifier = qualifiedName(c, names, column.location);
  return { kind: "star", qualifier, position };
}

export function readConstant(constant: Tree.A_Const): LiteralValue {
  if (constant.sval !== undefined) {
    return { kind: "string", text: constant.sval.sval ?? "" };
  }
  if (constant.ival !== undefined) {
    return { kind: "integer", text: String(constant.ival.ival ?? 0) };
  }
  if (constant.fval !== undefined) return readNumber(constant.fval.fval ?? "0");
  if (constant.boolval !== undefined) {
    return { kind: "boolean", value: constant.boolval.boolval ?? false };
  }
  if (constant.bsval !== undefined) {
    return { kind: "bit-string", text: constant.bsval.bsval ?? "" };
  }
  return { kind: "null" };
}

const INTEGER = /^-?\d+$/;
const BASED_INTEGER = /^(-?)(0[xXoObB][0-9a-fA-F]+)$/;

/** Numbers past int4 arrive as written: digits, underscores, other bases. */
function readNumber(written: string): LiteralValue {
  const text = written.replaceAll("_", "");
  if (INTEGER.test(text)) return { kind: "integer", text };
  const based = BASED_INTEGER.exec(text);
  if (based === null) return { kind: "decimal", text };
  const digits = BigInt(based[2] ?? "0").toString();
  return { kind: "integer", text: `${based[1] ?? ""}${digits}` };
}

function readSubquery(c: TreeReader, link: Tree.SubLink): Expr {
  const position = at(c, link.location);
  const select = link.subselect;
  if (select === undefined || !isNode(select, "SelectStmt")) {
    throw unsupported("a subquery that is no SELECT is", position);
  }
  const query = c.query(select.SelectStmt, position);
  const form = SUBQUERY_FORMS.get(link.subLinkType ?? "");
  if (form !== undefined) return { kind: "subquery", form, query, position };
  return readQuantifiedSubquery(c, link, query);
}

const SUBQUERY_FORMS: ReadonlyMap<string, SubqueryExpr["form"]> = new Map<
  string,
  SubqueryExpr["form"]
>([
  ["EXISTS_SUBLINK", "exists"],
  ["EXPR_SUBLINK", "scalar"],
  ["ARRAY_SUBLINK", "array"],
]);

function readCase(c: TreeReader, node: Tree.CaseExpr): CaseExpr {
  const branches = (node.args ?? []).flatMap((when) => {
    if (!isNode(when, "CaseWhen")) return [];
    const { expr, result } = when.CaseWhen;
    if (expr === undefined || result === undefined) return [];
    return [{ when: c.expression(expr), then: c.expression(result) }];
  });
  return {
    kind: "case",
    ...optional("operand", optionalExpression(c, node.arg)),
    branches,
    ...optional("otherwise", optionalExpression(c, node.defresult)),
    position: at(c, node.location),
  };
}

function readCast(c: TreeReader, cast: Tree.TypeCast): Expr {
  const { arg, typeName, location } = cast;
  // `interval '1 day'` has no location of its own: its type stands first.
  const place =
    location === undefined || location >= 0 ? location : typeName?.location;
  const position = at(c, place);
  if (arg === undefined || typeName === undefined) {
    throw unsupported("this cast is", position);
  }
  const attempt =
    takeNote(c.source, tokenAt(c, place), "try-cast") !== undefined;
  const operand = c.expression(arg);
  return { kind: "cast", operand, type: c.type(typeName), attempt, position };
}

/** `x[1][2:3].f`: one step a level, innermost first. */
function readIndirection(c: TreeReader, node: Tree.A_Indirection): Expr {
  const { arg, indirection } = node;
  if (arg === undefined) throw unsupported("this expression is", 1);
  return (indirection ?? []).reduce<Expr>(
    (operand, step) => readStep(c, operand, step),
    c.expression(arg),
  );
}

function readStep(c: TreeReader, operand: Expr, step: Tree.Node): Expr {
  const { position } = operand;
  if (isNode(step, "A_Indices")) {
    const { is_slice: isSlice, lidx, uidx } = step.A_Indices;
    const lower = optionalExpression(c, lidx);
    const upper = optionalExpression(c, uidx);
    if (isSlice !== true) {
      const index = optional("index", upper);
      return { kind: "subscript", operand, ...index, position };
    }
    const slice = { ...optional("lower", lower), ...optional("upper", upper) };
    return { kind: "subscript", operand, slice, position };
  }
  const field = isNode(step, "A_Star")
    ? { name: "*", quoted: false, position }
    : identifier(c, stringOf(step), position);
  return { kind: "field", operand, field, position };
}

function readCollation(c: TreeReader, node: Tree.CollateClause): Expr {
  const position = at(c, node.location);
  if (node.arg === undefined) throw unsupported("this COLLATE is", position);
  const names = (node.collname ?? []).map(stringOf);
  const parts = names.map((name) => identifier(c, name, position));
  const collation = { parts, position };
  return {
    kind: "collate",
    operand: c.expression(node.arg),
    collation,
    position,
  };
}

const KEYWORD = /^SVFOP_(.+?)(_N)?$/;

function readKeyword(c: TreeReader, node: Tree.SQLValueFunction): KeywordExpr {
  const match = KEYWORD.exec(node.op ?? "");
  const precision = match?.[2] === undefined ? undefined : (node.typmod ?? 0);
  return {
    kind: "keyword",
    keyword: (match?.[1] ?? "").toLowerCase(),
    ...optional("precision", precision),
    position: at(c, node.location),
  };
}
