// A command: a statement that is not a query. Its columns are known before it runs, so that a client can describe it.

import type { Statement } from "../../planner/parse/ast.ts";
import type { Resolved } from "../../planner/bind/resolve/resolved.ts";
import { TEXT, type DataType } from "../../storage/common/data-type.ts";
import type { QueryEngine } from "../session/engine.ts";
import type { OutputColumn, Result, ResultFormat } from "../session/result.ts";
import type { Session } from "../session/session.ts";
import type { Services } from "../services.ts";

export interface CommandContext {
  readonly services: Services;
  readonly engine: QueryEngine;
  readonly session: Session;
  readonly resolved: Resolved;
  readonly sql: string;
  readonly format: ResultFormat;
  readonly signal: AbortSignal;
}

export interface Command {
  /** Undefined: no rows. */
  readonly columns: readonly OutputColumn[] | undefined;
  run(context: CommandContext): Result | Promise<Result>;
}

export type StatementOf<K extends Statement["kind"]> = Extract<
  Statement,
  { readonly kind: K }
>;

/** A command without rows. */
export function action(run: Command["run"]): Command {
  return { columns: undefined, run };
}

/** A command that lists text rows. */
export function listing(
  columns: readonly OutputColumn[],
  tag: string,
  rows: (context: CommandContext) => TextRows | Promise<TextRows>,
): Command {
  return {
    columns,
    run: async (context) => ({
      kind: "rows",
      columns,
      rows: { kind: "text", rows: await rows(context) },
      tag,
      countInTag: false,
    }),
  };
}

export type TextRows = readonly (readonly (string | null)[])[];

/** `name` or `name:type`, text by default. */
export function columnsOf(
  ...columns: readonly (string | readonly [string, DataType])[]
): readonly OutputColumn[] {
  return columns.map((column) =>
    typeof column === "string"
      ? { name: column, type: TEXT }
      : { name: column[0], type: column[1] },
  );
}

export function done(tag: string): Result {
  return { kind: "command", tag };
}

/** Sends what a change of rights or objects has to tell. */
export function notify(session: Session, notices: readonly string[]): void {
  for (const notice of notices) session.notice("NOTICE", notice);
}

/** A LIKE pattern of SHOW: `*` any, `|` or, `.` any one character, without case (http-api section 4.10); SQL's `%` too. */
export function matchesShowPattern(
  name: string,
  pattern: string | undefined,
): boolean {
  if (pattern === undefined) return true;
  const source = pattern
    .split("|")
    .map((part) =>
      part
        .trim()
        .replace(/[\\^$+?()[\]{}]/g, "\\$&")
        .replace(/[*%]/g, ".*")
        .replaceAll("_", "."),
    )
    .join("|");
  return new RegExp(`^(?:${source})$`, "iu").test(name);
}
