// A JSON Web Key Set (RFC 7517) as public keys of node:crypto. Keys that cannot verify a signature of ours are left out: shared secrets,
// encryption keys, curves and sizes not on the list. Private members are not even read.

import { createPublicKey, type JsonWebKey, type KeyObject } from "node:crypto";
import { ALGORITHMS, type Algorithm } from "./issuer.ts";
import { membersOf, parseMembers, type Members } from "./strict-json.ts";

export interface VerificationKey {
  readonly id: string | undefined;
  /** The only algorithm it may be used with, where the key says so. */
  readonly algorithm: string | undefined;
  readonly type: string;
  readonly curve: string | undefined;
  readonly key: KeyObject;
}

const MAX_KEYS = 200;
const MIN_RSA_BITS = 2048;
/** Public members by key type. */
const PUBLIC_MEMBERS: Readonly<Record<string, readonly string[]>> = {
  RSA: ["kty", "n", "e"],
  EC: ["kty", "crv", "x", "y"],
  OKP: ["kty", "crv", "x"],
};

/** Undefined when `text` is no key set at all. */
export function parseKeySet(
  text: string,
): readonly VerificationKey[] | undefined {
  const keys = parseMembers(text)?.get("keys");
  if (!Array.isArray(keys) || keys.length > MAX_KEYS) return undefined;
  return keys.flatMap((value: unknown) => {
    const members = membersOf(value);
    const key = members && verificationKey(members);
    return key === undefined ? [] : [key];
  });
}

/** The one key that fits the header; undefined where none does, or several do and the header names none. */
export function findKey(
  keys: readonly VerificationKey[],
  id: string | undefined,
  algorithm: Algorithm,
): KeyObject | undefined {
  const fitting = keys.filter(
    (key) => (id === undefined || key.id === id) && fits(key, algorithm),
  );
  return fitting.length === 1 ? fitting[0]?.key : undefined;
}

function fits(key: VerificationKey, algorithm: Algorithm): boolean {
  const needed = ALGORITHMS[algorithm];
  const curve = "curve" in needed ? needed.curve : undefined;
  return (
    key.type === needed.type &&
    key.curve === curve &&
    (key.algorithm === undefined || key.algorithm === algorithm)
  );
}

function verificationKey(members: Members): VerificationKey | undefined {
  const text = (name: string): string | undefined => {
    const value = members.get(name);
    return typeof value === "string" ? value : undefined;
  };
  const type = text("kty") ?? "";
  const operations = members.get("key_ops");
  const forSignatures =
    (text("use") ?? "sig") === "sig" &&
    (!Array.isArray(operations) || operations.includes("verify"));
  const key = forSignatures ? publicKey(type, text) : undefined;
  return (
    key && {
      id: text("kid"),
      algorithm: text("alg"),
      type,
      curve: text("crv"),
      key,
    }
  );
}

function publicKey(
  type: string,
  text: (name: string) => string | undefined,
): KeyObject | undefined {
  const names = PUBLIC_MEMBERS[type];
  if (names === undefined) return undefined;
  const jwk: JsonWebKey = Object.fromEntries(
    names.map((name) => [name, text(name)]),
  );
  try {
    const key = createPublicKey({ key: jwk, format: "jwk" });
    const bits = key.asymmetricKeyDetails?.modulusLength;
    return bits !== undefined && bits < MIN_RSA_BITS ? undefined : key;
  } catch {
    // Members that make no key.
    return undefined;
  }
}
