// An object -> a new local file, by ranges of a few MB at once: memory stays small whatever the object's size. The first range tells
// size and tag; the others insist on that tag, so that no file is put together from two versions of an object.

import { open, type FileHandle } from "node:fs/promises";
import { storeFailed, wrongAnswer } from "../errors.ts";
import { mapConcurrently } from "../concurrently.ts";
import type { NamedObject } from "./conditional-put.ts";
import { checkRange } from "./range.ts";
import { succeeded, type StoreCalls } from "./store-calls.ts";

export const PART_BYTES: number = 4 * 1024 * 1024;
/** Parts of one object in flight. */
const PARTS_AT_ONCE = 4;

interface Part {
  readonly bytes: Uint8Array;
  readonly totalBytes: number;
  readonly etag: string | undefined;
}

/** The size; undefined when there is no such object. Throws 58030 when the object changes meanwhile. */
export async function downloadObject(
  calls: StoreCalls,
  object: NamedObject,
  localFile: string,
  signal?: AbortSignal,
): Promise<number | undefined> {
  const get = partReader(calls, object, signal);
  const first = await get(0, undefined);
  if (first === undefined) return undefined;
  const { totalBytes, etag } = first;
  const starts: number[] = [];
  for (let start = PART_BYTES; start < totalBytes; start += PART_BYTES)
    starts.push(start);
  const file = await create(localFile);
  try {
    await writeAt(file, localFile, first.bytes, 0);
    await mapConcurrently(starts, PARTS_AT_ONCE, async (start) => {
      const part = await get(start, etag);
      if (part?.totalBytes !== totalBytes)
        throw wrongAnswer(
          "read",
          object.path,
          "The object was replaced while it was read.",
        );
      await writeAt(file, localFile, part.bytes, start);
    });
  } finally {
    await file.close();
  }
  return totalBytes;
}

function partReader(
  calls: StoreCalls,
  { path, key }: NamedObject,
  signal: AbortSignal | undefined,
): (start: number, etag: string | undefined) => Promise<Part | undefined> {
  return async (start, etag) => {
    const headers = {
      range: `bytes=${start}-${start + PART_BYTES - 1}`,
      ...(etag === undefined ? {} : { "if-match": etag }),
    };
    const call = { method: "GET" as const, key, headers };
    const { response } = await calls.send("read", path, call, { signal });
    if (calls.isAbsent(response)) return undefined;
    if (response.status === 412)
      throw wrongAnswer(
        "read",
        path,
        "The object was replaced while it was read.",
      );
    if (!succeeded(response) && response.status !== 416)
      throw calls.failed("read", path, response);
    const answer = checkRange({ start, length: PART_BYTES }, response);
    if (answer.kind === "wrong") throw wrongAnswer("read", path, answer.reason);
    const { bytes, totalBytes } = answer;
    return { bytes, totalBytes, etag: response.headers.get("etag") };
  };
}

async function create(localFile: string): Promise<FileHandle> {
  try {
    return await open(localFile, "wx");
  } catch (error) {
    throw storeFailed("create", localFile, error);
  }
}

async function writeAt(
  file: FileHandle,
  localFile: string,
  bytes: Uint8Array,
  position: number,
): Promise<void> {
  try {
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await file.write(
        bytes,
        done,
        bytes.length - done,
        position + done,
      );
      done += bytesWritten;
    }
  } catch (error) {
    throw storeFailed("write", localFile, error);
  }
}
