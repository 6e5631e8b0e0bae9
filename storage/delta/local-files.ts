// The kernel reads local files only: log files of other stores are copied to local disk for the time of one read.

import { randomUUID } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
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
    const copies = await Promise.all(
      paths.map(async (path, index) => {
        const bytes = await store.read(path);
        if (bytes === undefined)
          throw missingFile(place.tableName, baseName(path));
        return copyTo(joinPath(folder, String(index)), baseName(path), bytes);
      }),
    );
    return await work(copies);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function copyTo(
  folder: string,
  name: string,
  bytes: Uint8Array,
): Promise<string> {
  const path = joinPath(folder, name);
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(path, bytes);
  } catch (error) {
    throw storeFailed("write", path, error);
  }
  return path;
}
