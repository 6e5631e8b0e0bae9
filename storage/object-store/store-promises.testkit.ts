// What every store promises, as tests: each kind of store runs them.

import { randomBytes, randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compareNames, type ObjectStore } from "./store.ts";

export interface OpenedStore extends AsyncDisposable {
  readonly store: ObjectStore;
  /** A folder of the tests' own. */
  readonly root: string;
}

const bytes = (text: string): Uint8Array => Buffer.from(text);

export function testStorePromises(
  name: string,
  open: () => Promise<OpenedStore>,
): void {
  describe(`the ${name} store`, () => {
    let local: string;
    beforeAll(() => {
      local = mkdtempSync(join(tmpdir(), "sluice-files-"));
    });
    afterAll(() => rmSync(local, { recursive: true, force: true }));
    let opened: OpenedStore;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened[Symbol.asyncDispose]());
    const at = (path: string): string => `${opened.root}/${path}`;

    test("reads back what was put, whole and by range", async () => {
      const { store } = opened;
      await store.put(at("a/x"), bytes("hello"));
      expect(Buffer.from((await store.read(at("a/x"))) ?? []).toString()).toBe(
        "hello",
      );
      expect(
        Buffer.from(
          (await store.read(at("a/x"), { start: 1, length: 3 })) ?? [],
        ).toString(),
      ).toBe("ell");
      expect(
        Buffer.from(
          (await store.read(at("a/x"), { start: 3, length: 99 })) ?? [],
        ).toString(),
      ).toBe("lo");
      expect(
        await store.read(at("a/x"), { start: 99, length: 1 }),
      ).toHaveLength(0);
      await store.put(at("a/x"), bytes("again"));
      expect(Buffer.from((await store.read(at("a/x"))) ?? []).toString()).toBe(
        "again",
      );
    });

    test("W1: of many that put one absent object, one succeeds and its bytes stay", async () => {
      const { store } = opened;
      const won = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          store.putIfAbsent(at("b/0.json"), bytes(String(index))),
        ),
      );
      expect(won.filter(Boolean)).toHaveLength(1);
      const content = Buffer.from(
        (await store.read(at("b/0.json"))) ?? [],
      ).toString();
      expect(content).toBe(String(won.indexOf(true)));
    });

    test("lists a tree without the branches that are not entered", async () => {
      const { store } = opened;
      for (const file of ["x", "a/y", "a/b/z", "_log/0", "a/_log/1"])
        await store.put(at(`t/${file}`), bytes(file));
      const names: string[] = [];
      const tree = store.listTree(
        at("t"),
        (path) => !path.split("/").includes("_log"),
      );
      for await (const batch of tree)
        names.push(...batch.map((entry) => entry.name));
      expect(names.sort()).toEqual(["a/b/z", "a/y", "x"]);
    });

    test("lists the objects of one folder in byte order, after a name", async () => {
      const { store } = opened;
      for (const file of ["c", "a", "B", "\u{FFFD}", "\u{1F600}"])
        await store.put(at(`l/${file}`), bytes(file));
      await store.put(at("l/inner/x"), bytes("x"));
      const names = (await store.list(at("l"))).map((entry) => entry.name);
      expect(names).toEqual(["B", "a", "c", "\u{FFFD}", "\u{1F600}"]);
      expect(
        (await store.list(at("l"), "a")).map((entry) => entry.name),
      ).toEqual(["c", "\u{FFFD}", "\u{1F600}"]);
      expect(await store.list(at("nothing"))).toEqual([]);
      expect(await store.listFolders(at("l"))).toEqual(["inner"]);
      expect(await store.listFolders(at("nothing"))).toEqual([]);
    });

    test("an absent object is undefined, and deleting it is no error", async () => {
      const { store } = opened;
      expect(await store.read(at("none"))).toBeUndefined();
      expect(await store.stat(at("none"))).toBeUndefined();
      await store.put(at("gone"), bytes("x"));
      await store.delete(at("gone"));
      await store.delete(at("gone"));
      expect(await store.stat(at("gone"))).toBeUndefined();
    });

    test("deletes many, whatever their names, and those that are absent too", async () => {
      const { store } = opened;
      const names = [
        ...Array.from({ length: 40 }, (_, i) => `many/f${i}`),
        "many/a&b<c>\"' d+%20é",
        "many/deep/er",
      ];
      for (const name of [...names, "many/kept"])
        await store.put(at(name), bytes("x"));
      await store.deleteAll([...names, "many/none"].map(at));
      await store.deleteAll([]);
      expect((await store.list(at("many"))).map(({ name }) => name)).toEqual([
        "kept",
      ]);
      expect(await store.stat(at("many/deep/er"))).toBeUndefined();
    });

    test("an entry's tag changes when the object is replaced", async () => {
      const { store } = opened;
      await store.put(at("tag"), bytes("one"));
      const before = await store.stat(at("tag"));
      await store.delete(at("tag"));
      await store.put(at("tag"), bytes("two"));
      expect((await store.stat(at("tag")))?.tag).not.toBe(before?.tag);
      expect(before).toMatchObject({ name: "tag", sizeBytes: 3 });
    });

    test("tells whether a folder exists", async () => {
      const { store } = opened;
      await store.put(at("h/t/_delta_log/0.json"), bytes("{}"));
      expect(await store.hasFolder(at("h/t/_delta_log"))).toBe(true);
      expect(await store.hasFolder(at("h/t/_delta"))).toBe(false);
      expect(await store.hasFolder(at("h/t/_delta_log/0.json"))).toBe(false);
    });

    test("deletes a folder with all below it, and nothing beside it", async () => {
      const { store } = opened;
      for (const path of ["d/x/1", "d/x/y/2", "d/x/y/z/3", "d/xx/4"])
        await store.put(at(path), bytes(path));
      await store.deleteFolder(at("d/x"));
      await store.deleteFolder(at("d/none"));
      expect(await store.hasFolder(at("d/x"))).toBe(false);
      expect(await store.listFolders(at("d"))).toEqual(["xx"]);
    });

    test("keeps names that URLs, XML and globs would misread", async () => {
      const { store } = opened;
      const names = ["a b+c", "100%", "x=1&y;z", "q?", "[*]", "<é>", "p%20q"];
      for (const name of names) {
        await store.put(at(`odd/${name}/${name}`), bytes(name));
        expect(
          (await store.list(at(`odd/${name}`))).map((entry) => entry.name),
        ).toEqual([name]);
        expect(
          Buffer.from(
            (await store.read(at(`odd/${name}/${name}`))) ?? [],
          ).toString(),
        ).toBe(name);
      }
      expect(await store.listFolders(at("odd"))).toEqual(
        names.toSorted(compareNames),
      );
    });

    test.each([0, 1, 4 * 1024 * 1024, 17 * 1024 * 1024 + 5])(
      "carries a file of %d bytes there and back",
      async (size) => {
        const { store } = opened;
        const content = randomBytes(size);
        const source = join(local, `up-${size}`);
        const target = join(local, `down-${size}-${randomUUID()}`);
        writeFileSync(source, content);
        await store.upload(source, at(`files/${size}`));
        expect(await store.download(at(`files/${size}`), target)).toBe(size);
        expect(readFileSync(target).equals(content)).toBe(true);
        expect((await store.stat(at(`files/${size}`)))?.sizeBytes).toBe(size);
      },
    );

    test("finds nothing to download where there is nothing", async () => {
      const { store } = opened;
      expect(
        await store.download(at("files/none"), join(local, randomUUID())),
      ).toBeUndefined();
    });
  });
}
