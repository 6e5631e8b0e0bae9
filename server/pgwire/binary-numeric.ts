// numeric in binary (numeric_send): groups of four decimal digits, the weight of the first, sign, display scale.

import {
  INFINITY,
  NAN,
  NEGATIVE_INFINITY,
  formatDecimal,
  parsePlain,
  pow10,
} from "../../planner/functions/value/decimal.ts";
import type { BodyReader } from "./body-reader.ts";

const NEGATIVE = 0x4000;
const SPECIAL_SIGNS = {
  NaN: 0xc000,
  Infinity: 0xd000,
  "-Infinity": 0xf000,
} as const;

/** Canonical text to numeric's binary form. */
export function encodeNumeric(text: string): Buffer {
  const value = parsePlain(text);
  if (value.special !== undefined) {
    return words(
      { weight: 0, sign: SPECIAL_SIGNS[value.special], scale: 0 },
      [],
    );
  }
  const negative = value.coefficient < 0n;
  const digits = (negative ? -value.coefficient : value.coefficient)
    .toString()
    .padStart(value.scale + 1, "0");
  const whole = digits.slice(0, digits.length - value.scale);
  const fraction = digits.slice(digits.length - value.scale);
  const padded =
    whole.padStart(Math.ceil(whole.length / 4) * 4, "0") +
    fraction.padEnd(Math.ceil(fraction.length / 4) * 4, "0");
  const groups = (padded.match(/\d{4}/g) ?? []).map(Number);
  let weight = Math.ceil(whole.length / 4) - 1;
  while (groups[0] === 0) {
    groups.shift();
    weight -= 1;
  }
  while (groups.at(-1) === 0) groups.pop();
  if (groups.length === 0) weight = 0;
  const sign = negative ? NEGATIVE : 0;
  return words({ weight, sign, scale: value.scale }, groups);
}

/** Undefined when the bytes are no numeric. */
export function decodeNumeric(reader: BodyReader): string | undefined {
  const count = reader.uint16();
  const weight = reader.int16();
  const sign = reader.uint16();
  const scale = reader.uint16();
  if (sign === SPECIAL_SIGNS.NaN) return formatDecimal(NAN);
  if (sign === SPECIAL_SIGNS.Infinity) return formatDecimal(INFINITY);
  if (sign === SPECIAL_SIGNS["-Infinity"]) {
    return formatDecimal(NEGATIVE_INFINITY);
  }
  if ((sign !== 0 && sign !== NEGATIVE) || scale > 16_383) return undefined;
  let coefficient = 0n;
  for (let index = 0; index < count; index += 1) {
    const digit = reader.uint16();
    if (digit > 9999) return undefined;
    coefficient = coefficient * 10_000n + BigInt(digit);
  }
  // The last group stands for 10000^(weight - count + 1); the display scale cuts or fills from there.
  const shift = (weight - count + 1) * 4 + scale;
  const scaled =
    shift >= 0 ? coefficient * pow10(shift) : coefficient / pow10(-shift);
  return formatDecimal({
    coefficient: sign === NEGATIVE ? -scaled : scaled,
    scale,
  });
}

interface NumericHeader {
  readonly weight: number;
  readonly sign: number;
  readonly scale: number;
}

function words(
  { weight, sign, scale }: NumericHeader,
  groups: readonly number[],
): Buffer {
  const bytes = Buffer.alloc(8 + groups.length * 2);
  bytes.writeUInt16BE(groups.length, 0);
  bytes.writeInt16BE(weight, 2);
  bytes.writeUInt16BE(sign, 4);
  bytes.writeUInt16BE(scale, 6);
  groups.forEach((group, index) => bytes.writeUInt16BE(group, 8 + index * 2));
  return bytes;
}
