// Z85 (ZeroMQ RFC 32): five characters stand for four bytes, big-endian. Used by inline deletion vectors and their file names.

import { damagedDeletionVector } from "./errors.ts";

const ALPHABET =
  "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
const DIGITS: ReadonlyMap<string, number> = new Map(
  Array.from(ALPHABET, (char, digit) => [char, digit]),
);

/**
 * Throws XX001 for text that is no Z85. A block that does not fit 32 bits is refused too: the Rust crate writes a short tail so
 * (checklist D6), and its bytes cannot be told from damage.
 */
export function decodeZ85(text: string): Uint8Array {
  if (text.length % 5 !== 0)
    throw damagedDeletionVector(
      text,
      "Its text is not a multiple of five characters long",
    );
  const bytes = Buffer.alloc((text.length / 5) * 4);
  for (let block = 0; block * 5 < text.length; block += 1) {
    let value = 0;
    for (const char of text.slice(block * 5, block * 5 + 5)) {
      const digit = DIGITS.get(char);
      if (digit === undefined)
        throw damagedDeletionVector(text, `Character "${char}" is not Z85`);
      value = value * 85 + digit;
    }
    if (value > 0xffffffff)
      throw damagedDeletionVector(
        text,
        "A block of five characters exceeds 32 bits",
      );
    bytes.writeUInt32BE(value, block * 4);
  }
  return bytes;
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
