// One group of files of one partition written anew, as the `add` actions of what it became.

import { dirname, relative } from "node:path";
import type { AddFile } from "../../storage/delta/actions.ts";
import { addAction } from "../../storage/delta/add-file.ts";
import {
  CLUSTERED,
  isClustered,
  type FileGroup,
} from "../../storage/delta/maintenance/compaction.ts";
import type { LiveFile } from "../../storage/delta/file-table/live-files.ts";
import { rowIdsOf } from "../../storage/delta/row-tracking.ts";
import type { Snapshot } from "../../storage/delta/snapshot.ts";
import { TEXT, type DataType } from "../../storage/common/data-type.ts";
import type {
  LayoutColumn,
  Split,
  TableLayout,
} from "../../storage/scan/split.ts";
import { joinPath } from "../../storage/object-store/store.ts";
import type { RowOrder } from "./optimize-order.ts";
import type { RunOptions } from "../compute/attempts.ts";
import { rewriteFiles } from "../write/rewrite.ts";
import { writeTarget } from "../write/table-write.ts";
import type { Services } from "../services.ts";

export interface Rewritten {
  readonly add: AddFile;
}

/** Columns that lie in files, in the order of a rewrite's columns. */
export function dataColumns({
  layout,
}: Pick<Snapshot, "layout">): readonly LayoutColumn[] {
  return layout.columns
    .filter(({ name }) => !layout.partitionColumns.includes(name))
    .map(asStored);
}

/** Rows are moved, not checked: what is declared as a kind of text stays the text it is. */
function asStored(column: LayoutColumn): LayoutColumn {
  return DECLARED.has(column.type.kind) ? { ...column, type: TEXT } : column;
}

const DECLARED: ReadonlySet<DataType["kind"]> = new Set([
  "varchar",
  "bpchar",
  "uuid",
  "json",
  "jsonb",
  "time",
  "interval",
]);

/** A packed file may come out a little larger than its parts: it is not cut for that. */
const SLACK = 2;

export async function rewriteGroup(
  services: Services,
  snapshot: Snapshot,
  group: FileGroup,
  run: RunOptions & { readonly order: RowOrder | undefined },
): Promise<readonly Rewritten[]> {
  const { table, properties } = snapshot;
  const layout: TableLayout = {
    ...snapshot.layout,
    columns: dataColumns(snapshot),
    partitionColumns: [],
  };
  const folder = folderOf(table.location, group);
  const { targetFileBytes } = writeTarget(folder, layout, properties);
  const { order, ...options } = run;
  const orderBy = order?.sql;
  const fileBytes =
    orderBy === undefined ? targetFileBytes * SLACK : targetFileBytes;
  const { drafts } = await rewriteFiles(
    services,
    {
      ...snapshot,
      // All rows have the partition values of the group: they are written as those of a table without any.
      table: { ...table, location: folder },
      layout,
      properties: { ...properties, "delta.targetFileSize": String(fileBytes) },
    },
    group.map(splitOf),
    orderBy === undefined ? options : { ...options, orderBy },
  );
  const partitionValues = group[0]?.add.partitionValues ?? {};
  const [only, another] = group;
  const inOrder =
    order?.clusters === true ||
    (another === undefined && only !== undefined && isClustered(only));
  const below = relative(table.location, folder);
  return drafts.map((draft) => ({
    add: {
      ...addAction(
        {
          ...draft,
          path: below === "" ? draft.path : joinPath(below, draft.path),
        },
        layout,
      ),
      partitionValues,
      ...(inOrder ? { clusteringProvider: CLUSTERED } : {}),
    },
  }));
}

/** Where all files of the group lie, when that is one folder of the table; else the table's own. */
function folderOf(location: string, group: FileGroup): string {
  const folders = new Set(group.map(({ path }) => dirname(path)));
  const [folder, another] = folders;
  const inside =
    folder !== undefined &&
    another === undefined &&
    folder.startsWith(joinPath(location, ""));
  return inside ? folder : location;
}

function splitOf(file: LiveFile): Split {
  const { path, rowCount, deletionVector, add } = file;
  return {
    path,
    sizeBytes: add.size,
    partitionValues: [],
    ...rowIdsOf(add),
    ...(rowCount === undefined ? {} : { rowCount }),
    ...(deletionVector === undefined ? {} : { deletionVector }),
  };
}
