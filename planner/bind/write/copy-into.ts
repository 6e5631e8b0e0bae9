// COPY INTO: the files' columns are brought to the table's, by name or by place, under the rules of INSERT. Where all of a text file is
// taken, its fields are read as the table's types, as COPY FROM reads them; a query over the files sees their own types.

import type { PinnedTable } from "../../../storage/catalog/view.ts";
import { notSupported, SqlError } from "../../../storage/common/errors.ts";
import { invariant } from "../../../storage/common/invariant.ts";
import type { Column } from "../../../storage/common/schema.ts";
import type { CopyIntoStatement, Identifier } from "../../parse/ast.ts";
import { outputOf } from "../../logical/walk.ts";
import type { StatementBody, ValidatedRows } from "../bound.ts";
import { writtenTable } from "../change/target.ts";
import { completeRow } from "./complete-row.ts";
import { isReadFromText, loadOptions } from "../from/file-options.ts";
import { bindPath } from "../from/from-table.ts";
import { withoutUnusedHidden } from "../query/hidden-columns.ts";
import { matching } from "../names.ts";
import type { ResolvedTable } from "../resolve/resolved.ts";
import type { BoundRelation, StatementContext } from "../statement-context.ts";
import { bindInsertQuery, targetColumns } from "./write.ts";

export function bindCopyInto(
  statement: StatementContext,
  node: CopyIntoStatement,
): StatementBody {
  const table = writtenTable(statement, node.table);
  const pinned = statement.view.pinned(table.id, undefined);
  const found = statement.resolved.relations.get(node.files);
  invariant(found?.kind === "table", "the files of COPY INTO were resolved");
  const files = found.reference.table.id;
  const { evolves } = loadOptions(node.copyOptions);
  const targets = targetsOf(pinned, node);
  if (node.byPosition !== undefined) refusePlaces(node, found, evolves);
  const { fileCount } = statement.view.pinned(files, undefined);
  if (fileCount === 0)
    return {
      kind: "copy-into",
      table,
      files,
      validated: validated(statement, node, pinned.schema.columns),
      rows: undefined,
    };
  const source = bindRows(statement, node, targets);
  if (node.byPosition !== undefined)
    checkCount(source.columns.length, targets.length, node.position);
  const insert = {
    table: node.table,
    columns:
      node.byPosition === undefined
        ? []
        : targets.map(({ name }) => ({ ...unquoted(name), quoted: true })),
    byName: node.byPosition === undefined,
    evolves,
  };
  const given = bindInsertQuery(statement, insert, source, { pinned, targets });
  const { columns } = given.pinned.schema;
  const row = completeRow(
    statement,
    given.pinned,
    columns.map(({ name }) => given.given.get(name)),
    { plan: given.plan, keep: [] },
  );
  return {
    kind: "copy-into",
    table,
    files,
    validated: validated(statement, node, columns),
    rows: {
      source: withoutUnusedHidden(statement, row.plan),
      columns: row.columns,
      violation: row.violation,
      identity: row.identity,
      evolution: given.evolution,
    },
  };
}

function validated(
  statement: StatementContext,
  { validate }: CopyIntoStatement,
  columns: readonly Column[],
): ValidatedRows | undefined {
  return (
    validate && {
      rowCount: validate.rows,
      columns: columns.map(({ name, type, nullable }) =>
        statement.newColumn(name, type, nullable),
      ),
    }
  );
}

/** By name any column; by place those listed, or all whose value does not follow from others. */
function targetsOf(
  { table, schema }: PinnedTable,
  { byPosition }: CopyIntoStatement,
): readonly Column[] {
  if (byPosition === undefined) return schema.columns;
  if (byPosition.length > 0)
    return targetColumns(table, schema.columns, byPosition);
  return schema.columns.filter(
    ({ generated, identity }) => (generated ?? identity) === undefined,
  );
}

/** Places mean something in a query, and in files without names. Throws 0A000. */
function refusePlaces(
  { query, position }: CopyIntoStatement,
  { reference }: ResolvedTable,
  evolves: boolean,
): void {
  const { files } = reference.table;
  const counted = files?.kind === "csv" && !files.header;
  if (query === undefined && !counted)
    throw notSupported(
      "COPY INTO by position of files whose columns have names is",
      position,
      "Leave the column list out, or list columns in (SELECT … FROM 'path').",
    );
  if (evolves)
    throw notSupported("mergeSchema of COPY INTO by position is", position);
}

/** Throws 42601. */
function checkCount(given: number, wanted: number, position: number): void {
  if (given === wanted) return;
  const [more, fewer] =
    given > wanted
      ? ["columns", "target columns"]
      : ["target columns", "columns"];
  throw new SqlError("42601", `COPY INTO has more ${more} than ${fewer}`, {
    detail: `The files have ${given} columns, and ${wanted} are to be filled.`,
    position,
  });
}

function bindRows(
  statement: StatementContext,
  node: CopyIntoStatement,
  targets: readonly Column[],
): BoundRelation {
  const { query, files, byPosition } = node;
  if (query)
    return statement.binders.query(query, undefined, { keepUnknown: true });
  const readAs = (column: Column, place: number): Column => {
    const [target] =
      byPosition === undefined
        ? matching(targets, unquoted(column.name), ({ name }) => name)
        : targets.slice(place);
    return target && isReadFromText(target.type)
      ? { ...column, type: target.type }
      : column;
  };
  const bound = bindPath({ statement }, files, (columns) =>
    declaresTypes(statement, node) ? columns : columns.map(readAs),
  );
  const count = bound.relations[0]?.columns.length ?? 0;
  return { plan: bound.plan, columns: outputOf(bound.plan).slice(0, count) };
}

function declaresTypes(
  { resolved }: StatementContext,
  { files }: CopyIntoStatement,
): boolean {
  const found = resolved.relations.get(files);
  return (
    found?.kind === "table" && found.reference.table.files?.schema !== undefined
  );
}

function unquoted(name: string): Identifier {
  return { name, quoted: false, position: 0 };
}
