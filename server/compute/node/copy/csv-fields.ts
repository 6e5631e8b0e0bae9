// A line of CSV -> its fields (CopyReadAttributesCSV in commands/copyfromparse.c, and the FORCE options of NextCopyFrom).

import type { CopyCsvFormat } from "../../../../planner/logical/copy-format.ts";
import { unterminatedQuote } from "./errors.ts";
import { sameBytes, type Fields, type SplitLine } from "./fields.ts";

/** Throws 22P04. */
export function csvSplitter(format: CopyCsvFormat): SplitLine {
  const delimiter = format.delimiter.charCodeAt(0);
  const quote = format.quote.charCodeAt(0);
  const escape = format.escape.charCodeAt(0);
  const nullText = Buffer.from(format.null);
  const notNull = new Set(format.forceNotNull);
  const maybeNull = new Set(format.forceNull);
  return (bytes, start, end, to) => {
    to.reset(end - start + nullText.length);
    let from = start;
    for (;;) {
      const place = to.count;
      let stop = from;
      while (stop < end && bytes[stop] !== delimiter) {
        if (bytes[stop] === quote) break;
        stop++;
      }
      if (stop < end && bytes[stop] === quote) {
        const begin = to.used;
        stop = unquote({ bytes, from, end, delimiter, quote, escape }, to);
        const forced =
          maybeNull.has(place) &&
          sameBytes(to.scratch, begin, to.used, nullText);
        if (forced) to.addNull();
        else to.add(to.scratch, begin, to.used);
      } else if (!sameBytes(bytes, from, stop, nullText)) {
        to.add(bytes, from, stop);
      } else if (notNull.has(place)) to.add(nullText, 0, nullText.length);
      else to.addNull();
      if (stop >= end) return;
      from = stop + 1;
    }
  };
}

interface Quoted {
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly end: number;
  readonly delimiter: number;
  readonly quote: number;
  readonly escape: number;
}

/** A field with quotes somewhere in it, into the scratch piece; gives where its delimiter or the line's end is. */
function unquote(
  { bytes, from, end, delimiter, quote, escape }: Quoted,
  to: Fields,
): number {
  const { scratch } = to;
  let inside = false;
  let at = from;
  for (; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (!inside) {
      if (byte === delimiter) return at;
      if (byte === quote) inside = true;
      else scratch[to.used++] = byte;
      continue;
    }
    const next = at + 1 < end ? bytes[at + 1] : undefined;
    if (byte === escape && (next === escape || next === quote)) {
      at++;
      scratch[to.used++] = next;
    } else if (byte === quote) inside = false;
    else scratch[to.used++] = byte;
  }
  if (inside) throw unterminatedQuote();
  return at;
}
