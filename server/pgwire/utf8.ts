// Text from the client: valid UTF-8 or 22021, in PostgreSQL's words.

import { isUtf8 } from "node:buffer";
import { invalidUtf8 } from "./errors.ts";

/** Up to here a look at each byte takes less than leaving JavaScript does. */
const SHORT_BYTES = 32;

/** What lies from `start` up to `end`. Throws 22021 for bytes that are not UTF-8, NUL included. */
export function decodeText(
  bytes: Buffer,
  start = 0,
  end: number = bytes.length,
): string {
  if (start === end) return "";
  if (end - start <= SHORT_BYTES && isPlain(bytes, start, end))
    return bytes.toString("latin1", start, end);
  const text = bytes.subarray(start, end);
  if (!isUtf8(text)) throw invalidUtf8(firstInvalid(text));
  if (text.includes(0)) throw invalidUtf8("0x00");
  return text.toString("utf8");
}

/** ASCII without NUL. */
function isPlain(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === 0 || byte > 0x7f) return false;
  }
  return true;
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
