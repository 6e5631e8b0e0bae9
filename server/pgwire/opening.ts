// What happens on a new connection before any message has a type: TLS in both ways, GSS refused, cancel requests, the start-up packet
// (manual, "Message Flow"; authentication: section 3.4).

import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import type { SecureContext } from "node:tls";
import { SqlError } from "../../storage/common/errors.ts";
import type { ClientCertificate } from "../../auth/authenticate-certificate.ts";
import { serverEndPoint } from "./channel-binding.ts";
import { clientCertificate } from "./client-certificate.ts";
import { decodeStartup } from "./decode-startup.ts";
import { unexpectedMessage } from "./errors.ts";
import type { StartupPacket } from "./messages.ts";
import { PacketReader } from "./packet-reader.ts";

export type Opening =
  | {
      readonly kind: "startup";
      readonly stream: Duplex;
      readonly encrypted: boolean;
      /** tls-server-end-point of the connection, where one is defined. */
      readonly channelBinding: Buffer | undefined;
      readonly certificate: ClientCertificate | undefined;
      readonly packet: StartupPacket & { readonly kind: "StartupMessage" };
      /** Bytes that came with the packet. */
      readonly rest: Buffer;
    }
  | {
      readonly kind: "cancel";
      readonly stream: Duplex;
      readonly processId: number;
      readonly secretKey: Buffer;
    }
  /** The client left, or broke a rule before it was clear that it speaks this protocol. */
  | { readonly kind: "closed" }
  /** It speaks the protocol and is told what is wrong. */
  | {
      readonly kind: "refused";
      readonly stream: Duplex;
      readonly error: SqlError;
    };

const TLS_HANDSHAKE = 0x16;
const ALPN = "postgresql";

/** What a listener offers for TLS; whether it asks clients for a certificate of their own. */
export interface TlsOffer {
  readonly context: SecureContext;
  readonly asksCertificate: boolean;
}

/** `offer` undefined means that the listener has no certificate. */
export async function open(
  socket: Socket,
  offer: () => TlsOffer | undefined,
): Promise<Opening> {
  const reader = new PacketReader(socket);
  const first = await reader.firstByte();
  const certificate = offer();
  if (first === undefined) return { kind: "closed" };
  if (first === TLS_HANDSHAKE) {
    if (certificate === undefined) return { kind: "closed" };
    socket.unshift(reader.release());
    const secure = await secured(socket, certificate);
    // Without ALPN another protocol's client could be talked into sending us its bytes.
    if (secure?.alpnProtocol !== ALPN) return { kind: "closed" };
    return readPackets(new PacketReader(secure), secure, undefined);
  }
  return readPackets(reader, socket, certificate);
}

/** `certificate` is set where TLS may still be asked for. */
async function readPackets(
  reader: PacketReader,
  stream: Socket | TLSSocket,
  certificate: TlsOffer | undefined,
): Promise<Opening> {
  const asked = new Set<string>();
  for (;;) {
    const packet = await nextPacket(reader);
    if (packet === undefined) return { kind: "closed" };
    if (packet instanceof SqlError) {
      return { kind: "refused", stream, error: packet };
    }
    switch (packet.kind) {
      case "CancelRequest":
        return { ...packet, kind: "cancel", stream };
      case "StartupMessage": {
        const rest = reader.release();
        return { kind: "startup", stream, ...securityOf(stream), packet, rest };
      }
      case "SSLRequest":
      case "GSSENCRequest":
        break;
    }
    if (asked.has(packet.kind)) {
      return {
        kind: "refused",
        stream,
        error: unexpectedMessage(packet.kind),
      };
    }
    asked.add(packet.kind);
    if (packet.kind === "GSSENCRequest" || certificate === undefined) {
      stream.write("N");
      continue;
    }
    // Bytes sent in clear behind the request would be read as if they had come encrypted (CVE-2021-23214).
    if (reader.release().length > 0) return { kind: "closed" };
    stream.write("S");
    const secure = await secured(stream, certificate);
    if (secure === undefined) return { kind: "closed" };
    return readPackets(new PacketReader(secure), secure, undefined);
  }
}

function securityOf(stream: Socket | TLSSocket): {
  readonly encrypted: boolean;
  readonly channelBinding: Buffer | undefined;
  readonly certificate: ClientCertificate | undefined;
} {
  if (!(stream instanceof TLSSocket))
    return {
      encrypted: false,
      channelBinding: undefined,
      certificate: undefined,
    };
  // The server's own certificate on this side of the connection.
  const certificate = stream.getX509Certificate()?.raw;
  return {
    encrypted: true,
    channelBinding: certificate && serverEndPoint(certificate),
    certificate: clientCertificate(stream),
  };
}

/** Undefined at the end of the stream or for bytes that are no packet; an error where the client is to be told. */
async function nextPacket(
  reader: PacketReader,
): Promise<StartupPacket | SqlError | undefined> {
  const packet = await reader.next();
  if (packet === undefined) return undefined;
  try {
    return decodeStartup(packet);
  } catch (error) {
    if (error instanceof SqlError) return error;
    throw error;
  }
}

/** Undefined when the handshake fails. */
async function secured(
  socket: Socket,
  { context, asksCertificate }: TlsOffer,
): Promise<TLSSocket | undefined> {
  const secure = new TLSSocket(socket, {
    isServer: true,
    secureContext: context,
    requestCert: asksCertificate,
    // Who shows none may log in another way: a rule decides.
    rejectUnauthorized: false,
    ALPNProtocols: [ALPN],
  });
  return new Promise((resolve) => {
    const fail = (): void => {
      secure.destroy();
      resolve(undefined);
    };
    secure.once("secure", () => {
      secure.off("error", fail);
      secure.off("close", fail);
      // A later failure shows as the close of the stream.
      secure.on("error", () => undefined);
      resolve(secure);
    });
    secure.once("error", fail);
    secure.once("close", fail);
  });
}
