// Decimals of up to 64 bits in PostgreSQL's binary format of numeric (utils/adt/numeric.c, numeric_send), in WebAssembly: how many groups of
// four digits there are, the weight of the first, sign, scale, then the groups that are not zeros at either end. Groups are found from the
// last to the first, so a cell is written backwards.

import {
  add,
  and,
  below64,
  choose,
  div,
  div64,
  eqz,
  I32,
  i32,
  I64,
  i64,
  increase,
  lessThan,
  lessThan64,
  low,
  mul,
  mul64,
  or,
  repeatWhile,
  routine,
  set,
  shiftLeft,
  shiftRight,
  store16,
  store32,
  sub,
  sub64,
  when,
  type Code,
  type Routine,
} from "./assembler.ts";
import { COLUMN, eachRow, loadValue } from "./numbers.ts";

/** Digits behind the point at most: one group. */
export const MOST_BINARY_SCALE = 4;
const GROUP = 10_000;
const HEAD_BYTES = 8;
/** Five groups before the point, one behind it. */
const GROUPS_BYTES = 12;
/** What a cell and the room before it take. */
export const NUMERIC_BYTES: number = HEAD_BYTES + GROUPS_BYTES;
const ONE = i32(1);
const NONE = i32(0);
/** Up to here division takes 32 bits. */
const HALF = i64(1n << 32n);

type Read = (name: "next" | "group" | "count") => Code;

/** Writes the group before those there are, unless it would be a zero at the end. */
function prepend(read: Read): Code {
  const { next, group, count } = {
    next: read("next"),
    group: read("group"),
    count: read("count"),
  };
  return when(or(count, group), [
    increase(next, i32(-2)),
    store16(
      next,
      or(shiftLeft(and(group, i32(255)), i32(8)), shiftRight(group, i32(8))),
    ),
    increase(count, ONE),
  ]);
}

/** Like `decimals` of numbers.ts; `at` goes on by {@link NUMERIC_BYTES} a cell. */
function numerics(scale: number): Routine {
  const unit = 10 ** scale;
  return routine(
    `numerics${scale}`,
    {
      parameters: COLUMN,
      locals: {
        row: I32,
        next: I32,
        value: I64,
        whole: I64,
        small: I32,
        group: I32,
        count: I32,
        weight: I32,
        sign: I32,
      },
    },
    (read) => {
      const fraction: readonly Code[] = [
        set(read("whole"), div64(read("value"), i64(BigInt(unit)))),
        set(
          read("group"),
          mul(
            low(sub64(read("value"), mul64(read("whole"), i64(BigInt(unit))))),
            i32(GROUP / unit),
          ),
        ),
        prepend(read),
      ];
      const large = when(eqz(below(read("whole"))), [
        repeatWhile(
          eqz(below(read("whole"))),
          set(read("value"), div64(read("whole"), i64(BigInt(GROUP)))),
          set(
            read("group"),
            low(sub64(read("whole"), mul64(read("value"), i64(BigInt(GROUP))))),
          ),
          set(read("whole"), read("value")),
          increase(read("weight"), ONE),
          prepend(read),
        ),
      ]);
      const rest = when(read("small"), [
        repeatWhile(
          read("small"),
          set(read("group"), read("small")),
          set(read("small"), div(read("small"), i32(GROUP))),
          set(
            read("group"),
            sub(read("group"), mul(read("small"), i32(GROUP))),
          ),
          increase(read("weight"), ONE),
          prepend(read),
        ),
      ]);
      const cell: readonly Code[] = [
        loadValue(read),
        set(read("next"), add(read("at"), i32(NUMERIC_BYTES))),
        set(read("count"), NONE),
        set(read("weight"), i32(-1)),
        set(read("sign"), NONE),
        when(lessThan64(read("value"), i64(0n)), [
          set(read("sign"), i32(0x40)),
          set(read("value"), sub64(i64(0n), read("value"))),
        ]),
        ...fraction,
        large,
        set(read("small"), low(read("whole"))),
        rest,
        // Zero has no group, and the weight of a first one.
        set(read("weight"), choose(read("count"), read("weight"), NONE)),
        increase(read("next"), i32(-HEAD_BYTES)),
        store32(
          read("next"),
          or(
            shiftLeft(read("count"), i32(8)),
            choose(
              lessThan(read("weight"), NONE),
              i32(0xffff0000 | 0),
              shiftLeft(read("weight"), i32(24)),
            ),
          ),
        ),
        store32(read("next"), or(read("sign"), i32(scale << 24)), 4),
        increase(read("at"), i32(NUMERIC_BYTES)),
        store32(read("starts"), read("next")),
        store32(
          read("lengths"),
          add(i32(HEAD_BYTES), add(read("count"), read("count"))),
        ),
      ];
      return eachRow(read, cell);
    },
  );
}

function below(value: Code): Code {
  return below64(value, HALF);
}

export const NUMERICS: readonly Routine[] = Array.from(
  { length: MOST_BINARY_SCALE + 1 },
  (_, scale) => numerics(scale),
);
