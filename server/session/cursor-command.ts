// DECLARE, FETCH, MOVE and CLOSE.

import type {
  CloseStatement,
  DeclareCursorStatement,
  FetchStatement,
} from "../../planner/parse/ast.ts";
import { notSupported } from "../../storage/common/errors.ts";
import type { Scalar } from "../../storage/common/scalar.ts";
import { done } from "./command-result.ts";
import { Cursor } from "./cursor.ts";
import type { Cancellation, PreparedStatement, QueryEngine } from "./engine.ts";
import { duplicateCursor, forwardOnly, undefinedCursor } from "./errors.ts";
import type { Portal } from "./portals.ts";
import type { Result, ResultFormat, RowSource } from "./result.ts";
import { RowReader } from "./rows.ts";
import type { Session } from "./session.ts";

interface CursorSource {
  readonly query: PreparedStatement;
  readonly parameters: readonly Scalar[];
}

/** Throws 25P01, 42P03. The query runs at the first FETCH. */
export function runDeclare(
  session: Session,
  engine: QueryEngine,
  statement: DeclareCursorStatement,
  { query, parameters }: CursorSource,
): Result {
  const { name, hold, binary } = statement;
  if (!hold) session.transaction.requireBlock("DECLARE CURSOR");
  if (session.portals.has(name)) throw duplicateCursor(name);
  const output = session.settings.output();
  const cursor = new Cursor({
    name,
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
  if (portal !== undefined) {
    if (!statement.move)
      throw notSupported("FETCH from a portal that Bind made is");
    const moved = await movePortal(session, engine, statement, portal);
    return { kind: "command", tag: `MOVE ${moved}`, rowCount: moved };
  }
  const cursor = session.portals.cursor(statement.cursor);
  const { direction, count } = statement;
  const { signal } = cancellation;
  if (statement.move) {
    const moved = await cursor.move(direction, count, signal);
    return { kind: "command", tag: `MOVE ${moved}`, rowCount: moved };
  }
  if (format.kind !== "postgres") {
    throw notSupported("cursors over HTTP are", statement.position);
  }
  const { formats } = format;
  const rows = await cursor.fetch(direction, count, formats, signal);
  const { columns } = cursor;
  return { kind: "rows", columns, rows, tag: "FETCH", countInTag: true };
}

/** MOVE of what Bind made, as asyncpg's cursors skip rows: forward only. Throws 55000, and what the query throws. */
async function movePortal(
  session: Session,
  engine: QueryEngine,
  { direction, count = Infinity }: FetchStatement,
  portal: Portal,
): Promise<number> {
  if (direction !== "forward" || count < 0) throw forwardOnly();
  if (portal.state.kind === "ready") {
    const result = await engine.execute(
      session,
      portal.prepared,
      portal.parameters,
      {
        kind: "postgres",
        formats: portal.formats,
        output: session.settings.output(),
      },
      portal.controller,
    );
    if (result.kind !== "rows") throw undefinedCursor(portal.name);
    portal.state = {
      ...result,
      kind: "open",
      reader: new RowReader(result.rows),
    };
  }
  const { state } = portal;
  if (state.kind !== "open") return 0;
  let moved = 0;
  while (moved < count) {
    const portion = await state.reader.next(count - moved);
    if (portion === undefined) break;
    moved += portion.rowCount;
  }
  return moved;
}

/** Throws 34000. */
export async function runClose(
  session: Session,
  statement: CloseStatement,
): Promise<Result> {
  if (statement.cursor === undefined) {
    await session.portals.removeCursors();
    return done("CLOSE CURSOR ALL");
  }
  session.portals.cursor(statement.cursor);
  await session.portals.removeCursor(statement.cursor);
  return done("CLOSE CURSOR");
}
