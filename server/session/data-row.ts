// Reads the text cells of DataRow messages: for the few results the gateway itself needs, such as the arguments of EXECUTE.

import type { RowSource } from "./result.ts";

/** All rows of a small result in text format. */
export async function readTextRows(
  source: RowSource,
): Promise<readonly (readonly (string | null)[])[]> {
  if (source.kind === "text") return source.rows;
  const rows: (readonly (string | null)[])[] = [];
  for await (const batch of source.batches) {
    let offset = 0;
    const bytes = Buffer.from(
      batch.bytes.buffer,
      batch.bytes.byteOffset,
      batch.bytes.byteLength,
    );
    while (offset < bytes.length) {
      const length = bytes.readUInt32BE(offset + 1);
      rows.push(readCells(bytes.subarray(offset + 5, offset + 1 + length)));
      offset += 1 + length;
    }
  }
  return rows;
}

/** The body of one DataRow message. */
export function readCells(body: Buffer): readonly (string | null)[] {
  const cells: (string | null)[] = [];
  let offset = 2;
  for (let left = body.readUInt16BE(0); left > 0; left -= 1) {
    const length = body.readInt32BE(offset);
    offset += 4;
    if (length < 0) {
      cells.push(null);
      continue;
    }
    cells.push(body.toString("utf8", offset, offset + length));
    offset += length;
  }
  return cells;
}
