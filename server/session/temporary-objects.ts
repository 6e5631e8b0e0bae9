// What a session made for itself alone: temporary views, functions and tables. They live in memory, follow its transactions and
// savepoints, and are never in the catalog, so that no other session can come across them. Each change of a temporary table is a commit
// of its log at once, whatever block it stands in; a rollback only remembers an older version, which the next statement restores.

import { randomUUID } from "node:crypto";
import type { TemporarySchema } from "../../planner/bind/environment.ts";
import type { OnCommit } from "../../planner/parse/ast.ts";
import type {
  FunctionEntry,
  Relation,
  TableEntry,
} from "../../storage/catalog/objects.ts";
import {
  objectId,
  version as versionId,
  type ObjectId,
  type Version,
} from "../../storage/common/ids.ts";
import { invariant } from "../../storage/common/invariant.ts";
import type { Transaction } from "./transaction.ts";

/** Never changed; each change of the session's objects makes another. */
export interface TemporaryContents extends TemporarySchema {
  /** Equal keys mean equal contents, in whichever session; empty without objects, so that plans made without any are shared. */
  readonly key: string;
}

/** What is done to the files of a session's temporary tables. */
export interface TemporaryTables {
  /** Where a table's folder goes: absolute, in a folder of this session alone. */
  locationOf(table: ObjectId): string;
  /** A commit that brings an older version back. */
  restore(table: TableEntry, version: Version): Promise<void>;
  /** A commit that removes every row. */
  empty(table: TableEntry): Promise<void>;
  /** Never rejects. */
  removeFolder(location: string): Promise<void>;
  /** Removes what is left of the session's folder. Never rejects. */
  close(): Promise<void>;
}

type TemporaryObject = Relation | FunctionEntry;

interface State {
  readonly contents: TemporaryContents;
  /** Of each table, as the session sees it; below the newest of its log after a rollback. */
  readonly versions: ReadonlyMap<ObjectId, Version>;
}

export class TemporaryObjects {
  /** What stands as the schema of its objects; no schema of the catalog. */
  readonly schemaId: ObjectId = objectId(randomUUID());
  readonly #tables: TemporaryTables;
  #state: State;
  /** Newest version in each table's log. */
  readonly #newest = new Map<ObjectId, Version>();
  readonly #onCommit = new Map<ObjectId, OnCommit>();
  /** The version at which a table of ON COMMIT DELETE ROWS was last emptied. */
  readonly #emptied = new Map<ObjectId, Version>();
  /** Locations of folders that may be there, by table. */
  readonly #folders = new Map<ObjectId, string>();
  #hadTables = false;

  /** `name`: `pg_temp_7`. */
  constructor(name: string, transaction: Transaction, tables: TemporaryTables) {
    this.#tables = tables;
    const contents = { name, key: "", relations: [], functions: [] };
    this.#state = { contents, versions: new Map() };
    transaction.track(() => {
      const mark = this.#state;
      return () => {
        this.#state = mark;
      };
    });
  }

  get contents(): TemporaryContents {
    return this.#state.contents;
  }

  owns(id: ObjectId): boolean {
    return this.#all().some((object) => object.id === id);
  }

  relation(name: string): Relation | undefined {
    return this.contents.relations.find((it) => it.name === name);
  }

  function(name: string): FunctionEntry | undefined {
    return this.contents.functions.find((it) => it.name === name);
  }

  /** Adds it, or puts it in the place of the object with its id. */
  put(object: TemporaryObject): void {
    this.#become([...this.#all().filter(({ id }) => id !== object.id), object]);
  }

  remove(id: ObjectId): void {
    this.#become(this.#all().filter((object) => object.id !== id));
  }

  /** DISCARD TEMP. */
  clear(): void {
    this.#become([]);
  }

  /** Where a new table goes; whatever becomes of it, its folder goes with the transaction unless `add` follows. */
  locationFor(table: ObjectId): string {
    const location = this.#tables.locationOf(table);
    this.#folders.set(table, location);
    this.#hadTables = true;
    return location;
  }

  /** A table whose log has version 0. */
  add(table: TableEntry, onCommit: OnCommit | undefined): void {
    this.put(table);
    if (onCommit !== undefined) this.#onCommit.set(table.id, onCommit);
    this.#advance(table.id, versionId(0));
  }

  /** To be told of every commit: what is not the session's own is passed over. */
  committed(location: string, version: Version): void {
    const table = this.#ownTables().find((it) => it.location === location);
    if (table !== undefined) this.#advance(table.id, version);
  }

  /** False spares a session without any the questions below. */
  get hasTables(): boolean {
    return this.#folders.size > 0;
  }

  /** Whether a table's log has what a rollback took back. */
  get isAhead(): boolean {
    return this.#ownTables().some((table) => this.#isAhead(table));
  }

  /** Before anything looks at a table: its newest version is the one that the session sees. Throws what a commit throws. */
  async settle(): Promise<void> {
    for (const table of this.#ownTables()) {
      if (this.#isAhead(table))
        await this.#tables.restore(table, this.#versionOf(table));
    }
  }

  /** ON COMMIT, before anything else commits: a failure rolls back. */
  async beforeCommit(): Promise<void> {
    for (const table of this.#ownTables()) {
      const { id } = table;
      const action = this.#onCommit.get(id);
      if (action === "drop") this.remove(id);
      if (action !== "delete-rows") continue;
      if (this.#versionOf(table) === this.#emptied.get(id)) continue;
      await this.settle();
      await this.#tables.empty(table);
      this.#emptied.set(id, this.#versionOf(table));
    }
  }

  /** Removes folders of tables that are no more; for the end of a transaction, when nothing reads them. */
  async sweep(): Promise<void> {
    const kept = new Set(this.#ownTables().map(({ id }) => id));
    for (const [id, location] of [...this.#folders]) {
      if (kept.has(id)) continue;
      this.#folders.delete(id);
      this.#newest.delete(id);
      this.#emptied.delete(id);
      this.#onCommit.delete(id);
      await this.#tables.removeFolder(location);
    }
  }

  /** The end of the session. */
  async close(): Promise<void> {
    this.clear();
    await this.sweep();
    if (this.#hadTables) await this.#tables.close();
  }

  #all(): readonly TemporaryObject[] {
    return [...this.contents.relations, ...this.contents.functions];
  }

  #ownTables(): readonly TableEntry[] {
    return this.contents.relations.filter((it) => it.kind === "table");
  }

  #versionOf({ id }: TableEntry): Version {
    const version = this.#state.versions.get(id);
    invariant(version !== undefined, "a temporary table has a version");
    return version;
  }

  #isAhead(table: TableEntry): boolean {
    return this.#versionOf(table) !== this.#newest.get(table.id);
  }

  #advance(id: ObjectId, version: Version): void {
    this.#newest.set(id, version);
    const versions = new Map(this.#state.versions).set(id, version);
    this.#state = { ...this.#state, versions };
  }

  #become(objects: readonly TemporaryObject[]): void {
    const contents: TemporaryContents = {
      name: this.contents.name,
      key: objects.length === 0 ? "" : randomUUID(),
      relations: objects.filter((it) => it.kind !== "function"),
      functions: objects.filter((it) => it.kind === "function"),
    };
    this.#state = { ...this.#state, contents };
  }
}
