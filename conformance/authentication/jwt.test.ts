// Access tokens of an identity provider on both protocols: who they log in, what they may do, and how their sessions end.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FIRST_CERTIFICATE } from "../certificates.ts";
import {
  signToken,
  signingKey,
  startTestIssuer,
  type TestIssuer,
} from "../test-issuer.ts";
import { startSecureGateway, type SecureGateway } from "./secure-gateway.ts";

const KEY = signingKey("k1", "ES256");
const NEXT = signingKey("k2", "EdDSA");
const STATEMENTS = "/api/2.0/sql/statements";
const ENDLESS =
  "select count(*) from generate_series(1, 1000000) a, generate_series(1, 1000000) b where (a + b) % 7 = 3";

let provider: TestIssuer;
let secure: SecureGateway;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "sluice-jwt-"));
  const authority = join(folder, "ca.pem");
  writeFileSync(authority, FIRST_CERTIFICATE.cert);
  provider = await startTestIssuer([KEY]);
  secure = await startSecureGateway(`
issuers:
  ${provider.issuer}:
    audiences: [sluice]
    ca-file: ${authority}
    service-principal-claim: client_id
`);
  for (const user of ["alice", "bob", "carol"])
    await admin(`create user ${user}`);
  const made = await secure.ask(
    "POST",
    "/api/2.0/preview/scim/v2/ServicePrincipals",
    bearer(secure.gateway.adminToken),
    { applicationId: "app-9", displayName: "loader" },
  );
  expect(made.status).toBe(201);
});
afterAll(async () => {
  await secure[Symbol.asyncDispose]();
  await provider[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

function bearer(token: string): Readonly<Record<string, string>> {
  return { authorization: `Bearer ${token}` };
}

function run(token: string, statement: string) {
  return secure.ask("POST", STATEMENTS, bearer(token), { statement });
}

async function admin(statement: string): Promise<void> {
  const answer = await run(secure.gateway.adminToken, statement);
  expect(answer.text).toContain("SUCCEEDED");
}

function token(
  claims: Readonly<Record<string, unknown>>,
  key: typeof KEY = KEY,
): string {
  const now = Math.floor(Date.now() / 1000);
  return signToken(key, {
    claims: {
      iss: provider.issuer,
      aud: "sluice",
      iat: now,
      exp: now + 300,
      ...claims,
    },
  });
}

async function whoIs(user: string, secret: string): Promise<string> {
  const client = await secure.logIn(user, secret);
  const { rows } = await client.query<{ name: string }>(
    "select current_user as name",
  );
  await client.end();
  return rows[0]?.name ?? "";
}

describe("over HTTP", () => {
  test("a bearer token runs statements as its user, or as its application", async () => {
    const alice = await run(token({ sub: "alice" }), "select current_user");
    expect(alice.text).toContain('[["alice"]]');
    const app = token({ sub: "app-9", client_id: "app-9" });
    expect((await run(app, "select current_user")).text).toContain(
      '[["app-9"]]',
    );
  });

  const REFUSED: readonly (readonly [string, object])[] = [
    ["another audience", { sub: "alice", aud: "other" }],
    ["an hour too late", { sub: "alice", exp: 1_700_000_000 }],
    ["nobody we know", { sub: "mallory" }],
    ["a group", { sub: "admins" }],
    ["an application we do not know", { sub: "app-1", client_id: "app-1" }],
    ["a service principal as though a user", { sub: "app-9" }],
    ["a user as though an application", { sub: "alice", client_id: "alice" }],
  ];
  test.each(REFUSED)("%s: the answer of a wrong token", async (_, claims) => {
    const answer = await run(token({ ...claims }), "select 1");
    expect([answer.status, JSON.parse(answer.text)]).toEqual([
      403,
      { error_code: 403, message: "Invalid access token." },
    ]);
  });

  test("counts as bearer only: not as the password of Basic", async () => {
    const basic = Buffer.from(`token:${token({ sub: "alice" })}`);
    const answer = await secure.ask(
      "POST",
      STATEMENTS,
      { authorization: `Basic ${basic.toString("base64")}` },
      { statement: "select 1" },
    );
    expect(answer.status).toBe(401);
  });

  test("its scopes restrict it as those of an access token", async () => {
    const narrow = token({ sub: "alice", scope: "openid sql" });
    expect((await run(narrow, "select 1")).text).toContain("SUCCEEDED");
    const answer = await secure.ask(
      "POST",
      "/api/2.0/token/create",
      bearer(narrow),
      {},
    );
    expect([answer.status, answer.text]).toEqual([
      403,
      expect.stringContaining("scopes"),
    ]);
  });

  test("a new key of the provider counts at once", async () => {
    provider.publish([KEY, NEXT]);
    const answer = await run(token({ sub: "alice" }, NEXT), "select 1");
    expect(answer.text).toContain("SUCCEEDED");
  });
});

describe("over Postgres", () => {
  test("logs in as password of its user, of its application, and of user token", async () => {
    const alice = token({ sub: "alice" });
    expect(await whoIs("alice", alice)).toBe("alice");
    expect(await whoIs("ALICE", alice)).toBe("alice");
    expect(await whoIs("token", alice)).toBe("alice");
    const app = token({ sub: "app-9", client_id: "app-9" });
    expect(await whoIs("app-9", app)).toBe("app-9");
  });

  test("one user's token is no other's password, and no token works without TLS", async () => {
    const alice = token({ sub: "alice" });
    const wrong = { code: "28P01" };
    await expect(secure.logIn("bob", alice)).rejects.toMatchObject(wrong);
    await expect(
      secure.gateway.connect({ user: "alice", password: alice }),
    ).rejects.toMatchObject(wrong);
  });

  test("needs scope sql", async () => {
    const secret = token({ sub: "alice", scope: "scim" });
    await expect(secure.logIn("alice", secret)).rejects.toMatchObject({
      code: "28000",
    });
  });

  test("a session ends when its user is deactivated", async () => {
    const client = await secure.logIn("carol", token({ sub: "carol" }));
    const ended = new Promise((resolve) => client.once("end", resolve));
    const answer = await secure.ask(
      "GET",
      '/api/2.0/preview/scim/v2/Users?filter=userName%20eq%20"carol"',
      bearer(secure.gateway.adminToken),
    );
    const id = /"id":"(\d+)"/.exec(answer.text)?.[1] ?? "";
    await secure.ask(
      "PATCH",
      `/api/2.0/preview/scim/v2/Users/${id}`,
      bearer(secure.gateway.adminToken),
      {
        schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        Operations: [{ op: "replace", path: "active", value: false }],
      },
    );
    await ended;
    expect((await run(token({ sub: "carol" }), "select 1")).status).toBe(403);
  });

  test("a session ends with its token, in the middle of a statement too", async () => {
    const now = Math.floor(Date.now() / 1000);
    // With the minute that clocks may differ, two seconds are left.
    const secret = token({ sub: "bob", iat: now - 100, exp: now - 58 });
    const client = await secure.logIn("bob", secret);
    await expect(client.query(ENDLESS)).rejects.toMatchObject({
      code: "57P01",
    });
  });
});
