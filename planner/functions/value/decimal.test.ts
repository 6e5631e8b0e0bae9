// Exact decimals: text, arithmetic, order.

import { describe, expect, test } from "vitest";
import { fc } from "../../../storage/common/property.testkit.ts";
import { add, divide, multiply, subtract } from "./decimal-arithmetic.ts";
import {
  compareDecimals,
  formatDecimal,
  parsePlain,
  readDecimal,
  round,
  sortKey,
  type Decimal,
} from "./decimal.ts";

const decimals: fc.Arbitrary<Decimal> = fc.record({
  coefficient: fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }),
  scale: fc.integer({ min: 0, max: 12 }),
});

describe("decimals", () => {
  test("text and value are each other's inverse", () => {
    fc.assert(
      fc.property(decimals, (value) => {
        expect(parsePlain(formatDecimal(value))).toEqual(value);
        expect(readDecimal(formatDecimal(value))).toEqual(value);
      }),
    );
  });

  test("what is added can be subtracted again", () => {
    fc.assert(
      fc.property(decimals, decimals, (a, b) => {
        expect(compareDecimals(subtract(add(a, b), b), a)).toBe(0);
      }),
    );
  });

  const small: fc.Arbitrary<Decimal> = fc.record({
    coefficient: fc.bigInt({ min: -(10n ** 9n), max: 10n ** 9n }),
    scale: fc.integer({ min: 0, max: 4 }),
  });

  test("a quotient times its divisor is near the dividend", () => {
    fc.assert(
      fc.property(small, small, (a, b) => {
        fc.pre(b.coefficient !== 0n);
        const quotient = divide(a, b);
        const back = round(
          {
            coefficient: quotient.coefficient * b.coefficient,
            scale: quotient.scale + b.scale,
          },
          0,
        );
        const error = Number(back.coefficient - round(a, 0).coefficient);
        const divisor = Math.abs(Number(b.coefficient)) / 10 ** b.scale;
        expect(Math.abs(error)).toBeLessThanOrEqual(
          1 + divisor / 10 ** quotient.scale,
        );
      }),
    );
  });

  test("products keep all digits", () => {
    expect(
      formatDecimal(multiply(readDecimal("1.05"), readDecimal("-0.10"))),
    ).toBe("-0.1050");
  });

  test("sort keys order as the numbers do", () => {
    const values = fc.oneof(
      decimals,
      fc.constantFrom(...["NaN", "Infinity", "-Infinity"].map(readDecimal)),
    );
    fc.assert(
      fc.property(values, values, (a, b) => {
        const [x, y] = [sortKey(a), sortKey(b)];
        expect(x < y ? -1 : x > y ? 1 : 0).toBe(compareDecimals(a, b));
      }),
    );
  });

  test("more than 38 digits are an error, never a rounded answer", () => {
    const big = readDecimal("9".repeat(38));
    expect(() => multiply(big, readDecimal("11"))).toThrow(
      "value overflows numeric format",
    );
  });
});
