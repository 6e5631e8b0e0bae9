// The log-in conversation: cleartext password inside TLS, SCRAM-SHA-256 in clear or by rule, -PLUS inside TLS (authentication: section 3.2).
// What is a valid credential is the Authenticator's business.

import type { ClientCertificate } from "../../auth/authenticate-certificate.ts";
import type { Identity } from "../../auth/principal.ts";
import {
  SCRAM_SHA_256,
  SCRAM_SHA_256_PLUS,
  type ScramOffer,
} from "../../auth/scram.ts";
import { BodyReader } from "./body-reader.ts";
import {
  certificateMissing,
  emptyPassword,
  expectedPassword,
  unknownSaslMechanism,
} from "./errors.ts";
import type { Inbox } from "./inbox.ts";
import type { Output } from "./output.ts";
import { decodeText } from "./utf8.ts";

export interface Login {
  /** As typed. */
  readonly user: string;
  readonly database: string;
  readonly clientAddress: string;
  readonly encrypted: boolean;
  /** tls-server-end-point of this connection, where there is one: SCRAM-SHA-256-PLUS is offered then. */
  readonly channelBinding: Uint8Array | undefined;
  /** The client's own, if it showed one that an authority of ours issued. */
  readonly certificate: ClientCertificate | undefined;
}

export interface Authenticator {
  /** The secret is a token. Throws 28P01, 28000. */
  readonly password: (login: Login, secret: string) => Promise<Identity>;
  /** A fresh exchange; unknown users get one that fails at its end. */
  readonly scram: (login: Login, offer: ScramOffer) => ScramExchange;
  /** Throws 28000. */
  readonly certificate: (
    login: Login,
    certificate: ClientCertificate,
  ) => Promise<Identity>;
}

export interface ScramExchange {
  /** client-first-message to server-first-message. Throws 08P01, 28P01. */
  readonly clientFirst: (message: string) => string | Promise<string>;
  /** client-final-message. Throws 28P01. */
  readonly clientFinal: (
    message: string,
  ) => ScramSuccess | Promise<ScramSuccess>;
}

export interface ScramSuccess {
  /** server-final-message. */
  readonly message: string;
  readonly identity: Identity;
}

export type AuthenticationMethod = "password" | "scram" | "cert";

/** Undefined when the client leaves in the middle, as psql does to ask for a password. Throws 08P01, 28P01, 28000. */
export async function authenticate(
  method: AuthenticationMethod,
  authenticator: Authenticator,
  login: Login,
  { inbox, output }: { readonly inbox: Inbox; readonly output: Output },
): Promise<Identity | undefined> {
  if (method === "cert") {
    if (login.certificate === undefined) throw certificateMissing();
    return authenticator.certificate(login, login.certificate);
  }
  if (method === "password") {
    output.send({ kind: "AuthenticationCleartextPassword" });
    output.flush();
    const body = await nextResponse(inbox);
    if (body === undefined) return undefined;
    return authenticator.password(login, passwordOf(body));
  }
  const { channelBinding } = login;
  const mechanisms =
    channelBinding === undefined
      ? [SCRAM_SHA_256]
      : [SCRAM_SHA_256_PLUS, SCRAM_SHA_256];
  output.send({ kind: "AuthenticationSASL", mechanisms });
  output.flush();
  const initial = await nextResponse(inbox);
  if (initial === undefined) return undefined;
  const { mechanism, message } = initialResponse(initial);
  if (!mechanisms.some((offered) => offered === mechanism))
    throw unknownSaslMechanism();
  const exchange = authenticator.scram(login, {
    mechanism:
      mechanism === SCRAM_SHA_256_PLUS ? SCRAM_SHA_256_PLUS : SCRAM_SHA_256,
    channelBinding,
  });
  const data = await exchange.clientFirst(message);
  output.send({ kind: "AuthenticationSASLContinue", data });
  output.flush();
  const final = await nextResponse(inbox);
  if (final === undefined) return undefined;
  const success = await exchange.clientFinal(decodeText(final));
  output.send({ kind: "AuthenticationSASLFinal", data: success.message });
  return success.identity;
}

async function nextResponse(inbox: Inbox): Promise<Buffer | undefined> {
  const message = await inbox.next();
  switch (message?.kind) {
    case undefined:
    case "Terminate":
      return undefined;
    case "AuthenticationResponse":
      return message.body;
    case "Malformed":
    case "Broken":
      throw message.error;
    default:
      throw expectedPassword();
  }
}

function passwordOf(body: Buffer): string {
  const reader = new BodyReader(body);
  const password = reader.string();
  reader.end();
  if (password === "") throw emptyPassword();
  return password;
}

interface InitialResponse {
  readonly mechanism: string;
  /** client-first-message. */
  readonly message: string;
}

function initialResponse(body: Buffer): InitialResponse {
  const reader = new BodyReader(body);
  const mechanism = reader.string();
  const length = reader.int32();
  const data = length < 0 ? Buffer.alloc(0) : reader.bytes(length);
  reader.end();
  return { mechanism, message: decodeText(data) };
}
