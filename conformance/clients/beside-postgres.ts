// One probe program run on PostgreSQL 15 and on a gateway, as the same user without administrator's rights: a client cannot tell the
// two apart. A probe prints one line a fact, `name=value`; what differs on purpose is listed with its reason.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { FIRST_CERTIFICATE, writeCertificate } from "../certificates.ts";
import { startTestGateway, type TestGateway } from "../harness.ts";
import { startPostgres, type OracleServer } from "../oracle/postgres.ts";
import { run } from "./program.ts";

/** What a probe is told: libpq's variables. On the gateway's side TLS is required and its certificate given. */
export type ProbeEnvironment = Readonly<Record<string, string>>;

export interface Probe {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: ProbeEnvironment;
}

/** A fact that is not PostgreSQL's: what Sluice says instead, and why. It fails once both say the same. */
export interface Difference {
  readonly ours: string;
  readonly because: string;
}

export interface BothServers extends AsyncDisposable {
  readonly sluice: TestGateway;
  readonly postgres: OracleServer;
  readonly ours: ProbeEnvironment;
  readonly theirs: ProbeEnvironment;
}

/** A server of each kind with a database `main` and a user `ann`, who may only create in schema `public`. */
export async function startBothServers(): Promise<BothServers> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-clients-"));
  const { certFile, keyFile } = writeCertificate(folder, FIRST_CERTIFICATE);
  const [sluice, postgres] = await Promise.all([
    startTestGateway({ flags: { "tls-cert": certFile, "tls-key": keyFile } }),
    startPostgres(),
  ]);
  const host = { PGHOST: "127.0.0.1", PGDATABASE: "main", PGUSER: "ann" };
  return {
    sluice,
    postgres,
    ours: {
      ...host,
      PGPORT: String(sluice.pgPort),
      PGPASSWORD: await annOnSluice(sluice),
      PGSSLMODE: "verify-full",
      PGSSLROOTCERT: certFile,
    },
    theirs: {
      ...host,
      PGPORT: String(await annOnPostgres(postgres)),
      PGPASSWORD: "unused",
      PGSSLMODE: "disable",
    },
    [Symbol.asyncDispose]: async () => {
      await sluice[Symbol.asyncDispose]();
      await postgres[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Returns her token. */
async function annOnSluice(sluice: TestGateway): Promise<string> {
  const admin = await sluice.connect({ raw: true });
  await admin.query(
    "create user ann; grant usage on catalog main to ann; grant usage, create on schema public to ann",
  );
  const made = await admin.query<Record<string, string>>(
    "create token for user ann",
  );
  await admin.end();
  return made.rows[0]?.["token_value"] ?? "";
}

/** Returns the port. */
async function annOnPostgres(postgres: OracleServer): Promise<number> {
  const admin = await postgres.connect();
  await admin.query("create role ann login");
  await admin.query("create database main");
  await admin.end();
  const inMain = await postgres.connect(true, "main");
  await inMain.query("grant create on schema public to ann");
  await inMain.end();
  return postgres.port;
}

/** The facts of both sides are the same, but for the differences listed. */
export async function expectTheSame(
  { ours, theirs }: BothServers,
  { command, args, env = {} }: Probe,
  differences: Readonly<Record<string, Difference>> = {},
): Promise<void> {
  const facts = async (server: ProbeEnvironment): Promise<readonly Fact[]> => {
    const { stdout, stderr, code } = await run(command, args, {
      env: { ...env, ...server, LC_ALL: "C.UTF-8", TZ: "UTC" },
    });
    expect(code, `${stdout}${stderr}`).toBe(0);
    return stdout.trimEnd().split("\n").map(factOf);
  };
  const reference = await facts(theirs);
  expect(reference.length).toBeGreaterThan(3);
  const expected = reference.map(([name, value]): Fact => {
    const difference = differences[name];
    expect(difference?.ours, `${name} differs no longer`).not.toBe(value);
    return [name, difference?.ours ?? value];
  });
  for (const name of Object.keys(differences))
    expect(reference.map(([fact]) => fact)).toContain(name);
  expect(await facts(ours)).toEqual(expected);
}

type Fact = readonly [name: string, value: string];

function factOf(line: string): Fact {
  const end = line.indexOf("=");
  return [line.slice(0, end), line.slice(end + 1)];
}
