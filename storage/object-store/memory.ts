// A store in memory for tests: the same promises as a real one, with every request counted, since I/O counts are behaviour.

import { readFile, writeFile } from "node:fs/promises";
import { storeFailed } from "./errors.ts";
import {
  baseName,
  compareNames,
  joinPath,
  type ByteRange,
  type ObjectEntry,
  type ObjectStore,
} from "./store.ts";

export interface RequestCounts {
  list: number;
  read: number;
  readBytes: number;
  put: number;
  delete: number;
  stat: number;
}

interface StoredObject {
  readonly bytes: Uint8Array;
  readonly modifiedMs: number;
  readonly serial: number;
}

export class MemoryStore implements ObjectStore {
  readonly counts: RequestCounts = {
    list: 0,
    read: 0,
    readBytes: 0,
    put: 0,
    delete: 0,
    stat: 0,
  };
  readonly #objects = new Map<string, StoredObject>();
  readonly #now: () => number;
  #serial = 0;
  #lostAnswers = 0;

  constructor(now: () => number = () => 0) {
    this.#now = now;
  }

  /** The next `count` put-if-absents are carried out, but the caller sees a failure: an unknown outcome. */
  loseAnswers(count: number): void {
    this.#lostAnswers = count;
  }

  list(folder: string, startAfter?: string): Promise<readonly ObjectEntry[]> {
    this.counts.list += 1;
    const prefix = joinPath(folder, "");
    const entries: ObjectEntry[] = [];
    for (const path of this.#objects.keys()) {
      const name = path.slice(prefix.length);
      if (!path.startsWith(prefix) || name.includes("/")) continue;
      if (startAfter !== undefined && compareNames(name, startAfter) <= 0)
        continue;
      const entry = this.#entry(path);
      if (entry !== undefined) entries.push(entry);
    }
    return Promise.resolve(
      entries.sort((a, b) => compareNames(a.name, b.name)),
    );
  }

  listFolders(folder: string): Promise<readonly string[]> {
    this.counts.list += 1;
    const prefix = joinPath(folder, "");
    const names = new Set<string>();
    for (const path of this.#objects.keys()) {
      const end = path.indexOf("/", prefix.length);
      if (path.startsWith(prefix) && end > 0)
        names.add(path.slice(prefix.length, end));
    }
    return Promise.resolve([...names].sort(compareNames));
  }

  async hasFolder(folder: string): Promise<boolean> {
    this.counts.list += 1;
    return Promise.resolve(
      [...this.#objects.keys()].some((path) =>
        path.startsWith(joinPath(folder, "")),
      ),
    );
  }

  async *listTree(
    folder: string,
    enter: (path: string) => boolean,
  ): AsyncGenerator<readonly ObjectEntry[], void, undefined> {
    this.counts.list += 1;
    const prefix = joinPath(folder, "");
    const entries = [...this.#objects.keys()].flatMap((path) => {
      const entry = path.startsWith(prefix) ? this.#entry(path) : undefined;
      const name = path.slice(prefix.length);
      return entry !== undefined && foldersOf(name).every(enter)
        ? [{ ...entry, name }]
        : [];
    });
    await Promise.resolve();
    yield entries;
  }

  read(path: string, range?: ByteRange): Promise<Uint8Array | undefined> {
    this.counts.read += 1;
    const bytes = this.#objects.get(path)?.bytes;
    const part =
      range === undefined
        ? bytes
        : bytes?.subarray(range.start, range.start + range.length);
    this.counts.readBytes += part?.length ?? 0;
    return Promise.resolve(part);
  }

  putIfAbsent(path: string, bytes: Uint8Array): Promise<boolean> {
    const absent = !this.#objects.has(path);
    this.counts.put += 1;
    if (absent) this.#store(path, bytes);
    if (this.#lostAnswers > 0) {
      this.#lostAnswers -= 1;
      return Promise.reject(storeFailed("create", path, undefined));
    }
    return Promise.resolve(absent);
  }

  put(path: string, bytes: Uint8Array): Promise<void> {
    this.counts.put += 1;
    this.#store(path, bytes);
    return Promise.resolve();
  }

  delete(path: string): Promise<void> {
    this.counts.delete += 1;
    this.#objects.delete(path);
    return Promise.resolve();
  }

  async deleteAll(paths: readonly string[]): Promise<void> {
    for (const path of paths) await this.delete(path);
  }

  deleteFolder(folder: string): Promise<void> {
    for (const path of [...this.#objects.keys()])
      if (path.startsWith(joinPath(folder, ""))) this.#objects.delete(path);
    return Promise.resolve();
  }

  stat(path: string): Promise<ObjectEntry | undefined> {
    this.counts.stat += 1;
    return Promise.resolve(this.#entry(path));
  }

  localPath(): undefined {
    return undefined;
  }

  async download(path: string, localFile: string): Promise<number | undefined> {
    const bytes = await this.read(path);
    if (bytes === undefined) return undefined;
    await writeFile(localFile, bytes, { flag: "wx" });
    return bytes.length;
  }

  async upload(localFile: string, path: string): Promise<void> {
    await this.put(path, await readFile(localFile));
  }

  #store(path: string, bytes: Uint8Array): void {
    this.#serial += 1;
    this.#objects.set(path, {
      bytes: Uint8Array.from(bytes),
      modifiedMs: this.#now(),
      serial: this.#serial,
    });
  }

  #entry(path: string): ObjectEntry | undefined {
    const object = this.#objects.get(path);
    if (object === undefined) return undefined;
    return {
      name: baseName(path),
      sizeBytes: object.bytes.length,
      modifiedMs: object.modifiedMs,
      tag: String(object.serial),
    };
  }
}

/** `a/b/c` -> `a`, `a/b`. */
function foldersOf(path: string): readonly string[] {
  const parts = path.split("/");
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join("/"));
}
