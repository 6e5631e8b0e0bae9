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
  args: readonly Emitted[],
): readonly [Decimal, Decimal] | undefined {
  const [a, b] = args;
  return a?.representation.kind === "decimal" &&
    b?.representation.kind === "decimal"
    ? [a.representation, b.representation]
    : undefined;
}

function result(
  sql: string,
  representation: Representation,
): { sql: string; representation: Representation } {
  return { sql, representation };
}

function viaText(
  name: string,
  args: readonly Emitted[],
): { sql: string; representation: Representation } {
  return result(`${name}(${args.map(numericText).join(", ")})`, NUMERIC_TEXT);
}

/** `+` and `-`: the larger scale; one more digit before the point. */
export function numericAdditive(symbol: "+" | "-"): DuckDbEmitter {
  return ({ args }) => {
    const decimals = bothDecimal(args);
    if (decimals === undefined)
      return viaText(symbol === "+" ? "num_add" : "num_sub", args);
    const [a, b] = decimals;
    const scale = Math.max(a.scale, b.scale);
    const whole = Math.max(a.precision - a.scale, b.precision - b.scale);
    if (whole + scale > MAX_DIGITS)
      return viaText(symbol === "+" ? "num_add" : "num_sub", args);
    return result(
      `(${args.map((arg) => arg.sql).join(` ${symbol} `)})`,
      decimal(whole + 1 + scale, scale),
    );
  };
}

/** `*`: scales add up. The kernel checks that 38 digits hold the product. */
export const numericMultiply: DuckDbEmitter = ({ args }) => {
  const decimals = bothDecimal(args);
  if (decimals === undefined) return viaText("num_mul", args);
  const [a, b] = decimals;
  const scale = a.scale + b.scale;
  const precision = a.precision + b.precision;
  if (scale > MAX_DIGITS) return viaText("num_mul", args);
  return result(
    `(${args.map((arg) => arg.sql).join(" * ")})`,
    decimal(precision, scale),
  );
};

/** A numeric function computed on text only: `num_<name>`. */
export function numericFunction(name: string): DuckDbEmitter {
  return ({ args }) => viaText(name, args);
}

/** `=`, `<` and the rest. Decimals whose common type fits compare natively. */
export function numericCompare(symbol: string): DuckDbEmitter {
  return ({ args }) => {
    const [a, b] = args;
    const decimals = bothDecimal(args);
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
    return result(
      `(num_cmp(${args.map(numericText).join(", ")}) ${symbol} 0)`,
      NATIVE,
    );
  };
}

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
