// The seam between protocols and queries: what a protocol asks, and what query.ts answers. Protocol tests put a small engine here.

import type { ParsedStatement } from "../../planner/parse/ast.ts";
import type { DataType } from "../../storage/common/data-type.ts";
import type { Scalar } from "../../storage/common/scalar.ts";
import type { Awaitable } from "./awaitable.ts";
import type { OutputColumn, Result, ResultFormat } from "./result.ts";
import type { Session } from "./session.ts";

/**
 * What may end a statement early. Its signal is made when it is first asked for, so only what waits asks: making one costs more than
 * all the rest of a trivial statement.
 */
export type Cancellation = Pick<AbortController, "signal">;

/** Promises where there is something to wait for. */
export interface QueryEngine {
  /**
   * Splits and parses a query string. Throws 42601 with a position. Empty when there is no statement.
   * `markers` are HTTP's `:name` and `?` parameters, which become $1 … in the order given.
   */
  parse(sql: string, markers?: Markers): readonly ParsedStatement[];

  /**
   * Resolves, authorizes, pins and binds. `declared` holds the types the client gave, undefined where it left them open.
   * Throws every error the statement has before it runs.
   */
  prepare(
    session: Session,
    parsed: ParsedStatement,
    declared: readonly (DataType | undefined)[],
    cancellation: Cancellation,
  ): Awaitable<PreparedStatement>;

  /**
   * Runs it: checks grants again, prunes with the parameters, lowers, schedules. Returns when the first rows can be pulled.
   * `rowLimit` undefined means all rows.
   */
  execute(
    session: Session,
    prepared: PreparedStatement,
    parameters: readonly Scalar[],
    format: ResultFormat,
    cancellation: Cancellation,
  ): Awaitable<Result>;

  /**
   * Checks what USE names against what the session may see and gives its stored spelling. Without it every name is taken.
   * Throws 3D000, 3F000, 42501.
   */
  readonly openNamespace?: (
    session: Session,
    target: Namespace,
  ) => Promise<Namespace>;
}

export type Markers =
  { readonly names: readonly string[] } | { readonly ordinals: number };

export interface Namespace {
  readonly catalog: string;
  /** Undefined: the catalog's default schema, `public`. */
  readonly schema: string | undefined;
}

export interface PreparedStatement {
  readonly parsed: ParsedStatement;
  /** Inferred where the client left them open. */
  readonly parameterTypes: readonly DataType[];
  /** Undefined when the statement returns no rows. */
  readonly columns: readonly OutputColumn[] | undefined;
  /** query.ts keeps its bound plan here; protocols pass it back untouched. */
  readonly plan: unknown;
}
