// An ObjectStore over HTTP: the promises of store.ts kept on S3, Azure Blob and GCS alike. The dialect says how to ask; here stands
// what is asked, what an answer must look like, and what a failure means.

import {
  baseName,
  compareNames,
  joinPath,
  type ByteRange,
  type ObjectEntry,
  type ObjectStore,
} from "../store.ts";
import { invariant } from "../../common/invariant.ts";
import { mapConcurrently } from "../concurrently.ts";
import { wrongAnswer } from "../errors.ts";
import { putIfAbsentOnce, WriteProbe } from "./conditional-put.ts";
import { deleteObject, keyDeletion } from "./deletion.ts";
import { tagOf, type ListedObject, type ListPage } from "./dialect.ts";
import { downloadObject } from "./download.ts";
import { checkRange } from "./range.ts";
import { succeeded, type StoreCalls } from "./store-calls.ts";
import { uploadObject } from "./upload.ts";

/** `root` is the URL of the bucket or container, without a slash at the end: all paths begin with it. */
export function remoteStore(root: string, calls: StoreCalls): ObjectStore {
  const keyOf = (path: string): string => {
    invariant(
      path === root || path.startsWith(`${root}/`),
      "a path lies in its store",
    );
    return path.slice(root.length + 1);
  };
  const prefixOf = (folder: string): string => {
    const key = keyOf(folder);
    return key === "" ? "" : joinPath(key, "");
  };
  const probe = new WriteProbe(root, calls);
  const deleteKeys = keyDeletion(root, calls);
  return {
    list: async (folder, startAfter, signal) => {
      const prefix = prefixOf(folder);
      const entries: ObjectEntry[] = [];
      const after = startAfter === undefined ? undefined : prefix + startAfter;
      for await (const page of pages(calls, folder, {
        prefix,
        after,
        signal,
      })) {
        for (const object of page.objects) {
          const entry = entryBelow(prefix, object);
          if (
            entry !== undefined &&
            (startAfter === undefined ||
              compareNames(entry.name, startAfter) > 0)
          )
            entries.push(entry);
        }
      }
      return entries.sort((a, b) => compareNames(a.name, b.name));
    },
    listFolders: async (folder, _within, signal) => {
      const prefix = prefixOf(folder);
      const names = new Set<string>();
      for await (const page of pages(calls, folder, { prefix, signal })) {
        for (const found of page.folders)
          names.add(found.slice(prefix.length, -1));
      }
      names.delete("");
      return [...names].sort(compareNames);
    },
    hasFolder: async (folder, _within, signal) => {
      const prefix = prefixOf(folder);
      const listing = { prefix, limit: 1, signal };
      for await (const page of pages(calls, folder, listing))
        if (page.objects.length + page.folders.length > 0) return true;
      return false;
    },
    listTree: (folder, enter) => listTree(calls, folder, prefixOf, enter),
    read: (path, range, signal) =>
      range === undefined
        ? readWhole(calls, path, keyOf(path), signal)
        : readRange(calls, { path, key: keyOf(path) }, range, signal),
    putIfAbsent: async (path, bytes) => {
      await probe.passed(keyOf(path));
      return putIfAbsentOnce(calls, { path, key: keyOf(path) }, bytes);
    },
    put: async (path, bytes) => {
      await probe.passed(keyOf(path));
      const { response } = await calls.send("write", path, {
        method: "PUT",
        key: keyOf(path),
        headers: calls.dialect.putHeaders(false),
        body: bytes,
      });
      if (!succeeded(response)) throw calls.failed("write", path, response);
    },
    delete: (path) => deleteObject(calls, path, keyOf(path)),
    deleteAll: (paths) => deleteKeys(paths.map(keyOf)),
    deleteFolder: async (folder) => {
      const listing = { prefix: prefixOf(folder), deep: true };
      const folders: string[] = [];
      for await (const page of pages(calls, folder, listing)) {
        await deleteKeys(page.objects.map(({ key }) => key));
        folders.push(...page.folders.map((path) => path.slice(0, -1)));
      }
      // Directories that a store keeps as such go when they are empty: the deepest first.
      for (const key of folders.sort((a, b) => b.length - a.length))
        await deleteObject(calls, `${root}/${key}`, key);
    },
    stat: (path) => statObject(calls, path, keyOf(path)),
    localPath: () => undefined,
    download: (path, localFile, signal) =>
      downloadObject(calls, { path, key: keyOf(path) }, localFile, signal),
    upload: async (localFile, path, signal) => {
      await probe.passed(keyOf(path));
      await uploadObject(calls, localFile, { path, key: keyOf(path) }, signal);
    },
  };
}

interface Listing {
  readonly prefix: string;
  readonly after?: string | undefined;
  readonly limit?: number;
  readonly deep?: boolean;
  readonly signal?: AbortSignal | undefined;
}

async function* pages(
  calls: StoreCalls,
  folder: string,
  { prefix, after, limit, deep = false, signal }: Listing,
): AsyncGenerator<ListPage> {
  const { dialect } = calls;
  let token: string | undefined;
  do {
    const startAfter = after;
    const call = dialect.list({ prefix, startAfter, token, limit, deep });
    const { response } = await calls.send("list", folder, call, { signal });
    if (!succeeded(response)) throw calls.failed("list", folder, response);
    const page = dialect.page(response);
    if (page === undefined)
      throw wrongAnswer("list", folder, "It is not a listing.");
    if (page.nextToken !== undefined && page.nextToken === token)
      throw wrongAnswer("list", folder, "Its pages repeat themselves.");
    yield page;
    token = page.nextToken;
  } while (token !== undefined);
}

/** Folders listed at once. */
const FOLDERS_AT_ONCE = 16;

/** Level by level, so that folders not entered cost nothing however much they hold. */
async function* listTree(
  calls: StoreCalls,
  root: string,
  prefixOf: (folder: string) => string,
  enter: (path: string) => boolean,
): AsyncGenerator<readonly ObjectEntry[], void, undefined> {
  const base = prefixOf(root);
  let level: readonly string[] = [base];
  while (level.length > 0) {
    const below: string[] = [];
    for (let from = 0; from < level.length; from += FOLDERS_AT_ONCE) {
      const folders = level.slice(from, from + FOLDERS_AT_ONCE);
      const found = await mapConcurrently(folders, FOLDERS_AT_ONCE, (prefix) =>
        listBranch(calls, root, prefix, base.length),
      );
      yield* found.map((branch) => branch.files);
      below.push(
        ...found
          .flatMap((branch) => branch.folders)
          .filter((folder) => enter(folder.slice(base.length, -1))),
      );
    }
    level = below;
  }
}

/** Objects and prefixes one level below `prefix`; objects are named from the tree's root on. */
async function listBranch(
  calls: StoreCalls,
  folder: string,
  prefix: string,
  baseLength: number,
): Promise<{
  readonly files: readonly ObjectEntry[];
  readonly folders: readonly string[];
}> {
  const files: ObjectEntry[] = [];
  const folders: string[] = [];
  for await (const page of pages(calls, folder, { prefix })) {
    for (const object of page.objects) {
      const entry = entryBelow(prefix, object);
      if (entry !== undefined)
        files.push({ ...entry, name: object.key.slice(baseLength) });
    }
    folders.push(...page.folders);
  }
  return { files, folders };
}

/** Undefined for the marker object of the folder itself, which some tools make. */
function entryBelow(
  prefix: string,
  object: ListedObject,
): ObjectEntry | undefined {
  const name = object.key.slice(prefix.length);
  if (name === "" || name.includes("/")) return undefined;
  const { sizeBytes, modifiedMs, tag } = object;
  return { name, sizeBytes, modifiedMs, tag };
}

async function readWhole(
  calls: StoreCalls,
  path: string,
  key: string,
  signal: AbortSignal | undefined,
): Promise<Uint8Array | undefined> {
  const { response } = await calls.send(
    "read",
    path,
    { method: "GET", key },
    { signal },
  );
  if (calls.isAbsent(response)) return undefined;
  if (response.status !== 200) throw calls.failed("read", path, response);
  const said = response.headers.get("content-length");
  if (said !== undefined && Number(said) !== response.body.length)
    throw wrongAnswer(
      "read",
      path,
      `It sent ${response.body.length} of ${said} bytes.`,
    );
  return response.body;
}

async function readRange(
  calls: StoreCalls,
  object: { readonly path: string; readonly key: string },
  range: ByteRange,
  signal: AbortSignal | undefined,
): Promise<Uint8Array | undefined> {
  const { path, key } = object;
  if (range.length <= 0)
    return (await statObject(calls, path, key)) && new Uint8Array(0);
  const last = range.start + range.length - 1;
  const { response } = await calls.send(
    "read",
    path,
    { method: "GET", key, headers: { range: `bytes=${range.start}-${last}` } },
    { signal },
  );
  if (calls.isAbsent(response)) return undefined;
  if (!succeeded(response) && response.status !== 416)
    throw calls.failed("read", path, response);
  const answer = checkRange(range, response);
  if (answer.kind === "wrong") throw wrongAnswer("read", path, answer.reason);
  return answer.bytes;
}

async function statObject(
  calls: StoreCalls,
  path: string,
  key: string,
): Promise<ObjectEntry | undefined> {
  const { response } = await calls.send("stat", path, { method: "HEAD", key });
  if (response.status === 404) return undefined;
  if (!succeeded(response)) throw calls.failed("stat", path, response);
  const size = Number(response.headers.get("content-length") ?? Number.NaN);
  const modifiedMs = Date.parse(response.headers.get("last-modified") ?? "");
  if (!Number.isSafeInteger(size))
    throw wrongAnswer("stat", path, "It names no size.");
  return {
    name: baseName(path),
    sizeBytes: size,
    modifiedMs: Number.isNaN(modifiedMs) ? 0 : modifiedMs,
    tag: tagOf(response.headers.get("etag")),
  };
}
