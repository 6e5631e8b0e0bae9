// One representation for several values of one type: branches of CASE, arguments of COALESCE, rows of VALUES and UNION.

import type { DataType } from "../../storage/common/data-type.ts";
import type { Emitted, Representation } from "./function.ts";
import {
  NATIVE,
  NUMERIC_TEXT,
  castTo,
  decimal,
  kernelType,
  numericText,
} from "./emit.ts";

/** NULLs have no digits and fit any representation: callers leave them out, or pass `NULL` as sql. */
export interface Unified {
  readonly sql: readonly string[];
  readonly representation: Representation;
}

/**
 * Decimals of one scale stay decimals (the widest); of several scales they become text, since each value keeps its own scale.
 * `type` with a modifier forces that decimal.
 */
export function unify(values: readonly Emitted[], type: DataType): Unified {
  const representation = commonRepresentation(values, type);
  return {
    sql: values.map((value) => convert(value, representation)),
    representation,
  };
}

export function commonRepresentation(
  values: readonly Emitted[],
  type: DataType,
): Representation {
  if (type.kind !== "numeric") return NATIVE;
  if (type.precision !== undefined)
    return decimal(type.precision, type.scale ?? 0);
  const known = values
    .filter((value) => !isNull(value))
    .map((value) => value.representation);
  const [first] = known;
  if (first?.kind !== "decimal") return NUMERIC_TEXT;
  let precision = first.precision;
  for (const other of known) {
    if (other.kind !== "decimal" || other.scale !== first.scale)
      return NUMERIC_TEXT;
    precision = Math.max(precision, other.precision);
  }
  return decimal(precision, first.scale);
}

/** The same value held otherwise. To a decimal: its scale must be enough, else digits are rounded as a cast does. */
export function convert(value: Emitted, to: Representation): string {
  const from = value.representation;
  if (isNull(value)) return castTo("NULL", kernelType(value.type, to));
  if (to.kind === "numeric-text") return numericText(value);
  if (to.kind !== "decimal") return value.sql;
  if (
    from.kind === "decimal" &&
    from.precision === to.precision &&
    from.scale === to.scale
  )
    return value.sql;
  return castTo(value.sql, kernelType(value.type, to));
}

export function isNull(value: Emitted): boolean {
  return /^\(?NULL\)?(::[\w(),[\]]+)?$/.test(value.sql);
}
