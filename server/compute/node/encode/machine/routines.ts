// The loops that touch every byte of a result, as WebAssembly: sixteen bytes are moved at once there, which TypeScript cannot say.
// Addresses are those of a CellBuffer's memory: `starts` and `lengths` its tables, `stride` the bytes from column to column in them.

import {
  add,
  and,
  assemble,
  choose,
  I32,
  i32,
  increase,
  lessThan,
  load128,
  load32,
  or,
  repeatWhile,
  rotateLeft,
  routine,
  set,
  shiftRight,
  store128,
  store32,
  store8,
  sub,
  when,
  type Code,
} from "./assembler.ts";
import { NUMBERS } from "./numbers.ts";
import { NUMERICS } from "./numerics.ts";

/** Bytes moved at once; the slack of a CellBuffer. */
const PIECE = 16;
const ENTRY = i32(4);
const NONE = i32(0);
const ONE = i32(1);
const LF = i32(0x0a);

/** The bytes of a word the other way round. */
function reversed(word: Code): Code {
  return or(
    and(rotateLeft(word, i32(8)), i32(0x00ff00ff)),
    and(rotateLeft(word, i32(24)), i32(0xff00ff00 | 0)),
  );
}

/** Moves what lies at `from` to `at`, which goes on to `end`. */
function move(from: Code, at: Code, end: Code): Code {
  return [
    ...repeatWhile(
      lessThan(at, end),
      store128(at, load128(from)),
      increase(from, i32(PIECE)),
      increase(at, i32(PIECE)),
    ),
    ...set(at, end),
  ];
}

/** What the cells of all columns take together. */
const cellBytes = routine(
  "cellBytes",
  {
    parameters: { lengths: I32, stride: I32, rowCount: I32, columnCount: I32 },
    locals: { total: I32, at: I32, end: I32, length: I32 },
  },
  (read) => [
    when(read("columnCount"), [
      repeatWhile(
        read("columnCount"),
        set(read("at"), read("lengths")),
        set(read("end"), add(read("at"), mulEntry(read("rowCount")))),
        repeatWhile(
          lessThan(read("at"), read("end")),
          set(read("length"), load32(read("at"))),
          increase(
            read("total"),
            choose(lessThan(read("length"), NONE), NONE, read("length")),
          ),
          increase(read("at"), ENTRY),
        ),
        increase(read("lengths"), read("stride")),
        increase(read("columnCount"), i32(-1)),
      ),
    ]),
    read("total"),
  ],
);

function mulEntry(count: Code): Code {
  return add(add(count, count), add(count, count));
}

const TABLES = {
  starts: I32,
  lengths: I32,
  stride: I32,
  rowCount: I32,
  columnCount: I32,
} as const;

const CURSORS = {
  next: I32,
  at: I32,
  row: I32,
  cell: I32,
  left: I32,
  from: I32,
  length: I32,
  end: I32,
} as const;

/**
 * Messages from `out` on that hold a tuple each: type, length, number of columns, then each column behind its length (-1 for NULL).
 * Gives where they end. There is a row at least.
 */
const tuples = routine(
  "tuples",
  { parameters: { ...TABLES, type: I32, out: I32 }, locals: CURSORS },
  (read) => [
    set(read("next"), read("out")),
    repeatWhile(
      read("rowCount"),
      set(read("at"), add(read("next"), i32(7))),
      set(read("cell"), read("row")),
      set(read("left"), read("columnCount")),
      when(read("left"), [
        repeatWhile(
          read("left"),
          set(read("length"), load32(add(read("lengths"), read("cell")))),
          store32(read("at"), reversed(read("length"))),
          increase(read("at"), i32(4)),
          when(lessThan(NONE, read("length")), [
            set(read("end"), add(read("at"), read("length"))),
            set(read("from"), load32(add(read("starts"), read("cell")))),
            move(read("from"), read("at"), read("end")),
          ]),
          increase(read("cell"), read("stride")),
          increase(read("left"), i32(-1)),
        ),
      ]),
      store8(read("next"), shiftRight(read("columnCount"), i32(8)), 5),
      store8(read("next"), read("columnCount"), 6),
      ...finishMessage(read),
    ),
    read("next"),
  ],
);

/** Type and length at `next`, which goes on to `at`; and on to the next row. */
function finishMessage(
  read: (name: "next" | "at" | "type" | "row" | "rowCount" | "length") => Code,
): readonly Code[] {
  return [
    set(read("length"), sub(sub(read("at"), read("next")), ONE)),
    store8(read("next"), read("type")),
    store32(read("next"), reversed(read("length")), 1),
    set(read("next"), read("at")),
    increase(read("row"), ENTRY),
    increase(read("rowCount"), i32(-1)),
  ];
}

/** The same with lines: cells between delimiters, the `nullLength` bytes at `nullAt` for NULL, and a line feed. */
const lines = routine(
  "lines",
  {
    parameters: {
      ...TABLES,
      type: I32,
      out: I32,
      delimiter: I32,
      nullAt: I32,
      nullLength: I32,
    },
    locals: CURSORS,
  },
  (read) => [
    set(read("next"), read("out")),
    repeatWhile(
      read("rowCount"),
      set(read("at"), add(read("next"), i32(5))),
      set(read("cell"), read("row")),
      set(read("left"), read("columnCount")),
      when(read("left"), [
        repeatWhile(
          read("left"),
          set(read("from"), load32(add(read("starts"), read("cell")))),
          set(read("length"), load32(add(read("lengths"), read("cell")))),
          when(lessThan(read("length"), NONE), [
            set(read("from"), read("nullAt")),
            set(read("length"), read("nullLength")),
          ]),
          set(read("end"), add(read("at"), read("length"))),
          when(read("length"), [move(read("from"), read("at"), read("end"))]),
          store8(read("at"), read("delimiter")),
          increase(read("at"), ONE),
          increase(read("cell"), read("stride")),
          increase(read("left"), i32(-1)),
        ),
        // In place of the last delimiter.
        increase(read("at"), i32(-1)),
      ]),
      store8(read("at"), LF),
      increase(read("at"), ONE),
      ...finishMessage(read),
    ),
    read("next"),
  ],
);

export const MODULE: Uint8Array<ArrayBuffer> = assemble([
  ...NUMBERS,
  ...NUMERICS,
  cellBytes,
  tuples,
  lines,
]);
