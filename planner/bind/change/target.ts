// The table a statement changes: which one it is, its scan with each row's place, and the name its columns are in scope under.

import type { TableEntry } from "../../../storage/catalog/objects.ts";
import type { PinnedTable } from "../../../storage/catalog/view.ts";
import { notSupported } from "../../../storage/common/errors.ts";
import { invariant } from "../../../storage/common/invariant.ts";
import type {
  LogicalPlan,
  PlanColumn,
  Scan,
  ScanColumn,
} from "../../logical/plan.ts";
import type { QualifiedName, TableAlias } from "../../parse/ast.ts";
import { scanTable } from "../from/from-table.ts";
import { TEMPORARY_SCHEMA } from "../resolve/temporary.ts";
import { governedTarget } from "../policy/apply-policies.ts";
import type { ResolvedPolicies } from "../policy/resolve-policies.ts";
import { aliased } from "../from/relation.ts";
import type { ScopeRelation } from "../scope.ts";
import type { StatementContext } from "../statement-context.ts";
import type { RuledTable } from "../write/violation.ts";

export interface ChangeTarget {
  readonly pinned: PinnedTable;
  readonly scan: Scan;
  /** The rows the statement may change: the scan, behind the table's policies. */
  readonly rows: LogicalPlan;
  readonly relation: ScopeRelation;
  /** One a table column, in the table's order, as it is stored: what no clause may refer to where the column is masked. */
  readonly columns: readonly PlanColumn[];
  /** The same as a reader sees them. */
  readonly shown: readonly PlanColumn[];
  readonly filePath: PlanColumn;
  readonly rowIndex: PlanColumn;
  /** Undefined for a table whose rows keep no ids. */
  readonly rowId: PlanColumn | undefined;
}

/** The policies between the rows it writes and RETURNING. */
export function returnedPolicies(
  statement: StatementContext,
  name: QualifiedName,
): ResolvedPolicies | undefined {
  const target = statement.resolved.targets.get(name);
  return target?.kind === "relation" ? target.returned : undefined;
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

/** A table the statement changes, as errors about its rows name it. */
export function ruledTable(
  { resolved }: StatementContext,
  { id, name }: TableEntry,
): RuledTable {
  const target = [...resolved.targets.values()].find(
    (it) => it.kind === "relation" && it.relation.id === id,
  );
  const schema = target?.kind === "relation" ? target.schema : undefined;
  return { schema: schema?.name ?? TEMPORARY_SCHEMA, table: name };
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
      ? [target.schema?.name ?? TEMPORARY_SCHEMA, target.catalog?.name]
      : ["", undefined];
  const { layout } = statement.view.pinned(table.id, undefined);
  const scanned = scanTable(
    statement,
    {
      reference: { table, travel: undefined },
      name: catalog === undefined ? table.name : `${schema}.${table.name}`,
      schema,
      catalog,
    },
    name,
  );
  const policies = target?.kind === "relation" ? target.policies : undefined;
  const { plan: rows, relation } = governedTarget(
    statement,
    scanned,
    policies,
    layout,
  );
  const { plan: scan } = scanned;
  const columns = scan.columns
    .filter(({ source }) => source.kind === "column")
    .map(plain);
  return {
    pinned,
    scan,
    rows,
    relation: aliased(relation, alias),
    columns,
    shown: columns.map((column, i) => {
      const value = relation.columns[i]?.value;
      return value?.kind === "column"
        ? { ...column, id: value.column }
        : column;
    }),
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
