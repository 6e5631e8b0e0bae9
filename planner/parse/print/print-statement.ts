// Statements that change data or define objects, as SQL text.

import { unreachable } from "../../../storage/common/invariant.ts";
import type {
  ColumnPlace,
  IdentityDefinition,
  Assignment,
  ColumnDefinition,
  CommentStatement,
  CreateFunctionStatement,
  CreateTableAsStatement,
  CreateTableStatement,
  CreateViewStatement,
  DeleteStatement,
  DropStatement,
  InsertStatement,
  MergeClause,
  MergeStatement,
  OnConflict,
  OnCommit,
  SelectItem,
  TableConstraint,
  TableOptions,
  UpdateStatement,
} from "../ast.ts";
import { printNamedTexts } from "./print-copy.ts";
import { printExpression, printExpressions } from "./print-expression.ts";
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
import { printMask, printRowFilter } from "./print-policy.ts";
import {
  printAlias,
  printFrom,
  printFromList,
  printItems,
  printWith,
  type QueryPrinter,
} from "./print-query.ts";

function withClause(
  p: QueryPrinter,
  statement: { readonly with?: InsertStatement["with"] },
): string | undefined {
  return statement.with === undefined
    ? undefined
    : printWith(p, statement.with);
}

function returning(
  p: QueryPrinter,
  items: readonly SelectItem[],
): string | undefined {
  return items.length === 0 ? undefined : `RETURNING ${printItems(p, items)}`;
}

function where(
  p: QueryPrinter,
  statement: { readonly where?: UpdateStatement["where"] },
): string | undefined {
  return statement.where === undefined
    ? undefined
    : `WHERE ${printExpression(statement.where, p.query)}`;
}

export function printInsert(p: QueryPrinter, insert: InsertStatement): string {
  const { alias, source } = insert;
  return joinParts(
    withClause(p, insert),
    "INSERT",
    insert.evolves ? "WITH SCHEMA EVOLUTION" : undefined,
    insert.overwrite ? "OVERWRITE" : "INTO",
    printName(insert.table),
    printPartition(p, insert.partition),
    insert.byName ? "BY NAME" : undefined,
    alias === undefined ? undefined : `AS ${printIdentifier(alias)}`,
    printColumnList(insert.columns),
    insert.replaceWhere === undefined
      ? undefined
      : `REPLACE WHERE ${printExpression(insert.replaceWhere, p.query)}`,
    source === undefined ? "DEFAULT VALUES" : p.query(source),
    insert.onConflict && printOnConflict(p, insert.onConflict),
    returning(p, insert.returning),
  );
}

function printOnConflict(
  p: QueryPrinter,
  { target, update }: OnConflict,
): string {
  return joinParts(
    "ON CONFLICT",
    target?.kind === "columns" ? printColumnList(target.columns) : undefined,
    target?.kind === "constraint"
      ? `ON CONSTRAINT ${printIdentifier(target.name)}`
      : undefined,
    update === undefined
      ? "DO NOTHING"
      : `DO UPDATE SET ${printAssignments(p, update.assignments)}`,
    update && where(p, update),
  );
}

function printPartition(
  p: QueryPrinter,
  partition: InsertStatement["partition"],
): string | undefined {
  if (partition.length === 0) return undefined;
  const entries = partition.map(({ column, value }) =>
    value === undefined
      ? printIdentifier(column)
      : `${printIdentifier(column)} = ${printExpression(value, p.query)}`,
  );
  return `PARTITION (${entries.join(", ")})`;
}

export function printUpdate(p: QueryPrinter, update: UpdateStatement): string {
  return joinParts(
    withClause(p, update),
    `UPDATE ${printName(update.table)}`,
    printAlias(update.alias),
    `SET ${printAssignments(p, update.assignments)}`,
    update.from.length === 0
      ? undefined
      : `FROM ${printFromList(p, update.from)}`,
    where(p, update),
    returning(p, update.returning),
  );
}

function printAssignments(
  p: QueryPrinter,
  assignments: readonly Assignment[],
): string {
  return assignments
    .map(({ columns, listed, value }) => {
      const names = columns.map(printName).join(", ");
      return `${listed ? `(${names})` : names} = ${printExpression(value, p.query)}`;
    })
    .join(", ");
}

export function printDelete(
  p: QueryPrinter,
  statement: DeleteStatement,
): string {
  return joinParts(
    withClause(p, statement),
    `DELETE FROM ${printName(statement.table)}`,
    printAlias(statement.alias),
    statement.using.length === 0
      ? undefined
      : `USING ${printFromList(p, statement.using)}`,
    where(p, statement),
    returning(p, statement.returning),
  );
}

export function printMerge(p: QueryPrinter, merge: MergeStatement): string {
  return joinParts(
    withClause(p, merge),
    merge.evolves ? "MERGE WITH SCHEMA EVOLUTION" : "MERGE",
    `INTO ${printName(merge.target)}`,
    printAlias(merge.targetAlias),
    `USING ${printFrom(p, merge.source)}`,
    `ON ${printExpression(merge.on, p.query)}`,
    ...merge.clauses.map((clause) => printMergeClause(p, clause)),
    returning(p, merge.returning),
  );
}

function printMergeClause(p: QueryPrinter, clause: MergeClause): string {
  const match = clause.match.replaceAll("-", " ").toUpperCase();
  return joinParts(
    `WHEN ${match}`,
    clause.condition === undefined
      ? undefined
      : `AND ${printExpression(clause.condition, p.query)}`,
    `THEN ${printMergeAction(p, clause.action)}`,
  );
}

function printMergeAction(
  p: QueryPrinter,
  action: MergeClause["action"],
): string {
  switch (action.kind) {
    case "update":
      return `UPDATE SET ${printAssignments(p, action.assignments)}`;
    case "insert": {
      const values =
        action.values.length === 0
          ? "DEFAULT VALUES"
          : `VALUES (${printExpressions(action.values, p.query)})`;
      const columns = action.columns.map(printName).join(", ");
      return joinParts(
        "INSERT",
        columns === "" ? undefined : `(${columns})`,
        values,
      );
    }
    case "update-star":
      return "UPDATE SET *";
    case "insert-star":
      return "INSERT *";
    case "delete":
      return "DELETE";
    case "nothing":
      return "DO NOTHING";
    default:
      return unreachable(action);
  }
}

/** File and program names are not in the tree: such a COPY is refused anyway. */
function createHead(
  statement:
    | CreateTableStatement
    | CreateTableAsStatement
    | CreateViewStatement
    | CreateFunctionStatement,
  type: "TABLE" | "VIEW" | "FUNCTION",
): string {
  return joinParts(
    "CREATE",
    statement.mode === "or-replace" ? "OR REPLACE" : undefined,
    statement.temporary ? "TEMPORARY" : undefined,
    type,
    statement.mode === "if-not-exists" ? "IF NOT EXISTS" : undefined,
    printName(statement.name),
  );
}

export function printCreateTable(
  p: QueryPrinter,
  create: CreateTableStatement,
): string {
  const elements = [
    ...(create.like === undefined ? [] : [`LIKE ${printName(create.like)}`]),
    ...create.columns.map((column) => printColumn(p, column)),
    ...create.constraints.map((constraint) => printConstraint(p, constraint)),
  ];
  return joinParts(
    createHead(create, "TABLE"),
    `(${elements.join(", ")})`,
    printOptions(p, create.options),
    printOnCommit(create.onCommit),
  );
}

function printOnCommit(onCommit: OnCommit | undefined): string | undefined {
  if (onCommit === undefined) return undefined;
  return `ON COMMIT ${onCommit === "drop" ? "DROP" : "DELETE ROWS"}`;
}

export function printColumn(p: QueryPrinter, column: ColumnDefinition): string {
  const { default: value, generated, identity, check, comment } = column;
  return joinParts(
    printIdentifier(column.name),
    printType(column.type),
    column.nullable ? undefined : "NOT NULL",
    value === undefined
      ? undefined
      : `DEFAULT (${printExpression(value, p.query)})`,
    generated === undefined
      ? undefined
      : `GENERATED ALWAYS AS (${printExpression(generated, p.query)}) STORED`,
    identity === undefined ? undefined : printIdentity(identity),
    check === undefined
      ? undefined
      : `CHECK (${printExpression(check, p.query)})`,
    comment === undefined ? undefined : `COMMENT ${quoteString(comment)}`,
    column.mask && printMask(p, column.mask),
    column.place === undefined ? undefined : printPlace(column.place),
  );
}

function printIdentity({ always, start, step }: IdentityDefinition): string {
  const options = joinParts(
    start === undefined ? undefined : `START WITH ${start}`,
    step === undefined ? undefined : `INCREMENT BY ${step}`,
  );
  const kind = always ? "ALWAYS" : "BY DEFAULT";
  return `GENERATED ${kind} AS IDENTITY${options === "" ? "" : ` (${options})`}`;
}

export function printPlace(place: ColumnPlace): string {
  return place.kind === "first"
    ? "FIRST"
    : `AFTER ${printIdentifier(place.column)}`;
}

export function printConstraint(
  p: QueryPrinter,
  constraint: TableConstraint,
): string {
  const name =
    constraint.name === undefined
      ? undefined
      : `CONSTRAINT ${quoteName(constraint.name)}`;
  switch (constraint.kind) {
    case "primary-key":
    case "unique": {
      const words = constraint.kind.replace("-", " ").toUpperCase();
      return joinParts(name, words, `(${printNames(constraint.columns)})`);
    }
    case "foreign-key":
      return joinParts(
        name,
        `FOREIGN KEY (${printNames(constraint.columns)})`,
        `REFERENCES ${printName(constraint.table)}${printColumnList(constraint.references)}`,
      );
    case "check":
      return joinParts(
        name,
        `CHECK (${printExpression(constraint.condition, p.query)})`,
      );
    default:
      return unreachable(constraint);
  }
}

function printOptions(p: QueryPrinter, options: TableOptions): string {
  const { using, partitionedBy, clusterBy, location, comment } = options;
  const properties = printProperties(options.properties);
  return joinParts(
    using === undefined ? undefined : `USING ${quoteName(using)}`,
    printNamedTexts("OPTIONS", options.fileOptions ?? []),
    partitionedBy.length === 0
      ? undefined
      : `PARTITIONED BY (${printNames(partitionedBy)})`,
    clusterBy.length === 0
      ? undefined
      : `CLUSTER BY (${printNames(clusterBy)})`,
    location === undefined ? undefined : `LOCATION ${quoteString(location)}`,
    comment === undefined ? undefined : `COMMENT ${quoteString(comment)}`,
    properties === "" ? undefined : `TBLPROPERTIES (${properties})`,
    options.rowFilter && `WITH ${printRowFilter(p, options.rowFilter)}`,
  );
}

export function printProperties(
  properties: Readonly<Record<string, string>>,
): string {
  return Object.entries(properties)
    .map(([key, value]) => `${quoteString(key)} = ${quoteString(value)}`)
    .join(", ");
}

export function printCreateTableAs(
  p: QueryPrinter,
  create: CreateTableAsStatement,
): string {
  return joinParts(
    `${createHead(create, "TABLE")}${printColumnList(create.columnNames)}`,
    printOptions(p, create.options),
    printOnCommit(create.onCommit),
    `AS ${p.query(create.query)}`,
    create.withData ? undefined : "WITH NO DATA",
  );
}

export function printCreateView(
  p: QueryPrinter,
  create: CreateViewStatement,
): string {
  const { comment } = create;
  return joinParts(
    `${createHead(create, "VIEW")}${printColumnList(create.columns)}`,
    comment === undefined ? undefined : `COMMENT ${quoteString(comment)}`,
    `AS ${p.query(create.query)}`,
  );
}

export function printCreateFunction(
  p: QueryPrinter,
  create: CreateFunctionStatement,
): string {
  const { comment, returns, body } = create;
  const parameters = create.parameters.map((parameter) =>
    joinParts(
      printIdentifier(parameter.name),
      printType(parameter.type),
      parameter.default &&
        `DEFAULT ${printExpression(parameter.default, p.query)}`,
    ),
  );
  return joinParts(
    `${createHead(create, "FUNCTION")}(${parameters.join(", ")})`,
    returns && `RETURNS ${printType(returns)}`,
    comment === undefined ? undefined : `COMMENT ${quoteString(comment)}`,
    `RETURN ${printExpression(body, p.query)}`,
  );
}

export function printDrop(drop: DropStatement): string {
  return joinParts(
    `DROP ${drop.type.toUpperCase()}`,
    drop.ifExists ? "IF EXISTS" : undefined,
    drop.names.map(printName).join(", "),
    drop.cascade ? "CASCADE" : undefined,
  );
}

export function printComment(comment: CommentStatement): string {
  const type =
    comment.type === "catalog" ? "DATABASE" : comment.type.toUpperCase();
  return `COMMENT ON ${type} ${printName(comment.name)} IS ${printNullable(comment.comment)}`;
}

export function printNullable(text: string | null): string {
  return text === null ? "NULL" : quoteString(text);
}
