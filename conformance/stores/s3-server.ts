// An object store for tests, in memory behind real HTTP: S3 (signatures checked, conditional puts, ranges, listings in pages, uploads
// in parts), or Google's dialect of it; with a switch for each way a store or a network goes wrong. Loopback only.

import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { escapeXml, S3Objects } from "./s3-objects.ts";
import { checkSignature, type SigningSecret } from "./signature-check.ts";

export interface SeenRequest {
  readonly method: string;
  readonly bucket: string;
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
}

export type Fault =
  | { readonly kind: "status"; readonly status: number; readonly code: string }
  /** The connection is cut before, or after, the request was carried out. */
  | { readonly kind: "cut before" | "cut after" }
  /** Half of the body, then the connection is cut. */
  | { readonly kind: "cut body" }
  /** Half of the body, and headers that say so. */
  | { readonly kind: "short body" }
  /** The whole object with 200, or a range that was not asked for. */
  | { readonly kind: "whole object" | "wrong range" };

export interface S3ServerOptions {
  readonly secret?: SigningSecret;
  /** Instead of signatures, this token is asked for. */
  readonly bearer?: string;
  /** Look-alikes overwrite whatever the condition; Google has its own condition and ignores the other. */
  readonly condition?: "if-none-match" | "generation" | "none";
  readonly pageSize?: number;
  /** No DeleteObjects, as some look-alikes. */
  readonly deletesOneByOne?: boolean;
  /** Objects that may not be deleted. */
  readonly locked?: (key: string) => boolean;
  /** Other buckets do not exist. */
  readonly bucket?: string;
  /** Asked for each request. */
  readonly fault?: (request: SeenRequest) => Fault | undefined;
  /** Before each answer. */
  readonly latencyMs?: number;
}

export interface S3Server extends AsyncDisposable {
  readonly url: string;
  readonly objects: S3Objects;
  readonly requests: readonly SeenRequest[];
  /** The options may change while it runs. */
  configure(options: Partial<S3ServerOptions>): void;
}

export const TEST_SECRET: SigningSecret = {
  accessKeyId: "TESTKEY",
  secretAccessKey: "test/secret+key",
};

export async function startS3Server(
  options: S3ServerOptions = {},
): Promise<S3Server> {
  const state: State = {
    options,
    objects: new S3Objects(),
    requests: [],
  };
  const server = createServer((request, response) => {
    handle(state, request, response).catch(() => response.destroy());
  });
  server.keepAliveTimeout = 60_000;
  await listen(server);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    objects: state.objects,
    requests: state.requests,
    configure: (changed) => {
      state.options = { ...state.options, ...changed };
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

interface State {
  options: S3ServerOptions;
  readonly objects: S3Objects;
  readonly requests: SeenRequest[];
}

async function listen(server: Server): Promise<void> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
}

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

async function handle(
  state: State,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const seen = seenRequest(request);
  state.requests.push(seen);
  const { options } = state;
  const fault = options.fault?.(seen);
  if (options.latencyMs !== undefined)
    await new Promise((resolve) => setTimeout(resolve, options.latencyMs));
  if (fault?.kind === "cut before") return void request.socket.destroy();
  const answer =
    fault?.kind === "status"
      ? failure(fault.status, fault.code)
      : (refusal(options, request, body, seen) ??
        carryOut(state, seen, body, fault));
  if (fault?.kind === "cut after") return void request.socket.destroy();
  send(response, seen.method, answer, fault);
}

function seenRequest(request: IncomingMessage): SeenRequest {
  const [path = "", query = ""] = (request.url ?? "").split("?");
  const [, bucket = "", ...key] = path.split("/");
  return {
    method: request.method ?? "",
    bucket,
    key: decodeURIComponent(key.join("/")),
    query: new URLSearchParams(query),
    headers: request.headers,
  };
}

function refusal(
  options: S3ServerOptions,
  request: IncomingMessage,
  body: Buffer,
  seen: SeenRequest,
): Answer | undefined {
  const { secret = TEST_SECRET, bearer, bucket } = options;
  const wrong =
    bearer === undefined
      ? checkSignature(request, body, secret)
      : request.headers.authorization === `Bearer ${bearer}`
        ? undefined
        : "AuthenticationRequired";
  if (wrong !== undefined)
    return failure(bearer === undefined ? 403 : 401, wrong);
  if (bucket !== undefined && seen.bucket !== bucket)
    return failure(404, "NoSuchBucket");
  return undefined;
}

function carryOut(
  state: State,
  seen: SeenRequest,
  body: Buffer,
  fault: Fault | undefined,
): Answer {
  const { objects, options } = state;
  const { method, key, query } = seen;
  if (key === "" && query.get("list-type") === "2")
    return xml(objects.listXml(query, options.pageSize ?? 1000));
  if (method === "POST" && query.has("uploads"))
    return xml(
      `<InitiateMultipartUploadResult><UploadId>${objects.beginUpload()}</UploadId></InitiateMultipartUploadResult>`,
    );
  if (method === "POST" && query.has("delete"))
    return deleteAnswer(state, seen, body);
  const upload = query.get("uploadId");
  return upload === null
    ? objectRequest(state, seen, body, fault)
    : uploadAnswer(objects, seen, upload, body);
}

function objectRequest(
  state: State,
  seen: SeenRequest,
  body: Buffer,
  fault: Fault | undefined,
): Answer {
  const { objects, options } = state;
  const { method, key } = seen;
  switch (method) {
    case "GET":
    case "HEAD":
      return objectAnswer(state, seen, fault);
    case "PUT": {
      if (objects.get(key) !== undefined && isConditional(options, seen))
        return failure(412, "PreconditionFailed");
      return { status: 200, headers: { etag: objects.put(key, body).etag } };
    }
    case "DELETE":
      if (options.locked?.(key) === true) return failure(403, "AccessDenied");
      objects.delete(key);
      return { status: 204 };
    default:
      return failure(405, "MethodNotAllowed");
  }
}

function isCountAllowed(keys: number): boolean {
  return keys > 0 && keys <= 1000;
}

function unescapeXml(text: string): string {
  return text.replace(/&#(\d+);/g, (_, code) =>
    String.fromCodePoint(Number(code)),
  );
}

/** DeleteObjects in quiet mode: at most 1000 keys, the body's MD5 told and right. */
function deleteAnswer(
  { objects, options }: State,
  { headers }: SeenRequest,
  body: Buffer,
): Answer {
  if (options.deletesOneByOne === true) return failure(501, "NotImplemented");
  const digest = createHash("md5").update(body).digest("base64");
  if (headers["content-md5"] !== digest) return failure(400, "BadDigest");
  const document = body.toString();
  const keys = [
    ...document.matchAll(/<Object><Key>([^<]*)<\/Key><\/Object>/g),
  ].map(([, text = ""]) => unescapeXml(text));
  if (!document.startsWith("<Delete ") || !isCountAllowed(keys.length))
    return failure(400, "MalformedXML");
  const failed = keys.filter((key) => options.locked?.(key) === true);
  for (const key of keys) if (!failed.includes(key)) objects.delete(key);
  const errors = failed.map(
    (key) =>
      `<Error><Key>${escapeXml(key)}</Key><Code>AccessDenied</Code></Error>`,
  );
  return xml(`<DeleteResult>${errors.join("")}</DeleteResult>`);
}

function isConditional(
  { condition = "if-none-match" }: S3ServerOptions,
  { headers }: SeenRequest,
): boolean {
  if (condition === "none") return false;
  return condition === "generation"
    ? headers["x-goog-if-generation-match"] === "0"
    : headers["if-none-match"] === "*";
}

function uploadAnswer(
  objects: S3Objects,
  { method, key, query }: SeenRequest,
  id: string,
  body: Buffer,
): Answer {
  if (method === "DELETE") {
    objects.abandonUpload(id);
    return { status: 204 };
  }
  if (method === "PUT") {
    const etag = objects.putPart(id, Number(query.get("partNumber")), body);
    return etag === undefined
      ? failure(404, "NoSuchUpload")
      : { status: 200, headers: { etag } };
  }
  const numbers = [...body.toString().matchAll(/<PartNumber>(\d+)</g)];
  const done = objects.completeUpload(
    id,
    key,
    numbers.map((match) => Number(match[1])),
  );
  return done === undefined
    ? failure(404, "NoSuchUpload")
    : xml(
        `<CompleteMultipartUploadResult><ETag>${escapeXml(done.etag)}</ETag></CompleteMultipartUploadResult>`,
      );
}

function objectAnswer(
  { objects }: State,
  { key, headers }: SeenRequest,
  fault: Fault | undefined,
): Answer {
  const object = objects.get(key);
  if (object === undefined) return failure(404, "NoSuchKey");
  const { bytes, etag, modified } = object;
  const facts = { etag, "last-modified": modified.toUTCString() };
  const condition = headers["if-match"];
  if (condition !== undefined && condition !== etag)
    return failure(412, "PreconditionFailed");
  const range = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? "");
  if (range === null || fault?.kind === "whole object")
    return { status: 200, headers: facts, body: bytes };
  const shift = fault?.kind === "wrong range" ? 1 : 0;
  const first = Number(range[1]) + shift;
  const last = Math.min(Number(range[2]) + shift, bytes.length - 1);
  if (first >= bytes.length)
    return {
      ...failure(416, "InvalidRange"),
      headers: { "content-range": `bytes */${bytes.length}` },
    };
  return {
    status: 206,
    headers: {
      ...facts,
      "content-range": `bytes ${first}-${last}/${bytes.length}`,
    },
    body: bytes.subarray(first, last + 1),
  };
}

function send(
  response: ServerResponse,
  method: string,
  { status, headers = {}, body = Buffer.alloc(0) }: Answer,
  fault: Fault | undefined,
): void {
  const half = body.subarray(0, Math.floor(body.length / 2));
  const sent = fault?.kind === "short body" ? half : body;
  response.writeHead(status, {
    ...headers,
    "content-length": String(sent.length),
  });
  if (method === "HEAD") response.end();
  else if (fault?.kind === "cut body") {
    response.write(half, () => response.destroy());
  } else response.end(sent);
}

function xml(text: string): Answer {
  return {
    status: 200,
    headers: { "content-type": "application/xml" },
    body: Buffer.from(text),
  };
}

function failure(status: number, code: string): Answer {
  return {
    status,
    headers: { "content-type": "application/xml" },
    body: Buffer.from(
      `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>it failed</Message></Error>`,
    ),
  };
}
