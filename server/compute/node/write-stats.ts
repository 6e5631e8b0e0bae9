// A written file's Delta statistics from what the kernel counted while writing.

import { statsJson, type ColumnBounds } from "../../../storage/delta/stats.ts";
import type { DataType } from "../../../storage/common/data-type.ts";
import type { LayoutColumn } from "../../../storage/scan/split.ts";
import type { WriteTarget } from "../fragment.ts";
import { quoteName, VARIANT_MARKS } from "./kernel-types.ts";
import type { ColumnFacts, WrittenFile } from "./written-files.ts";

/** The `stats` text of an `add` action. */
export function fileStats(file: WrittenFile, target: WriteTarget): string {
  const { columns, partitionColumns } = target.layout;
  const leaves = leavesOf(
    columns.filter(({ name }) => !partitionColumns.includes(name)),
    [],
  );
  const indexed =
    target.indexedColumns < 0 ? leaves : leaves.slice(0, target.indexedColumns);
  return statsJson(
    file.rowCount,
    indexed.map((leaf) => boundsOf(leaf, file)),
  );
}

interface Leaf {
  readonly path: readonly string[];
  readonly type: DataType;
}

/** Leaf columns by physical names; an array or a map counts as one and has no bounds. */
function leavesOf(
  columns: readonly LayoutColumn[],
  prefix: readonly string[],
): readonly Leaf[] {
  return columns.flatMap((column): readonly Leaf[] => {
    const path = [...prefix, column.physicalName];
    const { type, children } = column;
    if (type.kind !== "struct") return [{ path, type }];
    const fields = type.fields.map(
      (field, index): LayoutColumn =>
        children?.[index] ?? {
          name: field.name,
          physicalName: field.name,
          type: field.type,
        },
    );
    return leavesOf(fields, path);
  });
}

const NO_FACTS: ColumnFacts = new Map();

function boundsOf(leaf: Leaf, file: WrittenFile): ColumnBounds {
  const name = leaf.path.map(quoteName).join(".");
  const mark = leaf.type.kind === "variant" ? VARIANT_MARKS[0] : "";
  const facts = file.columns.get(name.replace(/"$/, `${mark}"`)) ?? NO_FACTS;
  const nulls = facts.get("null_count");
  const hasNan = facts.get("has_nan") === "true";
  return {
    ...leaf,
    min: canonical(facts.get("min"), leaf.type),
    // The kernel leaves NaN out of its bounds; for us it is the largest.
    max: hasNan ? "NaN" : canonical(facts.get("max"), leaf.type),
    nullCount: nulls === undefined ? undefined : Number(nulls),
  };
}

/** The kernel's text of a bound in PostgreSQL's words. */
function canonical(text: string | undefined, type: DataType): string | null {
  if (text === undefined) return null;
  if (type.kind === "float4" || type.kind === "float8") {
    return text.replace(/^(-?)inf$/, "$1Infinity");
  }
  return text;
}
