// A query's way, one screen, for both protocols:
//
//   parse -> resolve -> authorize -> pin -> bind -> [parameters] -> optimize -> lower -> run
//
// Everything up to bind is `prepare`, the rest `execute`. The bound plan is kept with the prepared statement and used again while
// catalog, rights and the tables' versions stay as they were.

import { authorizeStatement } from "../auth/governance.ts";
import { bind } from "../planner/bind/bind.ts";
import { resolve } from "../planner/bind/resolve/resolve.ts";
import type { Resolved } from "../planner/bind/resolve/resolved.ts";
import type { ParsedStatement, Statement } from "../planner/parse/ast.ts";
import type { DataType } from "../storage/common/data-type.ts";
import type { Scalar } from "../storage/common/scalar.ts";
import { SqlError, untilAborted } from "../storage/common/errors.ts";
import { mayChangeCatalog } from "./block/begin-block.ts";
import { refreshDraft, servicesOf } from "./block/block.ts";
import { changesCatalog, refuseInBlock } from "./block/block-rules.ts";
import { describeCatalog, runCatalog } from "./catalog-mirror/run-catalog.ts";
import { catalogQuery } from "./catalog-mirror/route.ts";
import { commandFor } from "./commands/commands.ts";
import { openNamespace } from "./commands/namespace.ts";
import { bindEnvironment, resolveEnvironment } from "./environment.ts";
import { refusePlainFiles } from "./files/read-only.ts";
import type { Metrics } from "./metrics.ts";
import { ParsedTexts } from "./parsed-texts.ts";
import { pinTables, type Pinned } from "./pin.ts";
import { PlanKeys } from "./plan-key.ts";
import {
  isLasting,
  mayRepeat,
  queryOverNothing,
  shape,
  tablesOf,
  type Fresh,
  type Plan,
  type Remembered,
  type Reusable,
  type Run,
} from "./query-plan.ts";
import { SubmissionLog } from "./record-submission.ts";
import { recordRefusal } from "./record-refusal.ts";
import { PlanMemo } from "./run-query.ts";
import { outputColumns, runBound } from "./run-statement.ts";
import type { Services } from "./services.ts";
import { resultTypeChanged } from "./session/errors.ts";
import { checkRowsAllowed } from "./session/allowed.ts";
import type { Awaitable } from "./session/awaitable.ts";
import type {
  Cancellation,
  Markers,
  Namespace,
  PreparedStatement,
  QueryEngine,
} from "./session/engine.ts";
import type { Result, ResultFormat } from "./session/result.ts";
import type { Session } from "./session/session.ts";

export class Queries implements QueryEngine {
  readonly #services: Services;
  readonly #metrics: Metrics;
  readonly #parsed = new ParsedTexts();
  /** The last plan made of a tree. */
  readonly #prepared = new WeakMap<ParsedStatement, Remembered>();
  /** What was pinned to prepare a statement, by the request that may run it too: a log is listed once for both. */
  readonly #fresh = new WeakMap<Cancellation, Fresh>();
  readonly #memo = new PlanMemo();
  readonly #keys: PlanKeys;
  readonly #submissions = new SubmissionLog();

  constructor(services: Services, metrics: Metrics) {
    this.#services = services;
    this.#keys = new PlanKeys(services);
    this.#metrics = metrics;
  }

  parse(sql: string, markers?: Markers): readonly ParsedStatement[] {
    return this.#parsed.parse(sql, markers);
  }

  async openNamespace(session: Session, target: Namespace): Promise<Namespace> {
    try {
      refreshDraft(session);
      return await Promise.resolve(
        openNamespace(this.#of(session), session, target),
      );
    } catch (error) {
      recordRefusal(this.#of(session), session, error);
      throw error;
    }
  }

  prepare(
    session: Session,
    parsed: ParsedStatement,
    declared: readonly (DataType | undefined)[],
    cancellation: Cancellation,
  ): Awaitable<PreparedStatement> {
    refreshDraft(session);
    const key = this.#keys.of(session);
    const types = declared.length === 0 ? "" : JSON.stringify(declared);
    const found = this.#prepared.get(parsed);
    const known =
      found?.key === key && found.types === types ? found.prepared : undefined;
    return known !== undefined && tablesOf(known).length === 0
      ? known
      : this.#prepareOrReuse(session, parsed, declared, {
          key,
          types,
          known,
          cancellation,
        });
  }

  /** `known` was made for the same key and types. */
  async #prepareOrReuse(
    session: Session,
    parsed: ParsedStatement,
    declared: readonly (DataType | undefined)[],
    { key, types, known, cancellation }: Reusable,
  ): Promise<PreparedStatement> {
    if (session.temporary?.isAhead === true) await session.temporary.settle();
    if (known && (await this.#holds(session, known, cancellation)))
      return known;
    const prepared = await this.#recording(
      session,
      parsed.statement,
      this.#prepare(session, parsed, declared, { key, cancellation }),
    );
    if (isLasting(prepared))
      this.#prepared.set(parsed, { key, types, prepared });
    return prepared;
  }

  async #prepare(
    session: Session,
    parsed: ParsedStatement,
    declared: readonly (DataType | undefined)[],
    {
      key,
      cancellation,
    }: { readonly key: string; readonly cancellation: Cancellation },
  ): Promise<PreparedStatement> {
    const services = this.#of(session);
    const { governance } = services;
    const resolved = resolve(
      parsed.statement,
      resolveEnvironment(services, session),
    );
    authorizeStatement(governance, session.identity, resolved.requirements);
    refusePlainFiles(resolved);
    const command = commandFor(parsed.statement);
    if (command !== undefined) {
      const plan: Plan = { kind: "command", command, resolved, key };
      return { parsed, parameterTypes: [], columns: command.columns, plan };
    }
    const query = catalogQuery(parsed, resolved);
    if (query !== undefined) {
      const { parameterOids, shaping, ...described } = await describeCatalog(
        services.catalogMirror,
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
    const pinned = await this.#pin(session, resolved.tables, cancellation);
    const bound = bind(
      resolved,
      pinned.view,
      declared,
      bindEnvironment(services, session),
    );
    authorizeStatement(governance, session.identity, bound.requirements);
    const plan: Plan = { kind: "bound", bound, resolved, pinned, key };
    const columns = outputColumns(bound, parsed.statement);
    const { parameterTypes } = bound;
    const prepared = { parsed, parameterTypes, columns, plan };
    this.#fresh.set(cancellation, { prepared, pinned });
    return prepared;
  }

  execute(
    ...[session, prepared, parameters, format, cancellation]: Parameters<
      QueryEngine["execute"]
    >
  ): Awaitable<Result> {
    const known =
      parameters.length === 0
        ? this.#knownRows(session, prepared, format)
        : undefined;
    if (known === undefined)
      return this.#executeTimed(session, prepared, parameters, {
        format,
        cancellation,
      });
    this.#metrics.statement("ok");
    return known;
  }

  /** Of a query over nothing, since it last ran. */
  #knownRows(
    session: Session,
    prepared: PreparedStatement,
    format: ResultFormat,
  ): Result | undefined {
    const plan = prepared.plan as Plan;
    const query = queryOverNothing(plan);
    if (query === undefined) return undefined;
    if (plan.key !== this.#keys.of(session)) return undefined;
    return this.#memo.constant(query, session, format);
  }

  async #executeTimed(
    session: Session,
    prepared: PreparedStatement,
    parameters: readonly Scalar[],
    run: Run,
  ): Promise<Result> {
    const began = performance.now();
    try {
      const result = await this.#recording(
        session,
        prepared.parsed.statement,
        this.#execute(session, prepared, parameters, run),
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
      recordRefusal(this.#of(session), session, error, statement);
      throw error;
    }
  }

  async #execute(
    session: Session,
    prepared: PreparedStatement,
    parameters: readonly Scalar[],
    run: Run,
  ): Promise<Result> {
    refreshDraft(session);
    if (session.temporary?.isAhead === true) await session.temporary.settle();
    for (let attempt = 1; ; attempt += 1) {
      const plan = await this.#ready(session, prepared, run.cancellation);
      if (attempt === 1 && plan.kind !== "catalog")
        this.#submissions.record(
          this.#of(session),
          session,
          prepared.parsed.text,
          plan.resolved,
        );
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
    {
      parameters,
      format,
      cancellation,
    }: Run & { readonly parameters: readonly Scalar[] },
  ): Promise<Result> {
    const services = this.#of(session);
    if (plan.kind === "bound") checkRowsAllowed(session, plan.resolved);
    if (plan.kind === "command") {
      const { command, resolved } = plan;
      return command.run({
        services,
        engine: this,
        session,
        resolved,
        sql: prepared.parsed.text,
        format,
        signal: cancellation.signal,
      });
    }
    if (plan.kind === "catalog") {
      return runCatalog(services, session, {
        ...plan,
        columns: prepared.columns ?? [],
        parameters,
        format,
      });
    }
    const { pinned } = plan;
    const context = {
      services,
      memo: this.#memo,
      session,
      pinned,
      parameters,
      format,
      get signal() {
        return cancellation.signal;
      },
    };
    return runBound(plan.bound, plan.resolved, context);
  }

  /** A block that changes the catalog or rights does so in its draft, by a plan made of it; other statements wait for a block that commits. */
  async #ready(
    session: Session,
    prepared: PreparedStatement,
    cancellation: Cancellation,
  ): Promise<Plan> {
    const plan = await this.#current(session, prepared, cancellation);
    if (plan.kind === "catalog") return plan;
    refuseInBlock(session, plan.resolved);
    const mayRun =
      !changesCatalog(session, plan.resolved) ||
      (await mayChangeCatalog(this.#services, session));
    return mayRun ? plan : this.#current(session, prepared, cancellation);
  }

  /** What the session works with: a block's draft of the catalog and rights, or what is committed. */
  #of(session: Session): Services {
    return servicesOf(this.#services, session);
  }

  /** The plan as of now: while names, rights and versions stayed, the one prepared; else the statement is bound anew. */
  async #current(
    session: Session,
    prepared: PreparedStatement,
    cancellation: Cancellation,
  ): Promise<Plan> {
    const plan = prepared.plan as Plan;
    if (plan.key !== this.#keys.of(session))
      return this.#rebind(session, prepared, cancellation);
    if (plan.kind !== "bound") return plan;
    const fresh = this.#fresh.get(cancellation);
    this.#fresh.delete(cancellation);
    if (fresh?.prepared === prepared) return { ...plan, pinned: fresh.pinned };
    if (plan.bound.sessionDependent)
      return this.#rebind(session, prepared, cancellation);
    const { tables } = plan.resolved;
    const pinned = await this.#pin(session, tables, cancellation);
    return pinned.key === plan.pinned.key
      ? { ...plan, pinned }
      : this.#rebind(session, prepared, cancellation);
  }

  /** A table may have other columns by now, which its log tells and no key does. */
  async #holds(
    session: Session,
    prepared: PreparedStatement,
    cancellation: Cancellation,
  ): Promise<boolean> {
    const plan = prepared.plan as Plan;
    if (plan.kind !== "bound") return true;
    const { tables } = plan.resolved;
    const pinned = await this.#pin(session, tables, cancellation);
    this.#fresh.set(cancellation, { prepared, pinned });
    return pinned.key === plan.pinned.key;
  }

  /** Only logs are worth waiting for: listening to the signal costs a trivial statement a third of its time. */
  #pin(
    session: Session,
    tables: Resolved["tables"],
    cancellation: Cancellation,
  ): Promise<Pinned> {
    const pinned = pinTables(this.#of(session), session, tables);
    return tables.length === 0
      ? pinned
      : untilAborted(pinned, cancellation.signal);
  }

  /** Throws 0A000 when the result's columns are no longer what the client was told. */
  async #rebind(
    session: Session,
    prepared: PreparedStatement,
    cancellation: Cancellation,
  ): Promise<Plan> {
    const fresh = await this.#prepare(
      session,
      prepared.parsed,
      prepared.parameterTypes,
      { key: this.#keys.of(session), cancellation },
    );
    if (shape(fresh) !== shape(prepared)) throw resultTypeChanged();
    return fresh.plan as Plan;
  }
}

/** Conflicts lost in a row before the client is told. */
const MAX_ATTEMPTS = 20;
