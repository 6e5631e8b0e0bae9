// What the readers of the grammar's tree share: the reader that ties them together, node kinds, names and positions.

import type {
  Expr,
  Identifier,
  QualifiedName,
  Query,
  Statement,
  TypeName,
} from "../ast.ts";
import { unsupported } from "../errors.ts";
import type * as Tree from "../grammar.ts";
import {
  markOf,
  nameOfMark,
  positionAt,
  tokenIndexAt,
  type Mark,
  type Source,
} from "../source.ts";
import { isSymbol, type Token } from "../token.ts";

/** The readers call each other through this, so that expressions, queries and statements live in files of their own. */
export interface TreeReader {
  readonly source: Source;
  expression(node: Tree.Node): Expr;
  query(select: Tree.SelectStmt, position: number): Query;
  statement(node: Tree.Node, position: number): Statement;
  type(type: Tree.TypeName): TypeName;
  /** Parses an expression that dialect.ts took out of the text. */
  expressionOf(tokens: readonly Token[]): Expr;
  /** Parses one type that is written inside a composite type. */
  typeOf(tokens: readonly Token[]): TypeName;
}

type KeyOfUnion<T> = T extends T ? keyof T : never;
export type NodeKind = KeyOfUnion<Tree.Node>;
export type NodeOf<K extends NodeKind> = Extract<
  Tree.Node,
  Readonly<Record<K, unknown>>
>;

/** A node of the tree is an object with one key: its kind. */
export function isNode<K extends NodeKind>(
  node: Tree.Node,
  kind: K,
): node is NodeOf<K> {
  return kind in node;
}

export function kindOf(node: Tree.Node): string {
  for (const kind in node) return kind;
  return "";
}

/** The tree leaves out zeros; -1 stands for "nowhere". */
export function at(c: TreeReader, location: number | undefined): number {
  return positionAt(c.source, Math.max(location ?? 0, 0));
}

/** The text of a String node; "" for anything else (a star among names is asked for before). */
export function stringOf(node: Tree.Node | undefined): string {
  return node !== undefined && isNode(node, "String")
    ? (node.String.sval ?? "")
    : "";
}

export function strings(nodes: readonly Tree.Node[] | undefined): string[] {
  return (nodes ?? []).map(stringOf);
}

/** A name of the tree with the user's spelling; `position` serves names that were not marked. */
export function identifier(
  c: TreeReader,
  name: string,
  position: number,
): Identifier {
  const mark = markOf(c.source, name);
  return mark === undefined
    ? { name, quoted: false, position }
    : nameOfMark(c.source, mark);
}

/** The bare text of a name. */
export function nameText(c: TreeReader, name: string | undefined): string {
  return identifier(c, name ?? "", 1).name;
}

export function identifiers(
  c: TreeReader,
  nodes: readonly Tree.Node[] | undefined,
  position: number,
): Identifier[] {
  return strings(nodes).map((name) => identifier(c, name, position));
}

/** A dotted name whose first part stands at `location`. */
export function qualifiedName(
  c: TreeReader,
  names: readonly string[],
  location: number | undefined,
): QualifiedName {
  const position = at(c, location);
  const first = names.length > 1 ? firstToken(c, location) : undefined;
  const parts = names.map((name, i) =>
    identifier(c, name, partPosition(c, first, i) ?? position),
  );
  return { parts, position };
}

function firstToken(
  c: TreeReader,
  location: number | undefined,
): number | undefined {
  return location === undefined || location < 0
    ? (location ?? tokenIndexAt(c.source, 0))
    : tokenIndexAt(c.source, location);
}

/** Parts alternate with dots; the grammar also makes names the user did not write (`pg_catalog.btrim` for TRIM). */
function partPosition(
  c: TreeReader,
  first: number | undefined,
  part: number,
): number | undefined {
  if (first === undefined || first < 0 || part === 0) return undefined;
  const { tokens } = c.source;
  const dot = tokens[first + 2 * part - 1];
  return isSymbol(dot, ".") ? tokens[first + 2 * part]?.position : undefined;
}

/** A name without a location of its own, such as the objects of DROP: `position` is the statement's. */
export function placelessName(
  c: TreeReader,
  names: readonly string[],
  position: number,
): QualifiedName {
  const parts = names.map((name) => identifier(c, name, position));
  return { parts, position: parts[0]?.position ?? position };
}

export function relationName(
  c: TreeReader,
  relation: Tree.RangeVar | undefined,
): QualifiedName {
  return qualifiedName(c, relationParts(relation), relation?.location);
}

export function relationParts(relation: Tree.RangeVar | undefined): string[] {
  return [
    relation?.catalogname,
    relation?.schemaname,
    relation?.relname,
  ].filter((part) => part !== undefined);
}

export function relationMark(
  c: TreeReader,
  relation: Tree.RangeVar,
): Mark | undefined {
  return markOf(c.source, relation.relname ?? "");
}

/** Index of the token at a location of the tree, where dialect.ts pins its notes. */
export function tokenAt(c: TreeReader, location: number | undefined): number {
  return tokenIndexAt(c.source, Math.max(location ?? 0, 0));
}

/** Throws 0A000 when `condition` holds: the construct reads as a subject, `ON CONFLICT is`. */
export function refuseIf(
  condition: boolean,
  construct: string,
  position: number,
): void {
  if (condition) throw unsupported(construct, position);
}

/** Optional members are left out, never undefined (exactOptionalPropertyTypes). */
export function optional<K extends string, V>(
  key: K,
  value: V | undefined,
): Partial<Record<K, V>> {
  const object: Partial<Record<K, V>> = {};
  if (value !== undefined) object[key] = value;
  return object;
}

/** Reads an optional node. */
export function optionalExpression(
  c: TreeReader,
  node: Tree.Node | undefined,
): Expr | undefined {
  return node === undefined ? undefined : c.expression(node);
}

export function expressions(
  c: TreeReader,
  nodes: readonly Tree.Node[] | undefined,
): Expr[] {
  return (nodes ?? []).map((node) => c.expression(node));
}
