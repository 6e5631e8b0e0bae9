import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { issuerSettings } from "./issuer-config.ts";

const URL_OF = "https://login.example.com/";

describe("the section issuers", () => {
  test("needs no more than an audience", () => {
    const [settings] = issuerSettings({ [URL_OF]: { audiences: "sluice" } });
    expect(settings).toMatchObject({
      issuer: URL_OF,
      keys: { kind: "discovery", hosts: [] },
      audiences: ["sluice"],
      algorithms: ["RS256", "PS256", "ES256", "EdDSA"],
      userClaim: "sub",
      idTokens: false,
      sessionGraceMs: 0,
    });
  });

  test("takes every setting", () => {
    const yaml: unknown = parse(`
${URL_OF}:
  audiences: [a, b]
  algorithms: [ES512]
  jwks-uri: https://keys.example.com/k?v=1
  clients: [c]
  required-claims: { tid: t, n: 1, ok: true }
  token-type: at+jwt
  id-tokens: true
  user-claim: email
  service-principal-claim: appid
  service-principal-when: { idtyp: app }
  scope-claim: perms
  scope-prefix: api://x/
  session-grace: 30
`);
    expect(issuerSettings(yaml)).toEqual([
      {
        issuer: URL_OF,
        keys: { kind: "url", url: new URL("https://keys.example.com/k?v=1") },
        caFile: undefined,
        audiences: ["a", "b"],
        algorithms: ["ES512"],
        clients: ["c"],
        requiredClaims: new Map([
          ["tid", "t"],
          ["n", "1"],
          ["ok", "true"],
        ]),
        tokenType: "at+jwt",
        idTokens: true,
        userClaim: "email",
        servicePrincipalClaim: "appid",
        servicePrincipalWhen: new Map([["idtyp", "app"]]),
        scopeClaim: "perms",
        scopePrefix: "api://x/",
        sessionGraceMs: 30_000,
      },
    ]);
  });

  const WRONG: readonly (readonly [object | string, string])[] = [
    ["x", "issuers: keys and values expected"],
    [{ "http://x/": {} }, 'issuers: "http://x/" is not a URL with https'],
    [{ login: {} }, 'issuers: "login" is not a URL with https'],
    [
      { [URL_OF]: {} },
      `issuers: audiences of ${URL_OF} must name at least one audience`,
    ],
    ...(
      [
        [{ algorithms: ["HS256"] }, 'algorithms of X "HS256" is not one of'],
        [{ algorithms: ["none"] }, 'algorithms of X "none" is not one of'],
        [{ algorithms: ["toString"] }, "algorithms of X"],
        [{ "jwks-uri": "http://x/" }, "jwks-uri of X is not a URL with https"],
        [{ "jwks-file": "/no/such" }, 'jwks-file of X "/no/such" could not'],
        [{ "ca-file": "/no/such" }, 'ca-file of X "/no/such" could not'],
        [
          { "jwks-uri": "https://x/", "jwks-file": "/dev/null" },
          "jwks-file of X excludes jwks-uri",
        ],
        [{ clients: [1] }, "clients of X is not a list of texts"],
        [{ "user-claim": 1 }, "user-claim of X is not text"],
        [{ "id-tokens": "yes" }, "id-tokens of X is neither true nor false"],
        [{ "session-grace": -1 }, "session-grace of X is not a number"],
        [{ "required-claims": { a: [1] } }, 'has not one value for "a"'],
        [{ "service-principal-when": { a: 1 } }, "needs service-principal"],
        [{ secret: "hunter2" }, '"secret" of X is not a setting'],
      ] as const
    ).map(
      ([settings, message]) =>
        [
          { [URL_OF]: { audiences: ["a"], ...settings } },
          message.replace("X", URL_OF),
        ] as const,
    ),
  ];
  test.each(WRONG)("%j is refused by its key", (section, message) => {
    expect(() => issuerSettings(section)).toThrow(
      expect.objectContaining({
        code: "F0000",
        message: expect.stringContaining(message) as string,
      }),
    );
  });
});
