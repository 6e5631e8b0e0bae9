// What a test store holds, and S3's listing of it.

import { createHash } from "node:crypto";

export interface StoredObject {
  readonly bytes: Buffer;
  readonly etag: string;
  readonly modified: Date;
}

export class S3Objects {
  readonly #objects = new Map<string, StoredObject>();
  readonly #uploads = new Map<string, Map<number, Buffer>>();
  #serial = 0;

  get(key: string): StoredObject | undefined {
    return this.#objects.get(key);
  }

  put(key: string, bytes: Buffer): StoredObject {
    const etag = `"${createHash("md5").update(bytes).digest("hex")}"`;
    const object = { bytes, etag, modified: new Date() };
    this.#objects.set(key, object);
    return object;
  }

  delete(key: string): void {
    this.#objects.delete(key);
  }

  keys(): readonly string[] {
    return [...this.#objects.keys()].sort((a, b) =>
      Buffer.compare(Buffer.from(a), Buffer.from(b)),
    );
  }

  beginUpload(): string {
    this.#serial += 1;
    const id = `upload-${this.#serial}`;
    this.#uploads.set(id, new Map());
    return id;
  }

  /** Uploads begun and neither completed nor abandoned. */
  get openUploads(): number {
    return this.#uploads.size;
  }

  putPart(id: string, number: number, bytes: Buffer): string | undefined {
    const parts = this.#uploads.get(id);
    parts?.set(number, bytes);
    return parts && `"${createHash("md5").update(bytes).digest("hex")}"`;
  }

  /** Undefined for an upload that is not open, or lacks a part. */
  completeUpload(
    id: string,
    key: string,
    numbers: readonly number[],
  ): StoredObject | undefined {
    const parts = this.#uploads.get(id);
    const bytes = numbers.map((number) => parts?.get(number));
    if (parts === undefined || bytes.includes(undefined)) return undefined;
    this.#uploads.delete(id);
    return this.put(
      key,
      Buffer.concat(bytes.filter((part) => part !== undefined)),
    );
  }

  abandonUpload(id: string): void {
    this.#uploads.delete(id);
  }

  /** ListObjectsV2 with its `encoding-type=url`. */
  listXml(query: URLSearchParams, pageSize: number): string {
    const given = (name: string, fallback: string): string =>
      query.get(name) ?? fallback;
    const limit = Math.min(pageSize, Number(given("max-keys", "1000")));
    const after = given("continuation-token", given("start-after", ""));
    const encoding = given("encoding-type", "");
    const encode = encoding === "url" ? encodeListed : escapeXml;
    const items = new Map<string, string>();
    for (const key of this.keys()) {
      const folder = folderOf(key, given("prefix", ""), query.get("delimiter"));
      const name = folder ?? key;
      if (!key.startsWith(given("prefix", "")) || !isAfter(name, after))
        continue;
      const xml =
        folder === undefined
          ? this.#contents(key, encode)
          : `<CommonPrefixes><Prefix>${encode(name)}</Prefix></CommonPrefixes>`;
      items.set(name, xml);
    }
    const page = [...items].slice(0, limit);
    const last = page.at(-1)?.[0];
    const truncated = items.size > page.length && last !== undefined;
    const token = truncated
      ? `<NextContinuationToken>${escapeXml(last)}</NextContinuationToken>`
      : "";
    return `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><EncodingType>${encoding}</EncodingType><KeyCount>${page.length}</KeyCount><IsTruncated>${truncated}</IsTruncated>${page.map(([, xml]) => xml).join("")}${token}</ListBucketResult>`;
  }

  #contents(key: string, encode: (text: string) => string): string {
    const object = this.#objects.get(key);
    if (object === undefined) return "";
    return `<Contents><Key>${encode(key)}</Key><LastModified>${object.modified.toISOString()}</LastModified><ETag>${escapeXml(object.etag)}</ETag><Size>${object.bytes.length}</Size><StorageClass>STANDARD</StorageClass></Contents>`;
  }
}

/** The key up to the delimiter after the prefix. */
function folderOf(
  key: string,
  prefix: string,
  delimiter: string | null,
): string | undefined {
  if (delimiter === null) return undefined;
  const end = key.indexOf(delimiter, prefix.length);
  return end < 0 ? undefined : key.slice(0, end + 1);
}

function encodeListed(text: string): string {
  return encodeURIComponent(text).replaceAll("%2F", "/").replaceAll("%20", "+");
}

/** A token that names a folder leads behind all of it. */
function isAfter(name: string, after: string): boolean {
  if (after === "") return true;
  return Buffer.compare(Buffer.from(name), Buffer.from(after)) > 0;
}

export function escapeXml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll('"', "&quot;");
}
