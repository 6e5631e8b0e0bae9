// What an external link says and how it is signed (http-api section 4.8): one chunk of one statement, for one of those it was given to,
// until an instant. It is all the right that is needed to read the chunk, so it stands in no log.

import { isSigned, sign, type Key } from "../../../storage/metastore/keys.ts";

export interface Link {
  readonly statementId: string;
  readonly chunk: number;
  /** Number of the reader it was given to (readers.ts). */
  readonly reader: number;
  /** Milliseconds since 1970. */
  readonly expiresAtMs: number;
}

/** Path and query of a link to rows of the principal's statement. */
export function linkPath(key: Key, link: Link, principal: string): string {
  const query = new URLSearchParams({
    reader: String(link.reader),
    expires: String(link.expiresAtMs),
    signature: sign(key, signedText(link, principal)),
  });
  return `/api/2.0/sql/statements/${link.statementId}/result/external/${link.chunk}?${query.toString()}`;
}

export function isGenuine(
  key: Key,
  link: Link,
  principal: string,
  signature: string,
): boolean {
  return isSigned(key, signedText(link, principal), signature);
}

/** Of what a request's path and query hold; undefined where they are no link at all. */
export function readLink(
  path: { readonly id: string; readonly chunk: string },
  query: Readonly<Record<string, unknown>>,
): { readonly link: Link; readonly signature: string } | undefined {
  const chunk = wholeNumber(path.chunk);
  const reader = wholeNumber(query["reader"]);
  const expiresAtMs = wholeNumber(query["expires"]);
  const signature = query["signature"];
  if (chunk === undefined || reader === undefined) return undefined;
  if (expiresAtMs === undefined || typeof signature !== "string")
    return undefined;
  const link = { statementId: path.id, chunk, reader, expiresAtMs };
  return { link, signature };
}

function wholeNumber(text: unknown): number | undefined {
  return typeof text === "string" && /^(?:0|[1-9]\d{0,14})$/.test(text)
    ? Number(text)
    : undefined;
}

/** The first word keeps it apart from whatever else the key may sign one day. */
function signedText(link: Link, principal: string): string {
  const { statementId, chunk, reader, expiresAtMs } = link;
  return JSON.stringify([
    "external link",
    statementId,
    chunk,
    reader,
    expiresAtMs,
    principal,
  ]);
}
