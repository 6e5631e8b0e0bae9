import { describe, expect, test } from "vitest";
import { formatFloat } from "../../planner/functions/value/scalar-input.ts";
import { readValue } from "../../planner/functions/input.ts";
import {
  BOOL,
  BYTEA,
  DATE,
  FLOAT4,
  FLOAT8,
  INT2,
  INT4,
  INT8,
  INTERVAL,
  JSONB,
  NUMERIC,
  OID,
  TEXT,
  TIME,
  TIMESTAMP,
  TIMESTAMPTZ,
  UUID,
  arrayOf,
} from "../../storage/common/data-type.ts";
import type { DataType } from "../../storage/common/data-type.ts";
import { fc } from "../../storage/common/property.testkit.ts";
import { decodeBinary, encodeBinary } from "./binary.ts";

// What PostgreSQL 15's send functions give, as hex.
const KNOWN: readonly (readonly [DataType, string, string])[] = [
  [BOOL, "t", "01"],
  [INT2, "-2", "fffe"],
  [INT4, "2147483647", "7fffffff"],
  [INT8, "-9223372036854775808", "8000000000000000"],
  [OID, "4294967295", "ffffffff"],
  [FLOAT4, "1.5", "3fc00000"],
  [FLOAT8, "1.5", "3ff8000000000000"],
  [FLOAT8, "-Infinity", "fff0000000000000"],
  [NUMERIC, "0", "0000000000000000"],
  [NUMERIC, "0.00", "0000000000000002"],
  [NUMERIC, "12345.678", "0003000100000003000109291a7c"],
  [NUMERIC, "-0.00001234", "0001fffe4000000804d2"],
  [NUMERIC, "10000", "00010001000000000001"],
  [NUMERIC, "100000000", "00010002000000000001"],
  [NUMERIC, "0.5", "0001ffff000000011388"],
  [NUMERIC, "NaN", "00000000c0000000"],
  [NUMERIC, "Infinity", "00000000d0000000"],
  [TEXT, "é", "c3a9"],
  [BYTEA, "\\x00ff", "00ff"],
  [
    UUID,
    "00112233-4455-6677-8899-aabbccddeeff",
    "00112233445566778899aabbccddeeff",
  ],
  [DATE, "2000-01-01", "00000000"],
  [DATE, "1999-12-31", "ffffffff"],
  [DATE, "infinity", "7fffffff"],
  [TIME, "12:34:56.789", "0000000a8be62608"],
  [TIMESTAMP, "2000-01-01 00:00:01", "00000000000f4240"],
  [TIMESTAMPTZ, "1999-12-31 23:59:59.5+00", "fffffffffff85ee0"],
  [TIMESTAMP, "-infinity", "8000000000000000"],
  [INTERVAL, "1 mon 2 days 00:00:01", "00000000000f42400000000200000001"],
  [JSONB, '{"a": 1}', "017b2261223a20317d"],
  [
    arrayOf(INT4),
    "{1,NULL}",
    "00000001000000010000001700000002000000010000000400000001ffffffff",
  ],
  [arrayOf(TEXT), "{}", "000000000000000000000019"],
];

describe("values in binary", () => {
  test.each(KNOWN)(
    "%o %s is written as PostgreSQL writes it",
    (type, text, hex) => {
      expect(encodeBinary(type, text).toString("hex")).toBe(hex);
    },
  );

  test.each(KNOWN.map(([type, text]) => [type, text] as const))(
    "%o %s comes back from its bytes",
    (type, text) => {
      expect(decodeBinary(type, encodeBinary(type, text))).toBe(text);
    },
  );

  test("every numeric with its scale survives the way through binary", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 38n), max: 10n ** 38n }),
        fc.nat(38),
        (coefficient, scale) => {
          const text = plain(coefficient, scale);
          expect(decodeBinary(NUMERIC, encodeBinary(NUMERIC, text))).toBe(text);
        },
      ),
    );
  });

  test("every double and every real survives the way through binary and back to its shortest text", () => {
    fc.assert(
      fc.property(fc.double(), fc.float(), (wide, narrow) => {
        for (const [type, value, single] of [
          [FLOAT8, wide, false],
          [FLOAT4, narrow, true],
        ] as const) {
          const text = formatFloat(value, single);
          expect(decodeBinary(type, encodeBinary(type, text))).toBe(text);
        }
      }),
    );
  });

  test("every timestamp of PostgreSQL's range survives the way through binary", () => {
    const utc = { timeZone: "UTC", dateStyle: "ISO, MDY" };
    fc.assert(
      fc.property(
        fc.bigInt({
          min: -211_813_488_000_000_000n,
          max: 9_223_371_331_199_999_999n,
        }),
        (micros) => {
          const bytes = Buffer.alloc(8);
          bytes.writeBigInt64BE(micros);
          const text = decodeBinary(TIMESTAMPTZ, bytes) ?? "";
          expect(encodeBinary(TIMESTAMPTZ, text)).toEqual(bytes);
          expect(readValue(text, TIMESTAMPTZ, utc)).toBe(text);
        },
      ),
    );
  });

  test("whatever bytes a client sends for a type, they are read or refused by an SqlError", () => {
    const types = [...new Set(KNOWN.map(([type]) => type))];
    fc.assert(
      fc.property(
        fc.constantFrom(...types),
        fc.uint8Array({ maxLength: 40 }),
        (type, bytes) => {
          try {
            decodeBinary(type, Buffer.from(bytes));
          } catch (error) {
            expect(error).toHaveProperty("code");
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});

function plain(coefficient: bigint, scale: number): string {
  const sign = coefficient < 0n ? "-" : "";
  const digits = (coefficient < 0n ? -coefficient : coefficient)
    .toString()
    .padStart(scale + 1, "0");
  return scale === 0
    ? sign + digits
    : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}
