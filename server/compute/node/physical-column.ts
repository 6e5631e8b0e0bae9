// The way back of column mapping: a value with the table's names rebuilt with the names it has in files. The same rules as
// for reading, with the two sides exchanged.

import type { DataType } from "../../../storage/common/data-type.ts";
import type { LayoutColumn } from "../../../storage/scan/split.ts";
import { columnSql, childrenOf } from "./column-sql.ts";
import type { FileColumn } from "./file-schema.ts";
import { storedType } from "./kernel-types.ts";

/** Kernel SQL of column `name` of relation `f`, as a file of the table holds it. */
export function physicalSql(name: string, column: LayoutColumn): string {
  return columnSql(
    asFile({ ...column, name }),
    exchanged({ ...column, name }),
    { mapping: "name", typeOf: storedType },
  );
}

/** What is called `name` in the table and `physicalName` in files, the other way round. */
function exchanged(column: LayoutColumn): LayoutColumn {
  const children = childrenOf(column).map(exchanged);
  return {
    name: column.physicalName,
    physicalName: column.name,
    type: withNames(column.type, children),
    children,
  };
}

function withNames(
  type: DataType,
  children: readonly LayoutColumn[],
): DataType {
  switch (type.kind) {
    case "struct":
      return {
        kind: "struct",
        fields: type.fields.map((field, index) => ({
          ...field,
          name: children[index]?.name ?? field.name,
          type: children[index]?.type ?? field.type,
        })),
      };
    case "array":
      return { kind: "array", element: children[0]?.type ?? type.element };
    case "map":
      return {
        kind: "map",
        key: children[0]?.type ?? type.key,
        value: children[1]?.type ?? type.value,
      };
    default:
      return type;
  }
}

/** What the value is on its way into the file: everything that is not text already. */
const FILE_TYPES: Partial<Record<DataType["kind"], string>> = {
  variant: "VARIANT",
  bytea: "BLOB",
  interval: "INTERVAL",
};

function asFile(column: LayoutColumn): FileColumn {
  const { kind } = column.type;
  return {
    name: column.name,
    fieldId: undefined,
    type: FILE_TYPES[kind] ?? "UTF8",
    kind:
      kind === "struct"
        ? "struct"
        : kind === "array"
          ? "list"
          : kind === "map"
            ? "map"
            : "value",
    children: childrenOf(column).map(asFile),
  };
}
