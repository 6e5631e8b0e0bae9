// An identity provider whose access tokens count here, as it is configured (authentication section 4).

/** What a key must be to sign by an algorithm. Shared secrets and `none` are no algorithms here. */
export const ALGORITHMS = {
  RS256: { type: "RSA" },
  RS384: { type: "RSA" },
  RS512: { type: "RSA" },
  PS256: { type: "RSA" },
  PS384: { type: "RSA" },
  PS512: { type: "RSA" },
  ES256: { type: "EC", curve: "P-256" },
  ES384: { type: "EC", curve: "P-384" },
  ES512: { type: "EC", curve: "P-521" },
  EdDSA: { type: "OKP", curve: "Ed25519" },
} as const;
export type Algorithm = keyof typeof ALGORITHMS;

export const DEFAULT_ALGORITHMS: readonly Algorithm[] = [
  "RS256",
  "PS256",
  "ES256",
  "EdDSA",
];

export type KeyPlace =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "url"; readonly url: URL }
  /** `<issuer>/.well-known/openid-configuration` names the key set. */
  | {
      readonly kind: "discovery";
      /** Hosts the key set may lie on beside the issuer's own. */
      readonly hosts: readonly string[];
    };

export interface IssuerSettings {
  /** The claim `iss`, byte for byte. */
  readonly issuer: string;
  readonly keys: KeyPlace;
  /** PEM file of the authority that signed the provider's TLS certificate; undefined: the public ones. */
  readonly caFile: string | undefined;
  readonly audiences: readonly string[];
  readonly algorithms: readonly Algorithm[];
  /** Authorized parties that may hold a token made for several audiences. */
  readonly clients: readonly string[];
  /** Claims that must have exactly these values. */
  readonly requiredClaims: ReadonlyMap<string, string>;
  /** Header `typ` that access tokens of this issuer bear; undefined: `JWT`, `at+jwt`, or none. */
  readonly tokenType: string | undefined;
  /** ID tokens are made for a client to know its user, not for access; some providers have nothing else. */
  readonly idTokens: boolean;
  /** Names the user; with `email`, the claim `email_verified` must be true. */
  readonly userClaim: string;
  /** Names the application a token without a user belongs to; undefined: only users log in by this issuer. */
  readonly servicePrincipalClaim: string | undefined;
  /** What tells a token without a user; empty: that its `sub` is the application itself (RFC 9068 section 2.2). */
  readonly servicePrincipalWhen: ReadonlyMap<string, string>;
  /** Undefined: `scope`, else `scp`. */
  readonly scopeClaim: string | undefined;
  /** Taken off scopes that begin with it; others mean nothing here. */
  readonly scopePrefix: string;
  /** How long a session may outlive its token. */
  readonly sessionGraceMs: number;
}
