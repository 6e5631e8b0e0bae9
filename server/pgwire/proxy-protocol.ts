// The line a balancer sends before the client's own bytes: PROXY protocol, version 1 and 2
// (https://www.haproxy.org/download/1.8/doc/proxy-protocol.txt). Read from trusted addresses only, and required from them.

import { isIP, type Socket } from "node:net";

export type ProxyHeader =
  /** The client's address; undefined for the balancer's own connections (LOCAL, UNKNOWN), such as health checks. */
  | { readonly kind: "header"; readonly client: string | undefined }
  | { readonly kind: "incomplete" }
  | { readonly kind: "malformed" };

interface Decoded {
  readonly header: ProxyHeader;
  /** Of the header, once it is complete. */
  readonly lengthBytes: number;
}

const SIGNATURE = Buffer.from("0d0a0d0a000d0a515549540a", "hex");
const FIRST = Buffer.from("PROXY ", "ascii");
/** Of version 1 with its line end, by the specification. */
const MAX_LINE_BYTES = 107;
/** Of version 2 behind its fixed part: addresses and what balancers add to them. */
const MAX_BODY_BYTES = 4096;
const FIXED_BYTES = 16;

/** Undefined when the stream ends first or begins with something else. What follows the header stays in the socket. */
export async function readProxyHeader(
  socket: Socket,
): Promise<{ readonly client: string | undefined } | undefined> {
  let bytes: Buffer = Buffer.alloc(0);
  return new Promise((resolve) => {
    const finish = (header: ProxyHeader, rest: Buffer): void => {
      socket.pause();
      socket.off("data", receive);
      socket.off("end", end);
      socket.off("close", end);
      if (rest.length > 0) socket.unshift(rest);
      resolve(header.kind === "header" ? header : undefined);
    };
    const receive = (chunk: Buffer): void => {
      bytes = Buffer.concat([bytes, chunk]);
      const { header, lengthBytes } = decodeProxyHeader(bytes);
      if (header.kind !== "incomplete")
        finish(header, bytes.subarray(lengthBytes));
    };
    const end = (): void => finish({ kind: "malformed" }, Buffer.alloc(0));
    socket.on("data", receive);
    socket.on("end", end);
    socket.on("close", end);
  });
}

export function decodeProxyHeader(bytes: Buffer): Decoded {
  if (startsLike(bytes, SIGNATURE)) return decodeSecond(bytes);
  if (startsLike(bytes, FIRST)) return decodeFirst(bytes);
  return MALFORMED;
}

const MALFORMED: Decoded = { header: { kind: "malformed" }, lengthBytes: 0 };
const INCOMPLETE: Decoded = { header: { kind: "incomplete" }, lengthBytes: 0 };

function startsLike(bytes: Buffer, mark: Buffer): boolean {
  const length = Math.min(bytes.length, mark.length);
  return bytes.subarray(0, length).equals(mark.subarray(0, length));
}

/** `PROXY TCP4 198.51.100.1 203.0.113.7 56324 5432`, then CR LF. */
function decodeFirst(bytes: Buffer): Decoded {
  const end = bytes.indexOf("\r\n");
  if (end < 0) return bytes.length >= MAX_LINE_BYTES ? MALFORMED : INCOMPLETE;
  const lengthBytes = end + 2;
  if (lengthBytes > MAX_LINE_BYTES) return MALFORMED;
  const line = bytes.toString("latin1", 0, end);
  if (/^PROXY UNKNOWN( |$)/.test(line)) return complete(undefined, lengthBytes);
  const match =
    /^PROXY TCP([46]) ([0-9a-fA-F.:]+) ([0-9a-fA-F.:]+) (\d{1,5}) (\d{1,5})$/.exec(
      line,
    );
  const [, family, source = "", destination = ""] = match ?? [];
  return isIP(source) === Number(family) && isIP(destination) === Number(family)
    ? complete(source, lengthBytes)
    : MALFORMED;
}

function decodeSecond(bytes: Buffer): Decoded {
  if (bytes.length < FIXED_BYTES) return INCOMPLETE;
  const versionAndCommand = bytes.readUInt8(12);
  const family = bytes.readUInt8(13) >> 4;
  const bodyBytes = bytes.readUInt16BE(14);
  if (versionAndCommand >> 4 !== 2 || bodyBytes > MAX_BODY_BYTES)
    return MALFORMED;
  const lengthBytes = FIXED_BYTES + bodyBytes;
  if (bytes.length < lengthBytes) return INCOMPLETE;
  const command = versionAndCommand & 0x0f;
  if (command === 0) return complete(undefined, lengthBytes);
  if (command !== 1) return MALFORMED;
  const body = bytes.subarray(FIXED_BYTES, lengthBytes);
  switch (family) {
    case 0:
      return complete(undefined, lengthBytes);
    case 1:
      return bodyBytes < 12
        ? MALFORMED
        : complete([...body.subarray(0, 4)].join("."), lengthBytes);
    case 2:
      return bodyBytes < 36
        ? MALFORMED
        : complete(ipv6Text(body.subarray(0, 16)), lengthBytes);
    default:
      return MALFORMED;
  }
}

function ipv6Text(address: Buffer): string {
  return Array.from({ length: 8 }, (_, index) =>
    address.readUInt16BE(index * 2).toString(16),
  ).join(":");
}

function complete(client: string | undefined, lengthBytes: number): Decoded {
  return { header: { kind: "header", client }, lengthBytes };
}
