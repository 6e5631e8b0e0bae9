// psql with a certificate of its own, where a rule says `cert`.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  startSecureGateway,
  type SecureGateway,
} from "../authentication/secure-gateway.ts";
import type { Certificate } from "../certificates.ts";
import {
  ANN,
  CLIENT_AUTHORITY,
  OF_ANOTHER,
  REVOCATIONS,
  REVOKED,
} from "../client-certificates.ts";
import { requireProgram, start, type Output } from "./program.ts";

let folder: string;
let secure: SecureGateway;

beforeAll(async () => {
  requireProgram("psql", "postgresql-client-15");
  folder = mkdtempSync(join(tmpdir(), "sluice-psql-"));
  const [ca, crl] = [join(folder, "ca.pem"), join(folder, "crl.pem")];
  writeFileSync(ca, CLIENT_AUTHORITY);
  writeFileSync(crl, REVOCATIONS);
  secure = await startSecureGateway(
    "access-rules:\n  - hostssl all admin all password\n  - hostssl all all all cert\n",
    { "tls-client-ca": ca, "tls-client-crl": crl },
  );
  const admin = await secure.logIn("admin", secure.gateway.adminToken);
  await admin.query("CREATE USER ann");
});
afterAll(async () => {
  await secure[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

function psql(shown: Certificate | undefined): Promise<Output> {
  const [cert, key] = [join(folder, "own.pem"), join(folder, "own.key")];
  if (shown !== undefined) {
    writeFileSync(cert, shown.cert);
    writeFileSync(key, shown.key, { mode: 0o600 });
  }
  const own = shown === undefined ? "" : ` sslcert=${cert} sslkey=${key}`;
  const server = `host=127.0.0.1 port=${secure.gateway.pgPort} dbname=main user=ann`;
  const tls = `sslmode=verify-full sslrootcert=${join(secure.folder, "server.pem")}`;
  return start(
    "psql",
    ["-X", "-w", "-At", "-c", "select current_user", `${server} ${tls}${own}`],
    { env: { PGSSLCERT: "/nonexistent", PGSSLKEY: "/nonexistent" } },
  ).ended;
}

test("psql logs in with sslcert, and is refused with PostgreSQL's words without a good one", async () => {
  expect(await psql(ANN)).toMatchObject({ stdout: "ann\n", code: 0 });
  for (const shown of [undefined, REVOKED, OF_ANOTHER]) {
    const { stderr, code } = await psql(shown);
    expect(code).toBe(2);
    expect(stderr).toContain(
      "FATAL:  connection requires a valid client certificate",
    );
  }
});
