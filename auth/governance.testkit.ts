// The fixture of access-control section 21 over a real metastore in a temporary folder, and short forms to set rights up and try statements
// as their requirements.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { CatalogObject } from "../storage/catalog/objects.ts";
import { INT8, TEXT } from "../storage/common/data-type.ts";
import { SqlError } from "../storage/common/errors.ts";
import { tokenId, type PrincipalId } from "../storage/common/ids.ts";
import {
  testMetastore,
  type TestMetastore,
} from "../storage/metastore/metastore.testkit.ts";
import type { AuditRecord } from "./audit.ts";
import { securableOf } from "./authorize.ts";
import { bootstrap } from "./bootstrap.ts";
import {
  authorizeStatement,
  openGovernance,
  type Governance,
} from "./governance.ts";
import {
  changeGrants,
  transferOwnership,
  type NamedSecurable,
} from "./grants.ts";
import { addPrincipal, alterGroup, createGroup } from "./principals.ts";
import type { Identity } from "./principal.ts";
import type { Privilege, Requirement, ViewLink } from "./privilege.ts";
import { visibleCatalog, type VisibleCatalog } from "./visible-catalog.ts";

export const ADMIN = "root";

export class World implements Disposable {
  readonly #store: TestMetastore;
  governance: Governance;

  constructor() {
    this.#store = testMetastore();
    this.governance = this.#open();
    bootstrap(this.governance, {
      adminUser: ADMIN,
      mounts: [{ name: "main", location: "/lake" }],
    });
    this.governance.metastore.db.transaction(() => {
      for (const name of ["alice", "bob", "carol", "dave", "erin"]) {
        addPrincipal(this.governance, { name, kind: "user" });
      }
      this.group("analysts", ["bob", "carol"]);
      this.group("emea", [], ["analysts"]);
      this.group("owners", ["alice", "dave"]);
      this.schema("sales", "alice");
      this.schema("hr", "dave");
      this.schema("scratch", ADMIN);
      this.table("sales.orders", "alice");
      this.table("sales.customers", "alice");
      this.table("hr.salaries", "dave");
      this.view("sales.v_orders", "alice");
      this.function("sales.f_mask", "alice");
    });
  }

  [Symbol.dispose](): void {
    this.governance[Symbol.dispose]();
    this.#store[Symbol.dispose]();
  }

  get dataDir(): string {
    return this.#store.dataDir;
  }

  /** What the audit file holds, oldest first. */
  auditRecords(): readonly AuditRecord[] {
    return readAudit(this.dataDir);
  }

  advance(ms: number): void {
    this.#store.clock.nowMs += ms;
  }

  /** As after a restart: everything is read from disk. */
  reopen(): void {
    this.governance[Symbol.dispose]();
    this.#store.reopen();
    this.governance = this.#open();
  }

  // ------------------------------------------------------------ objects

  schema(name: string, owner: string): CatalogObject {
    return this.governance.catalog.createSchema({
      catalog: this.object("main").id,
      name,
      owner: this.id(owner),
    });
  }

  table(path: string, owner: string): CatalogObject {
    const { schema, name } = this.#place(path);
    return this.governance.catalog.createTable({
      schema: schema.id,
      name,
      owner: this.id(owner),
      location: `/lake/_managed/${name}-${Math.random()}`,
      origin: "managed",
    });
  }

  view(path: string, owner: string): CatalogObject {
    const { schema, name } = this.#place(path);
    return this.governance.catalog.createView({
      schema: schema.id,
      name,
      owner: this.id(owner),
      source: "SELECT 1",
      definition: "SELECT 1",
      columns: [{ name: "id", type: INT8 }],
    });
  }

  function(path: string, owner: string): CatalogObject {
    const { schema, name } = this.#place(path);
    return this.governance.catalog.createFunction({
      schema: schema.id,
      name,
      owner: this.id(owner),
      parameters: [{ name: "s", type: TEXT }],
      returns: TEXT,
      source: "s",
      definition: "$1",
    });
  }

  drop(path: string): void {
    this.governance.catalog.drop(this.object(path).id, true);
  }

  /** `main`, `sales` or `sales.orders`. */
  object(path: string): CatalogObject {
    const found = this.find(path);
    if (found === undefined) throw new TypeError(`fixture has no ${path}`);
    return found;
  }

  find(path: string): CatalogObject | undefined {
    return [...this.governance.catalog.index.objects()].find((object) => {
      if (object.kind === "catalog") return object.name === path;
      if (object.kind === "schema") return object.name === path;
      const schema = this.governance.catalog.object(object.schema);
      return `${schema?.name ?? ""}.${object.name}` === path;
    });
  }

  // ------------------------------------------------------------ principals

  id(name: string): PrincipalId {
    const record = this.governance.access.named(name);
    if (record === undefined) throw new TypeError(`fixture has no ${name}`);
    return record.id;
  }

  as(name: string): Identity {
    const principal = this.governance.access.activePrincipal(this.id(name));
    if (principal === undefined) throw new TypeError(`${name} cannot log in`);
    return {
      principal,
      credential: tokenId("test"),
      credentialKind: "token",
      expiresAtMs: undefined,
      scopes: ["all-apis"],
      clientAddress: "127.0.0.1",
    };
  }

  group(
    name: string,
    users: readonly string[],
    groups: readonly string[] = [],
  ): void {
    createGroup(this.governance, this.as(ADMIN), { name }, [
      { verb: "add", type: "user", members: users.map((n) => ({ name: n })) },
      { verb: "add", type: "group", members: groups.map((n) => ({ name: n })) },
    ]);
  }

  leave(group: string, user: string): void {
    alterGroup(this.governance, this.as(ADMIN), { name: group }, [
      { verb: "drop", type: "user", members: [{ name: user }] },
    ]);
  }

  visible(name: string): VisibleCatalog {
    return visibleCatalog(
      this.governance.catalog,
      this.governance.access,
      this.id(name),
    );
  }

  // ------------------------------------------------------------ rights

  on(path: string): NamedSecurable {
    if (path === "ANY FILE") {
      return { securable: { kind: "any-file" }, name: "any file" };
    }
    if (path === "ANONYMOUS FUNCTION") {
      return {
        securable: { kind: "anonymous-function" },
        name: "anonymous function",
      };
    }
    return { securable: securableOf(this.object(path)), name: path };
  }

  /** `change("grant", "SELECT,MODIFY(sales.orders>bob)")`, as root unless said otherwise; answers the notices. */
  change(
    kind: "grant" | "deny" | "revoke",
    spec: string,
    by: string = ADMIN,
  ): readonly string[] {
    const match = /^([A-Za-z_, ]+)\(([^>]+)>([^)]+)\)$/.exec(spec);
    const [, privileges = "", path = "", principal = ""] = match ?? [];
    return changeGrants(this.governance, this.as(by), {
      kind,
      privileges: privileges.split(",").map((name) => ({ name: name.trim() })),
      on: this.on(path),
      principals: [{ name: principal }],
    }).notices;
  }

  /** `U(sales>bob) +SELECT,MODIFY(sales.orders>bob) -SELECT(sales>bob)`: section 21's short forms. */
  setup(text: string): void {
    for (const [, sign, spec = ""] of text.matchAll(
      /([+-]?)([A-Za-z_, ]+\([^)]+\))/g,
    )) {
      const kind = sign === "-" ? "deny" : "grant";
      this.change(kind, spec.trim().replace(/\bU\b/, "USAGE"));
    }
  }

  owner(
    path: string,
    owner: string,
    by: string = ADMIN,
    references: readonly string[] = [],
  ): readonly string[] {
    return transferOwnership(this.governance, this.as(by), {
      on: this.on(path),
      owner: { name: owner },
      references: references.map((name) => this.object(name).id),
    }).notices;
  }

  // ------------------------------------------------------------ statements

  needs(privilege: Privilege, path: string): Requirement {
    return { kind: "privilege", privilege, ...this.on(path) };
  }

  /** A reference of `definer`'s text, below the views of `path` (outermost first, `definer` last). */
  below(
    privilege: Privilege,
    object: string,
    path: readonly string[],
  ): Requirement {
    const chain = path.map((name) => this.object(name).id);
    const definer = chain.at(-1);
    if (definer === undefined) throw new TypeError("a chain has a view");
    const through: ViewLink = {
      definer,
      path: chain,
      outermostName: path[0] ?? "",
    };
    const on = this.on(object);
    return { kind: "privilege", privilege, ...on, through };
  }

  /** What `who` gets for the requirements: `ok`, `NF`, `PD`, or another SQLSTATE. */
  try(who: string, ...requirements: readonly Requirement[]): string {
    return outcomeOf(() => {
      authorizeStatement(this.governance, this.as(who), requirements);
    });
  }

  /** `SELECT * FROM path` of a table. */
  select(who: string, path: string): string {
    return this.try(who, this.needs("SELECT", path));
  }

  insert(who: string, path: string): string {
    return this.try(who, this.needs("MODIFY", path));
  }

  #place(path: string): { schema: CatalogObject; name: string } {
    const [schema = "", name = ""] = path.split(".");
    return { schema: this.object(schema), name };
  }

  #open(): Governance {
    return openGovernance(this.#store.metastore, {
      onAuditError: (error) => {
        throw error;
      },
    });
  }
}

const NOT_FOUND: ReadonlySet<string> = new Set([
  "42P01",
  "3F000",
  "3D000",
  "42883",
]);

export function outcomeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    if (NOT_FOUND.has(error.code)) return "NF";
    return error.code === "42501" ? "PD" : error.code;
  }
  return "ok";
}

/** Every field a client can see of the error. */
export function clientFields(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    const { code, message, detail, hint, position } = error;
    return { code, message, detail, hint, position };
  }
  return undefined;
}

export function readAudit(dataDir: string): readonly AuditRecord[] {
  const text = readFileSync(join(dataDir, "audit/audit.jsonl"), "utf8");
  return text.split("\n").flatMap((line) => {
    try {
      return [JSON.parse(line) as AuditRecord];
    } catch {
      // A torn line.
      return [];
    }
  });
}
