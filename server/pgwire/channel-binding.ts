// tls-server-end-point (RFC 5929 section 4): the hash of the server's certificate, by which SCRAM-SHA-256-PLUS proves that both ends see
// the same TLS connection. The hash is the one the certificate is signed with, but SHA-256 for those that are broken.

import { createHash } from "node:crypto";

/** Signature algorithms by the DER bytes of their object identifier. */
const HASHES: ReadonlyMap<string, string> = new Map([
  // md5WithRSAEncryption, sha1WithRSAEncryption, ecdsa-with-SHA1
  ["2a864886f70d010104", "sha256"],
  ["2a864886f70d010105", "sha256"],
  ["2a8648ce3d0401", "sha256"],
  // sha256, sha384, sha512 with RSA
  ["2a864886f70d01010b", "sha256"],
  ["2a864886f70d01010c", "sha384"],
  ["2a864886f70d01010d", "sha512"],
  // ecdsa-with-SHA256, SHA384, SHA512
  ["2a8648ce3d040302", "sha256"],
  ["2a8648ce3d040303", "sha384"],
  ["2a8648ce3d040304", "sha512"],
]);

/** Undefined for a certificate whose signature has no one hash (RSA-PSS, Ed25519): then no binding is defined, and none is offered. */
export function serverEndPoint(certificate: Buffer): Buffer | undefined {
  const hash = HASHES.get(signatureAlgorithm(certificate) ?? "");
  return hash === undefined
    ? undefined
    : createHash(hash).update(certificate).digest();
}

/** Certificate ::= SEQUENCE { tbsCertificate, SEQUENCE { OBJECT IDENTIFIER … } … }. Hexadecimal. */
function signatureAlgorithm(der: Buffer): string | undefined {
  const certificate = element(der, 0);
  const signed = certificate && element(der, certificate.start);
  const algorithm = signed && element(der, signed.end);
  const identifier = algorithm && element(der, algorithm.start);
  return (
    identifier && der.subarray(identifier.start, identifier.end).toString("hex")
  );
}

/** Where the content of the DER element at `at` starts and ends. */
function element(
  der: Buffer,
  at: number,
): { readonly start: number; readonly end: number } | undefined {
  const first = der[at + 1];
  if (first === undefined) return undefined;
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  const start = at + 2 + lengthBytes;
  if (lengthBytes > 4 || start > der.length) return undefined;
  const length =
    lengthBytes === 0 ? first : der.readUIntBE(at + 2, lengthBytes);
  return start + length > der.length
    ? undefined
    : { start, end: start + length };
}
