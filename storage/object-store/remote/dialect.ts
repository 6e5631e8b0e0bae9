// What differs between the clouds: how a request is addressed and signed, how a page of a listing reads, how a large object is put
// together. Everything else (remote-store.ts) is the same for all.

import type { HttpRequest, HttpResponse, QueryItem } from "./http.ts";

/** A request before it is addressed and signed. */
export interface Call {
  readonly method: HttpRequest["method"];
  /** Decoded key of an object; undefined for the bucket or container itself. */
  readonly key: string | undefined;
  readonly query?: readonly QueryItem[];
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

export interface ListQuery {
  /** Decoded; ends in a slash, or is empty. */
  readonly prefix: string;
  /** Keys above this one only, where the store can; the caller filters again. */
  readonly startAfter: string | undefined;
  readonly token: string | undefined;
  readonly limit: number | undefined;
  /** Objects at any depth, and no folders. */
  readonly deep: boolean;
}

/** Objects directly below the prefix, and the prefixes one level deeper. */
export interface ListPage {
  readonly objects: readonly ListedObject[];
  /** With their closing slash. */
  readonly folders: readonly string[];
  readonly nextToken: string | undefined;
}

export interface ListedObject {
  readonly key: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  readonly tag: string;
}

/** Large objects are sent in parts that become visible together. */
export interface PartedUpload {
  /** Undefined where parts need no beginning. */
  begin(key: string): Call | undefined;
  uploadId(answer: HttpResponse): string | undefined;
  /** `number` counts from 1. */
  part(key: string, id: string, number: number, body: Uint8Array): Call;
  /** What `complete` names the part by. */
  partTag(answer: HttpResponse, number: number): string | undefined;
  complete(key: string, id: string, tags: readonly string[]): Call;
  abandon(key: string, id: string): Call | undefined;
}

/** Many objects deleted by one request. */
export interface BatchDeletion {
  /** Keys a request may name. */
  readonly most: number;
  /** False for a key that the request cannot name. */
  names(key: string): boolean;
  call(keys: readonly string[]): Call;
  /** The keys that are not deleted; undefined when the answer is not one to this request. */
  left(answer: HttpResponse): readonly string[] | undefined;
}

export interface Dialect {
  sign(call: Call): Promise<HttpRequest>;
  /** True when the same call may now succeed: credentials were dropped, or the bucket's region was learned. */
  correct(response: HttpResponse): boolean;
  /** The headers of every put; `ifAbsent` adds the condition that nothing lies there. */
  putHeaders(ifAbsent: boolean): Readonly<Record<string, string>>;
  list(query: ListQuery): Call;
  /** Undefined when the answer is not a listing. */
  page(response: HttpResponse): ListPage | undefined;
  /** The store's own word for a failure, such as `NoSuchBucket`. */
  failure(response: HttpResponse): string | undefined;
  readonly upload: PartedUpload;
  /** Undefined where objects are deleted one by one. */
  readonly batchDeletion: BatchDeletion | undefined;
}

/** Listings and headers of one store may differ in the quotes. */
export function tagOf(etag: string | undefined): string {
  return (etag ?? "").replaceAll('"', "");
}
