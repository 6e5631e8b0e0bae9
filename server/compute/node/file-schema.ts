// What a data file says of its columns: the Parquet schema as a tree, reduced to what decides how a column is read.

import type { FileMetaData, SchemaElement } from "hyparquet";

export interface FileColumn {
  readonly name: string;
  readonly fieldId: number | undefined;
  /** Type and annotations, equal for columns that the kernel reads alike. */
  readonly type: string;
  readonly kind: "value" | "struct" | "list" | "map";
  /** Fields of a struct; the element of a list; key and value of a map. */
  readonly children: readonly FileColumn[];
}

export interface FileSchema {
  readonly columns: readonly FileColumn[];
  /** The writer's key-value pairs. */
  readonly properties: ReadonlyMap<string, string>;
}

export function fileSchema(metadata: FileMetaData): FileSchema {
  const cursor = { at: 1 };
  const root = metadata.schema[0]?.num_children ?? 0;
  const columns = take(metadata.schema, cursor, root);
  const properties = new Map(
    (metadata.key_value_metadata ?? []).map(({ key, value }) => [
      key,
      value ?? "",
    ]),
  );
  return { columns, properties };
}

/** The next `count` elements with all that hangs below them: the schema lists them depth first. */
function take(
  elements: readonly SchemaElement[],
  cursor: { at: number },
  count: number,
): FileColumn[] {
  const columns: FileColumn[] = [];
  for (let i = 0; i < count; i++) {
    const element = elements[cursor.at++];
    if (element === undefined) break;
    const inner = take(elements, cursor, element.num_children ?? 0);
    columns.push(columnOf(element, inner));
  }
  return columns;
}

function columnOf(
  element: SchemaElement,
  inner: readonly FileColumn[],
): FileColumn {
  const annotation = element.logical_type?.type ?? element.converted_type;
  const base = {
    name: element.name,
    fieldId: element.field_id,
    type: describe(element),
  };
  if (element.num_children === undefined || element.num_children === 0) {
    return repeatedAsList(element, { ...base, kind: "value", children: [] });
  }
  const [first] = inner;
  if (annotation === "LIST" && first !== undefined) {
    return {
      ...base,
      kind: "list",
      children: [listElement(element.name, first)],
    };
  }
  if (
    (annotation === "MAP" || annotation === "MAP_KEY_VALUE") &&
    first !== undefined
  ) {
    const entries = first.kind === "list" ? first.children[0] : first;
    return { ...base, kind: "map", children: entries?.children ?? [] };
  }
  return repeatedAsList(element, { ...base, kind: "struct", children: inner });
}

/** A repeated field outside LIST and MAP is a list of itself; inside it is unwrapped again by `listElement`. */
function repeatedAsList(
  element: SchemaElement,
  column: FileColumn,
): FileColumn {
  return element.repetition_type === "REPEATED"
    ? { ...column, kind: "list", children: [column] }
    : column;
}

/** Three levels are usual; a repeated value, or a group of several fields or of an old writer's name, is the element itself. */
function listElement(listName: string, repeated: FileColumn): FileColumn {
  const item =
    repeated.kind === "list" ? (repeated.children[0] ?? repeated) : repeated;
  if (item.kind !== "struct" || item.children.length !== 1) return item;
  if (item.name === "array" || item.name === `${listName}_tuple`) return item;
  return item.children[0] ?? item;
}

function describe(element: SchemaElement): string {
  const parts = [
    element.type,
    element.type_length,
    element.converted_type,
    element.scale,
    element.precision,
    element.logical_type === undefined
      ? undefined
      : JSON.stringify(element.logical_type),
  ];
  return parts.map((part) => String(part ?? "")).join(":");
}

/** Equal for columns that one SELECT reads from both files. */
export function columnSignature(column: FileColumn | undefined): string {
  if (column === undefined) return "-";
  const children = column.children.map((child) => columnSignature(child));
  return `${JSON.stringify(column.name)}#${column.fieldId ?? ""}${column.kind}<${column.type}>(${children.join(",")})`;
}

/** A byte array without a text annotation is a BLOB to the kernel. */
export function isBinary(column: FileColumn): boolean {
  return (
    column.kind === "value" &&
    /^(BYTE_ARRAY|FIXED_LEN_BYTE_ARRAY):\d*::::$/.test(column.type)
  );
}

export function isText(column: FileColumn): boolean {
  return column.kind === "value" && /UTF8|STRING|ENUM|JSON/.test(column.type);
}
