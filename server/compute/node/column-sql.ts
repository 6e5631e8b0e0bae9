// How one table column is read from a file's column: by cast where names agree, by rebuilding where column mapping
// renames inside, NULL where the file has none (Delta protocol checklist T2, T3, T5, T7, M1).

import type { DataType } from "../../../storage/common/data-type.ts";
import type { LayoutColumn, TableLayout } from "../../../storage/scan/split.ts";
import { isBinary, isText, type FileColumn } from "./file-schema.ts";
import { quoteName, quoteText } from "./kernel-types.ts";
import { variableFor } from "./lambda-variable.ts";
import { variantSql } from "./variant/sql.ts";

type Mapping = TableLayout["mapping"];

/** By exact name first, then without case; by field id in id mode. Undefined when the file has no such column. */
export function findColumn(
  columns: readonly FileColumn[],
  wanted: LayoutColumn,
  mapping: Mapping,
): FileColumn | undefined {
  if (mapping === "id" && wanted.fieldId !== undefined) {
    return columns.find(({ fieldId }) => fieldId === wanted.fieldId);
  }
  const folded = wanted.physicalName.toLowerCase();
  return (
    columns.find(({ name }) => name === wanted.physicalName) ??
    columns.find(({ name }) => name.toLowerCase() === folded)
  );
}

/** The table column's value as kernel SQL of type `typeOf(column.type)`; the file's relation is `f`. */
export function columnSql(
  file: FileColumn | undefined,
  column: LayoutColumn,
  rules: ColumnRules,
): string {
  const type = rules.typeOf(column.type);
  if (file === undefined || column.type.kind === "void") {
    return `CAST(NULL AS ${type})`;
  }
  return valueSql(`f.${quoteName(file.name)}`, file, { column, ...rules });
}

export interface ColumnRules {
  readonly mapping: Mapping;
  /** The fields a struct gets for one that holds a variant, as names and kernel SQL; one of its own name by default. */
  readonly variantFields?: (
    name: string,
    sql: string,
  ) => readonly (readonly [name: string, sql: string])[];
  /** The kernel type that values of a SQL type shall have. */
  readonly typeOf: (type: DataType) => string;
}

interface Target extends ColumnRules {
  readonly column: LayoutColumn;
}

function valueSql(source: string, file: FileColumn, target: Target): string {
  const { type, name } = target.column;
  const cast = `CAST(${source} AS ${target.typeOf(type)})`;
  switch (type.kind) {
    case "struct":
    case "array":
    case "map":
      return sameShape(file, target) ? cast : nestedSql(source, file, target);
    case "variant":
      return file.type === "BLOB" ? source : variantSql(source, file, name);
    default:
      return storedAsText(source, file, target) ?? cast;
  }
}

/** Where text and bytes of a file have to become each other, or text another value. */
function storedAsText(
  source: string,
  file: FileColumn,
  target: Target,
): string | undefined {
  const { type } = target.column;
  switch (type.kind) {
    case "interval":
      // PostgreSQL writes a plus behind a negative field, which the kernel does not read.
      return isText(file)
        ? `CAST(replace(${source}, '+', '') AS ${target.typeOf(type)})`
        : undefined;
    case "bytea":
      return isText(file) ? `encode(${source})` : undefined;
    case "text":
    case "varchar":
    case "bpchar":
      return isBinary(file) ? `decode(${source})` : undefined;
    default:
      return undefined;
  }
}

function nestedSql(source: string, file: FileColumn, target: Target): string {
  switch (target.column.type.kind) {
    case "struct":
      return structSql(source, file, target);
    case "map":
      return mapSql(source, file, target);
    default:
      return listSql(source, file, target);
  }
}

/** Nested names of the file are the table's, in its order, so that a cast by the kernel is right (and free when types agree too). */
function sameShape(file: FileColumn, target: Target): boolean {
  const { column, mapping } = target;
  if (column.type.kind === "variant") return false;
  const children = childrenOf(column);
  if (children.length === 0) return !isBinary(file);
  if (file.children.length !== children.length) return false;
  return children.every((child, index) => {
    const found = file.children[index];
    if (found === undefined) return false;
    if (column.type.kind !== "struct")
      return sameShape(found, { ...target, column: child });
    return (
      found.name === child.name &&
      findColumn(file.children, child, mapping) === found &&
      sameShape(found, { ...target, column: child })
    );
  });
}

/** What the layout says of the fields, element, or key and value; their own names where it says nothing. */
export function childrenOf(column: LayoutColumn): readonly LayoutColumn[] {
  const { type, children } = column;
  switch (type.kind) {
    case "struct":
      return type.fields.map(
        (field, index) => children?.[index] ?? plain(field.name, field.type),
      );
    case "array":
      return [children?.[0] ?? plain("element", type.element)];
    case "map":
      return [
        children?.[0] ?? plain("key", type.key),
        children?.[1] ?? plain("value", type.value),
      ];
    default:
      return [];
  }
}

function plain(name: string, type: DataType): LayoutColumn {
  return { name, physicalName: name, type };
}

function structSql(source: string, file: FileColumn, target: Target): string {
  const fields = childrenOf(target.column).flatMap((column) => {
    const found = findColumn(file.children, column, target.mapping);
    const value =
      found === undefined || column.type.kind === "void"
        ? `CAST(NULL AS ${target.typeOf(column.type)})`
        : valueSql(
            `struct_extract(${source}, ${quoteText(found.name)})`,
            found,
            { ...target, column },
          );
    const isVariant = column.type.kind === "variant";
    const packed = (isVariant
      ? target.variantFields?.(column.name, value)
      : undefined) ?? [[column.name, value] as const];
    return packed.map(([name, sql]) => `${quoteName(name)} := ${sql}`);
  });
  const type = target.typeOf(target.column.type);
  return `CASE WHEN ${source} IS NULL THEN CAST(NULL AS ${type}) ELSE struct_pack(${fields.join(", ")}) END`;
}

function listSql(source: string, file: FileColumn, target: Target): string {
  const [element] = childrenOf(target.column);
  const [found] = file.children;
  if (element === undefined || found === undefined) {
    return `CAST(${source} AS ${target.typeOf(target.column.type)})`;
  }
  const item = variableFor(source);
  const value = valueSql(item, found, { ...target, column: element });
  return `list_transform(${source}, lambda ${item}: ${value})`;
}

function mapSql(source: string, file: FileColumn, target: Target): string {
  const [key, value] = childrenOf(target.column);
  const [keyFound, valueFound] = file.children;
  if (
    key === undefined ||
    value === undefined ||
    keyFound === undefined ||
    valueFound === undefined
  ) {
    return `CAST(${source} AS ${target.typeOf(target.column.type)})`;
  }
  const entry = variableFor(source);
  const keySql = valueSql(`${entry}.key`, keyFound, { ...target, column: key });
  const valueOf = valueSql(`${entry}.value`, valueFound, {
    ...target,
    column: value,
  });
  const pair = `struct_pack("key" := ${keySql}, "value" := ${valueOf})`;
  return `CASE WHEN ${source} IS NULL THEN NULL ELSE map_from_entries(list_transform(map_entries(${source}), lambda ${entry}: ${pair})) END`;
}
