// libpq's own rules about channel binding and log-in methods, inside TLS with a `scram` rule.

import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  startSecureGateway,
  type SecureGateway,
} from "../authentication/secure-gateway.ts";
import { requireProgram, start, type Output } from "./program.ts";

let secure: SecureGateway;

beforeAll(async () => {
  requireProgram("psql", "postgresql-client-15");
  secure = await startSecureGateway(
    "access-rules:\n  - hostssl all admin 127.0.0.0/8 scram\n  - hostssl all all all password\n",
  );
  await using admin = await own("admin", secure.gateway.adminToken);
  await admin.query("CREATE USER ann");
});
afterAll(() => secure[Symbol.asyncDispose]());

async function own(
  user: string,
  password: string,
): Promise<
  AsyncDisposable & { readonly query: (sql: string) => Promise<unknown> }
> {
  const client = await secure.logIn(user, password);
  return {
    query: (sql) => client.query(sql),
    [Symbol.asyncDispose]: () => client.end(),
  };
}

function psql(parameters: string, password: string): Promise<Output> {
  const { pgPort } = secure.gateway;
  const root = join(secure.folder, "server.pem");
  return start(
    "psql",
    [
      ...["-X", "-At", "-c", "select current_user"],
      `host=127.0.0.1 port=${pgPort} dbname=main sslmode=verify-full sslrootcert=${root} ${parameters}`,
    ],
    { env: { PGPASSWORD: password } },
  ).ended;
}

test("channel_binding=require logs in where the rule says scram", async () => {
  const { adminToken } = secure.gateway;
  expect(
    await psql("user=admin channel_binding=require", adminToken),
  ).toMatchObject({ stdout: "admin\n", stderr: "", code: 0 });
});

test("a wrong token is refused with PostgreSQL's message, binding or not", async () => {
  for (const binding of ["require", "disable"]) {
    const { stderr, code } = await psql(
      `user=admin channel_binding=${binding}`,
      `${secure.gateway.adminToken}x`,
    );
    expect(code).toBe(2);
    expect(stderr).toContain(
      'FATAL:  password authentication failed for user "admin"',
    );
  }
});

test("libpq itself refuses a password in clear where it is told to bind", async () => {
  const { stderr, code } = await psql(
    "user=ann channel_binding=require",
    secure.gateway.adminToken,
  );
  expect(code).toBe(2);
  expect(stderr).toMatch(/channel binding (?:is )?required/u);
});
