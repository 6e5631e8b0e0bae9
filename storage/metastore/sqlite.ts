// The embedded SQLite connection: one place where values are bound, transactions begin and end, and engine errors become ours.
// libsql aborts the whole process when a boolean is bound, or a lone object that is not an array (bytes, null): so every parameter
// passes `narrow`, and they always go as one array.

import Database from "libsql";
import { SqlError } from "../common/errors.ts";
import { invariant } from "../common/invariant.ts";
import {
  metastoreBusy,
  metastoreDamaged,
  metastoreUnreachable,
  metastoreWriteFailed,
} from "./errors.ts";

/** What may be bound. Booleans are stored as 0 and 1 (`flag`), absent values as null. */
export type SqlValue = string | number | bigint | Uint8Array | null;
/** A result row in column order; row.ts reads its cells. */
export type Row = readonly unknown[];

type Hook = () => void;

/** A statement that changed rows, so that another file can be changed alike. */
export interface Write {
  readonly sql: string;
  readonly values: readonly SqlValue[];
  /** Rows it changed. */
  readonly rowCount: number;
}

/** One connection to one file. Synchronous; a transaction is never held across an await because its body cannot await. */
export class Sqlite implements Disposable {
  readonly file: string;
  readonly #database: Database.Database;
  readonly #statements = new Map<string, Database.Statement>();
  readonly #rollbackListeners: Hook[] = [];
  #afterCommit: Hook[] = [];
  #writes: Write[] | undefined;
  #depth = 0;

  constructor(file: string) {
    this.file = file;
    this.#database = this.#guard(() => new Database(file, { timeout: 5000 }));
  }

  /** Runs one statement that returns no rows; answers how many rows it changed. */
  run(sql: string, ...values: readonly SqlValue[]): number {
    const rowCount = this.#guard(
      () => this.#prepare(sql).run(values.map(narrow)).changes,
    );
    this.#writes?.push({ sql, values, rowCount });
    return rowCount;
  }

  /** All rows of one query. */
  rows(sql: string, ...values: readonly SqlValue[]): readonly Row[] {
    return this.#guard(() => {
      const rows = this.#prepare(sql).raw().all(values.map(narrow));
      return rows.map((row) => {
        invariant(isRow(row), "a raw row is an array");
        return row;
      });
    });
  }

  /** Several statements without parameters, as migrations are written. */
  script(sql: string): void {
    this.#guard(() => this.#database.exec(sql));
  }

  /**
   * Everything `work` writes is kept or nothing is. Nested calls are savepoints of the outermost one. When it throws, rollback
   * listeners run (memory that mirrors the file reloads there) and the error goes on.
   */
  transaction<T>(work: () => T): T {
    const outermost = this.#depth === 0;
    const savepoint = `level_${this.#depth}`;
    const hooksBefore = this.#afterCommit.length;
    const writesBefore = this.#writes?.length;
    this.script(outermost ? "BEGIN IMMEDIATE" : `SAVEPOINT ${savepoint}`);
    this.#depth += 1;
    let result: T;
    try {
      result = work();
      this.script(outermost ? "COMMIT" : `RELEASE ${savepoint}`);
    } catch (error) {
      this.#depth -= 1;
      this.#afterCommit.length = hooksBefore;
      this.#rollBack(outermost, savepoint);
      this.#forgetWrites(writesBefore);
      for (const listener of this.#rollbackListeners) listener();
      throw error;
    }
    this.#depth -= 1;
    if (outermost) this.#runCommitHooks();
    return result;
  }

  /** From now on every change of rows is kept, and left out again when it is rolled back. */
  recordWrites(): void {
    this.#writes ??= [];
  }

  /** Those recorded, in order. */
  get writes(): readonly Write[] {
    return this.#writes ?? [];
  }

  /** Runs `hook` once the outermost transaction is on disk; at once when there is none. Dropped when it rolls back. */
  afterCommit(hook: Hook): void {
    if (this.#depth === 0) hook();
    else this.#afterCommit.push(hook);
  }

  /** `listener` runs after each rollback, also that of a savepoint; reads then show what is left. */
  onRollback(listener: Hook): void {
    this.#rollbackListeners.push(listener);
  }

  [Symbol.dispose](): void {
    this.#statements.clear();
    this.#database.close();
  }

  #rollBack(outermost: boolean, savepoint: string): void {
    if (!outermost) {
      this.script(`ROLLBACK TO ${savepoint}; RELEASE ${savepoint}`);
    } else if (this.#database.inTransaction) {
      // A full disk may have rolled back by itself.
      this.script("ROLLBACK");
    }
  }

  #forgetWrites(before: number | undefined): void {
    if (this.#writes !== undefined && before !== undefined)
      this.#writes.length = before;
  }

  #runCommitHooks(): void {
    const hooks = this.#afterCommit;
    this.#afterCommit = [];
    for (const hook of hooks) hook();
  }

  #prepare(sql: string): Database.Statement {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw translate(this.file, error);
    }
  }
}

function isRow(value: unknown): value is Row {
  return Array.isArray(value);
}

/** 1 for true: booleans must never reach libsql. */
export function flag(value: boolean): number {
  return value ? 1 : 0;
}

function narrow(value: unknown): SqlValue {
  if (value === null || typeof value === "string") return value;
  if (typeof value === "bigint") return value;
  if (typeof value === "number") {
    invariant(Number.isSafeInteger(value), "bound numbers are safe integers");
    return BigInt(value);
  }
  invariant(
    value instanceof Uint8Array,
    `a ${typeof value} cannot be bound to the metastore`,
  );
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

/** SQLite's result codes (https://www.sqlite.org/rescode.html), the extended ones in the low byte. */
const RESULT_CODES: Readonly<Record<number, string>> = {
  5: "SQLITE_BUSY",
  6: "SQLITE_LOCKED",
  8: "SQLITE_READONLY",
  10: "SQLITE_IOERR",
  11: "SQLITE_CORRUPT",
  13: "SQLITE_FULL",
  14: "SQLITE_CANTOPEN",
  26: "SQLITE_NOTADB",
};

/** The name without what extends it. libsql names some extended codes by their number only. */
function resultCode(error: Error): string {
  const code = "code" in error ? String(error.code) : "";
  const number = /^UNKNOWN_SQLITE_ERROR_(\d+)$/.exec(code)?.[1];
  const names = Object.values(RESULT_CODES);
  return number === undefined
    ? (names.find((name) => code.startsWith(name)) ?? code)
    : (RESULT_CODES[Number(number) & 0xff] ?? code);
}

function translate(file: string, error: unknown): unknown {
  if (error instanceof SqlError || !(error instanceof Error)) return error;
  switch (resultCode(error)) {
    case "SQLITE_BUSY":
    case "SQLITE_LOCKED":
      return metastoreBusy(error);
    case "SQLITE_CORRUPT":
    case "SQLITE_NOTADB":
      return metastoreDamaged(file, `${error.message}.`, error);
    case "SQLITE_CANTOPEN":
      return metastoreUnreachable(file, error);
    case "SQLITE_IOERR":
    case "SQLITE_READONLY":
      return metastoreWriteFailed(false, error);
    case "SQLITE_FULL":
      return metastoreWriteFailed(true, error);
    default:
      return error;
  }
}
