// What the translation of filters into scan predicates shares: columns by path, and predicates put together.

import type {
  ColumnPath,
  ScanPredicate,
} from "../../storage/scan/predicate.ts";
import type { ColumnId } from "../../storage/common/ids.ts";
import type { Scalar } from "../../storage/common/scalar.ts";
import type { Expression, Literal } from "../logical/expression.ts";
import type { PreimageContext } from "./preimage/preimage.ts";

export interface Context extends PreimageContext {
  readonly columns: ReadonlyMap<ColumnId, string>;
  /** Of fields of text files: the cast that reads one stands for its column. */
  readonly textFields?: true | undefined;
}

export function scalarOf(literal: Literal): Scalar {
  return { type: literal.type, text: literal.value };
}

/** The column of the table, or the field inside its structs, that an expression is. */
export function pathOf(
  expression: Expression,
  context: Context,
): ColumnPath | undefined {
  if (expression.kind === "column") {
    const name = context.columns.get(expression.column);
    return name === undefined ? undefined : [name];
  }
  if (expression.kind === "cast" && expression.attempt)
    return context.textFields && expression.operand.kind === "column"
      ? pathOf(expression.operand, context)
      : undefined;
  if (expression.kind !== "field") return undefined;
  const outer = pathOf(expression.operand, context);
  return outer && [...outer, expression.field];
}

export function all(
  parts: readonly (ScanPredicate | undefined)[],
): ScanPredicate | undefined {
  const known = parts.filter((part) => part !== undefined);
  const [only] = known;
  return known.length <= 1 ? only : { kind: "and", operands: known };
}

/** One branch that says nothing makes the whole say nothing. */
export function any(
  parts: readonly (ScanPredicate | undefined)[],
): ScanPredicate | undefined {
  const known = parts.filter((part) => part !== undefined);
  if (known.length !== parts.length) return undefined;
  const [only] = known;
  if (only === undefined) return { kind: "constant", value: false };
  return known.length === 1 ? only : { kind: "or", operands: known };
}
