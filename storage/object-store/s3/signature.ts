// AWS Signature Version 4 for requests with a body at hand, and Google's twin of it (GOOG4-HMAC-SHA256), which differs in names only.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html

import { createHash, createHmac } from "node:crypto";
import { encodePart, type HttpRequest } from "../remote/http.ts";

export interface SigningKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | undefined;
}

/** Names in which the two services differ. */
export interface SignatureNames {
  readonly algorithm: string;
  readonly keyPrefix: string;
  readonly terminator: string;
  readonly headerPrefix: string;
}

export const AWS_SIGNATURE: SignatureNames = {
  algorithm: "AWS4-HMAC-SHA256",
  keyPrefix: "AWS4",
  terminator: "aws4_request",
  headerPrefix: "x-amz-",
};

export const GOOGLE_SIGNATURE: SignatureNames = {
  algorithm: "GOOG4-HMAC-SHA256",
  keyPrefix: "GOOG4",
  terminator: "goog4_request",
  headerPrefix: "x-goog-",
};

export interface SigningScope {
  readonly names: SignatureNames;
  readonly region: string;
  readonly service: string;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
}

/** The request with `host`, date, body hash, session token and `authorization` added; all its headers are signed. */
export function signRequest(
  request: HttpRequest,
  key: SigningKey,
  scope: SigningScope,
): HttpRequest {
  const { names } = scope;
  const time = new Date(scope.nowMs).toISOString().replace(/[-:]|\.\d+/g, "");
  const bodyHash = sha256(request.body ?? new Uint8Array(0));
  const headers: Record<string, string> = {
    ...request.headers,
    host: new URL(request.origin).host,
    [`${names.headerPrefix}content-sha256`]: bodyHash,
    [`${names.headerPrefix}date`]: time,
    ...(key.sessionToken === undefined
      ? {}
      : { [`${names.headerPrefix}security-token`]: key.sessionToken }),
  };
  const sorted = Object.keys(headers).sort();
  const signedHeaders = sorted.join(";");
  const canonical = [
    request.method,
    request.path,
    canonicalQuery(request),
    ...sorted.map((name) => `${name}:${(headers[name] ?? "").trim()}`),
    "",
    signedHeaders,
    bodyHash,
  ].join("\n");
  const day = time.slice(0, 8);
  const credential = `${day}/${scope.region}/${scope.service}/${names.terminator}`;
  const toSign = [names.algorithm, time, credential, sha256(canonical)];
  const secret = `${names.keyPrefix}${key.secretAccessKey}`;
  const signingKey = [
    day,
    scope.region,
    scope.service,
    names.terminator,
  ].reduce<string | Buffer>(hmac, secret);
  const signature = hmac(signingKey, toSign.join("\n")).toString("hex");
  const authorization = `${names.algorithm} Credential=${key.accessKeyId}/${credential},SignedHeaders=${signedHeaders},Signature=${signature}`;
  return { ...request, headers: { ...headers, authorization } };
}

function canonicalQuery({ query }: HttpRequest): string {
  return query
    .map(([name, value]) => `${encodePart(name)}=${encodePart(value)}`)
    .sort()
    .join("&");
}

function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
