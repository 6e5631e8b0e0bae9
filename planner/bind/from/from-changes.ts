// table_changes in FROM: the union of the two scans that its files take (storage/scan/source.ts).

import { invariant } from "../../../storage/common/invariant.ts";
import type { PinnedTable } from "../../../storage/catalog/view.ts";
import type { PlanColumn, Scan, SetOperation } from "../../logical/plan.ts";
import type { CallExpr } from "../../parse/ast.ts";
import type { ResolvedTable } from "../resolve/resolved.ts";
import type { StatementContext } from "../statement-context.ts";

/** Columns of the table at the end of the range, then what happened to each row, at which version and when. */
export function bindChanges(
  statement: StatementContext,
  call: CallExpr,
): SetOperation {
  const [name] = call.args;
  const found = name && statement.resolved.changes.get(name.value);
  invariant(found !== undefined, "table_changes was not resolved");
  const { table, travel } = found.reference;
  const pinned = statement.view.pinned(table.id, travel);
  const columns = pinned.schema.columns.map((column): PlanColumn => ({
    id: statement.newColumnId(),
    name: column.name,
    type: column.type,
    nullable: column.nullable,
  }));
  return {
    kind: "set-operation",
    operator: "union",
    all: true,
    columns,
    inputs: [
      scanOf(statement, found, pinned, "recorded"),
      scanOf(statement, found, pinned, "derived"),
    ],
  };
}

function scanOf(
  statement: StatementContext,
  { name, reference: { table } }: ResolvedTable,
  pinned: PinnedTable,
  part: "recorded" | "derived",
): Scan {
  const { changesFrom, version } = pinned;
  invariant(changesFrom !== undefined, "changes are pinned with their start");
  return {
    kind: "scan",
    table: {
      id: table.id,
      version,
      scanId: statement.newScanId(),
      name,
      oid: table.oid,
      opaque: statement.hides(table.id),
      changes: { from: changesFrom, part },
    },
    columns: pinned.schema.columns.map((column, i) => ({
      id: statement.newColumnId(),
      name: column.name,
      type: column.type,
      nullable: column.nullable,
      source: { kind: "column", name: column.name, number: i + 1 },
    })),
    filters: [],
  };
}
