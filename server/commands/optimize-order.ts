// In which order OPTIMIZE puts rows: that of ZORDER BY, or of the columns a table is clustered by.

import { interleavedOrder } from "../../planner/physical/interleave.ts";
import { matching } from "../../planner/bind/names.ts";
import {
  ambiguousColumn,
  undefinedColumn,
} from "../../planner/bind/errors/errors-column.ts";
import type { QualifiedName } from "../../planner/parse/ast.ts";
import { typeName, type DataType } from "../../storage/common/data-type.ts";
import { SqlError, notSupported } from "../../storage/common/errors.ts";
import { clusteringColumns } from "../../storage/delta/definition/clustering.ts";
import type { DeltaField } from "../../storage/delta/definition/schema-json.ts";
import type { Snapshot } from "../../storage/delta/snapshot.ts";
import { quoteName } from "../../storage/delta/sql.ts";
import type { StatementOf } from "./command.ts";
import { dataColumns } from "./optimize-rewrite.ts";
import { rewriteColumn } from "../write/rewrite.ts";

export interface RowOrder {
  readonly names: readonly string[];
  /** Over the columns as rewriteColumn names them. */
  readonly sql: string;
  /** That of the table's clustering columns. */
  readonly clusters: boolean;
}

/** Undefined: rows may lie as they come. Throws 42703, 42P10, 0A000 for columns that cannot order. */
export function orderOf(
  snapshot: Snapshot,
  { zorder, where }: StatementOf<"optimize">,
): RowOrder | undefined {
  const clustered = clusteringColumns(snapshot);
  if (clustered.length > 0) {
    const given = zorder[0] ?? where;
    if (given !== undefined)
      throw notSupported(
        `OPTIMIZE of a clustered table with ${zorder.length > 0 ? "ZORDER BY" : "WHERE"} is`,
        given.position,
      );
    return { ...orderBy(snapshot, clustered), clusters: true };
  }
  if (zorder.length === 0) return undefined;
  return orderBy(
    snapshot,
    zorder.map((name) => pathOf(snapshot, name)),
  );
}

function orderBy(
  snapshot: Snapshot,
  paths: readonly (readonly string[])[],
): RowOrder {
  const columns = dataColumns(snapshot);
  const items = paths.map(([first = "", ...rest]) => {
    const index = columns.findIndex(({ name }) => name === first);
    return [rewriteColumn(index), ...rest.map(quoteName)].join(".");
  });
  const names = paths.map((path) => path.join("."));
  return { names, sql: interleavedOrder(items), clusters: false };
}

function pathOf(
  snapshot: Snapshot,
  { parts, position }: QualifiedName,
): readonly string[] {
  const label = parts.map(({ name }) => name).join(".");
  const path: string[] = [];
  let fields: readonly DeltaField[] = snapshot.fields;
  let type: DataType | undefined;
  for (const part of parts) {
    const found = matching(fields, part, ({ name }) => name);
    if (found.length > 1) throw ambiguousColumn(label, position);
    const [field] = found;
    if (field === undefined) throw undefinedColumn(label, undefined, position);
    path.push(field.name);
    ({ type, children: fields } = field);
  }
  if (snapshot.partitionColumns.includes(path[0] ?? ""))
    throw new SqlError(
      "42P10",
      `column "${label}" is a partition column and cannot be in ZORDER BY`,
      {
        detail: "Rows of different partitions never share a file.",
        position,
      },
    );
  if (type !== undefined && UNORDERED.has(type.kind))
    throw notSupported(
      `ZORDER BY a column of type ${typeName(type)} is`,
      position,
    );
  return path;
}

const UNORDERED: ReadonlySet<DataType["kind"]> = new Set([
  "struct",
  "array",
  "map",
  "variant",
  "void",
]);
