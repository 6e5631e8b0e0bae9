// The type of a table's column that is to hold an expression's values: CREATE TABLE AS, and columns that a write adds.

import { numeric, type DataType } from "../../../storage/common/data-type.ts";

/** Delta's decimals have one scale: what the expression shows, or one that holds both large sums and averages. */
export function storedType(
  type: DataType,
  scale: number | undefined,
): DataType {
  if (type.kind === "numeric" && type.precision === undefined) {
    return numeric(38, Math.min(scale ?? 18, 37));
  }
  if (type.kind === "array") {
    const element = storedType(type.element, undefined);
    return element === type.element ? type : { kind: "array", element };
  }
  return type.kind === "name" || type.kind === "void" || type.kind === "unknown"
    ? { kind: "text" }
    : type;
}
