// The formats of a result's columns, as Bind asks for them (manual, "Bind": none, one for all, or one for each).

import { resultFormatMismatch } from "./errors.ts";
import type { FormatCode } from "./messages.ts";

const SAME: Readonly<Record<FormatCode, (readonly FormatCode[])[]>> = {
  text: [],
  binary: [],
};

/** `count` times the same. Equal ones are one array, which what is kept for a format can be known again by. */
export function sameFormats(
  format: FormatCode,
  count: number,
): readonly FormatCode[] {
  return (SAME[format][count] ??= new Array<FormatCode>(count).fill(format));
}

/** One format per column. Throws 08P01. */
export function bindFormats(
  formats: readonly FormatCode[],
  columnCount: number,
): readonly FormatCode[] {
  if (formats.length < 2) return sameFormats(formats[0] ?? "text", columnCount);
  if (formats.length !== columnCount)
    throw resultFormatMismatch(formats.length, columnCount);
  return formats;
}
