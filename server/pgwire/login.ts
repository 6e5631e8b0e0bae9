// From an opened stream to a session: start-up packet, authentication, database, settings, and the messages that end with the first
// ReadyForQuery. Every failure here is FATAL and the end of the connection.

import { isLoopback } from "../../auth/ip-address.ts";
import type { ClientCertificate } from "../../auth/authenticate-certificate.ts";
import type { Identity } from "../../auth/principal.ts";
import type { Clock } from "../session/clock.ts";
import type { SessionRegistry } from "../session/registry.ts";
import { joinList } from "../session/setting-list.ts";
import { Session, type SessionOptions } from "../session/session.ts";
import { authenticate } from "./authentication.ts";
import type {
  AuthenticationMethod,
  Authenticator,
  Login,
} from "./authentication.ts";
import { plaintextRefused } from "./errors.ts";
import type { Inbox } from "./inbox.ts";
import type { Output } from "./output.ts";
import type { StartupRequest } from "./startup-parameters.ts";

/** Where a session starts, once it is known who asks. */
export interface Admission {
  readonly catalog: string;
  /** First on the search path, when the database was given as `catalog.schema`. */
  readonly schema?: string;
  readonly isAdmin: boolean;
}

export interface LoginRules {
  /** An existing folder for rows that cursors keep. */
  readonly spoolDir?: string | undefined;
  /** Absent: sessions have no temporary objects. */
  readonly temporaryTables?: SessionOptions["temporaryTables"];
  readonly authenticator: Authenticator;
  /** Asked before anything about a secret. Throws 28000 for an address that may not connect. */
  readonly checkAddress?: ((clientAddress: string) => void) | undefined;
  /**
   * Finds the database among what the identity may see; undefined means the default one. Without it every name is taken as a catalog.
   * Throws 3D000.
   */
  readonly admit?:
    | ((
        identity: Identity,
        database: string | undefined,
      ) => Admission | Promise<Admission>)
    | undefined;
  /** Which method is asked for; `undefined` refuses. The default is `defaultMethod`. Throws 28000 as a rule says. */
  readonly method?:
    ((login: Login) => AuthenticationMethod | undefined) | undefined;
}

export interface LoginParts {
  readonly inbox: Inbox;
  readonly output: Output;
  readonly registry: SessionRegistry;
  readonly clock: Clock;
  readonly encrypted: boolean;
  /** tls-server-end-point of this connection, where there is one. */
  readonly channelBinding: Uint8Array | undefined;
  readonly certificate: ClientCertificate | undefined;
  readonly clientAddress: string;
}

const DEFAULT_DATABASE = "main";

/** Inside TLS the token itself; in clear SCRAM, from this machine only (authentication: section 3.2). */
export function defaultMethod(login: Login): AuthenticationMethod | undefined {
  if (login.encrypted) return "password";
  return isLoopback(login.clientAddress) ? "scram" : undefined;
}

/** Undefined when the client left. Throws 28P01, 28000, 3D000, 42704, 22023, 08P01. */
export async function logIn(
  request: StartupRequest,
  rules: LoginRules,
  parts: LoginParts,
): Promise<Session | undefined> {
  const { inbox, output } = parts;
  const { encrypted, channelBinding, certificate, clientAddress } = parts;
  if (request.negotiate) {
    output.send({
      kind: "NegotiateProtocolVersion",
      newestMinor: request.minor,
      unrecognized: request.unrecognized,
    });
  }
  const login: Login = {
    user: request.user,
    database: request.database ?? DEFAULT_DATABASE,
    clientAddress,
    encrypted,
    channelBinding,
    certificate,
  };
  rules.checkAddress?.(clientAddress);
  const method = (rules.method ?? defaultMethod)(login);
  if (method === undefined) throw plaintextRefused(clientAddress);
  const identity = await authenticate(method, rules.authenticator, login, {
    inbox,
    output,
  });
  if (identity === undefined) return undefined;
  output.send({ kind: "AuthenticationOk" });
  return openSession(identity, request, rules, parts);
}

async function openSession(
  identity: Identity,
  request: StartupRequest,
  rules: LoginRules,
  { registry, clock }: LoginParts,
): Promise<Session> {
  const admission = (await rules.admit?.(identity, request.database)) ?? {
    catalog: request.database ?? DEFAULT_DATABASE,
    isAdmin: false,
  };
  const session = new Session({
    identity,
    pid: registry.nextPid(),
    catalog: admission.catalog,
    isAdmin: admission.isAdmin,
    clock,
    temporaryTables: rules.temporaryTables,
    ...(rules.spoolDir === undefined ? {} : { spool: { dir: rules.spoolDir } }),
  });
  if (admission.schema !== undefined) {
    session.settings.startWith("search_path", joinList([admission.schema]));
  }
  for (const [name, value] of request.settings) {
    session.settings.startWith(name, value);
  }
  return session;
}
