// The numbered checks of the authentication specification (section 11), and the tests that make them: each must still be there under its
// name. What a check says of timing is measured by nobody: a test that fails on a busy machine would be switched off.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");

type Check = readonly [
  number: number,
  says: string,
  tests: Readonly<Record<string, readonly string[]>>,
];

const CHECKS: readonly Check[] = [
  [
    1,
    "a token works by every way to log in",
    {
      "conformance/http/base-rules.test.ts": [
        "a bearer token and Basic with user token are the same",
      ],
      "auth/tokens.test.ts": ["works as the user, in any case, and as `token`"],
      "conformance/authentication/transport.test.ts": [
        "ask the user token for its password",
        "ask for SCRAM inside TLS, with channel binding where the client can",
      ],
      "server/pgwire/opening.test.ts": [
        "in clear from this machine it is SCRAM-SHA-256, which the driver verifies",
      ],
    },
  ],
  [
    2,
    "three tokens by SCRAM, the second revoked",
    {
      "auth/tokens.test.ts": [
        "works with each of three tokens; revoking the second fails only it",
      ],
    },
  ],
  [
    3,
    "server-final is verified by libpq",
    {
      "conformance/clients/psql.test.ts": [
        "logs in by SCRAM and names itself and the server",
      ],
    },
  ],
  [
    4,
    "a token is its owner's alone",
    {
      "auth/tokens.test.ts": [
        "with another user's name is refused in the words of a wrong password",
      ],
    },
  ],
  [
    5,
    "expiry at log-in and during a session",
    {
      "auth/tokens.test.ts": [
        "fails once the token expired, also for a session that is open",
      ],
      "server/pgwire/opening.test.ts": [
        "a session whose credential expires is ended at its next statement",
      ],
    },
  ],
  [
    6,
    "a revoked token's statement ends",
    {
      "conformance/http/tokens.test.ts": [
        "a revoked token's running statement is cancelled",
      ],
      "conformance/access/j-sessions.scenes": [
        "J12 a revoked token ends what it began",
      ],
    },
  ],
  [
    7,
    "unknown users read as wrong tokens",
    {
      "conformance/authentication/secrets.test.ts": [
        "an unknown user, a wrong token and a malformed one are refused in the same words",
      ],
      "auth/tokens.test.ts": [
        "runs the same messages for a user that does not exist, with a salt that stays",
      ],
    },
  ],
  [
    8,
    "forged, confused and stale access tokens",
    {
      "auth/jwt/verifier.test.ts": [
        "alg none",
        "HS256 with the public key as secret",
        "an RSA key of 1024 bits",
        "../../etc/passwd",
        "a claim twice",
        "a cut signature",
      ],
    },
  ],
  [
    9,
    "key rotation, and a flood of key ids",
    {
      "auth/jwt/issuer-keys.test.ts": [
        "once more for a new key, which counts at once",
        "at most once in 30 seconds for a thousand made-up keys",
      ],
    },
  ],
  [
    10,
    "clear bytes behind SSLRequest",
    {
      "server/pgwire/opening.test.ts": [
        "bytes sent in clear behind a TLS request end the connection",
      ],
    },
  ],
  [
    11,
    "no cleartext password without TLS",
    {
      "server/pgwire/opening.test.ts": [
        "in clear from elsewhere it is refused before any secret is sent",
      ],
      "server/config/access-rule-config.test.ts": [
        '["host all all all password"], "inside TLS only: hostssl"',
      ],
    },
  ],
  [
    12,
    "no md5",
    {
      "server/config/access-rule-config.test.ts": ["host all all all md5"],
    },
  ],
  [
    13,
    "a channel binding downgrade",
    {
      "auth/scram.test.ts": [
        "a downgrade: the client could bind and did not see the offer",
      ],
    },
  ],
  [
    14,
    "large and slow start-up packets",
    {
      "server/pgwire/opening.test.ts": [
        "a length of 1 MiB",
        "half a start-up packet and then silence is closed when the time for logging in is over",
      ],
    },
  ],
  [
    15,
    "quota, and tokens nobody uses",
    {
      "auth/tokens.test.ts": [
        "stops at 600 live tokens a principal",
        "unused for 90 days revokes, and is audited",
      ],
    },
  ],
  [
    16,
    "scope sql",
    {
      "conformance/http/tokens.test.ts": [
        "a token of scope sql runs statements and reaches nothing else",
      ],
    },
  ],
  [
    17,
    "a child's scopes",
    {
      "auth/tokens.test.ts": [
        "never gives more scopes than the credential in use has",
      ],
    },
  ],
  [
    18,
    "IP access lists",
    {
      "conformance/http/ip-access-lists.test.ts": [
        "once there is an allow list, only its addresses come in; a block list beats it",
        "nobody locks itself out, and what was refused did not happen",
        "a forged X-Forwarded-For changes nothing",
      ],
      "auth/log-in-limits.test.ts": [
        "a /64 of IPv6 is one address, and so is IPv4 written as IPv6",
      ],
    },
  ],
  [
    19,
    "no token in what is kept",
    {
      "conformance/authentication/secrets.test.ts": [
        "nothing in the data directory holds the token, wherever its owner typed it",
      ],
    },
  ],
  [
    20,
    "no usable secret in a backup, which is a copy of the metastore",
    {
      "auth/tokens.test.ts": [
        "returns the value once and keeps only its hash and sealed keys",
      ],
      "conformance/process/backup.test.ts": [
        "a copy made while the gateway runs brings a damaged metastore back",
      ],
    },
  ],
  [
    21,
    "tokens switched off and on",
    {
      "conformance/http/tokens.test.ts": [
        "disabled tokens neither log in nor are made, until an administrator enables them again",
      ],
    },
  ],
  [
    22,
    "a user switched off",
    {
      "conformance/http/scim.test.ts": [
        "deactivated, their token is refused at once; active again, it works",
      ],
      "conformance/access/j-sessions.scenes": [
        "J9 unless its user is switched off",
      ],
    },
  ],
  [
    23,
    "guessing from one address",
    {
      "conformance/http/ip-access-lists.test.ts": [
        "from one address ends in 429 with Retry-After there, and leaves the user alone everywhere",
      ],
    },
  ],
];

test("every number is here once", () => {
  expect(CHECKS.map(([number]) => number)).toEqual(
    Array.from({ length: 23 }, (_, index) => index + 1),
  );
});

test.each(CHECKS)("check %i: %s", (_number, _says, tests) => {
  const missing = Object.entries(tests).flatMap(([file, names]) => {
    const text = readFileSync(join(ROOT, file), "utf8");
    return names.filter((name) => !text.includes(name));
  });
  expect(missing).toEqual([]);
});
