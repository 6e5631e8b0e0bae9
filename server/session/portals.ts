// Prepared statements, portals and cursors of one session. A cursor is a portal that SQL named.

import { queryCanceled } from "../../storage/common/errors.ts";
import type { Scalar } from "../../storage/common/scalar.ts";
import {
  duplicateCursor,
  duplicatePreparedStatement,
  undefinedCursor,
  undefinedPreparedStatement,
} from "./errors.ts";
import type { PreparedStatement } from "./engine.ts";
import type { Cursor } from "./cursor.ts";
import type { OutputColumn } from "./result.ts";
import type { RowReader } from "./rows.ts";
import type { Activity } from "./session.ts";

/** What Parse makes of a text without a statement: running it answers EmptyQueryResponse. */
export const EMPTY_STATEMENT: PreparedStatement = {
  parsed: {
    statement: {
      kind: "unsupported",
      construct: "an empty statement is",
      tables: [],
      position: 1,
    },
    text: "",
    offset: 0,
    parameterCount: 0,
  },
  parameterTypes: [],
  columns: undefined,
  plan: undefined,
};

export type PortalState =
  | { readonly kind: "ready" }
  /** Rows are left: `reader` gives them. */
  | {
      readonly kind: "open";
      readonly reader: RowReader;
      readonly columns: readonly OutputColumn[];
      readonly tag: string;
      readonly countInTag: boolean;
    }
  /** All rows were given; running it again gives none. */
  | {
      readonly kind: "drained";
      readonly tag: string;
      readonly countInTag: boolean;
    }
  /** A command that ran: it cannot run again (55000). */
  | { readonly kind: "finished" };

const NOTHING = (): void => undefined;
export const READY: PortalState = { kind: "ready" };
export const FINISHED: PortalState = { kind: "finished" };

type PortalParts = Pick<
  Portal,
  "name" | "createdAtMs" | "prepared" | "parameters" | "formats"
>;

/** What Bind makes. */
export class Portal {
  readonly name: string;
  readonly createdAtMs: number;
  readonly prepared: PreparedStatement;
  readonly parameters: readonly Scalar[];
  /** One per column. */
  readonly formats: readonly ("text" | "binary")[];
  readonly controller: AbortController = new AbortController();
  state: PortalState = READY;
  /** Of its first run, until the end was told. */
  begun: Activity | undefined;
  /** Or changed, by a command that says how many. */
  rowsSent: number | undefined;
  /** Told when it is closed with rows left. */
  onAbandoned: () => void = NOTHING;

  constructor(parts: PortalParts) {
    this.name = parts.name;
    this.createdAtMs = parts.createdAtMs;
    this.prepared = parts.prepared;
    this.parameters = parts.parameters;
    this.formats = parts.formats;
  }

  /** Undefined when nothing was running. */
  close(): Promise<void> | undefined {
    const { state } = this;
    this.state = FINISHED;
    if (state.kind !== "open") return undefined;
    this.controller.abort(queryCanceled());
    this.onAbandoned();
    return state.reader.close();
  }
}

/** Where a prepared statement comes from, for pg_prepared_statements. */
export interface Preparation {
  /** As the client sent it, PREPARE included. */
  readonly text: string;
  readonly atMs: number;
  readonly by: "sql" | "protocol";
}

export interface NamedStatement {
  readonly name: string;
  readonly prepared: PreparedStatement;
  readonly preparation: Preparation;
}

export class PreparedStatements {
  readonly #byName = new Map<string, NamedStatement>();

  /** The unnamed one is replaced. Throws 42P05. */
  add(
    name: string,
    prepared: PreparedStatement,
    preparation: Preparation,
  ): void {
    if (name !== "" && this.#byName.has(name)) {
      throw duplicatePreparedStatement(name);
    }
    this.#byName.set(name, { name, prepared, preparation });
  }

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  /** Throws 26000. */
  get(name: string): PreparedStatement {
    const named = this.#byName.get(name);
    if (named === undefined) throw undefinedPreparedStatement(name);
    return named.prepared;
  }

  /** Close of the protocol: a name that does not exist is no error. */
  remove(name: string): boolean {
    return this.#byName.delete(name);
  }

  removeAll(): void {
    this.#byName.clear();
  }

  /** All that have a name. */
  named(): readonly NamedStatement[] {
    return [...this.#byName.values()].filter(({ name }) => name !== "");
  }
}

export class Portals {
  readonly #portals = new Map<string, Portal>();
  readonly #cursors = new Map<string, Cursor>();

  /** The unnamed portal is replaced and closed; the promise is of that. Throws 42P03. */
  add(portal: Portal): Promise<void> | undefined {
    if (portal.name !== "" && this.has(portal.name)) {
      throw duplicateCursor(portal.name);
    }
    const closing = this.#portals.get(portal.name)?.close();
    if (closing !== undefined)
      return closing.then(() => void this.#portals.set(portal.name, portal));
    this.#portals.set(portal.name, portal);
    return undefined;
  }

  find(name: string): Portal | undefined {
    return this.#portals.get(name);
  }

  has(name: string): boolean {
    return this.#portals.has(name) || this.#cursors.has(name);
  }

  /** What FETCH of this name gives; undefined where there is nothing to fetch from. */
  columnsOf(name: string): readonly OutputColumn[] | undefined {
    const portal = this.#portals.get(name);
    return portal?.prepared.columns ?? this.#cursors.get(name)?.columns;
  }

  all(): {
    readonly portals: readonly Portal[];
    readonly cursors: readonly Cursor[];
  } {
    return {
      portals: [...this.#portals.values()],
      cursors: [...this.#cursors.values()],
    };
  }

  async remove(name: string): Promise<void> {
    const portal = this.#portals.get(name);
    this.#portals.delete(name);
    await portal?.close();
    await this.removeCursor(name);
  }

  /** Throws 42P03. */
  addCursor(cursor: Cursor): void {
    if (this.has(cursor.name)) throw duplicateCursor(cursor.name);
    this.#cursors.set(cursor.name, cursor);
  }

  findCursor(name: string): Cursor | undefined {
    return this.#cursors.get(name);
  }

  /** Throws 34000. */
  cursor(name: string): Cursor {
    const cursor = this.#cursors.get(name);
    if (cursor === undefined) throw undefinedCursor(name);
    return cursor;
  }

  async removeCursor(name: string): Promise<void> {
    const cursor = this.#cursors.get(name);
    this.#cursors.delete(name);
    await cursor?.close();
  }

  /** Whether the end of a transaction must wait for anything here: rows that are still pulled, cursors. */
  get isBusy(): boolean {
    if (this.#cursors.size > 0) return true;
    for (const { state } of this.#portals.values())
      if (state.kind === "open") return true;
    return false;
  }

  /** The end of a transaction when nothing is busy. */
  forget(): void {
    if (this.#portals.size > 0) this.#portals.clear();
  }

  /** Keeps the rows of WITH HOLD cursors before the transaction commits. Throws what their queries throw, 53400, 53100. */
  async hold(): Promise<void> {
    for (const cursor of this.#cursors.values()) {
      if (cursor.hold) await cursor.spool();
    }
  }

  /** The end of a transaction: portals and cursors go, held ones stay. */
  async endTransaction(): Promise<void> {
    for (const portal of this.#portals.values()) await portal.close();
    this.#portals.clear();
    for (const [name, cursor] of [...this.#cursors]) {
      if (!cursor.isHeld) await this.removeCursor(name);
    }
  }

  /** CLOSE ALL. */
  async closeAll(): Promise<void> {
    for (const portal of this.#portals.values()) await portal.close();
    this.#portals.clear();
    for (const name of [...this.#cursors.keys()]) await this.removeCursor(name);
  }
}
