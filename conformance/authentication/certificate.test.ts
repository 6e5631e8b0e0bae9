// Client certificates: the method `cert` of access rules, over real TLS connections (authentication sections 3.2 and 7).

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FIRST_CERTIFICATE, type Certificate } from "../certificates.ts";
import {
  ANN,
  BEA,
  CLIENT_AUTHORITY,
  EXPIRED,
  FOR_SERVERS,
  NOTHING_REVOKED,
  OF_ANOTHER,
  REVOCATIONS,
  REVOKED,
} from "../client-certificates.ts";
import { startTestGateway } from "../harness.ts";
import { startSecureGateway, type SecureGateway } from "./secure-gateway.ts";

const RULES = `
access-rules:
  - hostssl all admin,pat all password
  - hostssl all all       all cert
`;
const MISSING = "connection requires a valid client certificate";

let folder: string;
let secure: SecureGateway;
let admin: pg.Client;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "sluice-clients-"));
  writeFileSync(join(folder, "ca.pem"), CLIENT_AUTHORITY);
  writeFileSync(join(folder, "crl.pem"), REVOCATIONS);
  secure = await startSecureGateway(RULES, {
    "tls-client-ca": join(folder, "ca.pem"),
    "tls-client-crl": join(folder, "crl.pem"),
  });
  admin = await secure.logIn("admin", secure.gateway.adminToken);
  for (const sql of [
    "CREATE USER ann",
    'CREATE USER "bea@example.com"',
    "CREATE USER pat",
    "CREATE GROUP team WITH USER ann",
  ])
    await admin.query(sql);
});
afterAll(async () => {
  await secure[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

function client(
  user: string,
  shown: Certificate | undefined,
  password?: string,
): pg.Client {
  const made = new pg.Client({
    host: "127.0.0.1",
    port: secure.gateway.pgPort,
    database: "main",
    user,
    password,
    ssl: { ca: FIRST_CERTIFICATE.cert, ...shown },
  });
  made.on("error", () => undefined);
  return made;
}

/** Who one is then, or what the refusal says. */
async function outcome(
  user: string,
  shown: Certificate | undefined,
  password?: string,
): Promise<string> {
  const made = client(user, shown, password);
  try {
    await made.connect();
    const { rows } = await made.query<{ name: string }>(
      "select current_user as name",
    );
    return rows[0]?.name ?? "";
  } catch (error) {
    const code: unknown = error instanceof pg.DatabaseError ? error.code : "";
    return `${String(code)} ${error instanceof Error ? error.message : ""}`;
  } finally {
    await made.end().catch(() => undefined);
  }
}

const failed = (user: string): string =>
  `28000 certificate authentication failed for user "${user}"`;

test.each<readonly [string, string, Certificate | undefined, string]>([
  ["logs in whom its common name says, without case", "ann", ANN, "ann"],
  ["or an e-mail address of it", "Bea@Example.com", BEA, "bea@example.com"],
  ["and nobody else", "bea@example.com", ANN, failed("bea@example.com")],
  ["its host names are no users", "ann", BEA, failed("ann")],
  ["a group is no user", "team", ANN, failed("team")],
  ["user token is nobody", "token", ANN, failed("token")],
  ["absent users read as others'", "nobody", ANN, failed("nobody")],
  ["is required", "ann", undefined, `28000 ${MISSING}`],
  ["is in time", "ann", EXPIRED, `28000 ${MISSING}`],
  ["is not revoked", "ann", REVOKED, `28000 ${MISSING}`],
  ["is of an authority of ours", "ann", OF_ANOTHER, `28000 ${MISSING}`],
  ["is for clients", "ann", FOR_SERVERS, `28000 ${MISSING}`],
])("a certificate %s", async (_says, user, shown, expected) => {
  expect(await outcome(user, shown)).toBe(expected);
});

test("other rules ask for what they ask for, whatever certificate is shown", async () => {
  const { rows } = await admin.query<{ token_value: string }>(
    "CREATE TOKEN FOR USER pat",
  );
  const token = String(Object.values(rows[0] ?? {})[1]);
  for (const shown of [undefined, ANN, OF_ANOTHER])
    expect(await outcome("pat", shown, token)).toBe("pat");
  expect(await outcome("ann", undefined, token)).toBe(`28000 ${MISSING}`);
});

test("it is the credential: log-ins are audited by its fingerprint, and a session ends with its user", async () => {
  const session = client("ann", ANN);
  await session.connect();
  const { rows } = await admin.query<{ credential: string; request: string }>(
    "select user_identity->>'credential_id' as credential, request_params->>'user' as request from system.audit where action_name = 'certificateLogin' order by event_time desc limit 1",
  );
  expect(rows[0]?.credential).toMatch(/^[0-9a-f]{64}$/);
  expect(rows[0]?.request).toBe("ann");
  const ended = new Promise<unknown>((resolve) => session.on("error", resolve));
  await admin.query("DROP USER ann");
  expect(await ended).toMatchObject({ code: "57P01" });
  expect(await outcome("ann", ANN)).toBe(failed("ann"));
});

test("a revocation list read anew counts for the next connection, and one that cannot be read changes nothing", async () => {
  await admin.query("CREATE USER ann");
  const read = (list: string): void => {
    writeFileSync(join(folder, "crl.pem"), list);
    secure.gateway.gateway.reloadCertificate();
  };
  read(NOTHING_REVOKED);
  expect(await outcome("ann", REVOKED)).toBe("ann");
  read("");
  expect(await outcome("ann", REVOKED)).toBe("ann");
  read(REVOCATIONS);
  expect(await outcome("ann", REVOKED)).toBe(`28000 ${MISSING}`);
  expect(await outcome("ann", ANN)).toBe("ann");
});

test("a rule cert without authorities is refused at the start", async () => {
  await expect(
    startTestGateway({
      flags: { config: join(secure.folder, "sluice.yaml") },
    }),
  ).rejects.toThrow("access-rules: the method cert needs tls-client-ca");
});
