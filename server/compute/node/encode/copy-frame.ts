// What COPY TO sends before and after its rows: the line of column names, the binary header and trailer. As in PostgreSQL the line is a
// CopyData message of its own, but the binary header stands in one with the first row (psycopg takes each message for a row).

import type { CopyFormat } from "../../../../planner/logical/copy-format.ts";
import { CellBuffer } from "./cells.ts";
import { csvCell, textCell, type EscapeCell } from "./copy-cell.ts";

/** Signature, no flags, no header extension. */
export const BINARY_SIGNATURE: Buffer = Buffer.from(
  "PGCOPY\n\xff\r\n\0",
  "latin1",
);
const BINARY_HEADER = Buffer.concat([BINARY_SIGNATURE, Buffer.alloc(8)]);
const BINARY_TRAILER = Buffer.from([0xff, 0xff]);

export interface CopyFrame {
  readonly head: Uint8Array;
  /** What the first message behind `head` begins with. */
  readonly lead: Uint8Array;
  readonly tail: Uint8Array;
}

export function copyFrame(
  format: CopyFormat,
  names: readonly string[],
): CopyFrame {
  const none = new Uint8Array(0);
  if (format.kind === "binary") {
    return { head: none, lead: BINARY_HEADER, tail: message(BINARY_TRAILER) };
  }
  if (format.header === "none") return { head: none, lead: none, tail: none };
  const escape =
    format.kind === "text"
      ? textCell(format)
      : csvCell(format, { force: false, alone: names.length === 1 });
  const cells = names.map((name) => escaped(Buffer.from(name), escape));
  const line = Buffer.from(`${cells.join(format.delimiter)}\n`);
  return { head: message(line), lead: none, tail: none };
}

function escaped(text: Buffer, { needed, write }: EscapeCell): string {
  if (!needed(text, 0, text.length)) return text.toString();
  const cells = new CellBuffer();
  cells.append(text, 0, text.length);
  write(cells, 0, text.length);
  return Buffer.from(cells.bytes.subarray(text.length, cells.at)).toString();
}

/** Messages back to back, the first of them with `lead` before its own bytes. */
export function ledBy(lead: Uint8Array, messages: Uint8Array): Uint8Array {
  const length = Buffer.from(
    messages.buffer,
    messages.byteOffset,
    HEAD_BYTES,
  ).readInt32BE(1);
  const end = 1 + length;
  const first = messages.subarray(HEAD_BYTES, end);
  const led = message(Buffer.concat([lead, first]));
  return Buffer.concat([led, messages.subarray(end)]);
}

/** The type and the length, which counts itself. */
const HEAD_BYTES = 5;

function message(body: Uint8Array): Buffer {
  const head = Buffer.from("d\0\0\0\0");
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}
