// Text from the client: valid UTF-8 or 22021, in PostgreSQL's words.

import { isUtf8 } from "node:buffer";
import { invalidUtf8 } from "./errors.ts";

/** Throws 22021 for bytes that are not UTF-8, NUL included. */
export function decodeText(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw invalidUtf8(firstInvalid(bytes));
  if (bytes.includes(0)) throw invalidUtf8("0x00");
  return bytes.toString("utf8");
}

/** The sequence at which decoding stops: as many bytes as its first one announces. */
function firstInvalid(bytes: Buffer): string {
  let offset = 0;
  while (offset < bytes.length) {
    const length = sequenceLength(bytes[offset] ?? 0);
    const sequence = bytes.subarray(offset, offset + length);
    if (sequence.length < length || !isUtf8(sequence)) {
      return [...sequence]
        .map((byte) => `0x${byte.toString(16).padStart(2, "0")}`)
        .join(" ");
    }
    offset += length;
  }
  return "";
}

function sequenceLength(first: number): number {
  if (first >= 0xf0 && first < 0xf8) return 4;
  if (first >= 0xe0 && first < 0xf0) return 3;
  return first >= 0xc0 && first < 0xe0 ? 2 : 1;
}
