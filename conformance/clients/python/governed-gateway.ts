// A gateway with TLS and one governed user who is no administrator, for programs in Python: what their checks need to find.

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FIRST_CERTIFICATE, writeCertificate } from "../../certificates.ts";
import { startTestGateway, type TestGateway } from "../../harness.ts";
import { run } from "../program.ts";

const CACHE = join(import.meta.dirname, "../../../.cache");

export interface GovernedGateway extends AsyncDisposable {
  readonly admin: TestGateway;
  /** What a program needs to find it. */
  readonly variables: NodeJS.ProcessEnv;
  /** What the program in this folder printed in that virtual environment; throws what it wrote to stderr when it failed. */
  printed(program: string, environment: string): Promise<string>;
}

/** What `ann` may do: make schemas, and anything in schema `lab` but read `hidden`, and only read `readable`. */
const OBJECTS = [
  "create user ann",
  "create schema lab",
  "create table lab.numbers as select g::int4 as n from generate_series(0, 99999) g",
  "create table lab.items (id int not null primary key, price numeric(12, 2) check (price >= 0), name text)",
  "comment on table lab.items is 'What is sold'",
  "comment on column lab.items.price is 'In euros'",
  "create table lab.orders (id int primary key, item int references lab.items (id), code text unique)",
  "create table lab.kinds (a bool, b int2, c int4, d int8, e float4, f float8, g numeric(38, 10), h text, i varchar(20), j bytea, k date, l timestamp, m timestamptz, n uuid, o jsonb, p int4[])",
  "create table lab.hidden (id int)",
  "create table lab.readable (id int)",
  "create view lab.cheap as select id, name from lab.items where price < 10",
  "grant create on catalog main to ann",
  "grant usage on schema public to ann",
  "grant usage, create, select, modify, read_metadata on schema lab to ann",
  "deny select, read_metadata, modify on table lab.hidden to ann",
  "deny modify on table lab.readable to ann",
];

export async function startGovernedGateway(): Promise<GovernedGateway> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-python-"));
  const { certFile, keyFile } = writeCertificate(folder, FIRST_CERTIFICATE);
  const admin = await startTestGateway({
    flags: { "tls-cert": certFile, "tls-key": keyFile },
  });
  const client = await admin.connect({ raw: true });
  for (const sql of OBJECTS) await client.query(sql);
  const { rows } = await client.query<{ token_value: string }>(
    "create token for user ann",
  );
  const token = rows[0]?.token_value ?? "";
  const variables = {
    SLUICE_PORT: String(admin.pgPort),
    SLUICE_TOKEN: token,
    SLUICE_CERTIFICATE: certFile,
    PYTHONDONTWRITEBYTECODE: "1",
    PYTHONUTF8: "1",
  };
  return {
    admin,
    variables,
    printed: async (program, environment) => {
      const python = join(CACHE, environment, "bin/python");
      if (!existsSync(python))
        throw new Error(
          `${python} is needed: run conformance/clients/install.sh`,
        );
      const { stdout, stderr, code } = await run(
        python,
        [join(import.meta.dirname, program)],
        { env: variables },
      );
      if (code !== 0) throw new Error(`${program} failed: ${stderr}${stdout}`);
      return stdout;
    },
    [Symbol.asyncDispose]: async () => {
      await admin[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
