// Names, strings and types as SQL text. Every name is quoted, so that what is stored reads the same whatever words are reserved later.

import type { Identifier, QualifiedName, TypeName } from "../ast.ts";

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function quoteString(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

export function printIdentifier(name: Identifier): string {
  return quoteName(name.name);
}

export function printName(name: QualifiedName): string {
  return name.parts.map(printIdentifier).join(".");
}

/** Comma-separated, without brackets. */
export function printNames(names: readonly Identifier[]): string {
  return names.map(printIdentifier).join(", ");
}

/** ` ("a", "b")`, or nothing for an empty list. */
export function printColumnList(names: readonly Identifier[]): string {
  return names.length === 0 ? "" : ` (${printNames(names)})`;
}

/** Joins the parts that are there. */
export function joinParts(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== "").join(" ");
}

export function printType(type: TypeName): string {
  return printElement(type) + "[]".repeat(type.arrayDepth);
}

function printElement(type: TypeName): string {
  if (type.fields.length > 0) {
    const fields = type.fields.map((field) => {
      const nullable = field.nullable === false ? "NOT NULL" : undefined;
      const comment =
        field.comment === undefined
          ? undefined
          : `COMMENT ${quoteString(field.comment)}`;
      const name = `${quoteName(field.name)}:`;
      return joinParts(name, printType(field.type), nullable, comment);
    });
    return `struct<${fields.join(", ")}>`;
  }
  if (type.arguments.length > 0) {
    return `${type.name}<${type.arguments.map(printType).join(", ")}>`;
  }
  const modifiers =
    type.modifiers.length > 0 ? `(${type.modifiers.join(", ")})` : "";
  if (type.intervalFields !== undefined) {
    return `interval ${type.intervalFields}${modifiers}`;
  }
  const schema = type.schema === undefined ? "" : `${quoteName(type.schema)}.`;
  return `${schema}${quoteName(type.name)}${modifiers}`;
}
