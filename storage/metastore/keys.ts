// The server's own secrets: one file a purpose in <data-dir>/keys, made once, never in the metastore. What is sealed carries the
// id of its key, so that two keys can be live during a rotation (authentication section 10).

import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  randomBytes,
  timingSafeEqual,
} from "node:crypto";
import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import {
  keyExposed,
  keyMismatch,
  keyMissing,
  keyUnreadable,
} from "./errors.ts";

export const KEY_PURPOSES = ["verifiers", "mock-salt", "links"] as const;
export type KeyPurpose = (typeof KEY_PURPOSES)[number];

const FORMAT = 1;
const KEY_ID_BYTES = 4;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + KEY_ID_BYTES;

export interface Key {
  readonly purpose: KeyPurpose;
  readonly file: string;
  /** 32 bytes. */
  readonly secret: Uint8Array;
}

export type Keys = Readonly<Record<KeyPurpose, Key>>;

/** Recorded in the metastore, so that a wrong key is noticed at start and not at the first log-in. */
export function keyCheck(key: Key): string {
  return createHmac("sha256", key.secret)
    .update(`sluice key check ${key.purpose}`)
    .digest("hex");
}

/**
 * Reads each purpose's key, making those that do not exist yet. `checks` is what the metastore recorded: a recorded key
 * that is missing or different, or readable by other users, is F0000; one that cannot be read 58030.
 */
export function openKeys(
  dataDir: string,
  checks: ReadonlyMap<KeyPurpose, string>,
): Keys {
  const folder = join(dataDir, "keys");
  const open = (purpose: KeyPurpose): Key => {
    const file = join(folder, `${purpose}.key`);
    const check = checks.get(purpose);
    let key = readKey(purpose, file);
    if (key === undefined) {
      if (check !== undefined) throw keyMissing(file);
      key = makeKey(purpose, folder, file);
    }
    if (check !== undefined && keyCheck(key) !== check) throw keyMismatch(file);
    return key;
  };
  return {
    verifiers: open("verifiers"),
    "mock-salt": open("mock-salt"),
    links: open("links"),
  };
}

function makeKey(purpose: KeyPurpose, folder: string, file: string): Key {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  const secret = randomBytes(32);
  writeSecretFile(file, `${secret.toString("hex")}\n`);
  return { purpose, file, secret };
}

/** Whole or not at all, on disk before it returns, readable by the owner only. */
export function writeSecretFile(file: string, text: string): void {
  const partial = `${file}.partial`;
  const descriptor = openSync(partial, "w", 0o600);
  try {
    chmodSync(partial, 0o600);
    writeSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(partial, file);
}

/** `undefined` when there is no such file. */
function readKey(purpose: KeyPurpose, file: string): Key | undefined {
  const found = readSecretFile(file);
  if (found === undefined) return undefined;
  if ((found.mode & 0o077) !== 0) throw keyExposed(file);
  const { text } = found;
  if (!/^[0-9a-f]{64,}$/.test(text)) throw keyMismatch(file);
  return { purpose, file, secret: Buffer.from(text.slice(0, 64), "hex") };
}

function readSecretFile(
  file: string,
): { readonly mode: number; readonly text: string } | undefined {
  try {
    const { mode } = statSync(file);
    return { mode, text: readFileSync(file, "utf8").trim() };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT")
      return undefined;
    throw keyUnreadable(file, error);
  }
}

/** AES-256-GCM: format, key id, nonce, tag, ciphertext. `owner` is bound in, so that a sealed value moved to another row does not open. */
export function seal(key: Key, owner: string, plain: Uint8Array): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key.secret, nonce);
  cipher.setAAD(Buffer.from(owner, "utf8"));
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([
    Buffer.of(FORMAT),
    keyId(key),
    nonce,
    cipher.getAuthTag(),
    sealed,
  ]);
}

/** `undefined` when `sealed` was not made by this key for this owner. */
export function unseal(
  key: Key,
  owner: string,
  sealed: Uint8Array,
): Uint8Array | undefined {
  const bytes = Buffer.from(sealed);
  if (bytes.length < HEADER_BYTES + NONCE_BYTES + TAG_BYTES) return undefined;
  if (bytes[0] !== FORMAT) return undefined;
  if (!timingSafeEqual(bytes.subarray(1, HEADER_BYTES), keyId(key))) {
    return undefined;
  }
  const nonceEnd = HEADER_BYTES + NONCE_BYTES;
  const tagEnd = nonceEnd + TAG_BYTES;
  const decipher = createDecipheriv(
    "aes-256-gcm",
    key.secret,
    bytes.subarray(HEADER_BYTES, nonceEnd),
  );
  decipher.setAAD(Buffer.from(owner, "utf8"));
  decipher.setAuthTag(bytes.subarray(nonceEnd, tagEnd));
  try {
    return Buffer.concat([
      decipher.update(bytes.subarray(tagEnd)),
      decipher.final(),
    ]);
  } catch {
    return undefined;
  }
}

/** HMAC-SHA-256 over `text`, behind the key's id, in base64url: fit for a URL. */
export function sign(key: Key, text: string): string {
  const tag = createHmac("sha256", key.secret).update(text).digest();
  return Buffer.concat([keyId(key), tag]).toString("base64url");
}

/** Whether `signature` is what `sign` gives, in a time that does not tell how much of it is right. */
export function isSigned(key: Key, text: string, signature: string): boolean {
  const right = Buffer.from(sign(key, text));
  const given = Buffer.from(signature);
  return right.length === given.length && timingSafeEqual(right, given);
}

function keyId(key: Key): Buffer {
  return createHash("sha256")
    .update(key.secret)
    .digest()
    .subarray(0, KEY_ID_BYTES);
}
