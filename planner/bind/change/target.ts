// The table a statement changes: which one it is, its scan with each row's place, and the name its columns are in scope under.

import type { TableEntry } from "../../../storage/catalog/objects.ts";
import type { PinnedTable } from "../../../storage/catalog/view.ts";
import { notSupported } from "../../../storage/common/errors.ts";
import { invariant } from "../../../storage/common/invariant.ts";
import type { PlanColumn, Scan, ScanColumn } from "../../logical/plan.ts";
import type { QualifiedName, TableAlias } from "../../parse/ast.ts";
import { scanTable } from "../from-table.ts";
import { aliased } from "../relation.ts";
import type { ScopeRelation } from "../scope.ts";
import type { StatementContext } from "../statement-context.ts";

export interface ChangeTarget {
  readonly pinned: PinnedTable;
  readonly scan: Scan;
  readonly relation: ScopeRelation;
  /** One a table column, in the table's order. */
  readonly columns: readonly PlanColumn[];
  readonly filePath: PlanColumn;
  readonly rowIndex: PlanColumn;
  /** Undefined for a table whose rows keep no ids. */
  readonly rowId: PlanColumn | undefined;
}

/** The table a statement writes to. Throws 0A000 for views. */
export function writtenTable(
  statement: StatementContext,
  name: QualifiedName,
): TableEntry {
  const target = statement.resolved.targets.get(name);
  invariant(target !== undefined, "the target of a write was not resolved");
  if (target.kind !== "relation" || target.relation.kind === "view") {
    throw notSupported("writing to a view is", name.position);
  }
  return target.relation;
}

export function bindTarget(
  statement: StatementContext,
  name: QualifiedName,
  alias: TableAlias | undefined,
): ChangeTarget {
  const table = writtenTable(statement, name);
  const pinned = statement.view.pinned(table.id, undefined);
  const target = statement.resolved.targets.get(name);
  const [schema, catalog] =
    target?.kind === "relation"
      ? [target.schema?.name ?? "", target.catalog?.name ?? ""]
      : ["", ""];
  const { plan: scan, relation } = scanTable(
    statement,
    {
      reference: { table, travel: undefined },
      name: schema === "" ? table.name : `${schema}.${table.name}`,
      schema,
      catalog,
    },
    name,
  );
  return {
    pinned,
    scan,
    relation: aliased(relation, alias),
    columns: scan.columns
      .filter(({ source }) => source.kind === "column")
      .map(plain),
    filePath: place(statement, scan, "file_path"),
    rowIndex: place(statement, scan, "row_index"),
    rowId:
      pinned.layout.rowTracking === undefined
        ? undefined
        : place(statement, scan, "row_id"),
  };
}

/** The statement reads it for itself: that takes no right to the table's metadata. */
function place(
  statement: StatementContext,
  scan: Scan,
  field: "file_path" | "row_index" | "row_id",
): PlanColumn {
  const column = scan.columns.find(
    ({ source }) => source.kind === "metadata" && source.field === field,
  );
  invariant(column !== undefined, "a scan has its hidden columns");
  statement.usedHidden.add(column.id);
  return plain(column);
}

function plain({ id, name, type, nullable }: ScanColumn): PlanColumn {
  return { id, name, type, nullable };
}
