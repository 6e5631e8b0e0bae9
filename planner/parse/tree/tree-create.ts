// CREATE TABLE, CREATE TABLE AS and CREATE VIEW of the grammar's tree -> ours, with the clauses dialect.ts took out.

import type {
  ColumnDefinition,
  CreateTableAsStatement,
  CreateTableStatement,
  CreateViewStatement,
  Expr,
  Identifier,
  IdentityDefinition,
  OnCommit,
  QualifiedName,
  TableConstraint,
  TableOptions,
} from "../ast.ts";
import { SqlError } from "../../../storage/common/errors.ts";
import { createMode } from "../dialect/dialect-create.ts";
import { unsupported } from "../errors.ts";
import type * as Tree from "../grammar.ts";
import { takeNote, type Source } from "../source.ts";
import { isSymbol, isWord } from "../token.ts";
import { identityOf, serialColumn } from "./tree-identity.ts";
import {
  at,
  identifier,
  identifiers,
  isNode,
  nameText,
  optional,
  optionalExpression,
  refuseIf,
  relationName,
  tokenAt,
  type TreeReader,
} from "./tree.ts";

const NO_OPTIONS: TableOptions = {
  partitionedBy: [],
  clusterBy: [],
  properties: {},
};

interface TableClauses {
  readonly replace: boolean;
  readonly options: TableOptions;
}

function tableClauses(
  c: TreeReader,
  relation: Tree.RangeVar | undefined,
): TableClauses {
  const index = tokenAt(c, relation?.location);
  return (
    takeNote(c.source, index, "create-table") ?? {
      replace: false,
      options: NO_OPTIONS,
    }
  );
}

function isTemporary(relation: Tree.RangeVar | undefined): boolean {
  return relation?.relpersistence === "t";
}

export function readCreateTable(
  c: TreeReader,
  create: Tree.CreateStmt,
  position: number,
): CreateTableStatement {
  refuseTableClauses(create, position);
  const { replace, options } = tableClauses(c, create.relation);
  const columns: ColumnDefinition[] = [];
  const constraints: TableConstraint[] = [];
  let like: QualifiedName | undefined;
  for (const element of create.tableElts ?? []) {
    if (isNode(element, "ColumnDef")) {
      columns.push(readColumnDefinition(c, element.ColumnDef, constraints));
    } else if (isNode(element, "Constraint")) {
      constraints.push(readTableConstraint(c, element.Constraint));
    } else if (isNode(element, "TableLikeClause") && like === undefined) {
      like = relationName(c, element.TableLikeClause.relation);
    } else {
      throw unsupported("this element of CREATE TABLE is", position);
    }
  }
  return {
    kind: "create-table",
    name: relationName(c, create.relation),
    mode: createMode(replace, create.if_not_exists === true),
    temporary: isTemporary(create.relation),
    columns,
    constraints,
    ...optional("like", like),
    options,
    ...optional("onCommit", onCommitOf(create.relation, create.oncommit)),
    position,
  };
}

/** Throws 42P16 for a table that is not temporary. */
function onCommitOf(
  relation: Tree.RangeVar | undefined,
  action = "ONCOMMIT_NOOP",
): OnCommit | undefined {
  if (action === "ONCOMMIT_NOOP") return undefined;
  const own = isTemporary(relation) || relation?.schemaname === "pg_temp";
  if (!own)
    throw new SqlError(
      "42P16",
      "ON COMMIT can only be used on temporary tables",
    );
  switch (action) {
    case "ONCOMMIT_DELETE_ROWS":
      return "delete-rows";
    case "ONCOMMIT_DROP":
      return "drop";
    default:
      return undefined;
  }
}

function refuseTableClauses(create: Tree.CreateStmt, position: number): void {
  refuseIf(create.relation?.relpersistence === "u", "UNLOGGED is", position);
  refuseIf(create.inhRelations !== undefined, "INHERITS is", position);
  refuseIf(create.partspec !== undefined, "PARTITION BY is", position);
  refuseIf(create.partbound !== undefined, "PARTITION OF is", position);
  refuseIf(create.ofTypename !== undefined, "CREATE TABLE OF is", position);
  refuseStorage(create.options, position);
  refuseIf(create.tablespacename !== undefined, "TABLESPACE is", position);
}

/** PostgreSQL's storage parameters have no meaning for a Delta table. */
function refuseStorage(
  options: readonly Tree.Node[] | undefined,
  position: number,
): void {
  refuseIf((options ?? []).length > 0, "storage parameters are", position);
}

/** Reads `name type …`; constraints with a name for the whole table go to `constraints`. */
export function readColumnDefinition(
  c: TreeReader,
  column: Tree.ColumnDef,
  constraints: TableConstraint[],
): ColumnDefinition {
  const position = at(c, column.location);
  const name = identifier(c, column.colname ?? "", position);
  if (column.typeName === undefined) {
    throw unsupported("a column without a type is", position);
  }
  refuseIf(column.collClause !== undefined, "COLLATE of a column is", position);
  const parts = readColumnConstraints(c, column.constraints, name);
  const given = c.type(column.typeName);
  const serial = serialColumn(given);
  if (serial !== undefined) {
    parts.nullable = false;
    parts.identity ??= serial.identity;
  }
  constraints.push(...parts.constraints);
  const token = tokenAt(c, column.location);
  const note = takeNote(c.source, token, "comment");
  const mask = takeNote(c.source, token, "mask");
  const place = takeNote(c.source, token, "place");
  return {
    name,
    type: serial?.type ?? given,
    nullable: parts.nullable,
    ...optional("default", parts.default),
    ...optional("generated", parts.generated),
    ...optional("identity", parts.identity),
    ...optional("comment", note?.text),
    ...optional("check", parts.check),
    ...optional("mask", mask?.mask),
    ...optional("place", place?.place),
    position,
  };
}

interface ColumnParts {
  nullable: boolean;
  default?: Expr;
  generated?: Expr;
  identity?: IdentityDefinition;
  check?: Expr;
  readonly constraints: TableConstraint[];
}

function readColumnConstraints(
  c: TreeReader,
  nodes: readonly Tree.Node[] | undefined,
  column: Identifier,
): ColumnParts {
  const parts: ColumnParts = { nullable: true, constraints: [] };
  for (const node of nodes ?? []) {
    if (isNode(node, "Constraint")) {
      readColumnConstraint(c, node.Constraint, column, parts);
    }
  }
  return parts;
}

function readColumnConstraint(
  c: TreeReader,
  constraint: Tree.Constraint,
  column: Identifier,
  parts: ColumnParts,
): void {
  const value = optionalExpression(c, constraint.raw_expr);
  switch (constraint.contype) {
    case "CONSTR_NULL":
      parts.nullable = true;
      return;
    case "CONSTR_NOTNULL":
      parts.nullable = false;
      return;
    case "CONSTR_DEFAULT":
      if (value !== undefined) parts.default = value;
      return;
    case "CONSTR_GENERATED":
      if (value !== undefined) parts.generated = value;
      return;
    case "CONSTR_IDENTITY":
      parts.nullable = false;
      parts.identity = identityOf(c, constraint);
      return;
    case "CONSTR_CHECK":
      addCheck(c, parts, value, constraint);
      return;
    case "CONSTR_PRIMARY":
    case "CONSTR_UNIQUE":
    case "CONSTR_FOREIGN":
      parts.constraints.push(readKey(c, constraint, [column]));
      return;
    default:
      refuseConstraint(c, constraint);
  }
}

/** The first unnamed check is the column's own; more become the table's. */
function addCheck(
  c: TreeReader,
  parts: ColumnParts,
  condition: Expr | undefined,
  constraint: Tree.Constraint,
): void {
  if (condition === undefined) return;
  if (parts.check === undefined && constraint.conname === undefined) {
    parts.check = condition;
    return;
  }
  const name = constraintName(c, constraint);
  parts.constraints.push({ kind: "check", ...name, condition });
}

function constraintName(
  c: TreeReader,
  constraint: Tree.Constraint,
): { readonly name?: string } {
  const { conname } = constraint;
  return conname === undefined ? {} : { name: nameText(c, conname) };
}

// Keys are informational, so when they are checked makes no difference.
const IGNORED_CONSTRAINTS: ReadonlySet<string> = new Set([
  "CONSTR_ATTR_DEFERRABLE",
  "CONSTR_ATTR_NOT_DEFERRABLE",
  "CONSTR_ATTR_DEFERRED",
  "CONSTR_ATTR_IMMEDIATE",
]);
const CONSTRAINT_NAMES: ReadonlyMap<string, string> = new Map([
  ["CONSTR_EXCLUSION", "exclusion constraints are"],
]);

function refuseConstraint(c: TreeReader, constraint: Tree.Constraint): void {
  const kind = constraint.contype ?? "";
  if (IGNORED_CONSTRAINTS.has(kind)) return;
  const construct = CONSTRAINT_NAMES.get(kind) ?? "this constraint is";
  throw unsupported(construct, at(c, constraint.location));
}

export function readTableConstraint(
  c: TreeReader,
  constraint: Tree.Constraint,
): TableConstraint {
  const position = at(c, constraint.location);
  refuseIf(constraint.skip_validation === true, "NOT VALID is", position);
  if (constraint.contype === "CONSTR_CHECK") {
    const condition = optionalExpression(c, constraint.raw_expr);
    if (condition === undefined) throw unsupported("this CHECK is", position);
    return { kind: "check", ...constraintName(c, constraint), condition };
  }
  refuseConstraintKind(c, constraint);
  const columns = identifiers(
    c,
    constraint.keys ?? constraint.fk_attrs,
    position,
  );
  return readKey(c, constraint, columns);
}

function refuseConstraintKind(
  c: TreeReader,
  constraint: Tree.Constraint,
): void {
  const keys = ["CONSTR_PRIMARY", "CONSTR_UNIQUE", "CONSTR_FOREIGN"];
  if (keys.includes(constraint.contype ?? "")) return;
  const construct =
    CONSTRAINT_NAMES.get(constraint.contype ?? "") ?? "this constraint is";
  throw unsupported(construct, at(c, constraint.location));
}

function readKey(
  c: TreeReader,
  constraint: Tree.Constraint,
  columns: readonly Identifier[],
): TableConstraint {
  const name = constraintName(c, constraint);
  if (constraint.contype === "CONSTR_FOREIGN") {
    const table = relationName(c, constraint.pktable);
    const references = identifiers(c, constraint.pk_attrs, table.position);
    return { kind: "foreign-key", ...name, columns, table, references };
  }
  const primary = constraint.contype === "CONSTR_PRIMARY";
  return { kind: primary ? "primary-key" : "unique", ...name, columns };
}

/** Also SELECT … INTO t. Materialized views and EXECUTE as a source are not ours. */
export function readCreateTableAs(
  c: TreeReader,
  into: Tree.IntoClause,
  query: CreateTableAsStatement["query"],
  {
    ifNotExists,
    position,
  }: { readonly ifNotExists: boolean; readonly position: number },
): CreateTableAsStatement {
  const relation = into.rel;
  refuseIf(relation?.relpersistence === "u", "UNLOGGED is", position);
  refuseStorage(into.options, position);
  const { replace, options } = tableClauses(c, relation);
  const name = relationName(c, relation);
  return {
    kind: "create-table-as",
    name,
    mode: createMode(replace, ifNotExists),
    temporary: isTemporary(relation),
    columnNames: identifiers(c, into.colNames, name.position),
    query,
    withData: into.skipData !== true,
    options,
    ...optional("onCommit", onCommitOf(relation, into.onCommit)),
    position,
  };
}

export function readCreateView(
  c: TreeReader,
  create: Tree.ViewStmt,
  position: number,
): CreateViewStatement {
  const { view, query } = create;
  const checked = create.withCheckOption ?? "NO_CHECK_OPTION";
  refuseIf(checked !== "NO_CHECK_OPTION", "WITH CHECK OPTION is", position);
  refuseIf((create.options ?? []).length > 0, "view options are", position);
  if (query === undefined || !isNode(query, "SelectStmt")) {
    throw unsupported("this view is", position);
  }
  const index = tokenAt(c, view?.location);
  const note = takeNote(c.source, index, "create-view");
  const name = relationName(c, view);
  const source = textAfterAs(c.source, index);
  return {
    kind: "create-view",
    name,
    mode: createMode(create.replace === true, note?.ifNotExists === true),
    temporary: isTemporary(view),
    columns: identifiers(c, create.aliases, name.position),
    query: c.query(query.SelectStmt, source.position),
    source: source.text,
    ...optional("comment", note?.comment),
    position,
  };
}

/** What the user wrote behind the first AS outside brackets. */
function textAfterAs(
  source: Source,
  from: number,
): { readonly text: string; readonly position: number } {
  let depth = 0;
  for (let i = from; i < source.tokens.length; i++) {
    const token = source.tokens[i];
    if (isSymbol(token, "(")) depth++;
    if (isSymbol(token, ")")) depth--;
    if (depth > 0 || !isWord(token, "as")) continue;
    const first = source.tokens[i + 1];
    const last = source.tokens.at(-1);
    if (first === undefined || last === undefined) break;
    const text = source.sql.slice(first.start, last.end);
    return { text, position: first.position };
  }
  return { text: "", position: source.tokens[0]?.position ?? 1 };
}
