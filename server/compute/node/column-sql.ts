// How one table column is read from a file's column: by cast where names agree, by rebuilding where column mapping
// renames inside, NULL where the file has none (Delta protocol checklist T2, T3, T5, T7, M1).

import { notSupported } from "../../../storage/common/errors.ts";
import type { DataType } from "../../../storage/common/data-type.ts";
import type { LayoutColumn, TableLayout } from "../../../storage/scan/split.ts";
import { isBinary, isText, type FileColumn } from "./file-schema.ts";
import { quoteName, quoteText, storedType } from "./kernel-types.ts";

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

/** The table column's value as kernel SQL of type `storedType(column.type)`; the file's relation is `f`. */
export function columnSql(
  file: FileColumn | undefined,
  column: LayoutColumn,
  mapping: Mapping,
): string {
  const type = storedType(column.type);
  if (file === undefined || column.type.kind === "void") {
    return `CAST(NULL AS ${type})`;
  }
  return valueSql(`f.${quoteName(file.name)}`, file, { column, mapping });
}

interface Target {
  readonly column: LayoutColumn;
  readonly mapping: Mapping;
}

function valueSql(source: string, file: FileColumn, target: Target): string {
  const { type, name } = target.column;
  const cast = `CAST(${source} AS ${storedType(type)})`;
  switch (type.kind) {
    case "struct":
    case "array":
    case "map":
      return sameShape(file, target) ? cast : nestedSql(source, file, target);
    case "variant":
      if (!file.type.includes("VARIANT") && file.kind === "struct") {
        throw notSupported(
          `variant column "${name}" in the encoding of its data file is`,
        );
      }
      return cast;
    case "bytea":
      return isText(file) ? `encode(${source})` : cast;
    case "text":
    case "varchar":
    case "bpchar":
      return isBinary(file) ? `decode(${source})` : cast;
    default:
      return cast;
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
function sameShape(file: FileColumn, { column, mapping }: Target): boolean {
  const children = childrenOf(column);
  if (children.length === 0) return !isBinary(file);
  if (file.children.length !== children.length) return false;
  return children.every((child, index) => {
    const found = file.children[index];
    if (found === undefined) return false;
    if (column.type.kind !== "struct")
      return sameShape(found, { column: child, mapping });
    return (
      found.name === child.name &&
      findColumn(file.children, child, mapping) === found &&
      sameShape(found, { column: child, mapping })
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
  const fields = childrenOf(target.column).map((column) => {
    const found = findColumn(file.children, column, target.mapping);
    const value =
      found === undefined || column.type.kind === "void"
        ? `CAST(NULL AS ${storedType(column.type)})`
        : valueSql(
            `struct_extract(${source}, ${quoteText(found.name)})`,
            found,
            { column, mapping: target.mapping },
          );
    return `${quoteName(column.name)} := ${value}`;
  });
  const type = storedType(target.column.type);
  return `CASE WHEN ${source} IS NULL THEN CAST(NULL AS ${type}) ELSE struct_pack(${fields.join(", ")}) END`;
}

function listSql(source: string, file: FileColumn, target: Target): string {
  const [element] = childrenOf(target.column);
  const [found] = file.children;
  if (element === undefined || found === undefined) {
    return `CAST(${source} AS ${storedType(target.column.type)})`;
  }
  const item = variableFor(source);
  const value = valueSql(item, found, {
    column: element,
    mapping: target.mapping,
  });
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
    return `CAST(${source} AS ${storedType(target.column.type)})`;
  }
  const entry = variableFor(source);
  const { mapping } = target;
  const keySql = valueSql(`${entry}.key`, keyFound, { column: key, mapping });
  const valueOf = valueSql(`${entry}.value`, valueFound, {
    column: value,
    mapping,
  });
  const pair = `struct_pack("key" := ${keySql}, "value" := ${valueOf})`;
  return `CASE WHEN ${source} IS NULL THEN NULL ELSE map_from_entries(list_transform(map_entries(${source}), lambda ${entry}: ${pair})) END`;
}

/** Lambdas nest, so each level has a name of its own. */
function variableFor(source: string): string {
  const depth = (source.match(/v\d+_/g) ?? [])
    .map((name) => Number(name.slice(1, -1)))
    .reduce((max, level) => Math.max(max, level + 1), 0);
  return `v${depth}_`;
}
