// The signature over a token's first two parts. jsonwebtoken also checks that key and algorithm belong together; it knows no EdDSA,
// which node:crypto verifies itself.

import { verify, type KeyObject } from "node:crypto";
import jsonwebtoken from "jsonwebtoken";
import type { CompactToken } from "./compact.ts";
import type { Algorithm } from "./issuer.ts";

export function isSignatureValid(
  { text, signingInput, signature }: CompactToken,
  algorithm: Algorithm,
  key: KeyObject,
): boolean {
  if (algorithm === "EdDSA") {
    return verify(null, Buffer.from(signingInput, "ascii"), key, signature);
  }
  try {
    // Times are checked with all other claims, by one rule for all algorithms.
    jsonwebtoken.verify(text, key, {
      algorithms: [algorithm],
      ignoreExpiration: true,
      ignoreNotBefore: true,
    });
    return true;
  } catch {
    return false;
  }
}
