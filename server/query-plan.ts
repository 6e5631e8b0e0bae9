// What query.ts keeps with a prepared statement, by kind of statement, and what may be asked of it.

import type { BoundStatement } from "../planner/bind/bound.ts";
import type { Resolved } from "../planner/bind/resolve/resolved.ts";
import type { BoundQuery } from "../planner/logical/plan.ts";
import { SqlError } from "../storage/common/errors.ts";
import type { CatalogQuery } from "./catalog-mirror/route.ts";
import type { Shaping } from "./catalog-mirror/run-catalog.ts";
import type { Command } from "./commands/command.ts";
import type { Pinned } from "./pin.ts";
import type { Cancellation, PreparedStatement } from "./session/engine.ts";
import type { ResultFormat } from "./session/result.ts";
import type { Session } from "./session/session.ts";

/** What PreparedStatement.plan holds. Equal keys make it good again. */
export type Plan = CommandPlan | CatalogPlan | BoundPlan;
export interface CommandPlan {
  readonly kind: "command";
  readonly command: Command;
  readonly resolved: Resolved;
  readonly key: string;
}
export interface CatalogPlan {
  readonly kind: "catalog";
  readonly query: CatalogQuery;
  readonly parameterOids: readonly number[];
  readonly shaping: Shaping | undefined;
  readonly key: string;
}
export interface BoundPlan {
  readonly kind: "bound";
  readonly bound: BoundStatement;
  readonly resolved: Resolved;
  readonly pinned: Pinned;
  readonly key: string;
}

/** What a client was told of the rows; which table a column comes from may change, as in PostgreSQL. */
export function shape({ columns }: PreparedStatement): string {
  return JSON.stringify(columns?.map(({ name, type }) => [name, type]));
}

/** The tables whose versions the plan is for. */
export function tablesOf(prepared: PreparedStatement): Resolved["tables"] {
  const plan = prepared.plan as Plan;
  return plan.kind === "bound" ? plan.resolved.tables : [];
}

/** A query that reads nothing and for which nothing had to be allowed: as long as its key holds, so do its rows. */
export function queryOverNothing(plan: Plan): BoundQuery | undefined {
  if (plan.kind !== "bound" || plan.bound.kind !== "query") return undefined;
  const { bound, resolved } = plan;
  const isPlain =
    resolved.statement.kind === "select" &&
    resolved.tables.length === 0 &&
    resolved.requirements.length === 0 &&
    bound.requirements.length === 0 &&
    !bound.sessionDependent;
  return isPlain ? bound.query : undefined;
}

/** Plans that hold values of the session or the moment are made anew each time. */
export function isLasting(prepared: PreparedStatement): boolean {
  const plan = prepared.plan as Plan;
  return plan.kind !== "bound" || !plan.bound.sessionDependent;
}

/**
 * A statement outside a block that lost a race is bound and run again over the version that won: nothing of it has been told to the
 * client, and READ COMMITTED sees the newest rows whenever it begins.
 */
export function mayRepeat(
  plan: Plan,
  session: Session,
  error: unknown,
): boolean {
  if (plan.kind !== "bound" || session.transaction.inBlock) return false;
  return error instanceof SqlError && error.code === "40001";
}

export interface Run {
  readonly format: ResultFormat;
  readonly cancellation: Cancellation;
}

export interface Fresh {
  readonly prepared: PreparedStatement;
  readonly pinned: Pinned;
}

export interface Reusable {
  readonly key: string;
  readonly types: string;
  readonly known: PreparedStatement | undefined;
  readonly cancellation: Cancellation;
}

export interface Remembered {
  readonly key: string;
  /** Declared for the parameters. */
  readonly types: string;
  readonly prepared: PreparedStatement;
}
