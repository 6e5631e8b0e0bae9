// The columns a FROM list brings to its query level.

import type { Level, ScopeRelation } from "../scope.ts";

/** The names errors show: `t.a`. */
export function noteColumns(
  level: Level,
  relations: readonly ScopeRelation[],
): void {
  for (const relation of relations) {
    for (const column of [...relation.columns, ...relation.hidden]) {
      if (column.value.kind !== "column") continue;
      const id = column.value.column;
      const shown =
        relation.name === undefined
          ? column.name
          : `${relation.name}.${column.name}`;
      if (!level.columns.has(id) || relation.name !== undefined) {
        level.columns.set(id, shown);
      }
    }
  }
}
