// The simple query protocol: several statements in one string are one transaction unless they say otherwise
// (manual, "Multiple Statements in a Simple Query").

import type { ParsedStatement, Statement } from "../../planner/parse/ast.ts";
import { undefinedParameter } from "../../planner/parse/errors.ts";
import { tokenize } from "../../planner/parse/lexer.ts";
import { checkAllowed } from "../session/allowed.ts";
import type { Cancellation } from "../session/engine.ts";
import type { Result, RowsResult } from "../session/result.ts";
import type { Session } from "../session/session.ts";
import { RowReader } from "../session/rows.ts";
import { receiveCopy, sendCopy } from "./copy.ts";
import type { FormatCode } from "./messages.ts";
import { rowsOfTag, runStatement, sendNotices } from "./query-context.ts";
import type { QueryContext } from "./query-context.ts";
import { commandTag, describeColumns, sendRows } from "./send-result.ts";

/** Answers one Query message up to, but without, ReadyForQuery. Throws what the first failing statement throws. */
export async function runSimpleQuery(
  context: QueryContext,
  sql: string,
): Promise<void> {
  const { session, engine, output } = context;
  session.statements.remove("");
  const statements = engine.parse(sql);
  if (statements.length === 0) {
    output.send({ kind: "EmptyQueryResponse" });
    return;
  }
  const last = statements.at(-1);
  for (const parsed of statements) {
    const place = { together: statements.length > 1, last: parsed === last };
    const controller = new AbortController();
    checkAllowed(session, parsed.statement);
    session.transaction.beginStatement(place.together);
    const end = await runStatement(context, parsed.text, { controller }, () =>
      runOne(context, parsed, place, controller),
    );
    const tag = end.kind === "CommandComplete" ? end.tag : "";
    session.ended({ rowCount: rowsOfTag(tag) });
    sendNotices(context);
    output.send(end);
  }
}

type End =
  | { readonly kind: "CommandComplete"; readonly tag: string }
  | { readonly kind: "EmptyQueryResponse" };

/** The commit of the last statement is part of it: only then is it complete. */
async function runOne(
  context: QueryContext,
  parsed: ParsedStatement,
  { last }: { readonly last: boolean },
  cancellation: Cancellation,
): Promise<End> {
  const { session, engine } = context;
  const prepared = await engine.prepare(session, parsed, [], cancellation);
  if (prepared.parameterTypes.length > 0) throw parameterMissing(parsed);
  const format = fetchedFormat(session, parsed.statement);
  const formats = (prepared.columns ?? []).map(() => format);
  const result = await engine.execute(
    session,
    prepared,
    [],
    { kind: "postgres", formats, output: session.settings.output() },
    cancellation,
  );
  const end = await sendResult(context, result, format, cancellation);
  if (last) await session.endStatement();
  return end;
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

async function sendResult(
  context: QueryContext,
  result: Result,
  format: FormatCode,
  cancellation: Cancellation,
): Promise<End> {
  switch (result.kind) {
    case "empty":
      return { kind: "EmptyQueryResponse" };
    case "command":
      return complete(result.tag);
    case "copy-out":
      return complete(await sendCopy(context, result));
    case "copy-in":
      return complete(await receiveCopy(context, result, cancellation.signal));
    case "rows":
      return complete(await sendRowsOf(context, result, format));
  }
}

function complete(tag: string): End {
  return { kind: "CommandComplete", tag };
}

/** Gives the command tag. */
async function sendRowsOf(
  context: QueryContext,
  result: RowsResult,
  format: FormatCode,
): Promise<string> {
  const { session, output } = context;
  const { columns } = result;
  const formats = columns.map(() => format);
  sendNotices(context);
  output.send({
    kind: "RowDescription",
    fields: describeColumns(columns, formats),
  });
  const reader = new RowReader(result.rows);
  try {
    const shape = { columns, formats, output: session.settings.output() };
    const count = await sendRows(output, reader, shape, Infinity);
    return commandTag(result.tag, result.countInTag, count);
  } finally {
    await reader.close();
  }
}
