// One HTTP exchange with an object store: connections shared and limited, every wait bounded, the answer read whole. Bodies are at
// most a part of an object (a few MB) or a log file, so nothing is streamed.

import { Agent } from "undici";

export interface HttpRequest {
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  /** Scheme, host and port. */
  readonly origin: string;
  /** Percent-encoded, with its leading slash; sent as it stands. */
  readonly path: string;
  /** Decoded; sent in this order. */
  readonly query: readonly QueryItem[];
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | undefined;
}

export type QueryItem = readonly [name: string, value: string];

export interface HttpResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
}

/** Rejects with what the network said; the caller decides what that means. */
export type Exchange = (
  request: HttpRequest,
  signal?: AbortSignal,
) => Promise<HttpResponse>;

export interface HttpClientOptions {
  /** To one host; more requests wait in order. */
  readonly connections: number;
  readonly connectTimeoutMs: number;
  /** Without a byte received. */
  readonly idleTimeoutMs: number;
}

export const STORE_CONNECTIONS: HttpClientOptions = {
  connections: 64,
  connectTimeoutMs: 5_000,
  idleTimeoutMs: 30_000,
};

export class HttpClient implements AsyncDisposable {
  readonly #agent: Agent;

  constructor(options: HttpClientOptions = STORE_CONNECTIONS) {
    this.#agent = new Agent({
      connections: options.connections,
      pipelining: 1,
      connect: { timeout: options.connectTimeoutMs },
      headersTimeout: options.idleTimeoutMs,
      bodyTimeout: options.idleTimeoutMs,
      keepAliveTimeout: 20_000,
    });
  }

  readonly exchange: Exchange = async (request, signal) => {
    const { method, origin, headers, body } = request;
    const response = await this.#agent.request({
      method,
      origin,
      path: pathWithQuery(request),
      headers,
      body: body ?? null,
      signal: signal ?? null,
    });
    const bytes = await response.body.bytes();
    return {
      status: response.statusCode,
      headers: headerMap(response.headers),
      body: bytes,
    };
  };

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy();
  }
}

function pathWithQuery({ path, query }: HttpRequest): string {
  if (query.length === 0) return path;
  const items = query.map(
    ([name, value]) => `${encodePart(name)}=${encodePart(value)}`,
  );
  return `${path}?${items.join("&")}`;
}

/** RFC 3986: all but unreserved characters, as the signatures of all three clouds want it. */
export function encodePart(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** An object's key as a URL path: slashes stay. */
export function encodeKey(key: string): string {
  return key.split("/").map(encodePart).join("/");
}

function headerMap(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined)
      map.set(name, Array.isArray(value) ? value.join(", ") : value);
  }
  return map;
}
