// A line of the text format -> its fields (CopyReadAttributesText in commands/copyfromparse.c).

import type { CopyTextFormat } from "../../../../planner/logical/copy-format.ts";
import { decodeText } from "../../../pgwire/utf8.ts";
import { sameBytes, type Fields, type SplitLine } from "./fields.ts";

const BACKSLASH = 0x5c;

/** Throws 22021 for escapes that make no UTF-8. */
export function textSplitter(format: CopyTextFormat): SplitLine {
  const delimiter = format.delimiter.charCodeAt(0);
  const nullText = Buffer.from(format.null);
  return (bytes, start, end, to) => {
    to.reset(end - start);
    let from = start;
    for (;;) {
      let stop = from;
      while (stop < end && bytes[stop] !== delimiter) {
        if (bytes[stop] === BACKSLASH) break;
        stop++;
      }
      if (stop < end && bytes[stop] === BACKSLASH) {
        const field = unescape({ bytes, from, end, delimiter }, to);
        ({ stop } = field);
        if (sameBytes(bytes, from, field.rawEnd, nullText)) to.addNull();
        else to.add(to.scratch, field.start, to.used);
      } else if (sameBytes(bytes, from, stop, nullText)) to.addNull();
      else to.add(bytes, from, stop);
      if (stop >= end) return;
      from = stop + 1;
    }
  };
}

interface Unescaped {
  /** Of the field's text in the scratch piece, which it ends. */
  readonly start: number;
  /** Of the delimiter, or the line's end. */
  readonly stop: number;
  /** Of the field as it was written: a backslash that ends the line does not count. */
  readonly rawEnd: number;
}

function unescape(
  {
    bytes,
    from,
    end,
    delimiter,
  }: {
    readonly bytes: Uint8Array;
    readonly from: number;
    readonly end: number;
    readonly delimiter: number;
  },
  to: Fields,
): Unescaped {
  const { scratch } = to;
  const start = to.used;
  let at = from;
  let rawEnd = end;
  let madeBytes = false;
  for (; at < end && bytes[at] !== delimiter; at++) {
    const byte = bytes[at] ?? 0;
    if (byte !== BACKSLASH) {
      scratch[to.used++] = byte;
      continue;
    }
    if (at + 1 >= end) {
      rawEnd = at;
      continue;
    }
    const number = numericEscape(bytes, at + 1, end);
    if (number === undefined) {
      at += 1;
      scratch[to.used++] = letterEscape(bytes[at] ?? 0);
    } else {
      at = number.last;
      madeBytes ||= number.value === 0 || number.value > 0x7f;
      scratch[to.used++] = number.value;
    }
  }
  if (madeBytes) decodeText(Buffer.from(scratch.subarray(start, to.used)));
  return { start, stop: at, rawEnd: Math.min(rawEnd, at) };
}

/** `\123` and `\x3F`, from behind the backslash; undefined for any other. */
function numericEscape(
  bytes: Uint8Array,
  at: number,
  end: number,
): { readonly value: number; readonly last: number } | undefined {
  if (bytes[at] === 0x78) {
    const digits = digitsAt(bytes, at + 1, { end, radix: 16, most: 2 });
    return digits.count === 0
      ? undefined
      : { value: digits.value, last: at + digits.count };
  }
  const digits = digitsAt(bytes, at, { end, radix: 8, most: 3 });
  return digits.count === 0
    ? undefined
    : { value: digits.value & 0xff, last: at + digits.count - 1 };
}

function digitsAt(
  bytes: Uint8Array,
  at: number,
  limits: {
    readonly end: number;
    readonly radix: 8 | 16;
    readonly most: number;
  },
): { readonly value: number; readonly count: number } {
  let value = 0;
  let count = 0;
  while (count < limits.most && at + count < limits.end) {
    const digit = digitOf(bytes[at + count] ?? 0);
    if (digit >= limits.radix) break;
    value = value * limits.radix + digit;
    count++;
  }
  return { value, count };
}

/** 16 for what is no hexadecimal digit. */
function digitOf(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x61 + 10 : 16;
}

const LETTERS: ReadonlyMap<number, number> = new Map(
  Object.entries({ b: 8, f: 12, n: 10, r: 13, t: 9, v: 11 }).map(
    ([letter, code]) => [letter.charCodeAt(0), code],
  ),
);

function letterEscape(byte: number): number {
  return LETTERS.get(byte) ?? byte;
}
