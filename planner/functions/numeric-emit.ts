// Arithmetic on numeric: plain kernel decimals while the display scale is the same for all values and 38 digits hold the result,
// else exact text computed by the num_* functions that nodes register (server/compute/node/functions/numeric.ts).

import type { DuckDbEmitter, Emitted, Representation } from "./function.ts";
import {
  MAX_DIGITS,
  NATIVE,
  NUMERIC_TEXT,
  castTo,
  decimal,
  kernelType,
  numericText,
} from "./emit.ts";

interface Decimal {
  readonly precision: number;
  readonly scale: number;
}

function bothDecimal(
  args: readonly (Emitted | undefined)[],
): readonly [Decimal, Decimal] | undefined {
  const [a, b] = args;
  return a?.representation.kind === "decimal" &&
    b?.representation.kind === "decimal"
    ? [a.representation, b.representation]
    : undefined;
}

interface EmittedResult {
  readonly sql: string;
  readonly representation: Representation;
}

function result(sql: string, representation: Representation): EmittedResult {
  return { sql, representation };
}

function viaText(name: string, args: readonly Emitted[]): EmittedResult {
  return result(`${name}(${args.map(numericText).join(", ")})`, NUMERIC_TEXT);
}

/** Widest decimal that the kernel computes in 64 bits. */
const NARROW_DIGITS = 18;

/**
 * The kernel keeps results of two narrow decimals narrow and fails when they do not fit. Widening one side makes it compute
 * in 128 bits.
 */
function kernelDecimal(
  symbol: string,
  [a, b]: readonly [Emitted, Emitted],
  exact: Decimal,
  wide: boolean,
): EmittedResult {
  const [left = exact, right = exact] = bothDecimal([a, b]) ?? [];
  const narrow =
    left.precision <= NARROW_DIGITS && right.precision <= NARROW_DIGITS;
  const precision = narrow
    ? Math.min(exact.precision, NARROW_DIGITS)
    : exact.precision;
  if (precision < exact.precision && (wide || exact.scale > NARROW_DIGITS)) {
    return widened(symbol, { a, b, left, right }, exact.scale);
  }
  return result(
    `(${a.sql} ${symbol} ${b.sql})`,
    decimal(precision, exact.scale),
  );
}

interface Operands {
  readonly a: Emitted;
  readonly b: Emitted;
  readonly left: Decimal;
  readonly right: Decimal;
}

function widened(
  symbol: string,
  { a, b, left, right }: Operands,
  scale: number,
): EmittedResult {
  const wider = NARROW_DIGITS + 1;
  const representation = decimal(
    symbol === "*" ? wider + right.precision : wider + scale + 1,
    scale,
  );
  const sql = `${castTo(a.sql, `DECIMAL(${wider},${left.scale})`)} ${symbol} ${b.sql}`;
  return result(
    castTo(sql, kernelType(a.type, representation)),
    representation,
  );
}

/** `+` and `-`: the larger scale; one more digit before the point. */
export function numericAdditive(symbol: "+" | "-"): DuckDbEmitter {
  return ({ args, settings }) => {
    const name = symbol === "+" ? "num_add" : "num_sub";
    const [x, y] = args;
    const decimals = bothDecimal(args);
    if (decimals === undefined || x === undefined || y === undefined) {
      return viaText(name, args);
    }
    const [a, b] = decimals;
    const scale = Math.max(a.scale, b.scale);
    const whole = Math.max(a.precision - a.scale, b.precision - b.scale);
    if (whole + scale > MAX_DIGITS) return viaText(name, args);
    return kernelDecimal(
      symbol,
      [x, y],
      { precision: whole + 1 + scale, scale },
      settings.wideDecimals === true,
    );
  };
}

/** `*`: scales add up. The kernel checks that 38 digits hold the product. */
export const numericMultiply: DuckDbEmitter = ({ args, settings }) => {
  const [x, y] = args;
  const decimals = bothDecimal(args);
  if (decimals === undefined || x === undefined || y === undefined) {
    return viaText("num_mul", args);
  }
  const [a, b] = decimals;
  const scale = a.scale + b.scale;
  const precision = a.precision + b.precision;
  if (scale > MAX_DIGITS) return viaText("num_mul", args);
  return kernelDecimal(
    "*",
    [x, y],
    { precision, scale },
    settings.wideDecimals === true,
  );
};

/** A numeric function computed on text only: `num_<name>`. */
export function numericFunction(name: string): DuckDbEmitter {
  return ({ args }) => viaText(name, args);
}

/** `=`, `<` and the rest. Decimals whose common type fits compare natively. */
export function numericCompare(symbol: string): DuckDbEmitter {
  return ({ args }) => {
    const [a, b] = args.map(asDecimal);
    const decimals = bothDecimal([a, b]);
    if (decimals !== undefined && a !== undefined && b !== undefined) {
      const [left, right] = decimals;
      const scale = Math.max(left.scale, right.scale);
      const whole = Math.max(
        left.precision - left.scale,
        right.precision - right.scale,
      );
      if (whole + scale <= MAX_DIGITS)
        return result(`(${a.sql} ${symbol} ${b.sql})`, NATIVE);
    }
    const native =
      a !== undefined && b !== undefined
        ? (boundCompare(a, symbol, b) ??
          boundCompare(b, MIRRORED[symbol] ?? symbol, a))
        : undefined;
    const exact = `(num_cmp(${args.map(numericText).join(", ")}) ${symbol} 0)`;
    return result(native ?? exact, NATIVE);
  };
}

/** Equal numbers compare alike whatever their scales. */
function asDecimal(value: Emitted): Emitted {
  const { mixed, type } = value;
  return mixed === undefined
    ? value
    : { sql: mixed.decimal, type, representation: mixed.representation };
}

const MIRRORED: Readonly<Record<string, string>> = {
  "<": ">",
  "<=": ">=",
  ">": "<",
  ">=": "<=",
};

/**
 * A decimal beside a number of another form or scale: what that number is at the decimal's scale is found once for each distinct number
 * (a constant, or the one value of a subquery), and decimals compare natively. Where the number may lie beyond the decimal's values, or
 * be none of them, one digit more holds a bound beyond them all.
 */
function boundCompare(
  value: Emitted,
  symbol: string,
  other: Emitted,
): string | undefined {
  const { representation } = value;
  const nearest = NEAREST[symbol];
  if (representation.kind !== "decimal" || nearest === undefined)
    return undefined;
  const { scale } = representation;
  const within = nearest !== "same" && isShorter(other, representation);
  const precision = representation.precision + (within ? 0 : 1);
  if (precision > MAX_DIGITS) return undefined;
  const bound = (sql: string): string =>
    castTo(
      `num_bound(${numericText({ ...other, sql })}, ${precision}, ${scale}, '${nearest}')`,
      `DECIMAL(${precision},${scale})`,
    );
  // Inside the subquery, which the kernel decorrelates as the one it is; around it, the function would run for each row.
  return `(${value.sql} ${symbol} ${other.subquery === true ? `(SELECT ${bound("one.value")} FROM ${other.sql} AS one(value))` : bound(other.sql)})`;
}

/** Whether all of `other` has fewer digits before the point than `decimal` may have. */
function isShorter({ representation }: Emitted, decimal: Decimal): boolean {
  return (
    representation.kind === "decimal" &&
    representation.precision - representation.scale <
      decimal.precision - decimal.scale
  );
}

/** Which number of the decimal's scale stands for a text: at or below it, at or above it, or the same and else one beyond all. */
const NEAREST: Readonly<Record<string, "down" | "up" | "same">> = {
  "<": "up",
  ">=": "up",
  ">": "down",
  "<=": "down",
  "=": "same",
  "<>": "same",
};

/** Negation and absolute value keep the digits. */
export function numericUnary(
  template: (sql: string) => string,
  textFunction: string,
): DuckDbEmitter {
  return ({ args }) => {
    const [value] = args;
    if (value?.representation.kind !== "decimal")
      return viaText(textFunction, args);
    const { precision, scale } = value.representation;
    return result(
      castTo(template(value.sql), kernelType(value.type, value.representation)),
      decimal(precision, scale),
    );
  };
}
