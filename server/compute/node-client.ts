// One compute node as the gateway sees it: a fragment posted, its frames pulled. Pulling slowly slows the node down.

import { errorObject } from "../../planner/functions/raised-error.ts";
import {
  Agent,
  request,
  type ClientRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type RequestOptions,
} from "node:http";
import { Readable } from "node:stream";
import { invariant } from "../../storage/common/invariant.ts";
import { SqlError, throwIfAborted } from "../../storage/common/errors.ts";
import { SQLSTATES, type SqlState } from "../../storage/common/sqlstate.ts";
import type { NodeId } from "../../storage/common/ids.ts";
import type { NodeAddress } from "./node-address.ts";
import { protocolMismatch, NARROW_DECIMALS } from "./errors.ts";
import {
  FRAME,
  NODE_PROTOCOL,
  type ChangeDrafts,
  type EndFrame,
  type FileDraft,
} from "./fragment.ts";
import type { CacheUsage } from "../../storage/cache/usage.ts";
import { encodeLoad, LOAD_TYPE } from "./client-data.ts";
import {
  decodePositions,
  decodeRows,
  FrameParser,
  type FilePositions,
  type Frame,
} from "./frames.ts";
import { encodeBody, type FragmentBody } from "./fragment-body.ts";
import { youngCollector } from "./young-garbage.ts";
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
  /** On disk, of what a write fragment will leave there. */
  | { readonly kind: "written"; readonly bytes: number }
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
  readonly address: NodeAddress;
  readonly ticket: () => string;
}

interface Answer {
  readonly answer: IncomingMessage;
  /** Ends what is still being sent. */
  readonly close: () => void;
}

/** Connections are kept alive; there are as many as fragments in flight. */
const MAX_CONNECTIONS = 256;

export class NodeClient implements ComputeNode, AsyncDisposable {
  readonly id: NodeId;
  readonly #target: RequestOptions;
  readonly #ticket: () => string;
  readonly #agent = new Agent({
    keepAlive: true,
    maxSockets: MAX_CONNECTIONS,
    maxFreeSockets: MAX_CONNECTIONS,
  });

  constructor(endpoint: NodeEndpoint) {
    this.id = endpoint.id;
    this.#target = targetOf(endpoint.address);
    this.#ticket = endpoint.ticket;
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
    return Number((await this.#health())["protocol"] ?? 0);
  }

  /** Of its copies of remote data files. Throws NodeLost when it does not answer. */
  async fileCache(): Promise<CacheUsage> {
    const health = await this.#health().catch((error: unknown) => {
      throw new NodeLost(this.id, error);
    });
    const usage = health["fileCache"];
    const number = (name: string): number =>
      isRecord(usage) ? Number(usage[name] ?? 0) : 0;
    return {
      entries: number("entries"),
      usedBytes: number("usedBytes"),
      limitBytes: number("limitBytes"),
    };
  }

  async #health(): Promise<Record<string, unknown>> {
    const value = parseJson(await textOf(await this.#get("/v1/health")));
    return isRecord(value) ? value : {};
  }

  async *run(
    body: FragmentBody,
    signal: AbortSignal,
  ): AsyncGenerator<FragmentEvent, void, undefined> {
    let end: FragmentEvent | undefined;
    try {
      for await (const frame of this.#frames(body, signal)) {
        const event = eventOf(frame);
        if (event.kind === "end") end = event;
        else yield event;
      }
    } catch (error) {
      if (error instanceof SqlError || error instanceof NodeLost) throw error;
      throwIfAborted(signal);
      throw new NodeLost(this.id, error);
    }
    if (end === undefined) throw new NodeLost(this.id, undefined);
    yield end;
  }

  /** Read to its end, an answer leaves its connection to the next fragment; left before, the connection is closed, which cancels. */
  async *#frames(
    body: FragmentBody,
    signal: AbortSignal,
  ): AsyncGenerator<Frame, void, undefined> {
    const { fragment, parts, clientData } = body;
    const { answer, close } = await (clientData === undefined
      ? this.#post(Buffer.concat(encodeBody(fragment, parts)), signal)
      : this.#load(encodeLoad(fragment, clientData), signal));
    try {
      if (answer.statusCode !== 200) {
        throw refusal(answer.statusCode ?? 0, await textOf(answer));
      }
      const parser = new FrameParser();
      const collect = youngCollector();
      for await (const piece of answer) {
        invariant(piece instanceof Uint8Array, "answers are bytes");
        yield* parser.push(piece);
        // As it came, and joined to frames.
        collect(piece.length * 2);
      }
    } finally {
      close();
    }
  }

  async #get(path: string): Promise<IncomingMessage> {
    const { sent, answer } = this.#request("GET", path, {});
    sent.end();
    return answer;
  }

  async #post(bytes: Uint8Array, signal: AbortSignal): Promise<Answer> {
    const { sent, answer } = this.#request(
      "POST",
      "/v1/fragments",
      {
        "content-type": "application/octet-stream",
        "content-length": bytes.length,
      },
      signal,
    );
    sent.end(bytes);
    return { answer: await answer, close: () => undefined };
  }

  /** The body goes out as fast as the node takes it. It stops when the node has answered, or `pieces` fail. */
  async #load(
    pieces: AsyncIterable<Uint8Array>,
    signal: AbortSignal,
  ): Promise<Answer> {
    const { sent, answer } = this.#request(
      "POST",
      "/v1/loads",
      { "content-type": LOAD_TYPE },
      signal,
    );
    const source = Readable.from(pieces, { objectMode: false });
    source.on("error", (error) => sent.destroy(error));
    sent.on("close", () => source.destroy());
    source.pipe(sent);
    const close = (): void => {
      if (!sent.writableFinished) sent.destroy();
    };
    return { answer: await answer, close };
  }

  /** No time limit: a fragment may work long before its first row, and a slow client may pause its rows for as long as it likes. */
  #request(
    method: "GET" | "POST",
    path: string,
    headers: OutgoingHttpHeaders,
    signal?: AbortSignal,
  ): {
    readonly sent: ClientRequest;
    readonly answer: Promise<IncomingMessage>;
  } {
    const sent = request({
      ...this.#target,
      path,
      method,
      agent: this.#agent,
      headers: { authorization: `Bearer ${this.#ticket()}`, ...headers },
    });
    if (signal !== undefined) destroyOnAbort(sent, signal);
    const answer = new Promise<IncomingMessage>((resolve, reject) => {
      sent.on("response", resolve);
      sent.on("error", reject);
    });
    return { sent, answer };
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#agent.destroy();
    return Promise.resolve();
  }
}

/**
 * Not the request's own option `signal`: it destroys with an error, which a connection that is just being given back has no listener for,
 * and an error without a listener ends the process.
 */
function destroyOnAbort(sent: ClientRequest, signal: AbortSignal): void {
  const destroy = (): void => {
    sent.destroy();
  };
  if (signal.aborted) return destroy();
  signal.addEventListener("abort", destroy, { once: true });
  sent.once("close", () => signal.removeEventListener("abort", destroy));
}

function targetOf(address: NodeAddress): RequestOptions {
  return address.kind === "socket"
    ? { socketPath: address.path }
    : { host: address.host, port: address.port };
}

async function textOf(answer: IncomingMessage): Promise<string> {
  answer.setEncoding("utf8");
  let text = "";
  for await (const piece of answer) text += String(piece);
  return text;
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
      const told = isRecord(value) ? value : {};
      const { percent, writtenBytes } = told;
      return typeof writtenBytes === "number"
        ? { kind: "written", bytes: writtenBytes }
        : { kind: "progress", percent: Number(percent ?? 0) };
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
  const { code, message, detail, hint, context, object, narrow } = value;
  if (
    typeof code !== "string" ||
    typeof message !== "string" ||
    !isSqlState(code)
  )
    return undefined;
  return new SqlError(code, message, {
    detail: typeof detail === "string" ? detail : undefined,
    hint: typeof hint === "string" ? hint : undefined,
    context: typeof context === "string" ? context : undefined,
    object: errorObject(object),
    cause: narrow === true ? NARROW_DECIMALS : undefined,
  });
}

function isSqlState(code: string): code is SqlState {
  return Object.hasOwn(SQLSTATES, code);
}
