// A DataType as the syntax tree of its name, for casts that the gateway adds itself.

import type { TypeName } from "../../planner/parse/ast.ts";
import type { DataType } from "../../storage/common/data-type.ts";

/** PostgreSQL's internal names; nested types are jsonb, as clients see them. */
export function typeSyntax(type: DataType, position: number): TypeName {
  if (type.kind === "array") {
    const element = typeSyntax(type.element, position);
    return { ...element, arrayDepth: element.arrayDepth + 1 };
  }
  return {
    name: type.kind === "struct" || type.kind === "map" ? "jsonb" : type.kind,
    modifiers: modifiersOf(type),
    arrayDepth: 0,
    arguments: [],
    fields: [],
    position,
  };
}

function modifiersOf(type: DataType): readonly number[] {
  if (type.kind === "numeric" && type.precision !== undefined) {
    return [type.precision, type.scale ?? 0];
  }
  if (
    (type.kind === "varchar" || type.kind === "bpchar") &&
    type.length !== undefined
  ) {
    return [type.length];
  }
  return [];
}
