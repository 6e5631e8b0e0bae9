// Azure's Shared Key authorization of Blob requests
// (https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key, version 2009-09-19 and later).

import { createHmac } from "node:crypto";
import type { HttpRequest } from "../remote/http.ts";

export interface AccountKey {
  readonly account: string;
  /** Base64, as the portal shows it. */
  readonly key: string;
}

/** The standard headers that are signed, in their order; `date` stays empty since `x-ms-date` is sent. */
const SIGNED: readonly string[] = [
  "content-encoding",
  "content-language",
  "content-length",
  "content-md5",
  "content-type",
  "date",
  "if-modified-since",
  "if-match",
  "if-none-match",
  "if-unmodified-since",
  "range",
];

/** The request with its `authorization`; `x-ms-date` and `x-ms-version` must be among its headers. */
export function signWithAccountKey(
  request: HttpRequest,
  { account, key }: AccountKey,
): HttpRequest {
  const signature = createHmac("sha256", Buffer.from(key, "base64"))
    .update(stringToSign(request, account), "utf8")
    .digest("base64");
  return {
    ...request,
    headers: {
      ...request.headers,
      authorization: `SharedKey ${account}:${signature}`,
    },
  };
}

/** Exported for its test against the published example. */
export function stringToSign(request: HttpRequest, account: string): string {
  const { headers, body } = request;
  const length = body === undefined || body.length === 0 ? "" : body.length;
  const standard = SIGNED.map((name) =>
    name === "content-length" ? String(length) : (headers[name] ?? ""),
  );
  const own = Object.keys(headers)
    .filter((name) => name.startsWith("x-ms-"))
    .sort()
    .map((name) => `${name}:${(headers[name] ?? "").trim()}`);
  const query = [...request.query]
    .map(([name, value]) => `${name.toLowerCase()}:${value}`)
    .sort();
  return [
    request.method,
    ...standard,
    ...own,
    `/${account}${request.path}`,
    ...query,
  ].join("\n");
}
