// One representation for several values of one type: branches of CASE, arguments of COALESCE, rows of VALUES and UNION.

import type { DataType } from "../../storage/common/data-type.ts";
import type {
  DecimalRepresentation,
  Emitted,
  Mixed,
  Representation,
} from "./function.ts";
import {
  MAX_DIGITS,
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
 * One of several values, chosen by `choice` over them: CASE, COALESCE. Decimals of several scales are chosen among three times, as
 * text, as decimals and as scales; what is not used of it is not emitted.
 */
export function chosen(
  values: readonly Emitted[],
  type: DataType,
  choice: (values: readonly string[]) => string,
): Emitted {
  const { sql, representation } = unify(values, type);
  const text = { sql: choice(sql), type, representation };
  const common = mixedDecimals(values, representation);
  if (common === undefined) return text;
  const mixed: Mixed = {
    decimal: choice(values.map((value) => convert(value, common))),
    representation: common,
    scale: choice(values.map(scaleOf)),
  };
  return { ...text, mixed };
}

/** The decimal that holds all values where they became text by their scales alone. */
function mixedDecimals(
  values: readonly Emitted[],
  { kind }: Representation,
): DecimalRepresentation | undefined {
  if (kind !== "numeric-text") return undefined;
  let whole = 0;
  let scale = 0;
  for (const value of values) {
    if (isNull(value)) continue;
    const { representation } = value.mixed ?? value;
    if (representation.kind !== "decimal") return undefined;
    whole = Math.max(whole, representation.precision - representation.scale);
    scale = Math.max(scale, representation.scale);
  }
  return whole + scale > MAX_DIGITS ? undefined : decimal(whole + scale, scale);
}

function scaleOf(value: Emitted): string {
  if (value.mixed !== undefined) return value.mixed.scale;
  const { representation } = value;
  return isNull(value) || representation.kind !== "decimal"
    ? "NULL"
    : `CASE WHEN ${value.sql} IS NOT NULL THEN ${representation.scale} END`;
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
  if (to.kind === "decimal" && value.mixed !== undefined) {
    const { decimal: sql, representation } = value.mixed;
    return convert({ sql, type: value.type, representation }, to);
  }
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
