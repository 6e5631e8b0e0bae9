// The other side of AWS Signature Version 4, written from its documentation and not from our signer: is this request signed by the
// holder of the secret, and is its body the one that was signed?

import { createHash, createHmac } from "node:crypto";
import type { IncomingMessage } from "node:http";

export interface SigningSecret {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

interface Credential {
  readonly family: string;
  readonly id: string;
  readonly day: string;
  /** Day, region, service and the closing word. */
  readonly scope: string;
  readonly signed: readonly string[];
  readonly signature: string;
}

/** The store's word for what is wrong; undefined when all is well. */
export function checkSignature(
  request: IncomingMessage,
  body: Buffer,
  secret: SigningSecret,
): string | undefined {
  const credential = readCredential(request.headers.authorization);
  if (credential === undefined) return "AccessDenied";
  if (credential.id !== secret.accessKeyId) return "InvalidAccessKeyId";
  const prefix = credential.family === "AWS4" ? "x-amz-" : "x-goog-";
  if (request.headers[`${prefix}content-sha256`] !== digest(body))
    return "XAmzContentSHA256Mismatch";
  // Whoever changes a header that matters must not get away with it.
  const unsigned = Object.keys(request.headers).some(
    (name) =>
      (name === "host" || name.startsWith(prefix) || name.startsWith("if-")) &&
      !credential.signed.includes(name),
  );
  const date = String(request.headers[`${prefix}date`]);
  if (unsigned || !date.startsWith(credential.day)) return "AccessDenied";
  const text = [
    `${credential.family}-HMAC-SHA256`,
    date,
    credential.scope,
    digest(canonicalRequest(request, credential.signed, digest(body))),
  ].join("\n");
  let key: Buffer = Buffer.from(credential.family + secret.secretAccessKey);
  for (const part of credential.scope.split("/"))
    key = createHmac("sha256", key).update(part).digest();
  const expected = createHmac("sha256", key).update(text).digest("hex");
  return expected === credential.signature
    ? undefined
    : "SignatureDoesNotMatch";
}

const AUTHORIZATION =
  /^(?<family>AWS4|GOOG4)-HMAC-SHA256 Credential=(?<id>[^/]+)\/(?<scope>(?<day>\d{8})\/[^/]+\/[^/]+\/(?:aws4|goog4)_request),SignedHeaders=(?<signed>[^,]+),Signature=(?<signature>[0-9a-f]{64})$/;

function readCredential(header: string | undefined): Credential | undefined {
  const groups = AUTHORIZATION.exec(header ?? "")?.groups;
  if (groups === undefined) return undefined;
  const part = (name: string): string => groups[name] ?? "";
  return {
    family: part("family"),
    id: part("id"),
    day: part("day"),
    scope: part("scope"),
    signed: part("signed").split(";"),
    signature: part("signature"),
  };
}

function canonicalRequest(
  request: IncomingMessage,
  signed: readonly string[],
  bodyHash: string,
): string {
  const [path = "", query = ""] = (request.url ?? "").split("?");
  const items = query.split("&").filter((item) => item !== "");
  return [
    request.method,
    path,
    items.sort().join("&"),
    ...signed.map((name) => `${name}:${String(request.headers[name]).trim()}`),
    "",
    signed.join(";"),
    bodyHash,
  ].join("\n");
}

function digest(content: string | Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}
