// The fixture of access-control section 21, fresh for each scenario, made by statements of its administrator root.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type pg from "pg";
import { startTestGateway, type TestGateway } from "../harness.ts";
import { StateReader, type StoredState } from "./stored-state.ts";

export const ROOT = "root";
const USERS = ["alice", "bob", "carol", "dave", "erin"];

const OBJECTS: readonly string[] = [
  ...USERS.map((user) => `CREATE USER ${user}`),
  "CREATE GROUP analysts WITH USER bob, carol",
  "CREATE GROUP emea WITH GROUP analysts",
  "CREATE GROUP owners WITH USER alice, dave",
  "CREATE SCHEMA sales",
  "CREATE SCHEMA hr",
  "CREATE SCHEMA scratch",
  "CREATE TABLE sales.orders (id int, region string, amount double, email string) PARTITIONED BY (region)",
  "INSERT INTO sales.orders VALUES (1, 'US', 10, 'ann@x.y'), (2, 'EU', 20, 'bea@x.y')",
  "CREATE TABLE sales.customers (id int, name string)",
  "INSERT INTO sales.customers VALUES (7, 'Ann')",
  "CREATE TABLE hr.salaries (emp string, salary int, ssn string)",
  "INSERT INTO hr.salaries VALUES ('Eve', 900, '123-45-6789')",
  "CREATE VIEW sales.v_orders AS SELECT id, region, amount FROM sales.orders",
  "CREATE FUNCTION sales.f_mask(s STRING) RETURN '***'",
  "ALTER SCHEMA sales OWNER TO alice",
  "ALTER SCHEMA hr OWNER TO dave",
  "ALTER TABLE sales.orders OWNER TO alice",
  "ALTER TABLE sales.customers OWNER TO alice",
  "ALTER TABLE hr.salaries OWNER TO dave",
  "ALTER VIEW sales.v_orders OWNER TO alice",
  "ALTER FUNCTION sales.f_mask OWNER TO alice",
];

/** Files of the external root `ext`. */
const FILES: Readonly<Record<string, string>> = {
  "in/a.csv": "1,US,5,cat@x.y\n",
};

export class Fixture implements AsyncDisposable {
  readonly gateway: TestGateway;
  /** The folder of the file root `ext`. */
  readonly ext: string;
  readonly stored: StateReader;
  /** Application ids of service principals by the names scenarios give them. */
  readonly applications: Map<string, string> = new Map<string, string>();
  readonly #root: pg.Client;
  readonly #tokens = new Map<string, string>();
  #fresh: StoredState | undefined;

  private constructor(gateway: TestGateway, ext: string, root: pg.Client) {
    this.gateway = gateway;
    this.ext = ext;
    this.#root = root;
    this.stored = new StateReader(gateway.dataDir, ext);
  }

  static async start(): Promise<Fixture> {
    const ext = mkdtempSync(join(tmpdir(), "sluice-ext-"));
    const gateway = await startTestGateway({
      fileRoots: { ext },
      flags: { "admin-user": ROOT },
    });
    const root = await gateway.connect({ user: ROOT, raw: true });
    return new Fixture(gateway, ext, root);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stored[Symbol.dispose]();
    await this.gateway[Symbol.asyncDispose]();
    rmSync(this.ext, { recursive: true, force: true });
  }

  /** What the last scenario left is removed. Where it changed no more than rights, only these are. */
  async renew(): Promise<void> {
    const before = this.stored.read();
    if (this.#fresh !== undefined && before.rest === this.#fresh.rest) {
      for (const revoke of this.stored.revocations()) await this.asRoot(revoke);
      if (this.stored.read().all === this.#fresh.all) return;
    }
    for (const drop of this.stored.removals()) await this.asRoot(drop);
    this.#tokens.clear();
    this.applications.clear();
    rmSync(this.ext, { recursive: true, force: true });
    for (const [name, text] of Object.entries(FILES)) {
      mkdirSync(dirname(join(this.ext, name)), { recursive: true });
      writeFileSync(join(this.ext, name), text);
    }
    for (const sql of OBJECTS) await this.asRoot(sql);
    this.#fresh = this.stored.read();
  }

  async asRoot(sql: string): Promise<readonly (readonly unknown[])[]> {
    const { rows } = await this.#root.query<unknown[]>({
      text: sql,
      rowMode: "array",
    });
    return rows;
  }

  async tokenOf(user: string): Promise<string> {
    if (user === ROOT) return this.gateway.adminToken;
    const known = this.#tokens.get(user);
    if (known !== undefined) return known;
    const [row] = await this.asRoot(`CREATE TOKEN FOR USER "${user}"`);
    const token = String(row?.[1]);
    this.#tokens.set(user, token);
    return token;
  }

  forgetToken(user: string): void {
    this.#tokens.delete(user);
  }

  /** The folder of a table. */
  async locationOf(table: string): Promise<string> {
    const { rows } = await this.#root.query<{ location: string }>(
      `DESCRIBE DETAIL ${table}`,
    );
    return (rows[0]?.location ?? "").replace(/^file:(?:\/\/)?/, "");
  }
}
