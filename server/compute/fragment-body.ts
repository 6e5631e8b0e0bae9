// The body of a posted fragment (fragment.ts): its JSON behind a u32 length, then each input part behind one.

import { malformedFragment } from "./errors.ts";
import type { ClientData } from "../session/result.ts";
import type { Fragment } from "./fragment.ts";

/** Pieces to be sent in order. */
export function encodeBody(
  fragment: Fragment,
  parts: readonly Uint8Array[],
): readonly Uint8Array[] {
  const json = Buffer.from(JSON.stringify(fragment));
  return [json, ...parts].flatMap((piece) => [lengthOf(piece), piece]);
}

function lengthOf(piece: Uint8Array): Buffer {
  const length = Buffer.allocUnsafe(4);
  length.writeUInt32BE(piece.length);
  return length;
}

export interface FragmentBody {
  readonly fragment: Fragment;
  readonly parts: readonly Uint8Array[];
  /** What the client sends while the fragment runs; given with `Fragment.client`. */
  readonly clientData?: AsyncIterable<ClientData>;
}

/** Throws 08P01. Only the gateway, which holds the secret, gets this far, so the JSON's shape is taken as sent. */
export function decodeBody(body: Buffer): FragmentBody {
  const pieces: Buffer[] = [];
  let at = 0;
  while (at < body.length) {
    if (at + 4 > body.length) throw malformedFragment("a length is cut off");
    const length = body.readUInt32BE(at);
    at += 4;
    if (at + length > body.length) throw malformedFragment("a part is cut off");
    pieces.push(body.subarray(at, at + length));
    at += length;
  }
  const [json, ...parts] = pieces;
  if (json === undefined) throw malformedFragment("it is empty");
  const fragment = parseFragment(json.toString("utf8"));
  const expected = fragment.inputs.reduce((sum, input) => sum + input.parts, 0);
  if (expected !== parts.length) {
    throw malformedFragment(`${parts.length} parts for ${expected}`);
  }
  return { fragment, parts };
}

export function parseFragment(json: string): Fragment {
  const value: unknown = JSON.parse(json);
  if (!isFragment(value)) throw malformedFragment("its JSON has no SQL");
  return value;
}

function isFragment(value: unknown): value is Fragment {
  return (
    typeof value === "object" &&
    value !== null &&
    "sql" in value &&
    typeof value.sql === "string" &&
    "inputs" in value &&
    Array.isArray(value.inputs)
  );
}
