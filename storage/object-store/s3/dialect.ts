// S3's REST API, and Google's XML API, which speaks the same but for the condition of a put and the ways to sign.

import { createHash } from "node:crypto";
import {
  tagOf,
  type BatchDeletion,
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
import {
  childrenOf,
  childText,
  escapeXml,
  parseXml,
  type XmlElement,
} from "../remote/xml.ts";

export interface S3Endpoint {
  /** Scheme, host and port; for virtual hosts the bucket's name is part of it. */
  origin(): Promise<string>;
  /** Path in front of a key: the bucket for path style, "" for virtual hosts. */
  readonly basePath: string;
  /** Adds what authorizes the request. */
  authorize(request: HttpRequest): Promise<HttpRequest>;
  /** See Dialect.correct. */
  correct(response: HttpResponse, failure: string | undefined): boolean;
  /** `If-None-Match: *`, or Google's generation. */
  readonly absentCondition: Readonly<Record<string, string>>;
  /** DeleteObjects. */
  readonly deletesMany: boolean;
}

export function s3Dialect(endpoint: S3Endpoint): Dialect {
  return {
    sign: async (call) => endpoint.authorize(await addressed(endpoint, call)),
    correct: (response) =>
      response.status >= 300 && endpoint.correct(response, failureOf(response)),
    putHeaders: (ifAbsent) => ({
      "content-type": "application/octet-stream",
      ...(ifAbsent ? endpoint.absentCondition : {}),
    }),
    list: ({ prefix, startAfter, token, limit, deep }) => ({
      method: "GET",
      key: undefined,
      query: [
        ["list-type", "2"],
        ...optional("delimiter", deep ? undefined : "/"),
        // Names may hold characters that XML cannot.
        ["encoding-type", "url"],
        ["prefix", prefix],
        ...optional(
          "start-after",
          token === undefined ? startAfter : undefined,
        ),
        ...optional("continuation-token", token),
        ...optional(
          "max-keys",
          limit === undefined ? undefined : String(limit),
        ),
      ],
    }),
    page: readPage,
    failure: failureOf,
    upload: PARTED_UPLOAD,
    batchDeletion: endpoint.deletesMany ? DELETE_OBJECTS : undefined,
  };
}

async function addressed(
  endpoint: S3Endpoint,
  call: Call,
): Promise<HttpRequest> {
  const { basePath } = endpoint;
  const key = call.key === undefined ? "" : `/${encodeKey(call.key)}`;
  return {
    method: call.method,
    origin: await endpoint.origin(),
    path: basePath + key || "/",
    query: call.query ?? [],
    headers: call.headers ?? {},
    body: call.body,
  };
}

function optional(
  name: string,
  value: string | undefined,
): readonly (readonly [string, string])[] {
  return value === undefined ? [] : [[name, value]];
}

function readPage({ body }: HttpResponse): ListPage | undefined {
  const root = parseXml(Buffer.from(body).toString("utf8"));
  if (root?.name !== "ListBucketResult") return undefined;
  const decode =
    childText(root, "EncodingType") === "url"
      ? decodeKey
      : (text: string): string => text;
  const truncated = childText(root, "IsTruncated") === "true";
  const nextToken = childText(root, "NextContinuationToken");
  if (truncated && nextToken === undefined) return undefined;
  return {
    objects: childrenOf(root, "Contents").map((object) => ({
      key: decode(childText(object, "Key") ?? ""),
      sizeBytes: Number(childText(object, "Size") ?? "0"),
      modifiedMs: Date.parse(childText(object, "LastModified") ?? ""),
      tag: tagOf(childText(object, "ETag")),
    })),
    folders: childrenOf(root, "CommonPrefixes").map((folder) =>
      decode(childText(folder, "Prefix") ?? ""),
    ),
    nextToken: truncated ? nextToken : undefined,
  };
}

function decodeKey(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}

/** The code of an error document; CompleteMultipartUpload may send one with status 200. */
function failureOf({
  status,
  headers,
  body,
}: HttpResponse): string | undefined {
  const document = errorDocument(body);
  if (document !== undefined) return childText(document, "Code");
  return status < 400 ? undefined : headers.get("x-amz-error-code");
}

/** Bodies of objects are not parsed. */
function errorDocument(body: Uint8Array): XmlElement | undefined {
  if (body.length === 0 || body.length > 64 * 1024) return undefined;
  const text = Buffer.from(body).toString("utf8");
  if (!/^\s*(?:<\?xml[^>]*>\s*)?<Error[\s>]/.test(text)) return undefined;
  return parseXml(text);
}

const PARTED_UPLOAD: PartedUpload = {
  begin: (key) => ({ method: "POST", key, query: [["uploads", ""]] }),
  uploadId: ({ body }) =>
    childText(parseXml(Buffer.from(body).toString("utf8")), "UploadId"),
  part: (key, id, number, body) => ({
    method: "PUT",
    key,
    query: [
      ["partNumber", String(number)],
      ["uploadId", id],
    ],
    body,
  }),
  partTag: ({ headers }) => headers.get("etag"),
  complete: (key, id, tags) => {
    const parts = tags.map(
      (tag, index) =>
        `<Part><PartNumber>${index + 1}</PartNumber><ETag>${escapeXml(tag)}</ETag></Part>`,
    );
    const body = Buffer.from(
      `<CompleteMultipartUpload>${parts.join("")}</CompleteMultipartUpload>`,
    );
    return {
      method: "POST",
      key,
      query: [["uploadId", id]],
      headers: xmlHeaders(body),
      body,
    };
  },
  abandon: (key, id) => ({ method: "DELETE", key, query: [["uploadId", id]] }),
};

function xmlHeaders(body: Uint8Array): Readonly<Record<string, string>> {
  return {
    "content-type": "application/xml",
    "content-md5": createHash("md5").update(body).digest("base64"),
  };
}

const DELETE_OBJECTS: BatchDeletion = {
  most: 1000,
  // What XML has no way to write.
  names: (key) => !/[\u0000-\u001f\ufffe\uffff]/.test(key),
  call: (keys) => {
    const objects = keys.map(
      (key) => `<Object><Key>${escapeXml(key)}</Key></Object>`,
    );
    const body = Buffer.from(
      `<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Quiet>true</Quiet>${objects.join("")}</Delete>`,
    );
    return {
      method: "POST",
      key: undefined,
      query: [["delete", ""]],
      headers: xmlHeaders(body),
      body,
    };
  },
  left: ({ body }) => {
    const root = parseXml(Buffer.from(body).toString("utf8"));
    if (root?.name !== "DeleteResult") return undefined;
    return childrenOf(root, "Error").map(
      (failed) => childText(failed, "Key") ?? "",
    );
  },
};
