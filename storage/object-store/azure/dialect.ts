// Azure Blob Storage's REST API, which serves ADLS Gen2 accounts too. Large blobs are blocks that a list of their ids puts together.

import {
  childrenOf,
  childText,
  parseXml,
  type XmlElement,
} from "../remote/xml.ts";
import {
  tagOf,
  type Call,
  type Dialect,
  type ListPage,
  type PartedUpload,
} from "../remote/dialect.ts";
import {
  encodeKey,
  type HttpRequest,
  type HttpResponse,
} from "../remote/http.ts";

export interface AzureEndpoint {
  readonly origin: string;
  /** Path in front of a key: the container, and the account before it on emulators. */
  readonly basePath: string;
  authorize(request: HttpRequest): Promise<HttpRequest>;
  /** See Dialect.correct. */
  correct(response: HttpResponse): boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const API_VERSION = "2021-08-06";

export function azureDialect(endpoint: AzureEndpoint): Dialect {
  return {
    sign: (call) => endpoint.authorize(addressed(endpoint, call)),
    correct: (response) => endpoint.correct(response),
    putHeaders: (ifAbsent) => ({
      "x-ms-blob-type": "BlockBlob",
      "content-type": "application/octet-stream",
      ...(ifAbsent ? { "if-none-match": "*" } : {}),
    }),
    // There is no way to begin after a name: the caller leaves out what came before.
    list: ({ prefix, token, limit, deep }) => ({
      method: "GET",
      key: undefined,
      query: [
        ["restype", "container"],
        ["comp", "list"],
        ...(deep ? [] : [["delimiter", "/"] as const]),
        ["prefix", prefix],
        ...(token === undefined ? [] : [["marker", token] as const]),
        ...(limit === undefined
          ? []
          : [["maxresults", String(limit)] as const]),
      ],
    }),
    page: readPage,
    failure: ({ headers, body }) =>
      headers.get("x-ms-error-code") ?? childText(parseError(body), "Code"),
    upload: PARTED_UPLOAD,
    batchDeletion: undefined,
  };
}

function addressed(endpoint: AzureEndpoint, call: Call): HttpRequest {
  const key = call.key === undefined ? "" : `/${encodeKey(call.key)}`;
  return {
    method: call.method,
    origin: endpoint.origin,
    path: endpoint.basePath + key,
    query: call.query ?? [],
    headers: {
      ...call.headers,
      "x-ms-date": new Date(endpoint.now()).toUTCString(),
      "x-ms-version": API_VERSION,
    },
    body: call.body,
  };
}

function parseError(body: Uint8Array): XmlElement | undefined {
  if (body.length === 0 || body.length > 64 * 1024) return undefined;
  const root = parseXml(Buffer.from(body).toString("utf8"));
  return root?.name === "Error" ? root : undefined;
}

function readPage({ body }: HttpResponse): ListPage | undefined {
  const root = parseXml(Buffer.from(body).toString("utf8"));
  if (root?.name !== "EnumerationResults") return undefined;
  const [blobs] = childrenOf(root, "Blobs");
  const nextMarker = childText(root, "NextMarker") ?? "";
  const all = childrenOf(blobs, "Blob");
  return {
    objects: all
      .filter((blob) => !isDirectory(blob))
      .map((blob) => {
        const [properties] = childrenOf(blob, "Properties");
        return {
          key: nameOf(blob),
          sizeBytes: Number(childText(properties, "Content-Length") ?? "0"),
          modifiedMs: Date.parse(childText(properties, "Last-Modified") ?? ""),
          tag: tagOf(childText(properties, "Etag")),
        };
      }),
    folders: [
      ...childrenOf(blobs, "BlobPrefix").map(nameOf),
      ...all.filter(isDirectory).map((blob) => `${nameOf(blob)}/`),
    ],
    nextToken: nextMarker === "" ? undefined : nextMarker,
  };
}

/** Accounts with a hierarchical namespace (ADLS) list their directories among the blobs. */
function isDirectory(blob: XmlElement): boolean {
  const [properties] = childrenOf(blob, "Properties");
  return childText(properties, "ResourceType") === "directory";
}

function nameOf(element: XmlElement): string {
  return childText(element, "Name") ?? "";
}

/** All ids of a blob must have one length before encoding. */
function blockId(number: number): string {
  return Buffer.from(String(number).padStart(8, "0")).toString("base64");
}

const PARTED_UPLOAD: PartedUpload = {
  begin: () => undefined,
  uploadId: () => undefined,
  part: (key, _id, number, body) => ({
    method: "PUT",
    key,
    query: [
      ["comp", "block"],
      ["blockid", blockId(number)],
    ],
    body,
  }),
  partTag: (_answer, number) => blockId(number),
  complete: (key, _id, tags) => ({
    method: "PUT",
    key,
    query: [["comp", "blocklist"]],
    headers: { "content-type": "application/xml" },
    body: Buffer.from(
      `<?xml version="1.0" encoding="utf-8"?><BlockList>${tags.map((tag) => `<Latest>${tag}</Latest>`).join("")}</BlockList>`,
    ),
  }),
  // Blocks that no list names are dropped by the store after a week.
  abandon: () => undefined,
};
