// The kernel reads local files only: log files of other stores are copied to local disk for the time of one read.

import { randomUUID } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { mapConcurrently } from "../object-store/concurrently.ts";
import { storeFailed } from "../object-store/errors.ts";
import { baseName, joinPath, type ObjectStore } from "../object-store/store.ts";
import { missingFile } from "./errors.ts";

/** Runs `work` with a local path for each of `paths`, in order; base names stay. Copies live in `tempDir` and are gone afterwards. */
export async function withLocalFiles<T>(
  store: ObjectStore,
  paths: readonly string[],
  place: { readonly tempDir: string; readonly tableName: string },
  work: (localPaths: readonly string[]) => Promise<T>,
): Promise<T> {
  const direct = paths.map((path) => store.localPath(path));
  if (direct.every((path) => path !== undefined)) return work(direct);
  const folder = joinPath(place.tempDir, `log-${randomUUID()}`);
  try {
    const copies = await mapConcurrently(
      paths,
      COPIES_AT_ONCE,
      async (path, index) => {
        const copy = await placeFor(folder, index, baseName(path));
        if ((await store.download(path, copy)) === undefined)
          throw missingFile(place.tableName, baseName(path));
        return copy;
      },
    );
    return await work(copies);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Hides the latency of a log of many commits. */
const COPIES_AT_ONCE = 32;

/** A folder for each, since names may repeat. */
async function placeFor(
  folder: string,
  index: number,
  name: string,
): Promise<string> {
  const own = joinPath(folder, String(index));
  try {
    await mkdir(own, { recursive: true });
  } catch (error) {
    throw storeFailed("create", own, error);
  }
  return joinPath(own, name);
}
