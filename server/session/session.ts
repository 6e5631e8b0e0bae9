// One connection's state: who it is, its settings, its transaction, what it prepared. Both protocols and the query engine work on it.

import { tmpdir } from "node:os";
import { queryCanceled } from "../../storage/common/errors.ts";
import type { SqlError } from "../../storage/common/errors.ts";
import type { Identity } from "../../auth/principal.ts";
import { systemClock } from "./clock.ts";
import type { Clock } from "./clock.ts";
import { isSent } from "./notice.ts";
import type { Notice, NoticeSeverity } from "./notice.ts";
import { Portals, PreparedStatements } from "./portals.ts";
import { Settings } from "./settings.ts";
import type { SpoolOptions } from "./spool.ts";
import { TemporaryObjects, type TemporaryTables } from "./temporary-objects.ts";
import { Transaction } from "./transaction.ts";

export interface SessionOptions {
  readonly identity: Identity;
  /** What `pg_backend_pid()` answers; unique in this gateway. */
  readonly pid: number;
  /** The catalog connected to. */
  readonly catalog: string;
  readonly isAdmin?: boolean;
  readonly clock?: Clock;
  /** For each SCROLL and WITH HOLD cursor; by default the system's folder for temporary files takes what memory does not. */
  readonly spool?: Partial<SpoolOptions>;
  /** Absent: it can have no temporary objects, as where it ends with its first statement. */
  readonly temporaryTables?:
    ((session: Session) => TemporaryTables) | undefined;
}

/** What a statement is doing, for pg_stat_activity and SHOW QUERIES. */
export interface Activity {
  /** Of the statement: what CANCEL QUERY takes. Empty before the first. */
  readonly id: string;
  readonly state: "active" | "idle";
  readonly sql: string;
  readonly startedAtMs: number;
  /** When `state` last changed. */
  readonly changedAtMs: number;
  /** How far it is; only long commands say. */
  readonly progress: string | undefined;
}

/** How a statement ended: rows given or changed, where there were any, or what it threw. */
export interface Outcome {
  readonly rowCount?: number | undefined;
  readonly error?: unknown;
}

/** Hears of each statement that has ended. It must not throw. */
export type StatementListener = (
  session: Session,
  statement: Activity,
  outcome: Outcome,
) => void;

const MIB = 1024 * 1024;
const DEFAULT_SPOOL: SpoolOptions = {
  dir: tmpdir(),
  memoryBytes: 8 * MIB,
  limitBytes: 10 * 1024 * MIB,
};

export class Session {
  readonly identity: Identity;
  readonly pid: number;
  readonly clock: Clock;
  readonly startedAtMs: number;
  readonly spool: SpoolOptions;
  readonly settings: Settings;
  readonly transaction: Transaction;
  readonly statements: PreparedStatements = new PreparedStatements();
  readonly portals: Portals = new Portals();
  /** LISTEN. */
  readonly channels: Set<string> = new Set<string>();
  /** The database the session started on; `USE CATALOG` changes it. */
  currentCatalog: string;
  readonly temporary: TemporaryObjects | undefined;
  #notices: Notice[] = [];
  #toldAtMs = 0;
  /** Sends the notices there are; nobody hears them early over HTTP. */
  #tell: () => void = () => undefined;
  #ended: StatementListener = () => undefined;
  #running: AbortController | undefined;
  #statementCount = 0;
  /** The statement that runs or ran last; `activity` shows them together. */
  #statementId: string | undefined = "";
  #statementSql = "";
  #statementStartedAtMs: number;
  #changedAtMs: number;
  #progress: string | undefined;

  constructor(options: SessionOptions) {
    this.identity = options.identity;
    this.pid = options.pid;
    this.currentCatalog = options.catalog;
    this.clock = options.clock ?? systemClock;
    this.spool = { ...DEFAULT_SPOOL, ...options.spool };
    this.startedAtMs = this.clock.now();
    this.#statementStartedAtMs = this.startedAtMs;
    this.#changedAtMs = this.startedAtMs;
    this.settings = new Settings({
      session_authorization: options.identity.principal.name,
      is_superuser: options.isAdmin === true ? "on" : "off",
    });
    this.transaction = new Transaction(() => this.clock.now());
    this.transaction.track(() => {
      const mark = this.settings.mark();
      return () => this.settings.restore(mark);
    });
    this.temporary =
      options.temporaryTables &&
      new TemporaryObjects(
        `pg_temp_${options.pid}`,
        this.transaction,
        options.temporaryTables(this),
      );
  }

  get userName(): string {
    return this.identity.principal.name;
  }

  /** Schema names in the order they are searched. */
  get searchPath(): readonly string[] {
    return this.settings.searchPath();
  }

  /** Queues a notice when `client_min_messages` lets it through. It reaches the client before the statement's end. */
  notice(
    severity: NoticeSeverity,
    message: string,
    more: Partial<Pick<Notice, "code" | "detail" | "hint">> = {},
  ): void {
    if (!isSent(severity, this.settings.get("client_min_messages"))) return;
    const code = more.code ?? (severity === "WARNING" ? "01000" : "00000");
    this.#notices.push({ severity, message, ...more, code });
  }

  /** What notices go through that must not wait for the statement's end. */
  onTell(tell: () => void): void {
    this.#tell = tell;
  }

  /**
   * How far a long statement is, for SHOW QUERIES, and for its client while it runs: at once when `sluice.progress_interval` has passed
   * since its start or the last message, else not at all.
   */
  progress(message: string): void {
    this.#progress = message;
    const intervalMs = this.settings.number("sluice.progress_interval");
    const sinceMs = Math.max(this.#toldAtMs, this.#statementStartedAtMs);
    const nowMs = this.clock.now();
    if (intervalMs === 0 || nowMs - sinceMs < intervalMs) return;
    this.#toldAtMs = nowMs;
    this.notice("INFO", message);
    this.#tell();
  }

  get hasNotices(): boolean {
    return this.#notices.length > 0;
  }

  takeNotices(): readonly Notice[] {
    const notices = this.#notices;
    this.#notices = [];
    return notices;
  }

  /** Marks what a cancel request ends. `id` names the statement where it has a name already. */
  startRunning(controller: AbortController, sql: string, id?: string): void {
    this.#running = controller;
    this.#statementCount += 1;
    this.#statementId = id;
    this.#statementSql = sql;
    this.#statementStartedAtMs = this.transaction.statementStartedAtMs;
    this.#changedAtMs = this.#statementStartedAtMs;
    this.#progress = undefined;
  }

  stopRunning(): void {
    this.#running = undefined;
    this.#changedAtMs = this.clock.now();
  }

  get activity(): Activity {
    return {
      id: this.#statementId ?? `${this.pid}-${this.#statementCount}`,
      state: this.#running === undefined ? "idle" : "active",
      sql: this.#statementSql,
      startedAtMs: this.#statementStartedAtMs,
      changedAtMs: this.#changedAtMs,
      progress: this.#progress,
    };
  }

  onEnded(listener: StatementListener): void {
    this.#ended = listener;
  }

  /** A statement is over: the current one, or one that began as `statement`. */
  ended(outcome: Outcome, statement: Activity = this.activity): void {
    this.#ended(this, statement, outcome);
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** Ends the running statement with 57014, or with `reason`; false when none runs. */
  cancel(reason: SqlError = queryCanceled()): boolean {
    this.#running?.abort(reason);
    return this.#running !== undefined;
  }

  /**
   * Commits a statement or query string outside an explicit block; inside one it does nothing. Undefined when that is done already.
   * Throws what the commit throws.
   */
  endStatement(): Promise<void> | undefined {
    if (!this.transaction.mustEnd) return undefined;
    const mustWait = this.portals.isBusy || this.temporary?.hasTables === true;
    if (mustWait || !this.transaction.commitAtOnce()) return this.#commit();
    this.settings.dropLocal();
    this.portals.forget();
    return undefined;
  }

  /** True when committed, false when the block had failed and was rolled back. Throws what the commit throws (40001, 53400, 53100). */
  async commit(): Promise<boolean> {
    if (this.transaction.failed) {
      await this.rollback();
      return false;
    }
    await this.#commit();
    return true;
  }

  async rollback(): Promise<void> {
    await this.transaction.rollback();
    await this.#afterTransaction();
  }

  /** After an error of a statement. */
  async fail(): Promise<void> {
    const over = !this.transaction.isExplicit;
    await this.transaction.fail();
    if (over) await this.#afterTransaction();
  }

  /** The end of the session: rolls back, closes everything, drops temporary objects. */
  async close(): Promise<void> {
    this.cancel();
    await this.rollback();
    await this.portals.closeAll();
    await this.temporary?.close();
  }

  async #commit(): Promise<void> {
    try {
      if (this.portals.isBusy) await this.portals.hold();
      if (this.temporary?.hasTables === true)
        await this.temporary.beforeCommit();
    } catch (cause) {
      await this.rollback();
      throw cause;
    }
    try {
      await this.transaction.commit();
    } finally {
      await this.#afterTransaction();
    }
  }

  async #afterTransaction(): Promise<void> {
    this.settings.dropLocal();
    if (this.portals.isBusy) await this.portals.endTransaction();
    else this.portals.forget();
    if (this.temporary?.hasTables === true) await this.temporary.sweep();
  }
}
