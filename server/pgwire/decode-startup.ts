// The packets before the log-in ("Message Flow, Start-up"): length, code, body; no type byte.

import { BodyReader } from "./body-reader.ts";
import { invalidStartupLayout, invalidStartupLength } from "./errors.ts";
import type { StartupPacket } from "./messages.ts";

/** As PostgreSQL: more is nobody's honest start. */
export const MAX_STARTUP_BYTES = 10_000;

const CANCEL_CODE = 80_877_102;
const SSL_CODE = 80_877_103;
const GSSENC_CODE = 80_877_104;

/** Length of the packet that `bytes` begin with; undefined when the length word is not there yet. Throws 08P01. */
export function startupLength(bytes: Buffer): number | undefined {
  if (bytes.length < 4) return undefined;
  const length = bytes.readInt32BE(0);
  if (length < 8 || length > MAX_STARTUP_BYTES) throw invalidStartupLength();
  return length;
}

/** `packet` is whole. Throws 08P01, 22021. */
export function decodeStartup(packet: Buffer): StartupPacket {
  const code = packet.readInt32BE(4);
  const body = new BodyReader(packet.subarray(8));
  switch (code) {
    case SSL_CODE:
      body.end();
      return { kind: "SSLRequest" };
    case GSSENC_CODE:
      body.end();
      return { kind: "GSSENCRequest" };
    case CANCEL_CODE: {
      const processId = body.int32();
      const secretKey = body.rest();
      if (secretKey.length < 4 || secretKey.length > 256) {
        throw invalidStartupLength();
      }
      return { kind: "CancelRequest", processId, secretKey };
    }
    default:
      return {
        kind: "StartupMessage",
        major: code >>> 16,
        minor: code & 0xffff,
        // Versions we do not speak have bodies we cannot read.
        parameters: code >>> 16 === 3 ? parametersOf(body) : new Map(),
      };
  }
}

function parametersOf(body: BodyReader): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  while (!body.atEnd) {
    const name = body.string();
    if (name === "") {
      body.end();
      return parameters;
    }
    parameters.set(name, body.string());
  }
  throw invalidStartupLayout();
}
