// The cache's files on disk. A name tells key and size and is never used twice, so that a file being removed is never the one being
// fetched; `.part` marks what is not whole yet.

import { createHash, randomUUID } from "node:crypto";
import {
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { storeFailed } from "../object-store/errors.ts";
import { joinPath } from "../object-store/store.ts";
import type { DataFile } from "./data-files.ts";

export interface CachedFile {
  readonly key: string;
  readonly sizeBytes: number;
  readonly localPath: string;
}

const NAME = /^([0-9a-f]{40})\.(\d+)\.[0-9a-f-]{36}\.parquet$/;
const BOOT_MARK = "boot-id";
const PART = ".part";

/** A data file never changes under its name, so name and size stand for its content. */
export function cacheKey({ path, sizeBytes }: DataFile): string {
  const text = `${sizeBytes} ${path}`;
  return createHash("sha256").update(text).digest("hex").slice(0, 40);
}

/** A place for a file about to be fetched. */
export function newCachedFile(dir: string, file: DataFile): CachedFile {
  const key = cacheKey(file);
  const name = `${key}.${file.sizeBytes}.${randomUUID()}.parquet`;
  return { key, sizeBytes: file.sizeBytes, localPath: joinPath(dir, name) };
}

/** Fills the file by `write`, under another name until it is whole; `write` returns its size, or undefined when it wrote none. */
export async function fillCachedFile(
  { localPath }: CachedFile,
  write: (path: string) => Promise<number | undefined>,
  accepts: (sizeBytes: number) => boolean,
): Promise<number | undefined> {
  const part = localPath + PART;
  try {
    const size = await write(part);
    if (size !== undefined && accepts(size)) await rename(part, localPath);
    return size;
  } finally {
    await rm(part, { force: true });
  }
}

/**
 * What whole files are there, the longest unused first; everything else is removed. After a restart of the machine nothing is trusted:
 * files are not synced to disk, so a power loss may have left names without content.
 */
export async function cleanCacheFolder(
  dir: string,
): Promise<readonly CachedFile[]> {
  try {
    await mkdir(dir, { recursive: true });
    const boot = await bootId();
    const mark = joinPath(dir, BOOT_MARK);
    const trusted =
      boot !== undefined &&
      (await readFile(mark, "utf8").catch(() => "")) === boot;
    const found: { readonly file: CachedFile; readonly usedMs: number }[] = [];
    for (const name of await readdir(dir)) {
      if (name === BOOT_MARK) continue;
      const localPath = joinPath(dir, name);
      const match = NAME.exec(name);
      const info = await stat(localPath);
      const sizeBytes = Number(match?.[2]);
      const key = match?.[1];
      if (!trusted || key === undefined || info.size !== sizeBytes)
        await rm(localPath, { recursive: true, force: true });
      else
        found.push({
          file: { key, sizeBytes, localPath },
          usedMs: info.mtimeMs,
        });
    }
    await writeFile(mark, boot ?? "");
    return found.sort((a, b) => a.usedMs - b.usedMs).map(({ file }) => file);
  } catch (error) {
    throw storeFailed("clean", dir, error);
  }
}

/** Changes with each start of the machine; undefined where the system does not tell. */
async function bootId(): Promise<string | undefined> {
  try {
    return await readFile("/proc/sys/kernel/random/boot_id", "utf8");
  } catch {
    return undefined;
  }
}
