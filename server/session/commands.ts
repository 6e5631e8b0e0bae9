// Statements that touch the session alone. `sessionCommands(engine)` puts them in front of a query engine, so that both protocols
// get them; the gateway composes the two, and query.ts never sees these statements.

import type {
  DeclareCursorStatement,
  ParsedStatement,
} from "../../planner/parse/ast.ts";
import type { DataType } from "../../storage/common/data-type.ts";
import type { Scalar } from "../../storage/common/scalar.ts";
import { done } from "./command-result.ts";
import { runClose, runDeclare, runFetch } from "./cursor-command.ts";
import type { Cancellation, PreparedStatement, QueryEngine } from "./engine.ts";
import { runDeallocate, runExecute, runPrepare } from "./prepare-command.ts";
import { cursorOverHttp } from "./errors.ts";
import type { OutputColumn, Result, ResultFormat } from "./result.ts";
import type { Session } from "./session.ts";
import {
  runReset,
  runSet,
  runShow,
  runUse,
  settingOf,
  showColumns,
} from "./setting-command.ts";
import { runTransactionCommand } from "./transaction-command.ts";

interface Prepare {
  readonly declared: readonly (DataType | undefined)[];
  readonly cancellation: Cancellation;
}

interface Run {
  readonly parameters: readonly Scalar[];
  readonly format: ResultFormat;
  readonly cancellation: Cancellation;
}

interface Declaration {
  readonly parsed: ParsedStatement;
  /** The same statement, narrowed. */
  readonly statement: DeclareCursorStatement;
}

/** What DECLARE keeps in `PreparedStatement.plan`: its query. */
class CursorQuery {
  readonly query: PreparedStatement;
  constructor(query: PreparedStatement) {
    this.query = query;
  }
}

/** The same engine with the session's statements answered before it. */
export function sessionCommands(engine: QueryEngine): QueryEngine {
  const whole: QueryEngine = {
    parse: (sql, markers) => engine.parse(sql, markers),
    openNamespace: (session, target) =>
      engine.openNamespace?.(session, target) ?? Promise.resolve(target),
    prepare: (session, parsed, declared, cancellation) =>
      prepareSessionCommand(session, whole, parsed, {
        declared,
        cancellation,
      }) ?? engine.prepare(session, parsed, declared, cancellation),
    execute: (...call) => {
      const [session, prepared, parameters, format, cancellation] = call;
      const run = { parameters, format, cancellation };
      const result = runSessionCommand(session, whole, prepared, run);
      if (result !== undefined) return result;
      session.transaction.noteQuery();
      return engine.execute(...call);
    },
  };
  return whole;
}

/** Undefined when the statement is not one of the session's. */
function prepareSessionCommand(
  session: Session,
  engine: QueryEngine,
  parsed: ParsedStatement,
  prepare: Prepare,
): Promise<PreparedStatement> | PreparedStatement | undefined {
  const { statement } = parsed;
  if (statement.kind === "declare-cursor")
    return prepareCursor(session, engine, { parsed, statement }, prepare);
  if (!isSessionCommand(parsed)) return undefined;
  const columns = columnsOf(session, parsed);
  return { parsed, parameterTypes: [], columns, plan: undefined };
}

async function prepareCursor(
  session: Session,
  engine: QueryEngine,
  { parsed, statement }: Declaration,
  { declared, cancellation }: Prepare,
): Promise<PreparedStatement> {
  const { query } = statement;
  const select = { kind: "select" as const, query, position: query.position };
  const prepared = await engine.prepare(
    session,
    { ...parsed, statement: select },
    declared,
    cancellation,
  );
  const { parameterTypes } = prepared;
  const plan = new CursorQuery(prepared);
  return { parsed, parameterTypes, columns: undefined, plan };
}

/** Undefined for commands without rows, and for names that do not exist: running them says so. */
function columnsOf(
  session: Session,
  { statement }: ParsedStatement,
): readonly OutputColumn[] | undefined {
  switch (statement.kind) {
    case "show":
      return showColumns(settingOf(statement) ?? "");
    case "fetch":
      return statement.move
        ? undefined
        : session.portals.columnsOf(statement.cursor);
    case "execute":
      return session.statements.has(statement.name)
        ? session.statements.get(statement.name).columns
        : undefined;
    default:
      return undefined;
  }
}

const SESSION_KINDS: ReadonlySet<ParsedStatement["statement"]["kind"]> =
  new Set([
    "set",
    "reset",
    "use",
    "transaction",
    "prepare",
    "execute",
    "deallocate",
    "declare-cursor",
    "fetch",
    "close",
    "discard",
    "listen",
    "unlisten",
    "notify",
  ]);

function isSessionCommand({ statement }: ParsedStatement): boolean {
  return statement.kind === "show"
    ? settingOf(statement) !== undefined
    : SESSION_KINDS.has(statement.kind);
}

/** Undefined when the statement is not one of the session's. */
function runSessionCommand(
  session: Session,
  engine: QueryEngine,
  prepared: PreparedStatement,
  run: Run,
): Promise<Result> | Result | undefined {
  const { parsed } = prepared;
  const { statement } = parsed;
  switch (statement.kind) {
    case "set":
      return runSet(session, statement);
    case "reset":
      return runReset(session, statement.name);
    case "use":
      return runUse(session, engine, statement);
    case "show": {
      const name = settingOf(statement);
      return name === undefined ? undefined : runShow(session, name);
    }
    case "transaction":
      return runTransactionCommand(session, statement, parsed.text);
    case "discard":
      return discard(session, statement.what);
    case "listen":
      session.channels.add(statement.channel);
      return done("LISTEN");
    case "unlisten":
      unlisten(session, statement.channel);
      return done("UNLISTEN");
    case "notify":
      return done("NOTIFY");
    default:
      return runNamed(session, engine, prepared, run);
  }
}

/** The statements about prepared statements and cursors. */
function runNamed(
  session: Session,
  engine: QueryEngine,
  { parsed, plan }: PreparedStatement,
  { parameters, format, cancellation }: Run,
): Promise<Result> | Result | undefined {
  const { statement } = parsed;
  switch (statement.kind) {
    case "prepare":
      return runPrepare(session, engine, { parsed, statement }, cancellation);
    case "execute":
      return runExecute(session, engine, statement, { format, cancellation });
    case "deallocate":
      return runDeallocate(session, statement);
    case "declare-cursor":
      if (format.kind !== "postgres") throw cursorOverHttp(statement.position);
      return plan instanceof CursorQuery
        ? runDeclare(session, engine, statement, {
            text: parsed.text,
            query: plan.query,
            parameters,
          })
        : undefined;
    case "fetch":
      return runFetch(session, engine, statement, { format, cancellation });
    case "close":
      return runClose(session, statement);
    default:
      return undefined;
  }
}

async function discard(
  session: Session,
  what: "all" | "plans" | "sequences" | "temp",
): Promise<Result> {
  if (what === "all") {
    session.transaction.refuseBlock("DISCARD ALL");
    await session.portals.closeAll();
    session.settings.resetAll();
    session.statements.removeAll();
    session.channels.clear();
  }
  if (what === "all" || what === "temp") session.temporary?.clear();
  return done(`DISCARD ${what.toUpperCase()}`);
}

function unlisten(session: Session, channel: string): void {
  if (channel === "*") session.channels.clear();
  else session.channels.delete(channel);
}
