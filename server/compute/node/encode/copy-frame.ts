// What COPY TO sends before and after its rows, as CopyData messages: the line of column names, the binary signature and trailer.

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

export function copyFrame(
  format: CopyFormat,
  names: readonly string[],
): { readonly head: Uint8Array; readonly tail: Uint8Array } {
  if (format.kind === "binary") {
    return { head: message(BINARY_HEADER), tail: message(BINARY_TRAILER) };
  }
  const none = new Uint8Array(0);
  if (format.header === "none") return { head: none, tail: none };
  const escape =
    format.kind === "text"
      ? textCell(format)
      : csvCell(format, { force: false, alone: names.length === 1 });
  const cells = names.map((name) => escaped(Buffer.from(name), escape));
  const line = Buffer.from(`${cells.join(format.delimiter)}\n`);
  return { head: message(line), tail: none };
}

function escaped(text: Buffer, { needed, write }: EscapeCell): string {
  if (!needed(text, 0, text.length)) return text.toString();
  const cells = new CellBuffer();
  cells.append(text, 0, text.length);
  write(cells, 0, text.length);
  return Buffer.from(cells.bytes.subarray(text.length, cells.at)).toString();
}

function message(body: Buffer): Buffer {
  const head = Buffer.from("d\0\0\0\0");
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}
