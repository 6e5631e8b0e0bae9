// Named relations in FROM: Delta tables at their pinned version, views by their query, common tables.

import { INT8, OID, TEXT } from "../../../storage/common/data-type.ts";
import { notSupported } from "../../../storage/common/errors.ts";
import { invariant } from "../../../storage/common/invariant.ts";
import type { PinnedTable } from "../../../storage/catalog/view.ts";
import type { Column } from "../../../storage/common/schema.ts";
import type { TableEntry } from "../../../storage/catalog/objects.ts";
import type { LogicalPlan, Scan, ScanColumn } from "../../logical/plan.ts";
import type {
  FunctionFrom,
  PathFrom,
  QualifiedName,
  TableFrom,
} from "../../parse/ast.ts";
import { readFields, scannedColumns, type TextFormat } from "./from-files.ts";
import { bindCommonTableReference } from "./common-table.ts";
import { derivedPartitions } from "./derived-partitions.ts";
import type { BoundFrom, FromContext } from "./from-parts.ts";
import { dotted } from "../names.ts";
import { governedRows } from "../policy/apply-policies.ts";
import { aliased, namedRelation } from "./relation.ts";
import type { ResolvedRelation } from "../resolve/resolved.ts";
import { scopeColumns, type ScopeRelation } from "../scope.ts";
import type { StatementContext } from "../statement-context.ts";

export function bindTable(context: FromContext, item: TableFrom): BoundFrom {
  const { statement } = context;
  const found = statement.resolved.relations.get(item);
  invariant(found !== undefined, "a relation was not resolved");
  if (item.sample) {
    const { method, position } = item.sample;
    throw notSupported(
      method === "pivot" ? "PIVOT is" : "TABLESAMPLE is",
      position,
    );
  }
  const bound = bindResolved(context, item, found);
  return {
    plan: bound.plan,
    relations: bound.relations.map((relation) => aliased(relation, item.alias)),
  };
}

function bindResolved(
  context: FromContext,
  item: TableFrom,
  found: ResolvedRelation,
): BoundFrom {
  const { statement } = context;
  switch (found.kind) {
    case "table":
      return bindScan(statement, found, item);
    case "view":
      return bindView(statement, found);
    case "common-table": {
      const { plan, columns } = bindCommonTableReference(
        statement,
        found.item,
        item.position,
      );
      const relation = namedRelation(
        found.item.name.name,
        scopeColumns(columns),
      );
      return { plan, relations: [relation] };
    }
    case "system":
      throw notSupported(
        `relation "${found.schema}.${found.name}" in this statement is`,
        item.position,
      );
  }
}

type ResolvedOf<K extends ResolvedRelation["kind"]> = Extract<
  ResolvedRelation,
  { readonly kind: K }
>;

function bindScan(
  statement: StatementContext,
  found: ResolvedOf<"table">,
  item: TableFrom,
): BoundFrom {
  const { plan, relation } =
    found.reference.table.origin === "system"
      ? systemRows(statement, found, item.name)
      : tableRows(statement, found, item.name);
  return { plan, relations: [relation] };
}

/** Of schema system: where the gateway keeps its own files is nobody's to see, and some rows lie in none. */
function systemRows(
  statement: StatementContext,
  found: ResolvedOf<"table">,
  typed: QualifiedName,
): { readonly plan: LogicalPlan; readonly relation: ScopeRelation } {
  const { table, travel } = found.reference;
  const { rows, schema } = statement.view.pinned(table.id, travel);
  if (rows === undefined) {
    const { plan, relation } = tableRows(statement, found, typed);
    return { plan, relation: { ...relation, hidden: [] } };
  }
  const columns = schema.columns.map(({ name, type }) =>
    statement.newColumn(name, type),
  );
  const plan: LogicalPlan = {
    kind: "values",
    columns,
    rows: rows.map((row) =>
      columns.map(({ type }, at) => ({
        kind: "literal",
        type,
        value: row[at] ?? null,
      })),
    ),
    note: found.name,
  };
  const relation: ScopeRelation = {
    ...namedRelation(table.name, scopeColumns(columns)),
    schema: found.schema,
    catalog: found.catalog,
  };
  return { plan, relation };
}

/**
 * A scan of all columns, the hidden ones too, and the relation it is in scope. `typed`: the name in the user's text. Nothing here
 * asks for policies: what a user may see of the rows is `governedRows`.
 */
export function scanTable(
  statement: StatementContext,
  found: Omit<ResolvedOf<"table">, "kind">,
  typed: QualifiedName,
): { readonly plan: Scan; readonly relation: ScopeRelation } {
  const { table, travel } = found.reference;
  const pinned = statement.view.pinned(table.id, travel);
  const format = textFormat(table);
  const scanned = format
    ? scannedColumns(pinned, format)
    : pinned.schema.columns;
  const columns = scanned.map((column, i): ScanColumn => ({
    id: statement.newColumnId(),
    name: column.name,
    type: column.type,
    nullable: column.nullable,
    source: { kind: "column", name: column.name, number: i + 1 },
  }));
  const hidden = hiddenColumns(statement, pinned);
  const derived = derivedPartitions(pinned);
  const plan: Scan = {
    kind: "scan",
    table: {
      id: table.id,
      version: pinned.version,
      scanId: statement.newScanId(),
      name: found.name,
      oid: table.oid,
      opaque: statement.hides(table.id),
      ...(derived.length === 0 ? {} : { derived }),
      ...(format === undefined ? {} : { textFields: true }),
    },
    columns: [...columns, ...hidden],
    filters: [],
  };
  const relation: ScopeRelation = {
    name: table.name,
    schema: found.schema,
    catalog: found.catalog,
    columns: scopeColumns(
      columns.map((column, i) => ({
        ...column,
        ...(table.oid === 0
          ? {}
          : { origin: { tableOid: table.oid, columnNumber: i + 1 } }),
      })),
    ),
    hidden: scopeColumns(hidden),
    ...(table.origin === "temporary"
      ? {}
      : { table: { id: table.id, name: dotted(typed) } }),
    qualified: true,
    unqualified: true,
  };
  return { plan, relation };
}

/**
 * As `scanTable`, behind the table's policies; of text files, what their fields are read as: the types of the files' columns, or
 * those that `typesOf` gives.
 */
function tableRows(
  statement: StatementContext,
  found: Omit<ResolvedOf<"table">, "kind">,
  typed: QualifiedName,
  typesOf?: (columns: readonly Column[]) => readonly Column[],
): { readonly plan: LogicalPlan; readonly relation: ScopeRelation } {
  const scanned = scanTable(statement, found, typed);
  const { table, travel } = found.reference;
  const format = textFormat(table);
  const pinned = statement.view.pinned(table.id, travel);
  if (format === undefined)
    return governedRows(statement, scanned, found.policies, pinned.layout);
  invariant(found.policies === undefined, "plain files have no policies");
  const { plan: scan, relation } = scanned;
  const { schema } = pinned;
  const types = typesOf?.(schema.columns) ?? schema.columns;
  const { plan, columns } = readFields(
    statement,
    scan,
    { ...pinned, schema: { ...schema, columns: types } },
    format,
  );
  return { plan, relation: { ...relation, columns: scopeColumns(columns) } };
}

/** For files whose scan gives texts. */
function textFormat({ files }: TableEntry): TextFormat | undefined {
  return files === undefined || files.kind === "parquet" ? undefined : files;
}

/** All are scanned until the end of binding, which drops those that nothing refers to. */
function hiddenColumns(
  statement: StatementContext,
  { layout }: PinnedTable,
): readonly ScanColumn[] {
  const tracked = layout.rowTracking === undefined ? [] : TRACKED;
  const fields = [
    ["file_path", TEXT],
    ["file_name", TEXT],
    ["file_size", INT8],
    ["row_index", INT8],
    ...tracked,
    ["tableoid", OID],
  ] as const;
  return fields.map(([field, type]) => ({
    id: statement.newColumnId(),
    name: field,
    type,
    // Rows of an open transaction have no id yet.
    nullable: field === "row_id" || field === "row_commit_version",
    source: { kind: "metadata", field },
  }));
}

/** Of tables whose rows keep their ids. */
const TRACKED = [
  ["row_id", INT8],
  ["row_commit_version", INT8],
] as const;

/** A stored view is a security barrier, a temporary one the user's own text; its columns have the names it was made with. */
function bindView(
  statement: StatementContext,
  found: ResolvedOf<"view">,
): BoundFrom {
  const { view, temporary, query } = found;
  const inner = statement.below(view, () =>
    statement.binders.query(query, undefined),
  );
  const columns = inner.columns.map(({ origin: _, ...column }, i) => ({
    ...column,
    name: view.columns[i]?.name ?? column.name,
  }));
  const relation: ScopeRelation = {
    ...namedRelation(view.name, scopeColumns(columns)),
    schema: found.schema,
    catalog: found.catalog,
  };
  return {
    plan: temporary ? inner.plan : { kind: "barrier", input: inner.plan },
    relations: [relation],
  };
}

/** ``csv.`p` `` and its kin: a table without a schema around it, whose hidden columns need no right of their own. */
export function bindPath(
  { statement }: Pick<FromContext, "statement">,
  item: PathFrom | FunctionFrom,
  typesOf?: (columns: readonly Column[]) => readonly Column[],
): BoundFrom {
  const found = statement.resolved.relations.get(item);
  invariant(found?.kind === "table", "a path was not resolved");
  const name = { parts: [], position: item.position };
  const { plan, relation } = tableRows(statement, found, name, typesOf);
  const named = {
    ...relation,
    schema: undefined,
    catalog: undefined,
    table: undefined,
  };
  return { plan, relations: [aliased(named, item.alias)] };
}
