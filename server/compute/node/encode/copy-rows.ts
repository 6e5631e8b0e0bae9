// Rows of COPY TO: a CopyData message each, holding a line of text or a tuple of the binary format.

import type { CopyFormat } from "../../../../planner/logical/copy-format.ts";
import { NULL_CELL, writeInt32, type ColumnEncoder } from "./cells.ts";
import {
  CELL_EXTRA,
  CELL_GROWTH,
  csvCell,
  textCell,
  type FinishCell,
} from "./copy-cell.ts";

/** Writes `rowCount` rows of the batch the encoders are pointed at, of whose cells none is longer together than `cellBytes`. */
type WriteRows = (rowCount: number, cellBytes: number) => Uint8Array;

const COPY_DATA = 0x64;
/** `d` and the message length. */
const HEAD = 5;
const LF = 0x0a;

export function copyRows(
  format: CopyFormat,
  encoders: readonly ColumnEncoder[],
): WriteRows {
  return format.kind === "binary"
    ? binaryRows(encoders)
    : lines(format, encoders);
}

function lines(
  format: Exclude<CopyFormat, { readonly kind: "binary" }>,
  encoders: readonly ColumnEncoder[],
): WriteRows {
  const delimiter = format.delimiter.charCodeAt(0);
  const nullText = Buffer.from(format.null);
  const cells = encoders.map(({ write }, place) => ({
    write,
    first: place === 0,
    finish: finishOf(format, place, encoders.length),
  }));
  const fixed = HEAD + 1 + cells.length * (1 + CELL_EXTRA + nullText.length);
  const room = buffers();
  return (rowCount, cellBytes) => {
    const buffer = room(rowCount * fixed + cellBytes * CELL_GROWTH);
    let next = 0;
    for (let row = 0; row < rowCount; row++) {
      let at = next + HEAD;
      for (const { write, finish, first } of cells) {
        if (!first) buffer[at++] = delimiter;
        const end = write(row, buffer, at);
        if (end === NULL_CELL) {
          buffer.set(nullText, at);
          at += nullText.length;
        } else at = finish(buffer, at, end);
      }
      buffer[at++] = LF;
      next = finishMessage(buffer, next, at);
    }
    return buffer.slice(0, next);
  };
}

function finishOf(
  format: Exclude<CopyFormat, { readonly kind: "binary" }>,
  place: number,
  count: number,
): FinishCell {
  return format.kind === "text"
    ? textCell(format)
    : csvCell(format, {
        force: format.forceQuote.includes(place),
        alone: count === 1,
      });
}

/** Number of fields, then each behind its length (-1 for NULL). */
function binaryRows(encoders: readonly ColumnEncoder[]): WriteRows {
  const writers = encoders.map(({ write }) => write);
  const fixed = HEAD + 2 + 4 * writers.length;
  const room = buffers();
  return (rowCount, cellBytes) => {
    const buffer = room(rowCount * fixed + cellBytes);
    let next = 0;
    for (let row = 0; row < rowCount; row++) {
      let at = next + HEAD;
      buffer[at++] = writers.length >>> 8;
      buffer[at++] = writers.length;
      for (const write of writers) {
        const end = write(row, buffer, at + 4);
        const size = end === NULL_CELL ? NULL_CELL : end - at - 4;
        writeInt32(size, buffer, at);
        at = end === NULL_CELL ? at + 4 : end;
      }
      next = finishMessage(buffer, next, at);
    }
    return buffer.slice(0, next);
  };
}

function finishMessage(to: Uint8Array, start: number, end: number): number {
  to[start] = COPY_DATA;
  writeInt32(end - start - 1, to, start + 1);
  return end;
}

/** One buffer, used again: the rows are sliced off it. */
function buffers(): (size: number) => Uint8Array {
  let buffer = new Uint8Array(0);
  return (size) => {
    if (buffer.length < size) buffer = new Uint8Array(size);
    return buffer;
  };
}
