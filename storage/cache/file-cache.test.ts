// The cache's promises (spec/ssd-cache.md, invariants I2, I4, I5, I6 for whole files), over a store in memory whose downloads can be
// held back.

import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { MemoryStore } from "../object-store/memory.ts";
import type { DataFile } from "./data-files.ts";
import { FileCache } from "./file-cache.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "sluice-cache-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** Downloads wait until they are let go. */
class HeldStore extends MemoryStore {
  downloads = 0;
  #gate: Promise<void> = Promise.resolve();
  #open: () => void = () => undefined;

  hold(): void {
    this.#gate = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  letGo(): void {
    this.#open();
  }

  override async download(
    path: string,
    localFile: string,
    signal?: AbortSignal,
  ): Promise<number | undefined> {
    this.downloads += 1;
    await this.#gate;
    signal?.throwIfAborted();
    return super.download(path, localFile);
  }
}

async function filled(count: number, sizeBytes = 100): Promise<HeldStore> {
  const store = new HeldStore();
  for (let i = 0; i < count; i += 1)
    await store.put(file(i, sizeBytes).path, Buffer.alloc(sizeBytes, i));
  return store;
}

function file(number: number, sizeBytes = 100): DataFile {
  return { path: `s3://lake/t/day=1/${number}.parquet`, sizeBytes };
}

function cache(
  store: MemoryStore,
  limitBytes: number,
  patienceMs = 20,
): Promise<FileCache> {
  return FileCache.open({
    dir: join(dir, "files"),
    limitBytes,
    storeFor: () => store,
    patienceMs,
  });
}

function cached(): readonly string[] {
  return readdirSync(join(dir, "files")).filter((name) =>
    name.endsWith(".parquet"),
  );
}

describe("the cache of data files", () => {
  test("gives whole files, in the order asked for, under names without partition values", async () => {
    const files = await cache(await filled(3), 1_000);
    using lease = await files.open("t", [file(2), file(0), file(2)]);
    expect(lease.localPaths.map((path) => readFileSync(path)[0])).toEqual([
      2, 0, 2,
    ]);
    expect(lease.localPaths.join()).not.toContain("=");
    expect(files.usedBytes).toBe(200);
  });

  test("I6: fetches a file once, however many ask", async () => {
    const store = await filled(2);
    const files = await cache(store, 1_000);
    store.hold();
    const asked = Array.from({ length: 50 }, () =>
      files.open("t", [file(0), file(1)]),
    );
    store.letGo();
    for (const lease of await Promise.all(asked)) lease[Symbol.dispose]();
    expect(store.downloads).toBe(2);
    using again = await files.open("t", [file(1)]);
    expect(again.localPaths).toHaveLength(1);
    expect(store.downloads).toBe(2);
  });

  test("I4, I5: evicts the least recently used, never what is in use, and stays within its limit", async () => {
    const store = await filled(40);
    const files = await cache(store, 350);
    using held = await files.open("t", [file(0)]);
    let state = 1;
    for (let i = 0; i < 200; i += 1) {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
      const number = state % 40;
      using lease = await files.open("t", [file(number)]);
      expect(readFileSync(lease.localPaths[0] ?? "")[0]).toBe(number);
      expect(files.usedBytes).toBeLessThanOrEqual(350);
    }
    expect(readFileSync(held.localPaths[0] ?? "")[0]).toBe(0);
    using last = await files.open("t", [file(38), file(39)]);
    const before = store.downloads;
    last[Symbol.dispose]();
    using kept = await files.open("t", [file(38), file(39)]);
    expect(kept.localPaths).toHaveLength(2);
    expect(store.downloads).toBe(before);
  });

  test("waits for room, and fails with 53100 when none comes", async () => {
    const files = await cache(await filled(5), 200);
    const first = await files.open("t", [file(0), file(1)]);
    await expect(files.open("t", [file(2)])).rejects.toMatchObject({
      code: "53100",
      message: "the cache is full of files in use",
    });
    const patient = await cache(await filled(5), 200, 60_000);
    const holding = await patient.open("t", [file(0), file(1)]);
    const waiting = patient.open("t", [file(2), file(3)]);
    holding[Symbol.dispose]();
    (await waiting)[Symbol.dispose]();
    first[Symbol.dispose]();
    await expect(
      files.open("t", [file(0), file(1), file(2)]),
    ).rejects.toMatchObject({
      code: "53100",
      message: "the cache is too small for the statement",
    });
  });

  test("a failed fetch fails all who wait, leaves nothing, and is tried again", async () => {
    const store = await filled(2);
    const files = await cache(store, 1_000);
    const absent = file(7);
    const both = await Promise.allSettled([
      files.open("t", [file(0), absent]),
      files.open("t", [absent]),
    ]);
    for (const result of both)
      expect(result).toMatchObject({
        status: "rejected",
        reason: {
          code: "58P01",
          message: 'data file of table "t" is missing',
          detail: 'The file is "s3://lake/t/day=1/7.parquet".',
        },
      });
    expect(files.usedBytes).toBeLessThanOrEqual(100);
    await store.put(absent.path, Buffer.alloc(100, 7));
    using lease = await files.open("t", [absent]);
    expect(readFileSync(lease.localPaths[0] ?? "")[0]).toBe(7);
  });

  test("a file of another size than the log says is refused", async () => {
    const files = await cache(await filled(1), 1_000);
    await expect(
      files.open("t", [{ ...file(0), sizeBytes: 99 }]),
    ).rejects.toMatchObject({
      code: "XX001",
      detail:
        'The file is "s3://lake/t/day=1/0.parquet": it has 100 bytes, the log says 99.',
    });
    expect(cached()).toEqual([]);
    expect(files.usedBytes).toBe(0);
  });

  test("who is cancelled leaves; the fetch ends when nobody is left", async () => {
    const store = await filled(2);
    const files = await cache(store, 1_000);
    store.hold();
    const cancel = new AbortController();
    const leaving = files.open("t", [file(0), file(1)], cancel.signal);
    const staying = files.open("t", [file(0)]);
    cancel.abort();
    await expect(leaving).rejects.toMatchObject({ code: "57014" });
    expect(files.usedBytes).toBe(100);
    store.letGo();
    using lease = await staying;
    expect(readFileSync(lease.localPaths[0] ?? "")[0]).toBe(0);
    expect(cached()).toHaveLength(1);
  });
});

describe("the cache's folder", () => {
  test("is taken over by the next process: whole files stay, the rest goes", async () => {
    const store = await filled(3);
    const before = await cache(store, 1_000);
    (await before.open("t", [file(0), file(1), file(2)]))[Symbol.dispose]();
    const [broken = "", ...whole] = cached();
    writeFileSync(join(dir, "files", broken), "cut");
    writeFileSync(join(dir, "files", `${broken}.part`), "half");
    writeFileSync(join(dir, "files", "stray"), "?");
    const after = await cache(store, 1_000);
    expect(after.usedBytes).toBe(200);
    expect(cached().toSorted()).toEqual(whole.toSorted());
    const downloads = store.downloads;
    using lease = await after.open("t", [file(0), file(1), file(2)]);
    expect(store.downloads).toBe(downloads + 1);
    expect(lease.localPaths.map((path) => readFileSync(path)[0])).toEqual([
      0, 1, 2,
    ]);
  });

  test("shrinks to a smaller limit", async () => {
    const store = await filled(3);
    const before = await cache(store, 1_000);
    (await before.open("t", [file(0), file(1), file(2)]))[Symbol.dispose]();
    const after = await cache(store, 150);
    expect(after.usedBytes).toBe(100);
    expect(cached()).toHaveLength(1);
  });

  test("is emptied after a restart of the machine", async () => {
    const store = await filled(1);
    (await (await cache(store, 1_000)).open("t", [file(0)]))[Symbol.dispose]();
    writeFileSync(join(dir, "files", "boot-id"), "another start");
    expect((await cache(store, 1_000)).usedBytes).toBe(0);
    expect(cached()).toEqual([]);
  });
});
