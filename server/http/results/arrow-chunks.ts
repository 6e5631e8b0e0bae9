// Chunks of ARROW_STREAM: one IPC stream each. A batch is a stream of its own, schema first and end mark last, so a chunk is put together
// from the first one's schema and the record batches of all (Arrow columnar format, "Encapsulated message format").

import { invariant } from "../../../storage/common/invariant.ts";
import type { ChunkFormat } from "./chunk-format.ts";

/** Continuation, and a message of no length. */
const END_MARK = Buffer.from("ffffffff00000000", "hex");
/** Continuation and the length of what follows. */
const PREFIX_BYTES = 8;

export const arrowChunks: ChunkFormat = {
  encoding: "arrow",
  contentType: "application/vnd.apache.arrow.stream",
  pieces: ({ bytes }, place) => {
    const end = bytes.byteLength - END_MARK.length;
    const begin = place === "continues-chunk" ? schemaBytes(bytes) : 0;
    return [bytes.subarray(begin, end)];
  },
  end: END_MARK,
  // Arrow takes a tenth of a second to load, which few gateways ever need.
  firstRows: async (rows, count) =>
    (await import("./arrow-rows.ts")).firstArrowRows(rows, count),
  fromText: async (rows, columns) =>
    (await import("./arrow-rows.ts")).arrowOfText(rows, columns),
};

/** The first message of a stream, which has no body. */
function schemaBytes(stream: Uint8Array): number {
  const head = Buffer.from(stream.buffer, stream.byteOffset, stream.byteLength);
  invariant(
    head.length > PREFIX_BYTES && head.readInt32LE(0) === -1,
    "an Arrow stream begins with a message",
  );
  return PREFIX_BYTES + head.readInt32LE(4);
}
