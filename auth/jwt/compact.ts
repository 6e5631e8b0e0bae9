// The compact form of a JSON Web Token (RFC 7515 section 7.1), read as strictly as authentication section 4 step 1 asks: size, three parts,
// canonical base64url, UTF-8, JSON objects without duplicate members.

import { parseMembers, type Members } from "./strict-json.ts";

export interface CompactToken {
  readonly kind: "token";
  /** As it came. */
  readonly text: string;
  readonly header: Members;
  readonly payload: Members;
  /** What the signature is over: the first two parts with their dot. */
  readonly signingInput: string;
  readonly signature: Uint8Array;
}

/** Why a token is not accepted: for the audit, never for the client. */
export interface JwtRefusal {
  readonly kind: "refused";
  readonly reason: string;
}

const MAX_LENGTH = 16 * 1024;
/** A header begins with `{"`, or with `{` and a blank. */
const SHAPE = /^e[w-y][\w-]*\.[\w-]*\.[\w-]*$/;

/** Tells a JSON Web Token from an access token of ours, which has no dots. */
export function hasJwtShape(text: string): boolean {
  return SHAPE.test(text);
}

export function parseCompact(text: string): CompactToken | JwtRefusal {
  if (text.length > MAX_LENGTH) return refused("longer than 16 KiB");
  const [head = "", body = "", tail = "", ...more] = text.split(".");
  const parts = [head, body, tail].map(decodePart);
  const [headerBytes, payloadBytes, signature] = parts;
  if (
    more.length > 0 ||
    headerBytes === undefined ||
    payloadBytes === undefined ||
    signature === undefined
  ) {
    return refused("not three parts of base64url");
  }
  const header = decodeMembers(headerBytes);
  const payload = decodeMembers(payloadBytes);
  if (header === undefined || payload === undefined) {
    return refused("not JSON objects with unique members");
  }
  const signingInput = `${head}.${body}`;
  return { kind: "token", text, header, payload, signingInput, signature };
}

export function refused(reason: string): JwtRefusal {
  return { kind: "refused", reason };
}

/** Undefined for padding, foreign characters, stray bits at the end, or nothing at all. */
function decodePart(part: string): Buffer | undefined {
  const bytes = Buffer.from(part, "base64url");
  return part !== "" && bytes.toString("base64url") === part
    ? bytes
    : undefined;
}

function decodeMembers(bytes: Buffer): Members | undefined {
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    return parseMembers(decoder.decode(bytes));
  } catch {
    return undefined;
  }
}
