// A query's way, one screen, for both protocols:
//
//   parse -> resolve -> authorize -> pin -> bind -> [parameters] -> optimize -> lower -> run
//
// Everything up to bind is `prepare`, the rest `execute`. The bound plan is kept with the prepared statement and used again while
// catalog, rights and the tables' versions stay as they were.

import { LRUCache } from "lru-cache";
import { authorizeStatement } from "../auth/governance.ts";
import { bind } from "../planner/bind/bind.ts";
import type { BoundStatement } from "../planner/bind/bound.ts";
import { resolve } from "../planner/bind/resolve/resolve.ts";
import type { Resolved } from "../planner/bind/resolve/resolved.ts";
import type { ParsedStatement, Statement } from "../planner/parse/ast.ts";
import { parseSql } from "../planner/parse/parse.ts";
import type { DataType } from "../storage/common/data-type.ts";
import type { Scalar } from "../storage/common/scalar.ts";
import { SqlError, untilAborted } from "../storage/common/errors.ts";
import {
  describeCatalog,
  runCatalog,
  type Shaping,
} from "./catalog-mirror/run-catalog.ts";
import { catalogQuery, type CatalogQuery } from "./catalog-mirror/route.ts";
import { commandFor } from "./commands/commands.ts";
import type { Command } from "./commands/command.ts";
import { openNamespace } from "./commands/namespace.ts";
import {
  bindEnvironment,
  evolvesSchemas,
  resolveEnvironment,
} from "./environment.ts";
import { refusePlainFiles } from "./files/read-only.ts";
import type { Metrics } from "./metrics.ts";
import { pinTables, type Pinned } from "./pin.ts";
import { SubmissionLog } from "./record-submission.ts";
import { recordRefusal } from "./record-refusal.ts";
import { PlanMemo } from "./run-query.ts";
import { outputColumns, refuseInBlock, runBound } from "./run-statement.ts";
import type { Services } from "./services.ts";
import { resultTypeChanged } from "./session/errors.ts";
import { checkRowsAllowed } from "./session/allowed.ts";
import type {
  Markers,
  Namespace,
  PreparedStatement,
  QueryEngine,
} from "./session/engine.ts";
import type { Result, ResultFormat } from "./session/result.ts";
import type { Session } from "./session/session.ts";

/** What PreparedStatement.plan holds. Equal keys make it good again. */
type Plan = CommandPlan | CatalogPlan | BoundPlan;
interface CommandPlan {
  readonly kind: "command";
  readonly command: Command;
  readonly resolved: Resolved;
  readonly key: string;
}
interface CatalogPlan {
  readonly kind: "catalog";
  readonly query: CatalogQuery;
  readonly parameterOids: readonly number[];
  readonly shaping: Shaping | undefined;
  readonly key: string;
}
interface BoundPlan {
  readonly kind: "bound";
  readonly bound: BoundStatement;
  readonly resolved: Resolved;
  readonly pinned: Pinned;
  readonly key: string;
}

/** Bytes of statement text whose syntax trees are kept; a tree takes about twenty times its text. */
const PARSED_TEXT_BYTES = 4 * 1024 * 1024;

export class Queries implements QueryEngine {
  readonly #services: Services;
  readonly #metrics: Metrics;
  /** Clients send the same texts again and again; a tree is immutable. */
  readonly #parsed = new LRUCache<string, readonly ParsedStatement[]>({
    maxSize: PARSED_TEXT_BYTES,
    sizeCalculation: (_trees, sql) => sql.length + 1,
  });
  /** The last plan made of a tree, for the same user, names, rights and settings. */
  readonly #prepared = new WeakMap<ParsedStatement, Remembered>();
  readonly #memo = new PlanMemo();
  readonly #submissions: SubmissionLog;

  constructor(services: Services, metrics: Metrics) {
    this.#services = services;
    this.#metrics = metrics;
    this.#submissions = new SubmissionLog(services);
  }

  parse(sql: string, markers?: Markers): readonly ParsedStatement[] {
    if (markers !== undefined) return parseSql(sql, markers);
    const known = this.#parsed.get(sql);
    if (known !== undefined) return known;
    const trees = parseSql(sql);
    this.#parsed.set(sql, trees);
    return trees;
  }

  async openNamespace(session: Session, target: Namespace): Promise<Namespace> {
    try {
      return await Promise.resolve(
        openNamespace(this.#services, session, target),
      );
    } catch (error) {
      recordRefusal(this.#services, session, error);
      throw error;
    }
  }

  async prepare(
    session: Session,
    parsed: ParsedStatement,
    declared: readonly (DataType | undefined)[],
    signal: AbortSignal,
  ): Promise<PreparedStatement> {
    const key = planKey(this.#services, session);
    const forWhom = `${session.identity.principal.id} ${key} ${JSON.stringify(declared)}`;
    const known = this.#prepared.get(parsed);
    if (
      known?.forWhom === forWhom &&
      (await this.#holds(session, known, signal))
    )
      return known.prepared;
    const prepared = await this.#recording(
      session,
      parsed.statement,
      this.#prepare(session, parsed, declared, { key, signal }),
    );
    if (isLasting(prepared)) this.#prepared.set(parsed, { forWhom, prepared });
    return prepared;
  }

  async #prepare(
    session: Session,
    parsed: ParsedStatement,
    declared: readonly (DataType | undefined)[],
    { key, signal }: { readonly key: string; readonly signal: AbortSignal },
  ): Promise<PreparedStatement> {
    if (session.temporary?.isAhead === true) await session.temporary.settle();
    const resolved = resolve(
      parsed.statement,
      resolveEnvironment(this.#services, session),
    );
    authorizeStatement(
      this.#services.governance,
      session.identity,
      resolved.requirements,
    );
    refusePlainFiles(resolved);
    const command = commandFor(parsed.statement);
    if (command !== undefined) {
      const plan: Plan = { kind: "command", command, resolved, key };
      return { parsed, parameterTypes: [], columns: command.columns, plan };
    }
    const query = catalogQuery(parsed, resolved);
    if (query !== undefined) {
      const { parameterOids, shaping, ...described } = await describeCatalog(
        this.#services.catalogMirror,
        session,
        query,
        declared,
      );
      const plan: Plan = {
        kind: "catalog",
        query,
        parameterOids,
        shaping,
        key,
      };
      return { ...described, parsed, plan };
    }
    const pinned = await this.#pin(session, resolved.tables, signal);
    const bound = bind(
      resolved,
      pinned.view,
      declared,
      bindEnvironment(this.#services, session),
    );
    authorizeStatement(
      this.#services.governance,
      session.identity,
      bound.requirements,
    );
    const plan: Plan = { kind: "bound", bound, resolved, pinned, key };
    const columns = outputColumns(bound, parsed.statement);
    return { parsed, parameterTypes: bound.parameterTypes, columns, plan };
  }

  async execute(
    ...[session, prepared, parameters, format, signal]: Parameters<
      QueryEngine["execute"]
    >
  ): Promise<Result> {
    const began = performance.now();
    try {
      const result = await this.#recording(
        session,
        prepared.parsed.statement,
        this.#execute(session, prepared, parameters, { format, signal }),
      );
      this.#metrics.statement("ok", (performance.now() - began) / 1000);
      return result;
    } catch (error) {
      this.#metrics.statement(
        error instanceof SqlError ? error.code.slice(0, 2) : "XX",
        (performance.now() - began) / 1000,
      );
      throw error;
    }
  }

  /** What comes of `work`; a refusal is audited. */
  async #recording<T>(
    session: Session,
    statement: Statement,
    work: Promise<T>,
  ): Promise<T> {
    try {
      return await work;
    } catch (error) {
      recordRefusal(this.#services, session, error, statement);
      throw error;
    }
  }

  async #execute(
    session: Session,
    prepared: PreparedStatement,
    parameters: readonly Scalar[],
    run: { readonly format: ResultFormat; readonly signal: AbortSignal },
  ): Promise<Result> {
    if (session.temporary?.isAhead === true) await session.temporary.settle();
    for (let attempt = 1; ; attempt += 1) {
      const plan = await this.#current(session, prepared, run.signal);
      if (attempt === 1 && plan.kind !== "catalog")
        this.#submissions.record(session, prepared.parsed.text, plan.resolved);
      try {
        return await this.#run(session, prepared, plan, { ...run, parameters });
      } catch (error) {
        const again = attempt < MAX_ATTEMPTS && mayRepeat(plan, session, error);
        if (!again) throw error;
      }
    }
  }

  async #run(
    session: Session,
    prepared: PreparedStatement,
    plan: Plan,
    given: {
      readonly parameters: readonly Scalar[];
      readonly format: ResultFormat;
      readonly signal: AbortSignal;
    },
  ): Promise<Result> {
    const { parameters, ...run } = given;
    if (plan.kind === "bound") checkRowsAllowed(session, plan.resolved);
    if (plan.kind === "command") {
      const { command, resolved } = plan;
      refuseInBlock(session, resolved);
      return command.run({
        services: this.#services,
        engine: this,
        session,
        resolved,
        sql: prepared.parsed.text,
        ...run,
      });
    }
    if (plan.kind === "catalog") {
      return runCatalog(this.#services, session, {
        ...plan,
        columns: prepared.columns ?? [],
        parameters,
        format: run.format,
      });
    }
    const { pinned } = plan;
    const context = {
      services: this.#services,
      memo: this.#memo,
      session,
      pinned,
      parameters,
      ...run,
    };
    return runBound(plan.bound, plan.resolved, context);
  }

  /** The plan as of now: while names, rights and versions stayed, the one prepared; else the statement is bound anew. */
  async #current(
    session: Session,
    prepared: PreparedStatement,
    signal: AbortSignal,
  ): Promise<Plan> {
    const plan = prepared.plan as Plan;
    if (plan.key !== planKey(this.#services, session))
      return this.#rebind(session, prepared, signal);
    if (plan.kind !== "bound") return plan;
    if (plan.bound.sessionDependent)
      return this.#rebind(session, prepared, signal);
    const pinned = await this.#pin(session, plan.resolved.tables, signal);
    return pinned.key === plan.pinned.key
      ? { ...plan, pinned }
      : this.#rebind(session, prepared, signal);
  }

  /** A table may have other columns by now, which its log tells and no key does. */
  async #holds(
    session: Session,
    { prepared }: Remembered,
    signal: AbortSignal,
  ): Promise<boolean> {
    const plan = prepared.plan as Plan;
    if (plan.kind !== "bound" || plan.resolved.tables.length === 0) return true;
    const pinned = await this.#pin(session, plan.resolved.tables, signal);
    return pinned.key === plan.pinned.key;
  }

  /** Only logs are worth waiting for: listening to the signal costs a trivial statement a third of its time. */
  #pin(
    session: Session,
    tables: Resolved["tables"],
    signal: AbortSignal,
  ): Promise<Pinned> {
    const pinned = pinTables(this.#services, session, tables);
    return tables.length === 0 ? pinned : untilAborted(pinned, signal);
  }

  /** Throws 0A000 when the result's columns are no longer what the client was told. */
  async #rebind(
    session: Session,
    prepared: PreparedStatement,
    signal: AbortSignal,
  ): Promise<Plan> {
    const fresh = await this.#prepare(
      session,
      prepared.parsed,
      prepared.parameterTypes,
      { key: planKey(this.#services, session), signal },
    );
    if (shape(fresh) !== shape(prepared)) throw resultTypeChanged();
    return fresh.plan as Plan;
  }
}

/** What a client was told of the rows; which table a column comes from may change, as in PostgreSQL. */
function shape({ columns }: PreparedStatement): string {
  return JSON.stringify(columns?.map(({ name, type }) => [name, type]));
}

interface Remembered {
  readonly forWhom: string;
  readonly prepared: PreparedStatement;
}

/** Plans that hold values of the session or the moment are made anew each time. */
function isLasting(prepared: PreparedStatement): boolean {
  const plan = prepared.plan as Plan;
  return plan.kind !== "bound" || !plan.bound.sessionDependent;
}

/** Everything that decides how names resolve and what is allowed; equal keys make a bound plan good again. */
function planKey({ governance }: Services, session: Session): string {
  const { catalog, access } = governance;
  const { timeZone, dateStyle } = session.settings.output();
  return [
    catalog.version,
    access.version,
    session.currentCatalog,
    session.searchPath.join(),
    session.temporary?.contents.key ?? "",
    timeZone,
    dateStyle,
    evolvesSchemas(session),
  ].join("/");
}

/** Conflicts lost in a row before the client is told. */
const MAX_ATTEMPTS = 20;

/**
 * A statement outside a block that lost a race is bound and run again over the version that won: nothing of it has been told to the
 * client, and READ COMMITTED sees the newest rows whenever it begins.
 */
function mayRepeat(plan: Plan, session: Session, error: unknown): boolean {
  if (plan.kind !== "bound" || session.transaction.inBlock) return false;
  return error instanceof SqlError && error.code === "40001";
}
