// DECLARE, FETCH, MOVE and CLOSE.

import type {
  CloseStatement,
  DeclareCursorStatement,
  FetchStatement,
} from "../../planner/parse/ast.ts";
import type { Scalar } from "../../storage/common/scalar.ts";
import { done } from "./command-result.ts";
import { Cursor, type CursorOptions } from "./cursor.ts";
import type { Cancellation, PreparedStatement, QueryEngine } from "./engine.ts";
import {
  cursorOverHttp,
  duplicateCursor,
  portalFinished,
  undefinedCursor,
} from "./errors.ts";
import type { Portal } from "./portals.ts";
import type { Result, ResultFormat, RowSource } from "./result.ts";
import { RowReader } from "./rows.ts";
import type { Session } from "./session.ts";

interface CursorSource {
  readonly text: string;
  readonly query: PreparedStatement;
  readonly parameters: readonly Scalar[];
}

/** Throws 25P01, 42P03. The query runs at the first FETCH. */
export function runDeclare(
  session: Session,
  engine: QueryEngine,
  statement: DeclareCursorStatement,
  { text, query, parameters }: CursorSource,
): Result {
  const { name, hold, binary } = statement;
  if (!hold) session.transaction.requireBlock("DECLARE CURSOR");
  if (session.portals.has(name)) throw duplicateCursor(name);
  const output = session.settings.output();
  const cursor = new Cursor({
    name,
    text,
    createdAtMs: session.transaction.statementStartedAtMs,
    columns: query.columns ?? [],
    hold,
    binary,
    scroll: statement.scroll === true,
    spool: session.spool,
    run: async (formats, cancellation): Promise<RowSource> => {
      const result = await engine.execute(
        session,
        query,
        parameters,
        { kind: "postgres", formats, output },
        cancellation,
      );
      return result.kind === "rows" ? result.rows : { kind: "text", rows: [] };
    },
  });
  session.portals.addCursor(cursor);
  session.transaction.onRollback(() => session.portals.removeCursor(name));
  return done("DECLARE CURSOR");
}

/** Throws 34000, 55000, and what the query throws. */
export async function runFetch(
  session: Session,
  engine: QueryEngine,
  statement: FetchStatement,
  {
    format,
    cancellation,
  }: { readonly format: ResultFormat; readonly cancellation: Cancellation },
): Promise<Result> {
  const portal = session.portals.find(statement.cursor);
  const cursor =
    portal === undefined
      ? session.portals.cursor(statement.cursor)
      : await cursorOver(session, engine, portal);
  const { direction, count } = statement;
  const { signal } = cancellation;
  if (statement.move) {
    const moved = await cursor.move(direction, count, signal);
    return { kind: "command", tag: `MOVE ${moved}`, rowCount: moved };
  }
  if (format.kind !== "postgres") throw cursorOverHttp(statement.position);
  const { formats } = format;
  const rows = await cursor.fetch(direction, count, formats, signal);
  const { columns } = cursor;
  return { kind: "rows", columns, rows, tag: "FETCH", countInTag: true };
}

/**
 * What Bind made, as a cursor that stands where Execute, FETCH and MOVE have left it: forward only. Throws 55000 for a command, and
 * what the query throws.
 */
async function cursorOver(
  session: Session,
  engine: QueryEngine,
  portal: Portal,
): Promise<Cursor> {
  const { name, prepared, formats, controller, createdAtMs } = portal;
  if (prepared.columns === undefined) throw portalFinished(name);
  if (portal.state.kind === "ready") {
    const result = await engine.execute(
      session,
      prepared,
      portal.parameters,
      { kind: "postgres", formats, output: session.settings.output() },
      controller,
    );
    if (result.kind !== "rows") throw portalFinished(name);
    portal.state = {
      ...result,
      kind: "open",
      reader: new RowReader(result.rows),
    };
  }
  const { state } = portal;
  const options: CursorOptions = {
    name,
    text: prepared.parsed.text,
    createdAtMs,
    columns: prepared.columns,
    hold: false,
    binary: false,
    scroll: false,
    spool: session.spool,
    run: () => Promise.resolve({ kind: "text", rows: [] }),
  };
  return state.kind === "open"
    ? new Cursor(options, { reader: state.reader, formats, controller })
    : new Cursor(options);
}

/** Throws 34000. */
export async function runClose(
  session: Session,
  statement: CloseStatement,
): Promise<Result> {
  if (statement.cursor === undefined) {
    await session.portals.closeAll();
    return done("CLOSE CURSOR ALL");
  }
  if (!session.portals.has(statement.cursor))
    throw undefinedCursor(statement.cursor);
  await session.portals.remove(statement.cursor);
  return done("CLOSE CURSOR");
}
