// The shape of an access token: `<prefix>_`, 43 base62 characters of randomness (256 bits), 6 base62 characters of CRC-32 over all before
// them (authentication section 1.1). The checksum lets typos be refused and leaks be confirmed without a look-up.

import { createHash, randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";

export const DEFAULT_TOKEN_PREFIX = "sluice";

const ALPHABET =
  "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const RANDOM_LENGTH = 43;
const CHECKSUM_LENGTH = 6;
const SHAPE = /^([A-Za-z][A-Za-z0-9]*)_([0-9A-Za-z]{49})$/;

export function newTokenText(prefix: string): string {
  const body = `${prefix}_${randomBase62(RANDOM_LENGTH)}`;
  return body + checksum(body);
}

/** Could be a token of some server of ours: prefix, underscore and length, whatever the checksum says. */
export function hasTokenShape(text: string): boolean {
  return SHAPE.test(text);
}

/** Has the prefix, the shape and the right checksum. */
export function isTokenText(text: string, prefix: string): boolean {
  const match = SHAPE.exec(text);
  if (match?.[1] !== prefix) return false;
  return text.endsWith(checksum(text.slice(0, -CHECKSUM_LENGTH)));
}

/** What is stored and looked up: SHA-256, 32 bytes. */
export function hashToken(text: string): Uint8Array {
  return createHash("sha256").update(text, "utf8").digest();
}

function checksum(body: string): string {
  let rest = crc32(body);
  let text = "";
  for (let i = 0; i < CHECKSUM_LENGTH; i++) {
    text = ALPHABET.charAt(rest % ALPHABET.length) + text;
    rest = Math.floor(rest / ALPHABET.length);
  }
  return text;
}

/** Uniform: bytes beyond the last full multiple of 62 are thrown away. */
function randomBase62(length: number): string {
  const limit = 256 - (256 % ALPHABET.length);
  let text = "";
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      if (byte < limit && text.length < length) {
        text += ALPHABET.charAt(byte % ALPHABET.length);
      }
    }
  }
  return text;
}
