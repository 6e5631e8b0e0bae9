// Chunks of JSON_ARRAY: one compact array of rows, each an array of strings and nulls. Batches are rows joined by commas.

import type { ChunkFormat } from "./chunk-format.ts";

const OPEN = Buffer.from("[");
const COMMA = Buffer.from(",");

export const jsonChunks: ChunkFormat = {
  encoding: "json",
  contentType: "application/json",
  pieces: ({ bytes }, place) => [
    place === "continues-chunk" ? COMMA : OPEN,
    bytes,
  ],
  end: Buffer.from("]"),
  firstRows: ({ bytes }, count) => {
    const text = Buffer.from(
      bytes.buffer,
      bytes.byteOffset,
      bytes.byteLength,
    ).toString("utf8");
    const rows = JSON.parse(`[${text}]`) as readonly unknown[];
    return joined(rows.slice(0, count));
  },
  fromText: joined,
};

function joined(rows: readonly unknown[]): {
  readonly bytes: Uint8Array;
  readonly rowCount: number;
} {
  const text = rows.map((row) => JSON.stringify(row)).join(",");
  return { bytes: Buffer.from(text), rowCount: rows.length };
}
