// One compute node as the gateway sees it: a fragment posted, its frames pulled. Pulling slowly slows the node down.

import { Pool } from "undici";
import { invariant } from "../../storage/common/invariant.ts";
import { SqlError, throwIfAborted } from "../../storage/common/errors.ts";
import { SQLSTATES, type SqlState } from "../../storage/common/sqlstate.ts";
import type { NodeId } from "../../storage/common/ids.ts";
import { protocolMismatch, NARROW_DECIMALS } from "./errors.ts";
import {
  FRAME,
  NODE_PROTOCOL,
  type ChangeDrafts,
  type EndFrame,
  type FileDraft,
} from "./fragment.ts";
import {
  decodePositions,
  decodeRows,
  FrameParser,
  type FilePositions,
  type Frame,
} from "./frames.ts";
import { encodeBody, type FragmentBody } from "./fragment-body.ts";
import type { EncodedRows } from "../session/result.ts";

/** What a fragment answers, one at a time; `end` is the last. */
export type FragmentEvent =
  | { readonly kind: "rows"; readonly rows: EncodedRows }
  | { readonly kind: "exchange"; readonly bytes: Uint8Array }
  | { readonly kind: "drafts"; readonly drafts: readonly FileDraft[] }
  | { readonly kind: "positions"; readonly positions: FilePositions }
  /** Behind all positions. */
  | { readonly kind: "changes"; readonly changes: ChangeDrafts }
  | { readonly kind: "progress"; readonly percent: number }
  | { readonly kind: "end"; readonly end: EndFrame };

/** The node went away, or never answered: nothing the statement did. Becomes 58000 where it cannot be retried. */
export class NodeLost extends Error {
  readonly node: NodeId;

  constructor(node: NodeId, cause: unknown) {
    super(`compute node ${node} was lost`, { cause });
    this.name = "NodeLost";
    this.node = node;
  }
}

export interface ComputeNode {
  readonly id: NodeId;
  /** Throws SqlError as the node sent it, and NodeLost. Leaving the loop, or aborting, cancels the fragment. */
  run(body: FragmentBody, signal: AbortSignal): AsyncIterable<FragmentEvent>;
}

export interface NodeEndpoint {
  readonly id: NodeId;
  readonly origin: string;
  readonly ticket: () => string;
}

/** Connections are kept alive; there are as many as fragments in flight. */
const MAX_CONNECTIONS = 256;

export class NodeClient implements ComputeNode, AsyncDisposable {
  readonly id: NodeId;
  readonly #pool: Pool;
  readonly #ticket: () => string;

  constructor(endpoint: NodeEndpoint) {
    this.id = endpoint.id;
    this.#ticket = endpoint.ticket;
    this.#pool = new Pool(endpoint.origin, {
      connections: MAX_CONNECTIONS,
      pipelining: 1,
      // A fragment may work long before its first row, and a slow client may pause its rows for as long as it likes.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: 60_000,
    });
  }

  /** Throws 0A000 when the node speaks another protocol, NodeLost when it does not answer. */
  async check(): Promise<void> {
    const theirs = await this.#protocol().catch((error: unknown) => {
      throw new NodeLost(this.id, error);
    });
    if (theirs !== NODE_PROTOCOL) {
      throw protocolMismatch(NODE_PROTOCOL, theirs);
    }
  }

  async #protocol(): Promise<number> {
    const answer = await this.#pool.request({
      method: "GET",
      path: "/v1/health",
      headers: { authorization: `Bearer ${this.#ticket()}` },
    });
    const value = parseJson(await answer.body.text());
    return isRecord(value) ? Number(value["protocol"] ?? 0) : 0;
  }

  async *run(
    body: FragmentBody,
    signal: AbortSignal,
  ): AsyncGenerator<FragmentEvent, void, undefined> {
    const abort = new AbortController();
    const onAbort = (): void => abort.abort(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    let ended = false;
    try {
      for await (const frame of this.#frames(body, abort.signal)) {
        const event = eventOf(frame);
        if (event.kind === "end") ended = true;
        yield event;
        if (ended) return;
      }
      throw new NodeLost(this.id, undefined);
    } catch (error) {
      if (error instanceof SqlError || error instanceof NodeLost) throw error;
      throwIfAborted(signal);
      throw new NodeLost(this.id, error);
    } finally {
      signal.removeEventListener("abort", onAbort);
      if (!ended) abort.abort();
    }
  }

  async *#frames(
    body: FragmentBody,
    signal: AbortSignal,
  ): AsyncGenerator<Frame, void, undefined> {
    const answer = await this.#pool.request({
      method: "POST",
      path: "/v1/fragments",
      headers: {
        authorization: `Bearer ${this.#ticket()}`,
        "content-type": "application/octet-stream",
      },
      body: Buffer.concat(encodeBody(body.fragment, body.parts)),
      signal,
    });
    if (answer.statusCode !== 200) {
      throw refusal(answer.statusCode, await answer.body.text());
    }
    const parser = new FrameParser();
    for await (const piece of answer.body) {
      invariant(piece instanceof Uint8Array, "answers are bytes");
      yield* parser.push(piece);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#pool.destroy();
  }
}

/** A node that runs but does not take our fragments: our mistake or a foreign process, so no retry. */
function refusal(status: number, text: string): SqlError {
  const fields = parseJson(text);
  return (
    errorOf(fields) ??
    new SqlError("58000", `compute node answered with status ${status}`)
  );
}

function eventOf(frame: Frame): FragmentEvent {
  switch (frame.kind) {
    case FRAME.rows:
      return { kind: "rows", rows: decodeRows(frame.payload) };
    case FRAME.exchange:
      return { kind: "exchange", bytes: frame.payload };
    case FRAME.drafts: {
      const drafts = jsonOf(frame);
      invariant(isDrafts(drafts), "a drafts frame holds drafts");
      return { kind: "drafts", drafts };
    }
    case FRAME.positions:
      return { kind: "positions", positions: decodePositions(frame.payload) };
    case FRAME.changes: {
      const changes = jsonOf(frame);
      invariant(isChanges(changes), "a changes frame holds drafts and counts");
      return { kind: "changes", changes };
    }
    case FRAME.progress: {
      const value = jsonOf(frame);
      const percent =
        isRecord(value) && typeof value["percent"] === "number"
          ? value["percent"]
          : 0;
      return { kind: "progress", percent };
    }
    case FRAME.end: {
      const end = jsonOf(frame);
      invariant(isEnd(end), "an end frame holds counts");
      return { kind: "end", end };
    }
    case FRAME.error:
      throw (
        errorOf(jsonOf(frame)) ??
        new SqlError(
          "XX000",
          "internal error: a node failed without saying why",
        )
      );
    default:
      throw new SqlError(
        "58000",
        `compute node sent a frame of unexpected kind ${frame.kind}`,
      );
  }
}

function jsonOf(frame: Frame): unknown {
  return parseJson(Buffer.from(frame.payload).toString("utf8"));
}

function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function isEnd(value: unknown): value is EndFrame {
  return (
    isRecord(value) &&
    typeof value["rowCount"] === "number" &&
    typeof value["elapsedMs"] === "number"
  );
}

function isDrafts(value: unknown): value is readonly FileDraft[] {
  return (
    Array.isArray(value) &&
    value.every((draft) => isRecord(draft) && typeof draft["path"] === "string")
  );
}

function isChanges(value: unknown): value is ChangeDrafts {
  return (
    isRecord(value) &&
    isDrafts(value["added"]) &&
    isDrafts(value["changeData"]) &&
    typeof value["deleted"] === "number"
  );
}

function errorOf(value: unknown): SqlError | undefined {
  if (!isRecord(value)) return undefined;
  const { code, message, detail, hint, narrow } = value;
  if (
    typeof code !== "string" ||
    typeof message !== "string" ||
    !isSqlState(code)
  )
    return undefined;
  return new SqlError(code, message, {
    detail: typeof detail === "string" ? detail : undefined,
    hint: typeof hint === "string" ? hint : undefined,
    cause: narrow === true ? NARROW_DECIMALS : undefined,
  });
}

function isSqlState(code: string): code is SqlState {
  return Object.hasOwn(SQLSTATES, code);
}
