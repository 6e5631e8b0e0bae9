// What a refused statement must not have changed: principals, objects and rights as the metastore's file has them, and the files of
// tables and roots. Read beside the gateway, so that no cache of it can hide a change.

import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import Database from "libsql";

export interface StoredState {
  readonly all: string;
  /** Without grants and denies. */
  readonly rest: string;
}

export interface AuditRecord {
  readonly action_name: string;
  readonly user_identity: { readonly email: string | null };
  readonly request_params: Readonly<Record<string, unknown>>;
  readonly response: {
    readonly result: string;
    readonly error_message: string | null;
  };
}

/** Credentials come and go with log-ins; intents are how a commit is made. */
const NOT_STATE = /^(token|scram_.*|commit_intent|setting|sqlite_.*)$/;
const BUILT_IN = new Set(["root", "admins", "users"]);

export class StateReader implements Disposable {
  readonly #db: Database.Database;
  readonly #folders: readonly string[];
  readonly #auditFile: string;

  constructor(dataDir: string, ext: string) {
    this.#db = new Database(join(dataDir, "metastore.sqlite"), {
      timeout: 5000,
    });
    this.#folders = [join(dataDir, "lake"), ext];
    this.#auditFile = join(dataDir, "audit", "audit.jsonl");
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }

  read(): StoredState {
    const tables = this.#strings(
      "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name",
    ).filter((name) => !NOT_STATE.test(name));
    const content = (names: readonly string[]): string =>
      names
        .map((name) => `${name} ${this.#content(name)}`)
        .concat(this.#folders.flatMap((folder) => filesIn(folder)))
        .join("\n");
    return {
      all: content(tables),
      rest: content(tables.filter((name) => name !== "access_record")),
    };
  }

  /** Statements that remove every grant and deny. */
  revocations(): readonly string[] {
    const rows = this.#rows(
      `SELECT DISTINCT securable, o.kind, o.name, s.name, p.name
       FROM access_record r JOIN principal p ON p.id = r.principal_id
       LEFT JOIN object o ON o.id = r.object_id LEFT JOIN object s ON s.id = o.parent_id`,
    );
    return rows.map(([securable, kind, name, parent, principal]) => {
      const inSchema = ["table", "view", "function"].includes(String(kind));
      const on =
        securable === "object"
          ? `${String(kind)} ${inSchema ? `${quoted(parent)}.` : ""}${quoted(name)}`
          : String(securable).replace("-", " ");
      return `REVOKE ALL PRIVILEGES ON ${on} FROM ${quoted(principal)}`;
    });
  }

  /** Statements that remove every principal and every schema a scenario may have made. */
  removals(): readonly string[] {
    const schemas = this.#strings(
      "SELECT name FROM object WHERE kind = 'schema' AND name <> 'public'",
    ).map((name) => `DROP SCHEMA ${quoted(name)} CASCADE`);
    const principals = this.#rows("SELECT kind, name FROM principal")
      .filter(([, name]) => !BUILT_IN.has(String(name)))
      .map(
        ([kind, name]) =>
          `DROP ${kind === "group" ? "GROUP" : "USER"} ${quoted(name)}`,
      );
    return [...this.revocations(), ...schemas, ...principals];
  }

  /** Bytes of the audit so far. */
  auditLength(): number {
    return statSync(this.#auditFile).size;
  }

  auditAfter(length: number): readonly AuditRecord[] {
    return readFileSync(this.#auditFile)
      .subarray(length)
      .toString("utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as AuditRecord);
  }

  #content(table: string): string {
    const rows = this.#rows(`SELECT * FROM "${table}"`);
    return JSON.stringify(rows.map((row) => JSON.stringify(row)).toSorted());
  }

  #rows(sql: string): readonly (readonly unknown[])[] {
    return this.#db
      .prepare(sql)
      .raw()
      .all()
      .map((row): readonly unknown[] => (Array.isArray(row) ? row : [row]));
  }

  #strings(sql: string): readonly string[] {
    return this.#rows(sql).map(([value]) => String(value));
  }
}

function quoted(name: unknown): string {
  return `"${String(name).replaceAll('"', '""')}"`;
}

/** Paths and sizes, in order. */
function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return `${path} ${entry.isFile() ? statSync(path).size : "link"}`;
    })
    .toSorted();
}
