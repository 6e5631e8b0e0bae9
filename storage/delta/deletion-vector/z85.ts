// Z85 (ZeroMQ RFC 32): five characters stand for four bytes, big-endian. Used by inline deletion vectors and their file names.

import { damagedDeletionVector } from "../errors.ts";

const ALPHABET =
  "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
const DIGITS: ReadonlyMap<string, number> = new Map(
  Array.from(ALPHABET, (char, digit) => [char, digit]),
);

/**
 * Throws XX001 for text that is no Z85. A last block that begins with `#` is a short tail as the Rust crate writes it: a `#` for each
 * byte that four would have more (checklist D6); no whole block can begin so, as it would exceed 32 bits.
 */
export function decodeZ85(text: string): Uint8Array {
  if (text.length % 5 !== 0)
    throw damagedDeletionVector(
      text,
      "Its text is not a multiple of five characters long",
    );
  const blocks = text.length / 5;
  const tail = /^#{1,3}/.exec(text.slice(-5))?.[0].length ?? 0;
  const bytes = Buffer.alloc(blocks * 4 - tail);
  for (let block = 0; block < blocks; block += 1) {
    const missing = block === blocks - 1 ? tail : 0;
    const digits = text.slice(block * 5 + missing, block * 5 + 5);
    const width = 4 - missing;
    bytes.writeUIntBE(numberOf(text, digits, width), block * 4, width);
  }
  return bytes;
}

function numberOf(text: string, digits: string, width: number): number {
  let value = 0;
  for (const char of digits) {
    const digit = DIGITS.get(char);
    if (digit === undefined)
      throw damagedDeletionVector(text, `Character "${char}" is not Z85`);
    value = value * 85 + digit;
  }
  if (value >= 2 ** (8 * width))
    throw damagedDeletionVector(
      text,
      "A block of five characters exceeds 32 bits",
    );
  return value;
}

export function encodeZ85(bytes: Uint8Array): string {
  const padded = Buffer.alloc(Math.ceil(bytes.length / 4) * 4);
  padded.set(bytes);
  let text = "";
  for (let at = 0; at < padded.length; at += 4) {
    let value = padded.readUInt32BE(at);
    let block = "";
    for (let digit = 0; digit < 5; digit += 1) {
      block = ALPHABET.charAt(value % 85) + block;
      value = Math.floor(value / 85);
    }
    text += block;
  }
  return text;
}
