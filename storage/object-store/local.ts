// Local disk as an object store. A put-if-absent is a temporary file, fsync, `link()` (which never overwrites, as a rename would),
// fsync of the folder: Delta protocol, "Delta Log Entries", and checklist W1.

import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import {
  copyFile,
  link,
  lstat,
  mkdir,
  open,
  readdir,
  realpath,
  rename,
  rm,
  stat,
  unlink,
} from "node:fs/promises";
import { dirname } from "node:path";
import { mapConcurrently } from "./concurrently.ts";
import { errorCode, storeFailed } from "./errors.ts";
import {
  baseName,
  compareNames,
  joinPath,
  type ByteRange,
  type ObjectEntry,
  type ObjectStore,
} from "./store.ts";

export function localStore(): ObjectStore {
  return {
    list: listFolder,
    listFolders,
    hasFolder,
    listTree,
    read: (path, range) => readObject(path, range),
    putIfAbsent,
    put: (path, bytes) => replace(path, bytes),
    delete: remove,
    deleteAll: async (paths) => {
      await mapConcurrently(paths, DELETES_AT_ONCE, remove);
    },
    deleteFolder,
    stat: entryOf,
    localPath: (path) => path,
    download,
    upload,
  };
}

async function listFolder(
  folder: string,
  startAfter?: string,
): Promise<readonly ObjectEntry[]> {
  const names = await namesIn(folder);
  const wanted = names.filter(
    (name) => startAfter === undefined || compareNames(name, startAfter) > 0,
  );
  wanted.sort(compareNames);
  const entries: ObjectEntry[] = [];
  for (let from = 0; from < wanted.length; from += STAT_BATCH) {
    const batch = wanted.slice(from, from + STAT_BATCH);
    const found = await Promise.all(
      batch.map((name) => entryOf(joinPath(folder, name))),
    );
    for (const entry of found) if (entry !== undefined) entries.push(entry);
  }
  return entries;
}

/** Stats in flight at once: enough to hide latency, few enough to leave the thread pool to others. */
const STAT_BATCH = 64;

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isAbsent(error)) return [];
    throw storeFailed("list", folder, error);
  }
}

async function listFolders(
  folder: string,
  within: string = folder,
): Promise<readonly string[]> {
  let entries;
  let root;
  try {
    entries = await readdir(folder, { withFileTypes: true });
    root = await realpath(within);
  } catch (error) {
    if (isAbsent(error)) return [];
    throw storeFailed("list", folder, error);
  }
  const names: string[] = [];
  for (const entry of entries) {
    if (entry.isDirectory()) names.push(entry.name);
    else if (
      entry.isSymbolicLink() &&
      (await staysInside(joinPath(folder, entry.name), root))
    )
      names.push(entry.name);
  }
  return names.sort(compareNames);
}

async function hasFolder(
  folder: string,
  within: string = dirname(folder),
): Promise<boolean> {
  try {
    const info = await lstat(folder);
    if (!info.isSymbolicLink()) return info.isDirectory();
    return await staysInside(folder, await realpath(within));
  } catch (error) {
    if (isAbsent(error)) return false;
    throw storeFailed("open", folder, error);
  }
}

async function* listTree(
  root: string,
  enter: (path: string) => boolean,
): AsyncGenerator<readonly ObjectEntry[], void, undefined> {
  let level: readonly string[] = [""];
  while (level.length > 0) {
    const below: string[] = [];
    for (let from = 0; from < level.length; from += FOLDERS_AT_ONCE) {
      const folders = level.slice(from, from + FOLDERS_AT_ONCE);
      const found = await mapConcurrently(folders, FOLDERS_AT_ONCE, (path) =>
        listBranch(root, path),
      );
      yield* found.map((branch) => branch.files);
      below.push(...found.flatMap((branch) => branch.folders).filter(enter));
    }
    level = below;
  }
}

/** Folders read at once. */
const FOLDERS_AT_ONCE = 16;

/** Files and folders directly in `root/path`, named from `root` on. */
async function listBranch(
  root: string,
  path: string,
): Promise<{
  readonly files: readonly ObjectEntry[];
  readonly folders: readonly string[];
}> {
  const folder = path === "" ? root : joinPath(root, path);
  let entries;
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (isAbsent(error)) return { files: [], folders: [] };
    throw storeFailed("list", folder, error);
  }
  const below = (name: string): string =>
    path === "" ? name : joinPath(path, name);
  const files: ObjectEntry[] = [];
  const names = entries.flatMap((entry) => (entry.isFile() ? entry.name : []));
  for (let from = 0; from < names.length; from += STAT_BATCH) {
    const batch = names.slice(from, from + STAT_BATCH);
    const found = await Promise.all(
      batch.map((name) => entryOf(joinPath(folder, name))),
    );
    for (const entry of found)
      if (entry !== undefined)
        files.push({ ...entry, name: below(entry.name) });
  }
  const folders = entries.flatMap((entry) =>
    entry.isDirectory() ? below(entry.name) : [],
  );
  return { files, folders };
}

async function staysInside(path: string, root: string): Promise<boolean> {
  try {
    const target = await realpath(path);
    return target.startsWith(`${root}/`) && (await stat(target)).isDirectory();
  } catch {
    return false;
  }
}

async function readObject(
  path: string,
  range?: ByteRange,
): Promise<Uint8Array | undefined> {
  let handle;
  try {
    handle = await open(path, constants.O_RDONLY);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw storeFailed("open", path, error);
  }
  try {
    if (range === undefined) return await handle.readFile();
    const size = (await handle.stat()).size;
    const length = Math.max(0, Math.min(range.length, size - range.start));
    const buffer = Buffer.alloc(length);
    let done = 0;
    while (done < length) {
      const { bytesRead } = await handle.read(
        buffer,
        done,
        length - done,
        range.start + done,
      );
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return buffer.subarray(0, done);
  } catch (error) {
    throw storeFailed("read", path, error);
  } finally {
    await handle.close();
  }
}

async function putIfAbsent(path: string, bytes: Uint8Array): Promise<boolean> {
  const temporary = await writeTemporary(path, bytes);
  try {
    await link(temporary, path);
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    throw storeFailed("create", path, error);
  } finally {
    await remove(temporary);
  }
  await syncFolder(dirname(path));
  return true;
}

async function replace(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = await writeTemporary(path, bytes);
  try {
    await rename(temporary, path);
  } catch (error) {
    await remove(temporary);
    throw storeFailed("write", path, error);
  }
  await syncFolder(dirname(path));
}

async function download(
  path: string,
  localFile: string,
): Promise<number | undefined> {
  try {
    await copyFile(path, localFile, constants.COPYFILE_EXCL);
    return (await stat(localFile)).size;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw storeFailed("copy", path, error);
  }
}

/** A copy beside the name, made durable, then linked to it. */
async function upload(localFile: string, path: string): Promise<void> {
  const temporary = temporaryName(path);
  try {
    await mkdir(dirname(path), { recursive: true });
    await copyFile(localFile, temporary, constants.COPYFILE_EXCL);
    const handle = await open(temporary, "r+");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await remove(temporary);
    throw storeFailed("write", path, error);
  }
  await syncFolder(dirname(path));
}

function temporaryName(path: string): string {
  return joinPath(dirname(path), `.${baseName(path)}.${randomUUID()}.tmp`);
}

/** A complete, durable file beside `path`; hidden, so that no listing of the log takes it for an entry. */
async function writeTemporary(
  path: string,
  bytes: Uint8Array,
): Promise<string> {
  const temporary = temporaryName(path);
  let handle;
  try {
    await mkdir(dirname(path), { recursive: true });
    handle = await open(temporary, "wx");
    await handle.writeFile(bytes);
    await handle.sync();
  } catch (error) {
    await handle?.close();
    handle = undefined;
    await remove(temporary);
    throw storeFailed("write", path, error);
  } finally {
    await handle?.close();
  }
  return temporary;
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } catch (error) {
    throw storeFailed("sync", folder, error);
  } finally {
    await handle.close();
  }
}

const DELETES_AT_ONCE = 32;

async function remove(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (!isAbsent(error)) throw storeFailed("delete", path, error);
  }
}

async function deleteFolder(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true });
  } catch (error) {
    throw storeFailed("delete", folder, error);
  }
}

async function entryOf(path: string): Promise<ObjectEntry | undefined> {
  try {
    const info = await stat(path, { bigint: true });
    if (!info.isFile()) return undefined;
    return {
      name: baseName(path),
      sizeBytes: Number(info.size),
      modifiedMs: Number(info.mtimeMs),
      tag: `${info.ino}-${info.mtimeNs}-${info.size}`,
    };
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw storeFailed("stat", path, error);
  }
}

function isAbsent(error: unknown): boolean {
  const code = errorCode(error);
  return code === "ENOENT" || code === "ENOTDIR";
}
