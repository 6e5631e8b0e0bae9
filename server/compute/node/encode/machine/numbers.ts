// Integers and decimals of up to 64 bits as text, in WebAssembly: eight digits are found at once there, without a table or a jump.

import {
  add,
  add64,
  and,
  and64,
  below64,
  call,
  countTrailingZeros64,
  div,
  div64,
  eqz,
  I32,
  i32,
  I64,
  i64,
  increase,
  lessThan64,
  load16As64,
  load32As64,
  load64,
  load8,
  low,
  mul,
  mul64,
  or64,
  repeatWhile,
  routine,
  set,
  shiftLeft,
  shiftLeft64,
  shiftRight,
  shiftRight64,
  store32,
  store64,
  store8,
  sub,
  sub64,
  when,
  wide,
  type Code,
  type Routine,
} from "./assembler.ts";

/** Digits behind the point at most. */
export const MOST_SCALE = 8;
const HUNDRED_MILLION = 100_000_000;
const MINUS = i32(0x2d);
const DOT = i32(0x2e);
const ONE = i32(1);

/** Puts the eight digits of `value`, below 10^8, into the bytes of `digits`, the first in the lowest: halves, then pairs, then digits. */
function split(value: Code, digits: Code, part: Code): Code {
  const half = div(value, i32(10_000));
  return [
    ...set(part, wide(half)),
    ...set(
      digits,
      or64(
        part,
        shiftLeft64(wide(sub(value, mul(low(part), i32(10_000)))), i64(32n)),
      ),
    ),
    // A hundredth by multiplication: 10486 / 2^20.
    ...set(
      part,
      and64(
        shiftRight64(mul64(digits, i64(10_486n)), i64(20n)),
        i64(0x0000_007f_0000_007fn),
      ),
    ),
    ...set(
      digits,
      add64(part, shiftLeft64(sub64(digits, mul64(part, i64(100n))), i64(16n))),
    ),
    // A tenth: 103 / 2^10.
    ...set(
      part,
      and64(
        shiftRight64(mul64(digits, i64(103n)), i64(10n)),
        i64(0x000f_000f_000f_000fn),
      ),
    ),
    ...set(
      digits,
      add64(part, shiftLeft64(sub64(digits, mul64(part, i64(10n))), i64(8n))),
    ),
  ];
}

const ASCII = i64(0x3030_3030_3030_3030n);

/** Writes the last `count` of the digits and moves `at` behind them. */
function writeLast(count: number, digits: Code, at: Code): Code {
  const text = or64(digits, ASCII);
  const shifted = shiftRight64(text, i64(BigInt(64 - count * 8)));
  return [
    ...store64(at, count === 8 ? text : shifted),
    ...increase(at, i32(count)),
  ];
}

/** Writes the digits without the zeros in front, one at least. */
function writeLeading(digits: Code, zeroBits: Code, at: Code): Code {
  const marked = or64(digits, i64(1n << 56n));
  return [
    ...set(zeroBits, and64(countTrailingZeros64(marked), i64(0x38n))),
    ...store64(at, shiftRight64(or64(digits, ASCII), zeroBits)),
    ...increase(at, sub(i32(8), low(shiftRight64(zeroBits, i64(3n))))),
  ];
}

/** Where `large` stands in the module. */
const LARGE = 0;

/** Writes `value`, not below 10^8, at `at` and gives where it ends. */
const large = routine(
  "large",
  {
    parameters: { value: I64, at: I32 },
    locals: { high: I64, small: I32, digits: I64, part: I64 },
  },
  (read) => [
    set(read("high"), div64(read("value"), i64(BigInt(HUNDRED_MILLION)))),
    when(
      below64(read("high"), i64(BigInt(HUNDRED_MILLION))),
      [
        set(read("small"), low(read("high"))),
        split(read("small"), read("digits"), read("part")),
        writeLeading(read("digits"), read("part"), read("at")),
      ],
      [set(read("at"), call(LARGE, read("high"), read("at")))],
    ),
    set(
      read("small"),
      low(
        sub64(read("value"), mul64(read("high"), i64(BigInt(HUNDRED_MILLION)))),
      ),
    ),
    split(read("small"), read("digits"), read("part")),
    writeLast(8, read("digits"), read("at")),
    read("at"),
  ],
);

/** A column, and where its cells go. */
type ColumnParameter =
  "values" | "width" | "valid" | "rowCount" | "starts" | "lengths" | "at";

export const COLUMN: Readonly<Record<ColumnParameter, typeof I32>> = {
  values: I32,
  width: I32,
  valid: I32,
  rowCount: I32,
  starts: I32,
  lengths: I32,
  at: I32,
};

/**
 * Cells of a column of integers with `scale` digits behind the point: `width` bytes each from `values` on, NULL where the bit from
 * `valid` on is not set (0: none is). Writes from `at` on and gives where it ends. There is a row at least.
 */
function decimals(scale: number): Routine {
  const unit = 10 ** scale;
  return routine(
    `decimals${scale}`,
    {
      parameters: COLUMN,
      locals: {
        row: I32,
        next: I32,
        value: I64,
        whole: I64,
        small: I32,
        rest: I32,
        digits: I64,
        part: I64,
      },
    },
    (read) => {
      const fraction: readonly Code[] =
        scale === 0
          ? []
          : [
              store8(read("next"), DOT),
              increase(read("next"), ONE),
              split(read("rest"), read("digits"), read("part")),
              writeLast(scale, read("digits"), read("next")),
            ];
      const point: readonly Code[] =
        scale === 0
          ? []
          : [
              when(
                below64(read("value"), i64(1n << 32n)),
                [
                  set(read("small"), div(low(read("value")), i32(unit))),
                  set(
                    read("rest"),
                    sub(low(read("value")), mul(read("small"), i32(unit))),
                  ),
                  set(read("value"), wide(read("small"))),
                ],
                [
                  set(read("whole"), div64(read("value"), i64(BigInt(unit)))),
                  set(
                    read("rest"),
                    low(
                      sub64(
                        read("value"),
                        mul64(read("whole"), i64(BigInt(unit))),
                      ),
                    ),
                  ),
                  set(read("value"), read("whole")),
                ],
              ),
            ];
      const cell: readonly Code[] = [
        loadValue(read),
        set(read("next"), read("at")),
        when(lessThan64(read("value"), i64(0n)), [
          store8(read("next"), MINUS),
          increase(read("next"), ONE),
          set(read("value"), sub64(i64(0n), read("value"))),
        ]),
        ...point,
        when(
          below64(read("value"), i64(BigInt(HUNDRED_MILLION))),
          [
            set(read("small"), low(read("value"))),
            split(read("small"), read("digits"), read("part")),
            writeLeading(read("digits"), read("part"), read("next")),
          ],
          [set(read("next"), call(LARGE, read("value"), read("next")))],
        ),
        ...fraction,
        store32(read("starts"), read("at")),
        store32(read("lengths"), sub(read("next"), read("at"))),
        set(read("at"), read("next")),
      ];
      return eachRow(read, cell);
    },
  );
}

/** Runs `cell` for each row that is not NULL, with its entries of the tables at hand; gives `at`. There is a row at least. */
export function eachRow(
  read: (name: ColumnParameter | "row") => Code,
  cell: readonly Code[],
): readonly Code[] {
  return [
    repeatWhile(
      read("rowCount"),
      when(isNull(read), [store32(read("lengths"), i32(-1))], cell),
      increase(read("values"), read("width")),
      increase(read("starts"), i32(4)),
      increase(read("lengths"), i32(4)),
      increase(read("row"), ONE),
      increase(read("rowCount"), i32(-1)),
    ),
    read("at"),
  ];
}

export function loadValue(
  read: (name: "values" | "width" | "value") => Code,
): Code {
  const wider = and(read("width"), i32(8));
  return when(
    wider,
    [set(read("value"), load64(read("values")))],
    [
      when(
        and(read("width"), i32(4)),
        [set(read("value"), load32As64(read("values")))],
        [set(read("value"), load16As64(read("values")))],
      ),
    ],
  );
}

/** Whether the row's bit is 0; no row's is where there are no bits. */
function isNull(read: (name: "valid" | "row") => Code): Code {
  const byte = load8(add(read("valid"), shiftRight(read("row"), i32(3))));
  const bit = shiftLeft(ONE, and(read("row"), i32(7)));
  // Without bits the byte read is some other, so that the answer is held back.
  return and(eqz(and(byte, bit)), eqz(eqz(read("valid"))));
}

/** `large` first, where `decimals` call it. */
export const NUMBERS: readonly Routine[] = [
  large,
  ...Array.from({ length: MOST_SCALE + 1 }, (_, scale) => decimals(scale)),
];
