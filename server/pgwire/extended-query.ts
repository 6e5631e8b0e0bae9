// The extended query protocol: Parse, Bind, Describe, Execute, Close (manual, "Extended Query"). Errors are thrown;
// connection.ts reports them and skips to the next Sync.

import { isDrafted } from "../block/block-rules.ts";
import { checkAllowed, checkNotFailed } from "../session/allowed.ts";
import { after, type Awaitable } from "../session/awaitable.ts";
import type { PreparedStatement } from "../session/engine.ts";
import {
  portalFinished,
  resultTypeChanged,
  transactionAborted,
  undefinedPortal,
} from "../session/errors.ts";
import { EMPTY_STATEMENT, FINISHED, Portal } from "../session/portals.ts";
import type { Result, RowsResult } from "../session/result.ts";
import { RowReader } from "../session/rows.ts";
import type { Activity, Session } from "../session/session.ts";
import { receiveCopy, sendCopy } from "./copy.ts";
import { bindParameters } from "./bind.ts";
import { severalCommands, undefinedParameterType } from "./errors.ts";
import { bindFormats, sameFormats } from "./formats.ts";
import type { BindMessage, FrontendMessage } from "./messages.ts";
import { typeOfOid, typeOid } from "./oids.ts";
import { rowsOfTag, runStatement, sendNotices } from "./query-context.ts";
import type { QueryContext } from "./query-context.ts";
import { commandTag, sendDescription, sendRows } from "./send-result.ts";

type ParseMessage = Extract<FrontendMessage, { readonly kind: "Parse" }>;
type TargetMessage = Extract<
  FrontendMessage,
  { readonly kind: "Describe" | "Close" }
>;
type ExecuteMessage = Extract<FrontendMessage, { readonly kind: "Execute" }>;

/** OIDs of `unknown` and of nothing: the statement decides the type. */
const OPEN_TYPES: ReadonlySet<number> = new Set([0, 705]);

/** Throws 42601, 42P05, 42704, 25P02, and what preparing throws. */
export async function parse(
  context: QueryContext,
  message: ParseMessage,
): Promise<void> {
  const { session, engine, output } = context;
  if (message.statement === "") session.statements.remove("");
  const [parsed, second] = engine.parse(message.query);
  if (second !== undefined) throw severalCommands();
  session.transaction.enter();
  let prepared = EMPTY_STATEMENT;
  if (parsed !== undefined) {
    checkAllowed(session, parsed.statement);
    const declared = message.parameterTypes.map(declaredType);
    const controller = new AbortController();
    prepared = await runStatement(context, parsed.text, { controller }, () =>
      engine.prepare(session, parsed, declared, controller),
    );
  }
  session.statements.add(message.statement, prepared, {
    text: message.query,
    atMs: session.transaction.statementStartedAtMs,
    by: "protocol",
  });
  output.send({ kind: "ParseComplete" });
}

/** Throws 26000, 42P03, 08P01, 22P02, 22P03, 25P02. */
export function bind(
  { session, output }: QueryContext,
  message: BindMessage,
): Promise<void> | undefined {
  const prepared = session.statements.get(message.statement);
  checkNotFailed(session, prepared.parsed.statement);
  session.transaction.enter();
  const parameters = bindParameters(message, prepared.parameterTypes, {
    output: session.settings.output(),
    nowMicros: () => BigInt(session.transaction.startedAtMs) * 1000n,
  });
  const formats = bindFormats(
    message.resultFormats,
    prepared.columns?.length ?? 0,
  );
  const portal = new Portal({
    name: message.portal,
    createdAtMs: session.clock.now(),
    prepared,
    parameters,
    formats,
  });
  // The unnamed portal may still have rows to be pulled: what is sent next waits for its end.
  const replaced = session.portals.add(portal);
  if (replaced !== undefined)
    return replaced.then(() => output.send({ kind: "BindComplete" }));
  output.send({ kind: "BindComplete" });
  return undefined;
}

/** A cursor is a portal too: psycopg asks so for its columns. Throws 26000, 34000, 25P02. */
export function describe(
  { session, output }: QueryContext,
  { target, name }: TargetMessage,
): void {
  session.transaction.enter();
  if (target === "portal") {
    const portal = session.portals.find(name);
    if (portal !== undefined)
      return describeRows(output, portal.prepared, portal.formats);
    const cursor = session.portals.findCursor(name);
    if (cursor === undefined) throw undefinedPortal(name);
    return describeRows(output, cursor, []);
  }
  const prepared = session.statements.get(name);
  if (prepared.columns !== undefined) {
    checkNotFailed(session, prepared.parsed.statement);
  }
  output.send({
    kind: "ParameterDescription",
    typeOids: prepared.parameterTypes.map(typeOid),
  });
  const columnCount = prepared.columns?.length ?? 0;
  describeRows(output, prepared, sameFormats("text", columnCount));
}

/** Throws 34000, 55000, 25P02, 25006, and what the statement throws. */
export function execute(
  context: QueryContext,
  message: ExecuteMessage,
): Awaitable<void> {
  const { session, output } = context;
  const portal = session.portals.find(message.portal);
  if (portal === undefined) return executeCursor(context, message);
  const { prepared } = portal;
  if (prepared === EMPTY_STATEMENT) {
    output.send({ kind: "EmptyQueryResponse" });
    return undefined;
  }
  checkAllowed(session, prepared.parsed.statement);
  const limit = message.maxRows === 0 ? Infinity : message.maxRows;
  if (portal.state.kind !== "ready") return runPart(context, portal, limit);
  return after(isOneOfSeveral(context, prepared), (together) => {
    session.transaction.beginStatement(together);
    return runPart(context, portal, limit);
  });
}

/** All of the portal, or the next `limit` rows. */
function runPart(
  context: QueryContext,
  portal: Portal,
  limit: number,
): Awaitable<void> {
  const { session } = context;
  const isFirst = portal.state.kind === "ready";
  const done = runStatement(
    context,
    portal.prepared.parsed.text,
    { controller: portal.controller, begun: () => takeBegun(portal) },
    () => {
      if (isFirst) portal.begun = session.activity;
      return runPortal(context, portal, limit);
    },
  );
  return after(done, () => noteEnd(session, portal));
}

/** A cursor that SQL declared gives its rows as text here, BINARY or not. Throws 34000, 25P02, 0A000, and what its query throws. */
async function executeCursor(
  context: QueryContext,
  { portal: name, maxRows }: ExecuteMessage,
): Promise<void> {
  const { session, output } = context;
  const cursor = session.portals.findCursor(name);
  if (cursor === undefined) throw undefinedPortal(name);
  if (session.transaction.failed) throw transactionAborted();
  session.transaction.beginStatement(false);
  const controller = new AbortController();
  const { columns } = cursor;
  const formats = columns.map(() => "text" as const);
  const limit = maxRows === 0 ? undefined : maxRows;
  const count = await runStatement(
    context,
    cursor.text,
    { controller },
    async () => {
      const { signal } = controller;
      const rows = await cursor.fetch("forward", limit, formats, signal);
      const shape = { columns, formats, output: session.settings.output() };
      return sendRows(output, new RowReader(rows), shape, limit ?? Infinity);
    },
  );
  session.ended({ rowCount: count });
  sendNotices(context);
  output.send(
    count === limit
      ? { kind: "PortalSuspended" }
      : { kind: "CommandComplete", tag: commandTag("SELECT", true, count) },
  );
}

/** One statement, however many portions its rows are fetched in. */
function noteEnd(session: Session, portal: Portal): void {
  const tell = (): void => {
    const begun = takeBegun(portal);
    if (begun !== undefined)
      session.ended({ rowCount: portal.rowsSent }, begun);
  };
  if (portal.state.kind === "open") portal.onAbandoned = tell;
  else tell();
}

/** Undefined once the end was told. */
function takeBegun(portal: Portal): Activity | undefined {
  const { begun } = portal;
  portal.begun = undefined;
  return begun;
}

/**
 * What stands between two Syncs commits as one. A change that nothing but Sync follows commits by itself, so that it can be run again
 * when it loses a race. Nobody waits for an answer here: a client that wants one has sent Flush or Sync.
 */
function isOneOfSeveral(
  { session, inbox }: QueryContext,
  { parsed: { statement } }: PreparedStatement,
): Awaitable<boolean> {
  const { kind } = statement;
  const isChange = CHANGES.has(kind) || isDrafted(kind);
  if (session.transaction.inBlock || !isChange) return false;
  return inbox.next().then((next) => {
    if (next === undefined) return false;
    inbox.putBack(next);
    return next.kind !== "Sync";
  });
}

const CHANGES: ReadonlySet<string> = new Set([
  "insert",
  "update",
  "delete",
  "merge",
]);

/** Names that do not exist are no error. */
export async function close(
  { session, output }: QueryContext,
  { target, name }: TargetMessage,
): Promise<void> {
  if (target === "statement") session.statements.remove(name);
  else await session.portals.remove(name);
  output.send({ kind: "CloseComplete" });
}

function runPortal(
  context: QueryContext,
  portal: Portal,
  limit: number,
): Awaitable<void> {
  if (portal.state.kind !== "ready")
    return sendFromPortal(context, portal, limit);
  const { session, engine } = context;
  const result = engine.execute(
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
  const tag = after(result, (known) => open(context, portal, known));
  return after(tag, (known) => {
    if (known === undefined) return sendFromPortal(context, portal, limit);
    portal.rowsSent = rowsOfTag(known);
    sendNotices(context);
    context.output.send({ kind: "CommandComplete", tag: known });
    return undefined;
  });
}

/** A command's tag, or undefined when the portal now has rows. */
function open(
  context: QueryContext,
  portal: Portal,
  result: Result,
): Awaitable<string | undefined> {
  switch (result.kind) {
    case "command":
      portal.state = FINISHED;
      return result.tag;
    case "empty":
      portal.state = FINISHED;
      return "";
    case "copy-out":
      portal.state = FINISHED;
      return sendCopy(context, result);
    case "copy-in":
      portal.state = FINISHED;
      return receiveCopy(context, result, portal.controller.signal);
    case "rows":
      return after(checkSameColumns(portal, result), () => {
        portal.state = {
          kind: "open",
          reader: new RowReader(result.rows),
          columns: result.columns,
          tag: result.tag,
          countInTag: result.countInTag,
        };
        return undefined;
      });
  }
}

/** A client decodes by what Describe told it: a statement whose table has changed since must be prepared again. Throws 0A000. */
function checkSameColumns(
  { prepared }: Portal,
  { columns, rows }: RowsResult,
): Awaitable<void> {
  const told = prepared.columns;
  if (told === undefined || told === columns) return undefined;
  const same =
    told.length === columns.length &&
    told.every((column, index) => {
      const now = columns[index];
      return (
        now?.name === column.name && typeOid(now.type) === typeOid(column.type)
      );
    });
  if (same) return undefined;
  return after(new RowReader(rows).close(), () => {
    throw resultTypeChanged();
  });
}

function sendFromPortal(
  context: QueryContext,
  portal: Portal,
  limit: number,
): Awaitable<void> {
  const { session, output } = context;
  const { state } = portal;
  if (state.kind === "drained") {
    const tag = commandTag(state.tag, state.countInTag, 0);
    output.send({ kind: "CommandComplete", tag });
    return undefined;
  }
  if (state.kind !== "open") throw portalFinished(portal.name);
  const { columns, reader, tag, countInTag } = state;
  const format = {
    columns,
    formats: portal.formats,
    output: session.settings.output(),
  };
  return after(sendRows(output, reader, format, limit), (count) => {
    portal.rowsSent = (portal.rowsSent ?? 0) + count;
    sendNotices(context);
    // As in PostgreSQL a full portion suspends, even when no row is left behind it.
    if (count >= limit) {
      output.send({ kind: "PortalSuspended" });
      return undefined;
    }
    portal.state = { kind: "drained", tag, countInTag };
    return after(reader.close(), () =>
      output.send({
        kind: "CommandComplete",
        tag: commandTag(tag, countInTag, count),
      }),
    );
  });
}

function describeRows(
  output: QueryContext["output"],
  { columns }: Pick<PreparedStatement, "columns">,
  formats: Portal["formats"],
): void {
  if (columns === undefined) {
    output.send({ kind: "NoData" });
    return;
  }
  sendDescription(output, columns, formats);
}

function declaredType(oid: number): ReturnType<typeof typeOfOid> {
  if (OPEN_TYPES.has(oid)) return undefined;
  const type = typeOfOid(oid);
  if (type === undefined) throw undefinedParameterType(oid);
  return type;
}
