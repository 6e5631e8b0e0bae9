// The transaction of one session, with PostgreSQL's states: idle, one statement, implicit block of a multi-statement query,
// explicit block, failed block. What must happen at its end is registered by others through onCommit and onRollback.

import type { ObjectId, Version } from "../../storage/common/ids.ts";
import {
  needsTransactionBlock,
  refusedInTransactionBlock,
  undefinedSavepoint,
} from "./errors.ts";

/** ReadyForQuery's status byte. */
export type TransactionStatus = "I" | "T" | "E";

type State =
  | "idle"
  /** A statement outside any block: committed when it ends, or at Sync. */
  | "single"
  /** Several statements sent together: committed with the last. */
  | "implicit"
  | "block"
  | "failed";

interface Savepoint {
  readonly name: string;
  readonly commitHooks: number;
  readonly rollbackHooks: number;
  readonly undo: readonly (() => void)[];
}

type EndHook = () => Promise<void> | void;

export class Transaction {
  /** The Delta version each table is read at, from its first touch to the end of the transaction. */
  readonly pins: Map<ObjectId, Version> = new Map<ObjectId, Version>();
  #state: State = "idle";
  #statementCount = 0;
  #queried = false;
  #startedAtMs = 0;
  #statementStartedAtMs = 0;
  #savepoints: Savepoint[] = [];
  #commitHooks: EndHook[] = [];
  #rollbackHooks: EndHook[] = [];
  #endHooks: (() => void)[] = [];
  readonly #marks: (() => () => void)[] = [];
  readonly #now: () => number;

  /** `now` gives milliseconds since 1970. */
  constructor(now: () => number) {
    this.#now = now;
  }

  get status(): TransactionStatus {
    if (this.#state === "block") return "T";
    return this.#state === "failed" ? "E" : "I";
  }

  get failed(): boolean {
    return this.#state === "failed";
  }

  /** Whether a block is open, the implicit one included. */
  get inBlock(): boolean {
    return this.#state !== "idle" && this.#state !== "single";
  }

  get isExplicit(): boolean {
    return this.#state === "block" || this.#state === "failed";
  }

  /** Whether anything but transaction commands ran in it. */
  get queried(): boolean {
    return this.#queried;
  }

  /** `now()`: the same for all statements of the transaction. Milliseconds since 1970. */
  get startedAtMs(): number {
    return this.#state === "idle" ? this.#now() : this.#startedAtMs;
  }

  /** `statement_timestamp()`. Milliseconds since 1970. */
  get statementStartedAtMs(): number {
    return this.#statementStartedAtMs;
  }

  /** Before anything that may touch data; Parse and Bind of the protocol included. */
  enter(): void {
    this.#statementStartedAtMs = this.#now();
    if (this.#state === "idle") this.#open("single");
  }

  /** Before a statement runs. `together` tells that others of the same query string precede or follow. */
  beginStatement(together: boolean): void {
    this.enter();
    this.#statementCount += 1;
    if (together && this.#state === "single") this.#state = "implicit";
  }

  /** Marks the transaction as one that has read or written. */
  noteQuery(): void {
    this.#queried = true;
  }

  /** True when it was opened, false when a block was open already (a warning, 25001). */
  begin(): boolean {
    if (this.#state === "block") return false;
    if (this.#state === "idle") this.#open("block");
    this.#state = "block";
    return true;
  }

  /** Commits when nobody has registered anything for it: else false, and nothing is done. */
  commitAtOnce(): boolean {
    if (this.#commitHooks.length > 0 || this.#state === "failed") return false;
    this.#close();
    return true;
  }

  /** Whether the end of the statement or query string commits. */
  get mustEnd(): boolean {
    return this.#state === "single" || this.#state === "implicit";
  }

  /** True when committed, false when the block had failed and was rolled back. Throws what a commit hook throws, after rolling back. */
  async commit(): Promise<boolean> {
    if (this.#state === "failed") {
      await this.rollback();
      return false;
    }
    await this.#commit();
    return true;
  }

  async rollback(): Promise<void> {
    const hooks = this.#rollbackHooks.toReversed();
    for (const undo of this.#savepoints[0]?.undo ?? []) undo();
    this.#close();
    for (const hook of hooks) await hook();
  }

  /** After an error: a block waits for ROLLBACK, anything else is rolled back at once. */
  async fail(): Promise<void> {
    if (this.#state === "block") this.#state = "failed";
    else if (this.#state === "single" || this.#state === "implicit") {
      await this.rollback();
    }
  }

  /** Runs when the transaction commits, in the order registered, before the client hears of it. A throw rolls back. */
  onCommit(hook: EndHook): void {
    this.#commitHooks.push(hook);
  }

  /** Runs when the transaction, or the savepoint it was registered under, is rolled back; the last registered first. */
  onRollback(hook: EndHook): void {
    this.#rollbackHooks.push(hook);
  }

  /** Runs once the transaction is over, however it ended. */
  onEnd(hook: () => void): void {
    this.#endHooks.push(hook);
  }

  /** State that follows savepoints: `mark` is called at SAVEPOINT and gives what undoes all later changes. Lives as long as the session. */
  track(mark: () => () => void): void {
    this.#marks.push(mark);
  }

  /** Throws 25P01. */
  savepoint(name: string): void {
    this.#requireExplicit("SAVEPOINT");
    this.#savepoints.push(this.#savepoint(name));
  }

  /** Throws 25P01, 3B001. */
  release(name: string): void {
    this.#requireExplicit("RELEASE SAVEPOINT");
    this.#savepoints.length = this.#find(name);
  }

  /** The savepoint stays. Leaves the failed state. Throws 25P01, 3B001. */
  async rollbackTo(name: string): Promise<void> {
    this.#requireExplicit("ROLLBACK TO SAVEPOINT");
    const index = this.#find(name);
    const savepoint = this.#savepoints[index];
    if (savepoint === undefined) throw undefinedSavepoint(name);
    this.#savepoints.length = index;
    this.#commitHooks.length = savepoint.commitHooks;
    const undone = this.#rollbackHooks.splice(savepoint.rollbackHooks);
    for (const undo of savepoint.undo) undo();
    this.#state = "block";
    this.#savepoints.push(this.#savepoint(name));
    for (const hook of undone.toReversed()) await hook();
  }

  /** Throws 25P01 outside a block, for DECLARE CURSOR and the like. */
  requireBlock(command: string): void {
    if (!this.inBlock) throw needsTransactionBlock(command);
  }

  /** Throws 25001 inside a block, or after other statements of the same pipeline. */
  refuseBlock(command: string): void {
    if (this.inBlock || this.#statementCount > 1) {
      throw refusedInTransactionBlock(command);
    }
  }

  #open(state: State): void {
    this.#state = state;
    this.#startedAtMs = this.#statementStartedAtMs || this.#now();
    this.#savepoints = [this.#savepoint("")];
  }

  async #commit(): Promise<void> {
    const hooks = this.#commitHooks;
    try {
      for (const hook of hooks) await hook();
    } catch (cause) {
      await this.rollback();
      throw cause;
    }
    this.#close();
  }

  #close(): void {
    this.#state = "idle";
    this.#statementCount = 0;
    this.#queried = false;
    if (this.#commitHooks.length > 0) this.#commitHooks = [];
    if (this.#rollbackHooks.length > 0) this.#rollbackHooks = [];
    this.#savepoints = [];
    if (this.pins.size > 0) this.pins.clear();
    if (this.#endHooks.length === 0) return;
    for (const hook of this.#endHooks.splice(0)) hook();
  }

  #savepoint(name: string): Savepoint {
    return {
      name,
      commitHooks: this.#commitHooks.length,
      rollbackHooks: this.#rollbackHooks.length,
      undo: this.#marks.map((mark) => mark()),
    };
  }

  #find(name: string): number {
    // The first savepoint is the transaction itself and has no name a statement can give.
    const index = this.#savepoints.findLastIndex((one) => one.name === name);
    if (index <= 0) throw undefinedSavepoint(name);
    return index;
  }

  #requireExplicit(command: string): void {
    if (!this.isExplicit) throw needsTransactionBlock(command);
  }
}
