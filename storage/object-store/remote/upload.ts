// A local file -> an object: in one put where it is small, else in parts that become visible together. The name is new (a random part),
// so nothing is replaced and an attempt that fails leaves nothing that a reader could see.

import { open, type FileHandle } from "node:fs/promises";
import { storeFailed, wrongAnswer } from "../errors.ts";
import { mapConcurrently } from "../concurrently.ts";
import type { NamedObject } from "./conditional-put.ts";
import type { Call, PartedUpload } from "./dialect.ts";
import type { HttpResponse } from "./http.ts";
import { succeeded, type StoreCalls } from "./store-calls.ts";

/** Up to here one request does. */
export const SINGLE_PUT_BYTES: number = 16 * 1024 * 1024;
/** S3 wants at least 5 MB, and at most 10,000 parts. */
const PART_BYTES = 8 * 1024 * 1024;
const MOST_PARTS = 9_000;
const PARTS_AT_ONCE = 4;

export async function uploadObject(
  calls: StoreCalls,
  localFile: string,
  object: NamedObject,
  signal?: AbortSignal,
): Promise<void> {
  const file = await openFile(localFile);
  try {
    const { size } = await file.stat();
    const source = { file, localFile, size };
    if (size > SINGLE_PUT_BYTES)
      await uploadParts(calls, source, object, signal);
    else {
      const body = await readAt(source, 0, size);
      const { key, path } = object;
      const headers = calls.dialect.putHeaders(false);
      const call = { method: "PUT" as const, key, headers, body };
      const { response } = await calls.send("write", path, call, { signal });
      if (!succeeded(response)) throw calls.failed("write", path, response);
    }
  } finally {
    await file.close();
  }
}

interface Source {
  readonly file: FileHandle;
  readonly localFile: string;
  readonly size: number;
}

async function uploadParts(
  calls: StoreCalls,
  source: Source,
  object: NamedObject,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { upload } = calls.dialect;
  const { key, path } = object;
  const id = await begin(calls, upload, object, signal);
  try {
    const partBytes = Math.max(PART_BYTES, Math.ceil(source.size / MOST_PARTS));
    const starts: number[] = [];
    for (let start = 0; start < source.size; start += partBytes)
      starts.push(start);
    const tags = await mapConcurrently(
      starts,
      PARTS_AT_ONCE,
      async (start, index) => {
        const length = Math.min(partBytes, source.size - start);
        const body = await readAt(source, start, length);
        const call = upload.part(key, id, index + 1, body);
        const { response } = await calls.send("write", path, call, { signal });
        const tag = upload.partTag(response, index + 1);
        if (!succeeded(response) || tag === undefined)
          throw calls.failed("write", path, response);
        return tag;
      },
    );
    const call = upload.complete(key, id, tags);
    await complete(calls, object, call, source.size);
  } catch (error) {
    const abandon = upload.abandon(key, id);
    if (abandon !== undefined)
      await calls.send("delete", path, abandon).catch(() => undefined);
    throw error;
  }
}

async function begin(
  calls: StoreCalls,
  upload: PartedUpload,
  { key, path }: NamedObject,
  signal: AbortSignal | undefined,
): Promise<string> {
  const call = upload.begin(key);
  if (call === undefined) return "";
  const options = { signal, idempotent: false };
  const { response } = await calls.send("write", path, call, options);
  if (!succeeded(response)) throw calls.failed("write", path, response);
  const id = upload.uploadId(response);
  if (id === undefined) throw wrongAnswer("write", path, "It began no upload.");
  return id;
}

/**
 * S3 may answer 200 and put the failure into the body. A repeated call may find the upload gone because the first one completed it:
 * then the object is there with its size, and nobody else writes this name.
 */
async function complete(
  calls: StoreCalls,
  { key, path }: NamedObject,
  call: Call,
  size: number,
): Promise<void> {
  const { response, uncertain } = await calls.send("write", path, call);
  const failed =
    !succeeded(response) || calls.dialect.failure(response) !== undefined;
  if (!failed) return;
  if (uncertain && (await hasSize(calls, { key, path }, size))) return;
  throw calls.failed("write", path, response);
}

async function hasSize(
  calls: StoreCalls,
  { key, path }: NamedObject,
  size: number,
): Promise<boolean> {
  const { response } = await calls.send("stat", path, { method: "HEAD", key });
  return succeeded(response) && lengthOf(response) === size;
}

function lengthOf(response: HttpResponse): number {
  return Number(response.headers.get("content-length") ?? Number.NaN);
}

async function openFile(localFile: string): Promise<FileHandle> {
  try {
    return await open(localFile, "r");
  } catch (error) {
    throw storeFailed("open", localFile, error);
  }
}

async function readAt(
  { file, localFile }: Source,
  start: number,
  length: number,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(
      bytes,
      done,
      length - done,
      start + done,
    );
    if (bytesRead === 0)
      throw wrongAnswer("read", localFile, "The file became shorter.");
    done += bytesRead;
  }
  return bytes;
}
