// A Statement -> the API's JSON (http-api section 4.1). Rows are JSON text already, so bodies are put together as bytes.

import { columnInfo } from "./manifest.ts";
import { statementError, statementNotFound } from "./problem.ts";
import type { Chunk, Collected } from "./results/collect-rows.ts";
import type { Statement } from "./statement.ts";

/** Makes a link to a chunk for the client that asks. */
export type MakeLink = (
  statement: Statement,
  index: number,
) => { readonly url: string; readonly expiresAtMs: number };

/** The whole answer of POST and GET. */
export async function statementBody(
  statement: Statement,
  makeLink: MakeLink,
): Promise<Buffer> {
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
  if (state !== "SUCCEEDED" || outcome === undefined)
    return Buffer.from(JSON.stringify(head));
  const manifest = manifestOf(statement, outcome);
  const result =
    outcome.chunks.length === 0
      ? Buffer.from("{}")
      : await chunkBody(statement, 0, makeLink);
  return withMember({ ...head, manifest }, "result", result);
}

/** The `result` object of a chunk that is there. Throws 404 when the statement is closed meanwhile. */
export async function chunkBody(
  statement: Statement,
  index: number,
  makeLink: MakeLink,
): Promise<Buffer> {
  const { outcome, stored, submission } = statement;
  const chunk = outcome?.chunks[index];
  if (outcome === undefined || chunk === undefined)
    throw statementNotFound(submission.id);
  const info = { ...chunkInfo(chunk, index), ...nextChunk(statement, index) };
  if (outcome.delivery === "links") {
    const { url, expiresAtMs } = makeLink(statement, index);
    const link = {
      ...info,
      byte_count: chunk.sizeBytes,
      external_link: url,
      expiration: new Date(expiresAtMs).toISOString(),
    };
    return Buffer.from(JSON.stringify({ external_links: [link] }));
  }
  const rows = await stored.read(chunk);
  if (rows === undefined) throw statementNotFound(submission.id);
  return submission.wanted.format === "JSON_ARRAY"
    ? withMember(info, "data_array", rows)
    : Buffer.from(
        JSON.stringify({ ...info, attachment: rows.toString("base64") }),
      );
}

/** `object` as JSON with one member more, whose value is JSON already. */
function withMember(object: object, name: string, json: Buffer): Buffer {
  const head = `${JSON.stringify(object).slice(0, -1)},"${name}":`;
  return Buffer.concat([Buffer.from(head), json, Buffer.from("}")]);
}

function nextChunk({ outcome, submission }: Statement, index: number): object {
  const next = index + 1;
  return next < (outcome?.chunks.length ?? 0)
    ? {
        next_chunk_index: next,
        next_chunk_internal_link: `/api/2.0/sql/statements/${submission.id}/result/chunks/${next}`,
      }
    : {};
}

function manifestOf({ submission }: Statement, outcome: Collected): object {
  const { columns, chunks, delivery } = outcome;
  const sized = delivery === "links";
  return {
    format: submission.wanted.format,
    schema:
      columns.length === 0
        ? { column_count: 0 }
        : { column_count: columns.length, columns: columns.map(columnInfo) },
    total_chunk_count: chunks.length,
    ...(chunks.length === 0
      ? {}
      : {
          chunks: chunks.map((chunk, index) => ({
            ...chunkInfo(chunk, index),
            ...(sized ? { byte_count: chunk.sizeBytes } : {}),
          })),
        }),
    total_row_count: outcome.rowCount,
    ...(sized ? { total_byte_count: outcome.byteCount } : {}),
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
