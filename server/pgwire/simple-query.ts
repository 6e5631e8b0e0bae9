// The simple query protocol: several statements in one string are one transaction unless they say otherwise
// (manual, "Multiple Statements in a Simple Query").

import type { ParsedStatement, Statement } from "../../planner/parse/ast.ts";
import { undefinedParameter } from "../../planner/parse/errors.ts";
import { tokenize } from "../../planner/parse/lexer.ts";
import { checkAllowed } from "../session/allowed.ts";
import { after, attempt, type Awaitable } from "../session/awaitable.ts";
import type { Cancellation } from "../session/engine.ts";
import type { Result, RowsResult } from "../session/result.ts";
import type { Session } from "../session/session.ts";
import { RowReader } from "../session/rows.ts";
import { receiveCopy, sendCopy } from "./copy.ts";
import { sameFormats } from "./formats.ts";
import type { FormatCode } from "./messages.ts";
import { rowsOfTag, runStatement, sendNotices } from "./query-context.ts";
import type { QueryContext } from "./query-context.ts";
import { commandTag, sendDescription, sendRows } from "./send-result.ts";

/** Answers one Query message up to, but without, ReadyForQuery. Throws what the first failing statement throws. */
export function runSimpleQuery(
  context: QueryContext,
  sql: string,
): Awaitable<void> {
  const { session, engine, output } = context;
  session.statements.remove("");
  const statements = engine.parse(sql);
  const [only] = statements;
  if (only === undefined) return output.send({ kind: "EmptyQueryResponse" });
  return statements.length === 1
    ? runOne(context, only, { together: false, last: true })
    : runEach(context, statements);
}

async function runEach(
  context: QueryContext,
  statements: readonly ParsedStatement[],
): Promise<void> {
  const last = statements.at(-1);
  for (const parsed of statements)
    await runOne(context, parsed, { together: true, last: parsed === last });
}

/** A statement's place in the query string. */
interface Place {
  readonly together: boolean;
  readonly last: boolean;
}

function runOne(
  context: QueryContext,
  parsed: ParsedStatement,
  { together, last }: Place,
): Awaitable<void> {
  const { session, output } = context;
  const controller = new AbortController();
  checkAllowed(session, parsed.statement);
  session.transaction.beginStatement(together);
  const ended = runStatement(context, parsed.text, { controller }, () => {
    const end = answer(context, parsed, controller);
    // The commit of the last statement is part of it: only then is it complete.
    return last
      ? after(end, (known) => after(session.endStatement(), () => known))
      : end;
  });
  return after(ended, (end) => {
    const tag = end.kind === "CommandComplete" ? end.tag : "";
    session.ended({ rowCount: rowsOfTag(tag) });
    sendNotices(context);
    output.send(end);
  });
}

type End =
  | { readonly kind: "CommandComplete"; readonly tag: string }
  | { readonly kind: "EmptyQueryResponse" };

function answer(
  context: QueryContext,
  parsed: ParsedStatement,
  cancellation: Cancellation,
): Awaitable<End> {
  const { session, engine } = context;
  const preparing = engine.prepare(session, parsed, [], cancellation);
  return after(preparing, (prepared) => {
    if (prepared.parameterTypes.length > 0) throw parameterMissing(parsed);
    const format = fetchedFormat(session, parsed.statement);
    const formats = sameFormats(format, prepared.columns?.length ?? 0);
    const running = engine.execute(
      session,
      prepared,
      [],
      { kind: "postgres", formats, output: session.settings.output() },
      cancellation,
    );
    return after(running, (result) =>
      sendResult(context, result, format, cancellation),
    );
  });
}

/** Text, but for FETCH from a BINARY cursor (manual, "DECLARE"). */
function fetchedFormat(session: Session, statement: Statement): FormatCode {
  if (statement.kind !== "fetch" || statement.move) return "text";
  const cursor = session.portals.findCursor(statement.cursor);
  return cursor?.binary === true ? "binary" : "text";
}

/** Only Parse and PREPARE take parameters; the first one met is named. */
function parameterMissing({ text, offset }: ParsedStatement): Error {
  const token = tokenize(text).tokens.find(({ kind }) => kind === "parameter");
  return undefinedParameter(
    Number(token?.text.slice(1) ?? 1),
    offset + (token?.position ?? 1),
  );
}

function sendResult(
  context: QueryContext,
  result: Result,
  format: FormatCode,
  cancellation: Cancellation,
): Awaitable<End> {
  switch (result.kind) {
    case "empty":
      return { kind: "EmptyQueryResponse" };
    case "command":
      return complete(result.tag);
    case "copy-out":
      return after(sendCopy(context, result), complete);
    case "copy-in":
      return after(receiveCopy(context, result, cancellation.signal), complete);
    case "rows":
      return after(sendRowsOf(context, result, format), complete);
  }
}

function complete(tag: string): End {
  return { kind: "CommandComplete", tag };
}

/** Gives the command tag. */
function sendRowsOf(
  context: QueryContext,
  result: RowsResult,
  format: FormatCode,
): Awaitable<string> {
  const { session, output } = context;
  const { columns } = result;
  const formats = sameFormats(format, columns.length);
  sendNotices(context);
  sendDescription(output, columns, formats);
  const reader = new RowReader(result.rows);
  const shape = { columns, formats, output: session.settings.output() };
  const sent = attempt(() => sendRows(output, reader, shape, Infinity));
  const tag = (count: number): string =>
    commandTag(result.tag, result.countInTag, count);
  return sent instanceof Promise
    ? sent.then(tag).finally(() => reader.close())
    : tag(sent);
}
