// Numbers from text: exact where the type is exact, and PostgreSQL's shortest output for floats.

import type {
  DataType,
  ScalarType,
} from "../../../storage/common/data-type.ts";
import { SqlError } from "../../../storage/common/errors.ts";
import { invalidInput, valueOutOfRange } from "../errors.ts";

const BOUNDS: Readonly<
  Partial<Record<DataType["kind"], readonly [bigint, bigint]>>
> = {
  int1: [-128n, 127n],
  int2: [-32768n, 32767n],
  int4: [-2147483648n, 2147483647n],
  int8: [-9223372036854775808n, 9223372036854775807n],
  oid: [0n, 4294967295n],
};

export function readInteger(
  type: ScalarType,
  text: string,
  position?: number,
): string {
  const trimmed = text.trim();
  if (!/^[+-]?\d+$/u.test(trimmed)) throw invalidInput(type, text, position);
  const value = BigInt(trimmed.replace(/^\+/u, ""));
  const [low, high] = BOUNDS[type.kind] ?? [value, value];
  if (value < low || value > high) throw valueOutOfRange(type, text, position);
  return value.toString();
}

/** True when the integer fits the type. */
export function fitsInteger(kind: "int4" | "int8", value: bigint): boolean {
  const bounds = BOUNDS[kind];
  return bounds !== undefined && value >= bounds[0] && value <= bounds[1];
}

const FLOAT = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/iu;

export function readFloat(
  type: ScalarType,
  text: string,
  position?: number,
): string {
  const trimmed = text.trim();
  const special = /^([+-]?)(?:(nan)|(inf(?:inity)?))$/iu.exec(trimmed);
  if (special) {
    if (special[2] !== undefined) return "NaN";
    return special[1] === "-" ? "-Infinity" : "Infinity";
  }
  if (!FLOAT.test(trimmed)) throw invalidInput(type, text, position);
  const parsed = Number(trimmed);
  const value = type.kind === "float4" ? Math.fround(parsed) : parsed;
  const isZero = !/[1-9]/u.test(trimmed.replace(/e.*$/iu, ""));
  if (!Number.isFinite(value) || (value === 0 && !isZero)) {
    throw valueOutOfRange(type, trimmed, position);
  }
  return formatFloat(value, type.kind === "float4");
}

/** PostgreSQL's shortest-precise output: exponents of at least two digits, from 1e+15 (float4: 1e+06) and below 1e-04. */
export function formatFloat(value: number, single = false): string {
  if (Object.is(value, -0)) return "-0";
  if (value === 0) return "0";
  const [, sign, digits, exponent] = decompose(value, single);
  const limit = single ? 6 : 15;
  if (exponent < -4 || exponent >= limit) {
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : "";
    const size = Math.abs(exponent).toString().padStart(2, "0");
    return `${sign}${digits.slice(0, 1)}${fraction}e${exponent < 0 ? "-" : "+"}${size}`;
  }
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  const padded = digits.padEnd(exponent + 1, "0");
  const whole = padded.slice(0, exponent + 1);
  const rest = padded.slice(exponent + 1);
  return `${sign}${whole}${rest === "" ? "" : `.${rest}`}`;
}

function decompose(
  value: number,
  single: boolean,
): readonly [string, string, string, number] {
  const shown = single ? shortestSingle(value) : value.toExponential();
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/u.exec(shown);
  const digits = `${match?.[2] ?? "0"}${match?.[3] ?? ""}`.replace(
    /(?<=\d)0+$/u,
    "",
  );
  return [shown, match?.[1] ?? "", digits, Number(match?.[4] ?? "0")];
}

function shortestSingle(value: number): string {
  for (let digits = 0; digits < 9; digits += 1) {
    const shown = value.toExponential(digits);
    if (Math.fround(Number(shown)) === value) return shown;
  }
  return value.toExponential(9);
}

const NUMERIC = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,5}))?$/iu;

export interface Decimal {
  readonly negative: boolean;
  /** Without sign or leading zeros; may be empty for a value below 1. */
  readonly whole: string;
  /** As many digits as the value's display scale. */
  readonly fraction: string;
}

/** Undefined when the text is no finite decimal number. */
export function parseDecimal(text: string): Decimal | undefined {
  const match = NUMERIC.exec(text.trim());
  const [, sign, whole = "", fraction = "", exponent = "0"] = match ?? [];
  if (!match || (whole === "" && fraction === "")) return undefined;
  const shift = Number(exponent);
  const digits = whole + fraction;
  const point = whole.length + shift;
  if (Math.abs(shift) > 1000) return undefined;
  const padded =
    point < 0
      ? "0".repeat(-point) + digits
      : digits.padEnd(Math.max(point, digits.length), "0");
  const at = Math.max(point, 0);
  return {
    negative: sign === "-",
    whole: padded.slice(0, at).replace(/^0+/u, ""),
    fraction: padded.slice(at),
  };
}

export function formatDecimal(value: Decimal): string {
  const { whole, fraction } = value;
  const zero = !/[1-9]/u.test(whole + fraction);
  const sign = value.negative && !zero ? "-" : "";
  return `${sign}${whole === "" ? "0" : whole}${fraction === "" ? "" : `.${fraction}`}`;
}

/** Undefined for NaN, infinities and more than 38 digits: the engine's cast says what becomes of them. */
export function readNumeric(
  type: Extract<ScalarType, { kind: "numeric" }>,
  text: string,
  position?: number,
): string | undefined {
  if (/^\s*[+-]?(?:nan|inf|infinity)\s*$/iu.test(text)) return undefined;
  const parsed = parseDecimal(text);
  if (!parsed) throw invalidInput(type, text, position);
  const value =
    type.precision === undefined
      ? parsed
      : rounded(
          parsed,
          { precision: type.precision, scale: type.scale ?? 0 },
          position,
        );
  if (value.whole.length + value.fraction.length > 38) return undefined;
  return formatDecimal(value);
}

function rounded(
  value: Decimal,
  type: { readonly precision: number; readonly scale: number },
  position?: number,
): Decimal {
  const { precision, scale } = type;
  const kept = value.fraction.slice(0, scale).padEnd(scale, "0");
  const up = (value.fraction[scale] ?? "0") >= "5" ? 1n : 0n;
  const total = (BigInt(`0${value.whole}${kept}`) + up)
    .toString()
    .padStart(scale + 1, "0");
  const whole = total.slice(0, total.length - scale).replace(/^0+/u, "");
  if (whole.length > precision - scale) {
    throw new SqlError("22003", "numeric field overflow", {
      detail: `A field with precision ${precision}, scale ${scale} must round to an absolute value less than ${precision === scale ? "1" : `10^${precision - scale}`}.`,
      position,
    });
  }
  return {
    negative: value.negative,
    whole,
    fraction: scale === 0 ? "" : total.slice(-scale),
  };
}
