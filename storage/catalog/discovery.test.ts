import {
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { localStore } from "../object-store/local.ts";
import { MemoryStore } from "../object-store/memory.ts";
import { discoverTables } from "./discovery.ts";

let lake: string;
beforeEach(() => {
  lake = realpathSync(mkdtempSync(join(tmpdir(), "sluice-lake-")));
});
afterEach(() => rmSync(lake, { recursive: true, force: true }));

function table(path: string): void {
  mkdirSync(join(lake, path, "_delta_log"), { recursive: true });
}

async function names(): Promise<readonly string[]> {
  return (await discoverTables(localStore(), lake)).map(
    (found) => `${found.schema}.${found.name}`,
  );
}

test("tables lie in schemas, or right below the lake in public", async () => {
  for (const path of ["orders", "sales/2024 q1", "sales/Orders", "hr/people"])
    table(path);
  expect(await names()).toEqual([
    "public.orders",
    "hr.people",
    "sales.2024 q1",
    "sales.Orders",
  ]);
});

test("default is public, and the folder nearer to the lake wins its name", async () => {
  for (const path of ["t", "default/t", "default/u", "public/v"]) table(path);
  expect(await discoverTables(localStore(), lake)).toEqual([
    { schema: "public", name: "t", location: join(lake, "t") },
    { schema: "public", name: "u", location: join(lake, "default/u") },
    { schema: "public", name: "v", location: join(lake, "public/v") },
  ]);
});

test("names that begin with _ or . are skipped, and folders inside a table are not searched", async () => {
  for (const path of [
    "_managed/x",
    ".hidden",
    "_private/t",
    "s/_t",
    "s/.t",
    "outer",
    "outer/inner",
  ])
    table(path);
  expect(await names()).toEqual(["public.outer"]);
});

test("links that leave the lake are refused, links inside it are followed", async () => {
  const outside = realpathSync(mkdtempSync(join(tmpdir(), "sluice-outside-")));
  mkdirSync(join(outside, "secret", "_delta_log"), { recursive: true });
  table("s/real");
  symlinkSync(outside, join(lake, "escape"));
  symlinkSync(join(outside, "secret"), join(lake, "s", "secret"));
  symlinkSync(join(lake, "s", "real"), join(lake, "linked"));
  expect(await names()).toEqual(["public.linked", "s.real"]);
  rmSync(outside, { recursive: true, force: true });
});

test("a lake without tables, or without a folder, holds nothing", async () => {
  mkdirSync(join(lake, "empty"));
  expect(await names()).toEqual([]);
  expect(await discoverTables(localStore(), join(lake, "missing"))).toEqual([]);
});

test("an object store's lake is found by its keys", async () => {
  const store = new MemoryStore();
  await store.put(
    "s3://b/lake/s/t/_delta_log/00000000000000000000.json",
    Buffer.from(""),
  );
  expect(await discoverTables(store, "s3://b/lake")).toEqual([
    { schema: "s", name: "t", location: "s3://b/lake/s/t" },
  ]);
});

test("a table that is known costs no look of its own, until its folder is gone", async () => {
  const store = new MemoryStore();
  for (const path of ["s/t", "s/u", "v"])
    await store.put(`s3://b/lake/${path}/_delta_log/0.json`, Buffer.from(""));
  const found = await discoverTables(store, "s3://b/lake");
  const known = new Set(found.map(({ location }) => location));
  store.counts.list = 0;
  expect(await discoverTables(store, "s3://b/lake", { known })).toEqual(found);
  // The lake's folder, the schema's, and whether the schema has become a table.
  expect(store.counts.list).toBe(3);
  await store.deleteFolder("s3://b/lake/s/u");
  const left = await discoverTables(store, "s3://b/lake", { known });
  expect(left.map(({ name }) => name)).toEqual(["v", "t"]);
});
