// Every check of authentication section 4, by tokens an issuer signed with the right key unless said otherwise.

import { describe, expect, test } from "vitest";
import {
  encoded,
  keySetText,
  publicJwk,
  signParts,
  signShared,
  signToken,
  signingKey,
  type SigningKey,
} from "../../conformance/test-issuer.ts";
import type { IssuerSettings } from "./issuer.ts";
import { ISSUER, NOW, fileVerifier } from "./jwt.testkit.ts";

type Claims = Readonly<Record<string, unknown>>;

const RSA = signingKey("rsa-1");
const EC = signingKey("ec-1", "ES256");
const ED = signingKey("ed-1", "EdDSA");
const PSS = signingKey("pss-1", "PS256");
const SMALL = signingKey("small", "RS256", 1024);
const STRANGER = signingKey("rsa-1");
const KEY_SET = keySetText([
  publicJwk(RSA),
  publicJwk(EC),
  publicJwk(ED),
  publicJwk(PSS),
  publicJwk(SMALL),
  publicJwk(signingKey("enc-1"), { use: "enc" }),
]);

function claims(changes: Claims = {}): Claims {
  return {
    iss: ISSUER,
    sub: "alice",
    aud: "sluice",
    iat: NOW - 10,
    exp: NOW + 600,
    ...changes,
  };
}

/** Accepted: who, with which scopes. Refused: the reason. */
async function outcome(
  token: string,
  changes: Partial<IssuerSettings> = {},
): Promise<string> {
  await using file = fileVerifier(KEY_SET, changes);
  const verified = await file.verifier.verify(token);
  expect(file.errors).toEqual([]);
  return verified.kind === "refused"
    ? verified.reason
    : `${verified.principal.kind} ${verified.principal.name}: ${verified.scopes.join(" ")}`;
}

describe("a good token", () => {
  test.each([RSA, PSS, EC, ED])(
    "by $algorithm names its user",
    async (key: SigningKey) => {
      const token = signToken(key, { claims: claims() });
      expect(await outcome(token)).toBe("user alice: all-apis");
    },
  );

  test("ends its sessions with its time, the skew and the grace", async () => {
    await using file = fileVerifier(KEY_SET, { sessionGraceMs: 5_000 });
    const token = signToken(RSA, { claims: claims() });
    expect(await file.verifier.verify(token)).toMatchObject({
      expiresAtMs: (NOW + 600 + 60 + 5) * 1000,
    });
  });
});

const pem = RSA.publicKey.export({ type: "spki", format: "pem" }).toString();
const parts = signToken(RSA, { claims: claims() }).split(".");
const [head = "", body = "", signed = ""] = parts;

describe("a token that is not what it should be is refused", () => {
  const REFUSED: readonly (readonly [string, string, string])[] = [
    ["two parts", `${head}.${body}`, "not three parts of base64url"],
    ["four parts", `${head}.${body}.${signed}.x`, "not three parts"],
    ["no signature", `${head}.${body}.`, "not three parts"],
    ["padding", `${head}=.${body}.${signed}`, "not three parts"],
    ["a blank inside", `${head}.${body} .${signed}`, "not three parts"],
    [
      "other base64 for the same bytes",
      `${head}.${body}.${signed.slice(0, -1)}${signed.endsWith("A") ? "B" : "_"}`,
      "",
    ],
    [
      "17 KiB",
      signToken(RSA, { claims: claims({ pad: "x".repeat(17_000) }) }),
      "longer than 16 KiB",
    ],
    [
      "a claim twice",
      signParts(
        RSA,
        head,
        encoded(`{"iss":"${ISSUER}","sub":"bob","sub":"alice"}`),
      ),
      "unique members",
    ],
    [
      "a claim twice by an escape",
      signParts(RSA, head, encoded(String.raw`{"sub":"bob","s\u0075b":"a"}`)),
      "unique members",
    ],
    [
      "a header member twice",
      signParts(RSA, encoded('{"alg":"none","alg":"RS256"}'), body),
      "unique members",
    ],
    ["an array", signParts(RSA, head, encoded("[1]")), "unique members"],
    [
      "bytes that are not UTF-8",
      signParts(RSA, head, Buffer.of(0x7b, 0xff, 0x7d).toString("base64url")),
      "unique members",
    ],
    [
      "alg none",
      `${encoded('{"alg":"none"}')}.${body}.${signed}`,
      "alg is not one",
    ],
    [
      "alg None",
      signToken(RSA, { header: { alg: "nOnE" }, claims: claims() }),
      "alg is not one",
    ],
    [
      "HS256 with the public key as secret",
      signShared(pem, { header: { kid: "rsa-1" }, claims: claims() }),
      "alg is not one",
    ],
    [
      "no alg",
      signToken(RSA, { header: { alg: undefined }, claims: claims() }),
      "alg is not one",
    ],
    [
      "another algorithm of the same key type",
      signToken(RSA, { header: { alg: "PS256" }, claims: claims() }),
      "no such key",
    ],
    [
      "an algorithm of another key type",
      signToken(EC, { header: { alg: "RS256" }, claims: claims() }),
      "no such key",
    ],
    [
      "an RSA key of 1024 bits",
      signToken(SMALL, { claims: claims() }),
      "no such key",
    ],
    [
      "an encryption key",
      signToken(RSA, { header: { kid: "enc-1" }, claims: claims() }),
      "no such key",
    ],
    [
      "a key of the same name that is another's",
      signToken(STRANGER, { claims: claims() }),
      "the signature is wrong",
    ],
    [
      "a changed claim",
      `${head}.${encoded(JSON.stringify(claims({ sub: "root" })))}.${signed}`,
      "the signature is wrong",
    ],
    [
      "a cut signature",
      `${head}.${body}.${Buffer.from(signed, "base64url").subarray(0, 200).toString("base64url")}`,
      "the signature is wrong",
    ],
    [
      "an ECDSA signature of zeros",
      `${encoded('{"alg":"ES256","kid":"ec-1"}')}.${body}.${Buffer.alloc(64).toString("base64url")}`,
      "the signature is wrong",
    ],
    ...[
      "../../etc/passwd",
      "x' OR '1'='1",
      "https://evil.example/keys",
      "rsa-1\0",
      "RSA-1",
      "",
    ].map(
      (kid) =>
        [
          `kid ${JSON.stringify(kid)}`,
          signToken(RSA, { header: { kid }, claims: claims() }),
          "no such key",
        ] as const,
    ),
    [
      "a kid that is no string",
      signToken(RSA, { header: { kid: 1 }, claims: claims() }),
      "kid is not a short string",
    ],
    [
      "no kid where several keys fit",
      signToken(RSA, { header: { kid: undefined }, claims: claims() }),
      "",
    ],
    ...["jku", "jwk", "x5u", "x5c", "crit"].map(
      (name) =>
        [
          `header ${name}`,
          signToken(RSA, {
            header: { [name]: ["https://evil.example"] },
            claims: claims(),
          }),
          `header has ${name}`,
        ] as const,
    ),
  ];
  test.each(REFUSED)("%s", async (name, token, reason) => {
    const answer = await outcome(token);
    if (reason !== "") expect(answer).toContain(reason);
    // One RSA key with kid RS256 fits alone: a token without kid is fine then.
    if (name.startsWith("no kid")) expect(answer).toBe("user alice: all-apis");
    else expect(answer).not.toContain("alice");
  });
});

describe("claims", () => {
  const CASES: readonly (readonly [
    name: string,
    claims: Claims,
    answer: string,
    settings?: Partial<IssuerSettings>,
  ])[] = [
    ["iss without its slash", { iss: ISSUER.slice(0, -1) }, "iss is not"],
    ["iss in capitals", { iss: ISSUER.toUpperCase() }, "iss is not"],
    ["iss as a list", { iss: [ISSUER] }, "iss is not"],
    ["no exp", { exp: undefined }, "no exp"],
    ["exp 59 s ago", { exp: NOW - 59 }, "user alice"],
    ["exp 60 s ago", { exp: NOW - 60 }, "expired"],
    ["exp 61 s ago", { exp: NOW - 61 }, "expired"],
    ["exp as text", { exp: String(NOW + 60) }, "exp is not a number"],
    ["exp below zero", { exp: -1 }, "exp is not a number"],
    ["nbf in 60 s", { nbf: NOW + 60 }, "user alice"],
    ["nbf in 61 s", { nbf: NOW + 61 }, "not valid yet"],
    ["nbf null", { nbf: null }, "nbf is not a number"],
    ["iat in 61 s", { iat: NOW + 61 }, "issued in the future"],
    ["25 hours of life", { exp: NOW + 25 * 3600 }, "longer than 24 hours"],
    [
      "25 hours of life without iat",
      { iat: undefined, exp: NOW + 25 * 3600 },
      "longer than 24 hours",
    ],
    [
      "an old token of 25 hours",
      { iat: NOW - 24.5 * 3600, exp: NOW + 1800 },
      "longer than 24 hours",
    ],
    ["no aud", { aud: undefined }, "no aud"],
    ["another aud", { aud: "sluice2" }, "aud names another"],
    ["aud with numbers", { aud: ["sluice", 1] }, "no aud"],
    ["one aud in a list", { aud: ["sluice"] }, "user alice"],
    ["two auds", { aud: ["sluice", "x"] }, "several audiences"],
    [
      "two auds for an unknown party",
      { aud: ["sluice", "x"], azp: "app-2" },
      "several audiences",
    ],
    [
      "two auds for a known party",
      { aud: ["sluice", "x"], azp: "app-1" },
      "user alice",
    ],
    ["a nonce", { nonce: "n" }, "an ID token"],
    ["at_hash", { at_hash: "h" }, "an ID token"],
    ["token_use id", { token_use: "id" }, "an ID token"],
    ["typ ID", { typ: "ID" }, "an ID token"],
    ["an ID token allowed", { nonce: "n" }, "user alice", { idTokens: true }],
    [
      "a required claim missing",
      {},
      "claim tid",
      { requiredClaims: new Map([["tid", "t1"]]) },
    ],
    [
      "a required claim of another value",
      { tid: "t2" },
      "claim tid",
      { requiredClaims: new Map([["tid", "t1"]]) },
    ],
    [
      "a required claim",
      { tid: "t1" },
      "user alice",
      { requiredClaims: new Map([["tid", "t1"]]) },
    ],
    ["no sub", { sub: undefined }, "no claim sub"],
    ["sub as a list", { sub: ["alice"] }, "no claim sub"],
    [
      "a verified e-mail address",
      { email: "bob@x.org", email_verified: true },
      "user bob@x.org",
      { userClaim: "email" },
    ],
    [
      "an e-mail address nobody verified",
      { email: "bob@x.org" },
      "email is not verified",
      { userClaim: "email" },
    ],
    [
      "an e-mail address verified in words",
      { email: "bob@x.org", email_verified: "true" },
      "email is not verified",
      { userClaim: "email" },
    ],
    [
      "groups",
      { groups: ["admins"], roles: ["admins"] },
      "user alice: all-apis",
    ],
    [
      "an application itself",
      { sub: "app-9", client_id: "app-9" },
      "service-principal app-9",
    ],
    ["a user by an application", { client_id: "app-9" }, "user alice"],
    [
      "an application where only users log in",
      { sub: "app-9", client_id: "app-9" },
      "user app-9",
      { servicePrincipalClaim: undefined },
    ],
    [
      "an application by its mark",
      { sub: "object-7", appid: "app-9", idtyp: "app" },
      "service-principal app-9",
      {
        servicePrincipalClaim: "appid",
        servicePrincipalWhen: new Map([["idtyp", "app"]]),
      },
    ],
    [
      "a user's token without its claim never makes an application",
      { sub: "s", appid: "app-9", idtyp: "user" },
      "no claim upn",
      {
        userClaim: "upn",
        servicePrincipalClaim: "appid",
        servicePrincipalWhen: new Map([["idtyp", "app"]]),
      },
    ],
    ["scope", { scope: "openid sql scim x" }, "user alice: sql scim"],
    ["scp as a list", { scp: ["sql"] }, "user alice: sql"],
    ["scope of others", { scope: "openid email" }, "no scope of this"],
    ["an empty scope", { scope: "" }, "no scope of this"],
    ["scope as a number", { scope: 1 }, "no scope of this"],
    [
      "scopes behind a prefix",
      { scope: "api://sluice/sql sql-x scim" },
      "user alice: sql",
      { scopePrefix: "api://sluice/" },
    ],
    [
      "scopes in a claim of one's own",
      { scope: "all-apis", perms: "sql" },
      "user alice: sql",
      { scopeClaim: "perms" },
    ],
  ];
  for (const [name, changes, answer, options = {}] of CASES) {
    test(name, async () => {
      const token = signToken(RSA, { claims: claims(changes) });
      expect(await outcome(token, options)).toContain(answer);
    });
  }

  test.each([
    ["JWT", undefined, true],
    ["application/at+jwt", undefined, true],
    ["AT+JWT", "at+jwt", true],
    ["JWT", "at+jwt", false],
    [undefined, "at+jwt", false],
    [undefined, undefined, true],
    ["dpop+jwt", undefined, false],
    ["logout+jwt", undefined, false],
    [7, undefined, false],
  ])(
    "typ %s where the issuer sets %s: %s",
    async (typ, tokenType, accepted) => {
      const token = signToken(RSA, { header: { typ }, claims: claims() });
      expect(await outcome(token, { tokenType })).toBe(
        accepted
          ? "user alice: all-apis"
          : "typ is not that of an access token",
      );
    },
  );
});

test("an algorithm the issuer does not use is refused, though its key is there", async () => {
  const token = signToken(EC, { claims: claims() });
  expect(await outcome(token, { algorithms: ["RS256"] })).toContain(
    "alg is not one",
  );
});

test("a token without kid is refused where two keys fit", async () => {
  const other = signingKey("rsa-2");
  await using file = fileVerifier(
    keySetText([publicJwk(RSA), publicJwk(other)]),
  );
  const token = signToken(RSA, {
    header: { kid: undefined },
    claims: claims(),
  });
  expect(await file.verifier.verify(token)).toMatchObject({
    reason: "the issuer has no such key",
  });
});
