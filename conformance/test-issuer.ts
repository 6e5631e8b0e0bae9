// A local identity provider: keys of each kind, tokens right and wrong signed with them, and the two documents a provider publishes, by
// HTTPS on a free port. Requests are counted.

import {
  createHmac,
  generateKeyPairSync,
  sign,
  constants,
  type KeyObject,
} from "node:crypto";
import { createServer, type Server } from "node:https";
import type { IncomingMessage, ServerResponse } from "node:http";
import { FIRST_CERTIFICATE } from "./certificates.ts";

export type SigningAlgorithm = "RS256" | "PS256" | "ES256" | "EdDSA";

export interface SigningKey {
  readonly id: string;
  readonly algorithm: SigningAlgorithm;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export interface TokenParts {
  readonly header?: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** `bits` is an RSA key's size. */
export function signingKey(
  id: string,
  algorithm: SigningAlgorithm = "RS256",
  bits = 2048,
): SigningKey {
  const pair =
    algorithm === "ES256"
      ? generateKeyPairSync("ec", { namedCurve: "P-256" })
      : algorithm === "EdDSA"
        ? generateKeyPairSync("ed25519")
        : generateKeyPairSync("rsa", { modulusLength: bits });
  return { id, algorithm, ...pair };
}

/** As a key set publishes it; `members` are added or replaced. */
export function publicJwk(
  key: SigningKey,
  members: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  return {
    ...key.publicKey.export({ format: "jwk" }),
    kid: key.id,
    alg: key.algorithm,
    use: "sig",
    ...members,
  };
}

export function keySetText(
  keys: readonly Readonly<Record<string, unknown>>[],
): string {
  return JSON.stringify({ keys });
}

/** A token signed by `key`, whatever its header says. */
export function signToken(key: SigningKey, token: TokenParts): string {
  const header = {
    alg: key.algorithm,
    kid: key.id,
    typ: "at+jwt",
    ...token.header,
  };
  return signParts(
    key,
    encoded(JSON.stringify(header)),
    encoded(JSON.stringify(token.claims)),
  );
}

export function signParts(
  key: SigningKey,
  header: string,
  payload: string,
): string {
  const input = `${header}.${payload}`;
  return `${input}.${signature(key, Buffer.from(input)).toString("base64url")}`;
}

/** Signed as HS256 with a secret of one's choosing: the public key, as the classic attack does. */
export function signShared(secret: string, token: TokenParts): string {
  const header = { alg: "HS256", typ: "at+jwt", ...token.header };
  const input = `${encoded(JSON.stringify(header))}.${encoded(JSON.stringify(token.claims))}`;
  const mac = createHmac("sha256", secret).update(input).digest("base64url");
  return `${input}.${mac}`;
}

export function encoded(text: string): string {
  return Buffer.from(text).toString("base64url");
}

function signature(key: SigningKey, input: Buffer): Buffer {
  switch (key.algorithm) {
    case "RS256":
      return sign("sha256", input, key.privateKey);
    case "PS256":
      return sign("sha256", input, {
        key: key.privateKey,
        padding: constants.RSA_PKCS1_PSS_PADDING,
        saltLength: 32,
      });
    case "ES256":
      return sign("sha256", input, {
        key: key.privateKey,
        dsaEncoding: "ieee-p1363",
      });
    case "EdDSA":
      return sign(null, input, key.privateKey);
  }
}

/** What it answers, path by path; change it as the test goes on. */
export type Documents = Map<
  string,
  (request: IncomingMessage, response: ServerResponse) => void
>;

export interface TestIssuer extends AsyncDisposable {
  /** Its `iss`: https on localhost with its port. */
  readonly issuer: string;
  readonly documents: Documents;
  /** Requests answered so far. */
  requests(): number;
  /** Publishes exactly these keys. */
  publish(keys: readonly SigningKey[]): void;
}

export const KEY_SET_PATH = "/keys";
export const DISCOVERY_PATH = "/.well-known/openid-configuration";

/** Its certificate is `FIRST_CERTIFICATE`. */
export async function startTestIssuer(
  keys: readonly SigningKey[],
): Promise<TestIssuer> {
  const documents: Documents = new Map();
  let requests = 0;
  const server = createServer(FIRST_CERTIFICATE, (request, response) => {
    requests += 1;
    const answer = documents.get(request.url ?? "");
    if (answer === undefined) response.writeHead(404).end();
    else answer(request, response);
  });
  const issuer = `https://localhost:${await listen(server)}`;
  const publish: TestIssuer["publish"] = (published) => {
    const text = keySetText(published.map((key) => publicJwk(key)));
    documents.set(KEY_SET_PATH, (_request, response) => response.end(text));
  };
  publish(keys);
  documents.set(DISCOVERY_PATH, (_request, response) =>
    response.end(
      JSON.stringify({ issuer, jwks_uri: `${issuer}${KEY_SET_PATH}` }),
    ),
  );
  return {
    issuer,
    documents,
    requests: () => requests,
    publish,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" ? (address?.port ?? 0) : 0);
    });
  });
}
