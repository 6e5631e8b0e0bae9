// Whole data files of remote stores in a folder of bounded size: the least recently used go first, those in use never. A file is
// fetched once for all who ask, appears under its name only when whole, and is found again after a restart, however that came about.

import { rm } from "node:fs/promises";
import { SqlError, throwIfAborted, untilAborted } from "../common/errors.ts";
import type { ObjectStore } from "../object-store/store.ts";
import {
  cacheKey,
  cleanCacheFolder,
  fillCachedFile,
  newCachedFile,
  type CachedFile,
} from "./cache-folder.ts";
import type { DataFile, DataFiles, FileLease } from "./data-files.ts";
import {
  cacheFull,
  cacheTooSmall,
  damagedDataFile,
  missingDataFile,
} from "./errors.ts";
import { Slots } from "./slots.ts";
import type { CacheUsage } from "./usage.ts";

export interface FileCacheOptions {
  /** Used by this cache alone. */
  readonly dir: string;
  readonly limitBytes: number;
  readonly storeFor: (location: string) => ObjectStore;
  /** How long a statement waits for others to let go of their files. */
  readonly patienceMs?: number;
}

interface Entry extends CachedFile {
  /** Leases that hold it. */
  pins: number;
  loaded: boolean;
  /** Settles when the file is there, or cannot be. */
  ready: Promise<void>;
  /** Ends the fetch when nobody waits for it any more. */
  readonly fetch: AbortController;
}

const PATIENCE_MS = 2_000;
const FETCHES_AT_ONCE = 8;

export class FileCache implements DataFiles {
  readonly #options: FileCacheOptions;
  /** By key, the least recently used first. */
  readonly #entries = new Map<string, Entry>();
  readonly #fetches = new Slots(FETCHES_AT_ONCE);
  /** Woken by each lease that ends. */
  readonly #waiting = new Set<() => void>();
  #usedBytes = 0;

  private constructor(options: FileCacheOptions) {
    this.#options = options;
  }

  /** Cleans the folder: what a killed process left unfinished goes, whole files stay. Throws 58030. */
  static async open(options: FileCacheOptions): Promise<FileCache> {
    const cache = new FileCache(options);
    for (const file of await cleanCacheFolder(options.dir))
      cache.#add({
        ...file,
        pins: 0,
        loaded: true,
        ready: Promise.resolve(),
        fetch: new AbortController(),
      });
    await cache.#forget(options.limitBytes);
    return cache;
  }

  get usage(): CacheUsage {
    return {
      entries: this.#entries.size,
      usedBytes: this.#usedBytes,
      limitBytes: this.#options.limitBytes,
    };
  }

  /** Bytes on disk and reserved; never above the limit. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  async open(
    table: string,
    files: readonly DataFile[],
    signal?: AbortSignal,
  ): Promise<FileLease> {
    throwIfAborted(signal);
    const places = files.map((file) => ({
      file,
      local: this.#options.storeFor(file.path).localPath(file.path),
    }));
    const remote = places.flatMap(({ file, local }) =>
      local === undefined ? [file] : [],
    );
    const pinned: ReadonlyMap<string, Entry> =
      remote.length === 0
        ? new Map()
        : await this.#pinAll(table, remote, signal);
    try {
      const ready = [...pinned.values()].map((entry) => entry.ready);
      await untilAborted(Promise.all(ready), signal);
    } catch (error) {
      this.#unpin(pinned);
      throw error;
    }
    let held = true;
    return {
      localPaths: places.map(
        ({ file, local }) =>
          local ?? pinned.get(cacheKey(file))?.localPath ?? file.path,
      ),
      [Symbol.dispose]: () => {
        if (held) this.#unpin(pinned);
        held = false;
      },
    };
  }

  /** All or none, so that two statements never wait for each other, each with half of what it needs. */
  async #pinAll(
    table: string,
    files: readonly DataFile[],
    signal: AbortSignal | undefined,
  ): Promise<ReadonlyMap<string, Entry>> {
    const wanted = new Map(files.map((file) => [cacheKey(file), file]));
    const { limitBytes, patienceMs = PATIENCE_MS } = this.#options;
    const neededBytes = sum([...wanted.values()]);
    if (neededBytes > limitBytes) throw cacheTooSmall(neededBytes, limitBytes);
    const patience = AbortSignal.timeout(patienceMs);
    while (!this.#fits(wanted)) {
      if (patience.aborted) throw cacheFull(limitBytes, patienceMs);
      await this.#released(patience, signal);
      throwIfAborted(signal);
    }
    const kept = new Map<string, Entry>();
    for (const [key] of wanted) {
      const entry = this.#entries.get(key);
      if (entry === undefined) continue;
      entry.pins += 1;
      // The most recently used is last.
      this.#entries.delete(key);
      this.#entries.set(key, entry);
      kept.set(key, entry);
    }
    const missing = [...wanted].filter(([key]) => !kept.has(key));
    const removed = this.#forget(
      limitBytes - sum(missing.map(([, file]) => file)),
    );
    for (const [key, file] of missing)
      kept.set(key, this.#begin(table, file, removed));
    return kept;
  }

  /** Whether everything wanted fits beside what others hold. */
  #fits(wanted: ReadonlyMap<string, DataFile>): boolean {
    const held = [...this.#entries.values()].filter(
      ({ key, pins }) => pins > 0 && !wanted.has(key),
    );
    return sum(held) + sum([...wanted.values()]) <= this.#options.limitBytes;
  }

  #begin(table: string, file: DataFile, room: Promise<void>): Entry {
    const entry: Entry = {
      ...newCachedFile(this.#options.dir, file),
      pins: 1,
      loaded: false,
      ready: Promise.resolve(),
      fetch: new AbortController(),
    };
    this.#add(entry);
    entry.ready = room.then(() => this.#load(table, file, entry));
    // Waiters see the failure; when all have left, nobody does.
    entry.ready.catch(() => this.#drop(entry));
    return entry;
  }

  async #load(table: string, file: DataFile, entry: Entry): Promise<void> {
    const { signal } = entry.fetch;
    await this.#fetches.with(async () => {
      throwIfAborted(signal);
      try {
        await this.#fetch(table, file, entry);
      } catch (error) {
        if (!(error instanceof SqlError) || error.code !== "53100") throw error;
        // Others fill the disk too: give back what nobody uses, and try once more.
        await this.#forget(0);
        await this.#fetch(table, file, entry);
      }
    });
    entry.loaded = true;
  }

  async #fetch(table: string, file: DataFile, entry: Entry): Promise<void> {
    const store = this.#options.storeFor(file.path);
    const size = await fillCachedFile(
      entry,
      (path) => store.download(file.path, path, entry.fetch.signal),
      (bytes) => bytes === file.sizeBytes,
    );
    if (size === undefined) throw missingDataFile(table, file.path);
    if (size !== file.sizeBytes)
      throw damagedDataFile(
        table,
        file.path,
        `it has ${size} bytes, the log says ${file.sizeBytes}`,
      );
  }

  #add(entry: Entry): void {
    this.#entries.set(entry.key, entry);
    this.#usedBytes += entry.sizeBytes;
  }

  #drop(entry: Entry): void {
    if (this.#entries.get(entry.key) !== entry) return;
    this.#entries.delete(entry.key);
    this.#usedBytes -= entry.sizeBytes;
  }

  #unpin(entries: ReadonlyMap<string, Entry>): void {
    for (const entry of entries.values()) {
      entry.pins -= 1;
      if (entry.pins > 0 || entry.loaded) continue;
      entry.fetch.abort();
      this.#drop(entry);
    }
    for (const wake of this.#waiting) wake();
  }

  /** Forgets at once, least recently used first, until at most `bytes` are used; their files go in the background. Pinned ones stay. */
  #forget(bytes: number): Promise<void> {
    const removed: Promise<void>[] = [];
    for (const entry of [...this.#entries.values()]) {
      if (this.#usedBytes <= bytes) break;
      if (entry.pins > 0) continue;
      this.#drop(entry);
      removed.push(rm(entry.localPath, { force: true }));
    }
    return Promise.all(removed).then(() => undefined);
  }

  async #released(
    patience: AbortSignal,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const signals = signal === undefined ? [patience] : [patience, signal];
    await new Promise<void>((resolve) => {
      const ended = AbortSignal.any(signals);
      const wake = (): void => {
        this.#waiting.delete(wake);
        ended.removeEventListener("abort", wake);
        resolve();
      };
      this.#waiting.add(wake);
      ended.addEventListener("abort", wake, { once: true });
      if (ended.aborted) wake();
    });
  }
}

function sum(files: readonly { readonly sizeBytes: number }[]): number {
  return files.reduce((total, { sizeBytes }) => total + sizeBytes, 0);
}
