// Access tokens of configured issuers (authentication section 4): the steps in their order. The key set is chosen by issuer, and nothing
// in a token says where keys come from.

import { readFileSync } from "node:fs";
import { checkClaims, type AcceptedClaims } from "./claims.ts";
import {
  parseCompact,
  refused,
  type CompactToken,
  type JwtRefusal,
} from "./compact.ts";
import { issuerFileInvalid } from "./errors.ts";
import type { Algorithm, IssuerSettings } from "./issuer.ts";
import { IssuerKeys } from "./issuer-keys.ts";
import { parseKeySet } from "./key-set.ts";
import { keySource } from "./key-source.ts";
import { isSignatureValid } from "./signature.ts";

export interface JwtOptions {
  readonly issuers: readonly IssuerSettings[];
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Hears when the keys of an issuer cannot be read. */
  readonly onError: (error: unknown, issuer: string) => void;
}

export interface VerifiedJwt extends AcceptedClaims {
  readonly token: CompactToken;
}

/** Header members that name keys, or rules we do not know. */
const REFUSED_MEMBERS = ["crit", "jku", "jwk", "x5u", "x5c"];
const MAX_KEY_ID_LENGTH = 256;

export class JwtVerifier implements AsyncDisposable {
  readonly #issuers: ReadonlyMap<
    string,
    { readonly settings: IssuerSettings; readonly keys: IssuerKeys }
  >;
  readonly #now: () => number;

  /** Throws F0000 for a file without a key set; issuers on the network are asked when a token comes. */
  constructor({ issuers, now, onError }: JwtOptions) {
    this.#now = now;
    for (const { issuer, keys } of issuers) {
      if (keys.kind === "file") requireKeySet(issuer, keys.path);
    }
    this.#issuers = new Map(
      issuers.map((settings) => {
        const keys = new IssuerKeys({
          source: keySource(settings),
          now,
          onError: (error) => onError(error, settings.issuer),
        });
        return [settings.issuer, { settings, keys }];
      }),
    );
  }

  /** Whether any issuer is configured. */
  get enabled(): boolean {
    return this.#issuers.size > 0;
  }

  async verify(text: string): Promise<VerifiedJwt | JwtRefusal> {
    const token = parseCompact(text);
    if (token.kind === "refused") return token;
    const named = token.payload.get("iss");
    const issuer =
      typeof named === "string" ? this.#issuers.get(named) : undefined;
    if (issuer === undefined) return refused("iss is not a configured issuer");
    const { settings, keys } = issuer;
    const header = readHeader(settings, token);
    if (header.kind === "refused") return header;
    const key = await keys.find(header.keyId, header.algorithm);
    if (key === undefined) return refused("the issuer has no such key");
    if (!isSignatureValid(token, header.algorithm, key))
      return refused("the signature is wrong");
    const claims = checkClaims(settings, token, this.#now());
    return claims.kind === "refused" ? claims : { ...claims, token };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(
      [...this.#issuers.values()].map(({ keys }) =>
        keys[Symbol.asyncDispose](),
      ),
    );
  }
}

interface SignatureHeader {
  readonly kind: "header";
  readonly algorithm: Algorithm;
  /** Opaque: looked up and nothing else. */
  readonly keyId: string | undefined;
}

function readHeader(
  { algorithms }: IssuerSettings,
  { header }: CompactToken,
): SignatureHeader | JwtRefusal {
  const named = header.get("alg");
  const algorithm = algorithms.find((allowed) => allowed === named);
  if (algorithm === undefined)
    return refused("alg is not one the issuer may use");
  const foreign = REFUSED_MEMBERS.find((name) => header.has(name));
  if (foreign !== undefined) return refused(`header has ${foreign}`);
  const keyId = header.get("kid");
  if (keyId === undefined) return { kind: "header", algorithm, keyId };
  return typeof keyId === "string" && keyId.length <= MAX_KEY_ID_LENGTH
    ? { kind: "header", algorithm, keyId }
    : refused("kid is not a short string");
}

function requireKeySet(issuer: string, path: string): void {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw issuerFileInvalid(issuer, path, error);
  }
  if (parseKeySet(text) === undefined) throw issuerFileInvalid(issuer, path);
}
