// A Statement -> the API's JSON (http-api section 4.1). Rows are JSON text already, so the body is put together as text.

import { columnInfo } from "./manifest.ts";
import { statementError } from "./problem.ts";
import type { Chunk, Statement, StatementOutcome } from "./statement.ts";

/** The whole answer of POST and GET. */
export function statementBody(statement: Statement): string {
  const { state, error, outcome, submission } = statement;
  const failed = state === "FAILED" && error !== undefined;
  const status = failed
    ? {
        state,
        error: statementError(error, submission.sql),
        sql_state: error.code,
      }
    : { state };
  const head = { statement_id: submission.id, status };
  if (state === "CLOSED" || state !== "SUCCEEDED" || outcome === undefined)
    return JSON.stringify(head);
  const manifest = JSON.stringify(manifestOf(outcome));
  return `${JSON.stringify(head).slice(0, -1)},"manifest":${manifest},"result":${chunkBody(statement, 0)}}`;
}

/** The `result` object of one chunk; `{}` when there are no rows. */
export function chunkBody(statement: Statement, index: number): string {
  const chunks = statement.outcome?.chunks ?? [];
  const chunk = chunks[index];
  if (chunk === undefined) return "{}";
  const next =
    index + 1 < chunks.length
      ? {
          next_chunk_index: index + 1,
          next_chunk_internal_link: `/api/2.0/sql/statements/${statement.submission.id}/result/chunks/${index + 1}`,
        }
      : {};
  const head = JSON.stringify({ ...chunkInfo(chunk, index), ...next });
  return `${head.slice(0, -1)},"data_array":[${chunk.json}]}`;
}

function manifestOf(outcome: StatementOutcome): object {
  const { columns, chunks } = outcome;
  return {
    format: "JSON_ARRAY",
    schema:
      columns.length === 0
        ? { column_count: 0 }
        : { column_count: columns.length, columns: columns.map(columnInfo) },
    total_chunk_count: chunks.length,
    ...(chunks.length === 0 ? {} : { chunks: chunks.map(chunkInfo) }),
    total_row_count: outcome.rowCount,
    truncated: outcome.truncated,
  };
}

function chunkInfo(chunk: Chunk, index: number): object {
  return {
    chunk_index: index,
    row_offset: chunk.rowOffset,
    row_count: chunk.rowCount,
  };
}
