// BEGIN, COMMIT, ROLLBACK, SAVEPOINT and SET TRANSACTION, with PostgreSQL's warnings and tags.

import type { TransactionStatement } from "../../planner/parse/ast.ts";
import { unreachable } from "../../storage/common/invariant.ts";
import { done } from "./command-result.ts";
import {
  needsTransactionBlock,
  readWriteTooLate,
  tooLateInTransaction,
} from "./errors.ts";
import type { Result } from "./result.ts";
import type { Session } from "./session.ts";

type Options = Readonly<Record<string, string>>;

/** `text` is the statement as sent: BEGIN and START TRANSACTION have different tags. */
export async function runTransactionCommand(
  session: Session,
  statement: TransactionStatement,
  text: string,
): Promise<Result> {
  const { action } = statement;
  const { transaction } = session;
  switch (action.kind) {
    case "begin":
      begin(session, action.options);
      return done(firstWord(text) === "start" ? "START TRANSACTION" : "BEGIN");
    case "set":
      setTransaction(session, action.options, action.session);
      return done("SET");
    case "commit":
      return commit(session, action.chain);
    case "rollback":
      return rollback(session, action.chain);
    case "savepoint":
      transaction.savepoint(action.name);
      return done("SAVEPOINT");
    case "release":
      transaction.release(action.name);
      return done("RELEASE");
    case "rollback-to":
      await transaction.rollbackTo(action.name);
      return done("ROLLBACK");
    default:
      return unreachable(action);
  }
}

function begin(session: Session, options: Options): void {
  if (!session.transaction.begin()) {
    session.notice("WARNING", "there is already a transaction in progress", {
      code: "25001",
    });
  }
  applyOptions(session, options);
}

async function commit(session: Session, chain: boolean): Promise<Result> {
  if (!session.transaction.isExplicit) {
    if (chain) throw needsTransactionBlock("COMMIT AND CHAIN");
    warnNoTransaction(session);
  }
  const options = chain ? characteristics(session) : undefined;
  const committed = await session.commit();
  if (options !== undefined) begin(session, options);
  return done(committed ? "COMMIT" : "ROLLBACK");
}

async function rollback(session: Session, chain: boolean): Promise<Result> {
  if (!session.transaction.isExplicit) {
    if (chain) throw needsTransactionBlock("ROLLBACK AND CHAIN");
    warnNoTransaction(session);
  }
  const options = chain ? characteristics(session) : undefined;
  await session.rollback();
  if (options !== undefined) begin(session, options);
  return done("ROLLBACK");
}

function warnNoTransaction(session: Session): void {
  session.notice("WARNING", "there is no transaction in progress", {
    code: "25P01",
  });
}

function setTransaction(
  session: Session,
  options: Options,
  forSession: boolean,
): void {
  if (forSession) {
    for (const [name, value] of settingsOf(options)) {
      session.settings.set(`default_${name}`, value, "session");
    }
    return;
  }
  if (!session.transaction.inBlock) {
    session.notice(
      "WARNING",
      "SET TRANSACTION can only be used in transaction blocks",
      { code: "25P01" },
    );
  }
  applyOptions(session, options);
}

function applyOptions(session: Session, options: Options): void {
  for (const [name, value] of settingsOf(options)) {
    setCharacteristic(session, name, value);
  }
}

/** `SET transaction_isolation = …` too. Throws 25001 once a query has run, 22023. */
export function setCharacteristic(
  session: Session,
  name: string,
  value: string,
): void {
  const { settings, transaction } = session;
  if (transaction.queried && name === "transaction_isolation") {
    if (settings.get(name) !== value) {
      throw tooLateInTransaction("SET TRANSACTION ISOLATION LEVEL");
    }
  }
  if (transaction.queried && name === "transaction_deferrable") {
    throw tooLateInTransaction("SET TRANSACTION [NOT] DEFERRABLE");
  }
  const wasReadOnly = settings.get("transaction_read_only") === "on";
  const mark = settings.mark();
  settings.set(name, value, "local");
  if (
    name === "transaction_read_only" &&
    transaction.queried &&
    wasReadOnly &&
    settings.get(name) === "off"
  ) {
    settings.restore(mark);
    throw readWriteTooLate();
  }
}

/** What COMMIT AND CHAIN hands to the next transaction. */
function characteristics(session: Session): Options {
  return Object.fromEntries(
    [
      "transaction_isolation",
      "transaction_read_only",
      "transaction_deferrable",
    ].map((name) => [name, session.settings.get(name)]),
  );
}

/** The parser's option names are the settings' names; their short forms are taken too. */
function settingsOf(options: Options): readonly (readonly [string, string])[] {
  return Object.entries(options).map(([name, value]) => {
    const setting = name.startsWith("transaction_")
      ? name
      : `transaction_${name.replaceAll("-", "_")}`;
    return [setting, value] as const;
  });
}

/** Lower case; comments before it are skipped. */
function firstWord(text: string): string {
  const match = /^(?:\s|--[^\n]*\n|\/\*[\s\S]*?\*\/)*([A-Za-z]+)/.exec(text);
  return match?.[1]?.toLowerCase() ?? "";
}
