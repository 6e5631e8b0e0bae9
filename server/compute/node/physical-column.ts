// The way back of column mapping: a value with the table's names rebuilt with the names it has in files. The same rules as
// for reading, with the two sides exchanged.

import type { DataType } from "../../../storage/common/data-type.ts";
import type { LayoutColumn } from "../../../storage/scan/split.ts";
import { columnSql, childrenOf } from "./column-sql.ts";
import type { FileColumn } from "./file-schema.ts";
import { storedType, VARIANT_MARKS } from "./kernel-types.ts";

/** Kernel SQL of column `name` of relation `f` as columns of a file of the table: one, or two that stand for a variant. */
export function physicalColumns(
  name: string,
  column: LayoutColumn,
): readonly PhysicalPart[] {
  const sql = columnSql(
    asFile({ ...column, name }),
    exchanged({ ...column, name }),
    { mapping: "name", typeOf: storedType, variantFields },
  );
  return column.type.kind === "variant"
    ? variantFields(column.physicalName, sql)
    : [[column.physicalName, sql]];
}

type PhysicalPart = readonly [name: string, sql: string];

function variantFields(name: string, sql: string): readonly PhysicalPart[] {
  const [metadata, value] = VARIANT_MARKS;
  return [
    [name + metadata, `variant_metadata(${sql})`],
    [name + value, `variant_value(${sql})`],
  ];
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
  variant: "BLOB",
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
