// What every store promises, tried on each of them.

import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { storeFailed } from "./errors.ts";
import { localStore } from "./local.ts";
import { MemoryStore } from "./memory.ts";
import { gcsFixture, s3Fixture } from "./remote.testkit.ts";
import {
  testStorePromises,
  type OpenedStore,
} from "./store-promises.testkit.ts";
import type { ObjectStore } from "./store.ts";

let root: string;
beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "sluice-store-")));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const bytes = (text: string): Uint8Array => Buffer.from(text);

const STORES: readonly (readonly [string, () => Promise<OpenedStore>])[] = [
  ["local", () => here(localStore(), join(root, "local"))],
  ["memory", () => here(new MemoryStore(), join(root, "memory"))],
  ["S3", () => s3Fixture({ pageSize: 2 })],
  ["GCS", gcsFixture],
];

function here(store: ObjectStore, folder: string): Promise<OpenedStore> {
  return Promise.resolve({
    store,
    root: folder,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
}

for (const [name, open] of STORES) testStorePromises(name, open);

describe("the local store", () => {
  test("leaves no temporary file behind, whether it wins or loses", async () => {
    const store = localStore();
    const folder = join(root, "clean");
    await store.putIfAbsent(join(folder, "x"), bytes("1"));
    await store.putIfAbsent(join(folder, "x"), bytes("2"));
    await store.put(join(folder, "y"), bytes("3"));
    expect(readdirSync(folder).toSorted()).toEqual(["x", "y"]);
  });

  test("shows folders behind links only while they stay inside", async () => {
    const lake = join(root, "links");
    mkdirSync(join(lake, "real"), { recursive: true });
    mkdirSync(join(root, "outside"), { recursive: true });
    symlinkSync(join(lake, "real"), join(lake, "inside"));
    symlinkSync(join(root, "outside"), join(lake, "escape"));
    symlinkSync(join(root, "missing"), join(lake, "dangling"));
    expect(await localStore().listFolders(lake)).toEqual(["inside", "real"]);
  });

  test("what cannot be read is an error, not an absent object", async () => {
    writeFileSync(join(root, "file"), "x");
    mkdirSync(join(root, "folder"), { recursive: true });
    await expect(localStore().read(join(root, "folder"))).rejects.toMatchObject(
      { code: "58030" },
    );
    expect(
      await localStore().read(join(root, "file", "below")),
    ).toBeUndefined();
  });

  test("a full disk is 53100", () => {
    const full = Object.assign(
      new RangeError("ENOSPC: no space left on device, write"),
      { code: "ENOSPC" },
    );
    expect(storeFailed("write", "/x", full)).toMatchObject({ code: "53100" });
    expect(storeFailed("write", "/x", new RangeError("EIO"))).toMatchObject({
      code: "58030",
      detail: "EIO",
    });
  });
});
