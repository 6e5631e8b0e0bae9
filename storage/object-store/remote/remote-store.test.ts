// Remote stores when something goes wrong: every fault the test server knows, and what the caller then sees.

import { randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type {
  Fault,
  SeenRequest,
} from "../../../conformance/stores/s3-server.ts";
import {
  AT_ONCE,
  gcsFixture,
  s3Fixture,
  type RemoteFixture,
} from "../remote.testkit.ts";
import { ObjectStores } from "../open.ts";

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "sluice-remote-"));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const bytes = (text: string): Uint8Array => Buffer.from(text);
const text = (content: Uint8Array | undefined): string | undefined =>
  content && Buffer.from(content).toString();

/** The fault for the first `count` requests of `method` on keys that match. */
function first(
  count: number,
  method: string,
  fault: Fault,
  key = /^x/,
): (request: SeenRequest) => Fault | undefined {
  let left = count;
  return (request) => {
    if (request.method !== method || !key.test(request.key)) return undefined;
    left -= 1;
    return left < 0 ? undefined : fault;
  };
}

const PASSING: readonly Fault[] = [
  { kind: "status", status: 503, code: "SlowDown" },
  { kind: "status", status: 500, code: "InternalError" },
  { kind: "status", status: 429, code: "TooManyRequests" },
  { kind: "cut before" },
  { kind: "cut after" },
];

describe.each(PASSING)("after $kind $status", (fault) => {
  test("a read is repeated", async () => {
    await using lake = await s3Fixture();
    await lake.store.put("s3://lake/x", bytes("hello"));
    lake.server.configure({ fault: first(3, "GET", fault) });
    expect(text(await lake.store.read("s3://lake/x"))).toBe("hello");
  });

  test("a put-if-absent tells the truth", async () => {
    await using lake = await s3Fixture();
    lake.server.configure({ fault: first(2, "PUT", fault) });
    expect(await lake.store.putIfAbsent("s3://lake/x1", bytes("ours"))).toBe(
      true,
    );
    lake.server.configure({ fault: first(2, "PUT", fault) });
    expect(await lake.store.putIfAbsent("s3://lake/x1", bytes("late"))).toBe(
      false,
    );
    expect(text(await lake.store.read("s3://lake/x1"))).toBe("ours");
  });

  test("a parted upload arrives whole, and leaves nothing open", async () => {
    await using lake = await s3Fixture();
    const file = join(dir, randomUUID());
    writeFileSync(file, Buffer.alloc(20 * 1024 * 1024, 7));
    lake.server.configure({ fault: first(2, "PUT", fault) });
    await lake.store.upload(file, "s3://lake/x");
    expect((await lake.store.stat("s3://lake/x"))?.sizeBytes).toBe(
      20 * 1024 * 1024,
    );
    expect(lake.server.objects.openUploads).toBe(0);
  });
});

test("a completed upload whose answer was lost is not sent again", async () => {
  await using lake = await s3Fixture();
  const file = join(dir, randomUUID());
  writeFileSync(file, Buffer.alloc(20 * 1024 * 1024, 7));
  let cut = false;
  lake.server.configure({
    fault: ({ method, query }) => {
      if (cut || method !== "POST" || !query.has("uploadId")) return undefined;
      cut = true;
      return { kind: "cut after" };
    },
  });
  await lake.store.upload(file, "s3://lake/x");
  expect(cut).toBe(true);
  expect((await lake.store.stat("s3://lake/x"))?.sizeBytes).toBe(
    20 * 1024 * 1024,
  );
});

test("an upload that cannot be completed is abandoned", async () => {
  await using lake = await s3Fixture();
  const file = join(dir, randomUUID());
  writeFileSync(file, Buffer.alloc(20 * 1024 * 1024, 7));
  const refused: Fault = { kind: "status", status: 403, code: "AccessDenied" };
  lake.server.configure({
    fault: ({ query }) =>
      query.get("partNumber") === "2" ? refused : undefined,
  });
  await expect(lake.store.upload(file, "s3://lake/x")).rejects.toMatchObject({
    code: "42501",
  });
  expect(lake.server.objects.openUploads).toBe(0);
  expect(await lake.store.stat("s3://lake/x")).toBeUndefined();
});

describe("an answer that lies is refused, never used", () => {
  const range = { start: 2, length: 5 };
  const LIES: readonly (readonly [Fault["kind"], RegExp])[] = [
    ["whole object", /answered a range with status 200/],
    ["wrong range", /sent bytes 3-7\/20 where bytes 2-6/],
    ["short body", /sent 2 bytes as bytes 2-6\/20/],
  ];
  test.each(LIES)("%s", async (kind, detail) => {
    await using lake = await s3Fixture();
    await lake.store.put("s3://lake/x", Buffer.alloc(20, 1));
    const fault = kind === "status" ? undefined : { kind };
    lake.server.configure({ fault: () => fault });
    await expect(lake.store.read("s3://lake/x", range)).rejects.toMatchObject({
      code: "58030",
      detail: expect.stringMatching(detail) as string,
    });
  });

  test("a body that ends early is read again, and fails when it always does", async () => {
    await using lake = await s3Fixture();
    await lake.store.put("s3://lake/x", Buffer.alloc(20, 1));
    lake.server.configure({ fault: first(2, "GET", { kind: "cut body" }) });
    expect(await lake.store.read("s3://lake/x")).toHaveLength(20);
    expect(await lake.store.read("s3://lake/x", range)).toHaveLength(5);
    lake.server.configure({ fault: () => ({ kind: "cut body" }) });
    await expect(lake.store.read("s3://lake/x")).rejects.toMatchObject({
      code: "08006",
    });
  });

  test("an object replaced during a download is not put together from both", async () => {
    await using lake = await s3Fixture();
    await lake.store.put("s3://lake/x", Buffer.alloc(9_000_000, 1));
    lake.server.configure({
      fault: ({ method, headers }) => {
        if (method === "GET" && headers["if-match"] === undefined)
          queueMicrotask(() =>
            lake.server.objects.put("x", Buffer.alloc(9_000_000, 2)),
          );
        return undefined;
      },
    });
    await expect(
      lake.store.download("s3://lake/x", join(dir, randomUUID())),
    ).rejects.toMatchObject({
      code: "58030",
      detail: "The object was replaced while it was read.",
    });
  });
});

describe("a store that overwrites", () => {
  test("is refused for writing and still read", async () => {
    await using lake = await s3Fixture({ condition: "none" });
    lake.server.objects.put("x", Buffer.from("there"));
    const refused = {
      code: "0A000",
      message: 'writing to "s3://lake" is not supported',
    };
    await expect(
      lake.store.putIfAbsent("s3://lake/t/0.json", bytes("{}")),
    ).rejects.toMatchObject(refused);
    await expect(
      lake.store.put("s3://lake/t/1", bytes("{}")),
    ).rejects.toMatchObject(refused);
    expect(lake.server.objects.keys()).toEqual(["x"]);
    expect(text(await lake.store.read("s3://lake/x"))).toBe("there");
  });

  test("is asked once, and again only when it gave no verdict", async () => {
    await using lake = await s3Fixture();
    const down: Fault = { kind: "status", status: 403, code: "AccessDenied" };
    lake.server.configure({ fault: () => down });
    await expect(
      lake.store.put("s3://lake/x", bytes("1")),
    ).rejects.toMatchObject({ code: "42501" });
    lake.server.configure({ fault: () => undefined });
    await lake.store.put("s3://lake/x", bytes("1"));
    await lake.store.put("s3://lake/y", bytes("2"));
    const probes = lake.server.requests.filter(
      ({ method, key }) => method === "PUT" && key.includes("probe"),
    );
    // One refused, then the two of a probe that came through.
    expect(probes).toHaveLength(3);
    expect(lake.server.objects.keys()).toEqual(["x", "y"]);
  });
});

describe("failures in our words", () => {
  const CASES: readonly (readonly [string, Fault | undefined, object])[] = [
    [
      "refused access",
      { kind: "status", status: 403, code: "AccessDenied" },
      {
        code: "42501",
        message:
          'could not read file "s3://lake/x": the object store refuses access',
        detail: "The object store answered 403 AccessDenied.",
      },
    ],
    [
      "no such bucket",
      { kind: "status", status: 404, code: "NoSuchBucket" },
      { code: "58P01", message: 'could not read file "s3://lake/x"' },
    ],
    [
      "busy after all attempts",
      { kind: "status", status: 503, code: "SlowDown" },
      { code: "58030", detail: "The object store answered 503 SlowDown." },
    ],
    ["no answer", { kind: "cut before" }, { code: "08006" }],
  ];
  test.each(CASES)("%s", async (_name, fault, error) => {
    await using lake = await s3Fixture();
    lake.server.configure({ fault: () => fault });
    await expect(lake.store.read("s3://lake/x")).rejects.toMatchObject(error);
  });

  test("a wrong secret is refused, and no error holds it", async () => {
    await using lake = await s3Fixture(
      {},
      { "access-key-id": "TESTKEY", "secret-access-key": "hunter2hunter2" },
    );
    const error: unknown = await lake.store
      .list("s3://lake/")
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      code: "42501",
      detail: "The object store answered 403 SignatureDoesNotMatch.",
    });
    expect(
      JSON.stringify(error, Object.getOwnPropertyNames(error)),
    ).not.toMatch(/hunter2|Signature=/);
  });

  test("nobody listening is 08006", async () => {
    await using stores = new ObjectStores({
      settings: {
        variables: {},
        sections: {
          s3: { endpoint: "http://127.0.0.1:9", anonymous: "true" },
        },
      },
      retries: AT_ONCE,
    });
    await expect(
      stores.storeFor("s3://lake/x").read("s3://lake/x"),
    ).rejects.toMatchObject({ code: "08006" });
  });

  test("an aborted read ends with 57014, also between attempts", async () => {
    await using lake = await s3Fixture({
      fault: () => ({ kind: "status", status: 503, code: "SlowDown" }),
    });
    const aborted = AbortSignal.abort();
    await expect(
      lake.store.read("s3://lake/x", undefined, aborted),
    ).rejects.toMatchObject({ code: "57014" });
    const later = new AbortController();
    lake.server.configure({
      fault: () => {
        later.abort();
        return { kind: "status", status: 503, code: "SlowDown" };
      },
    });
    await expect(
      lake.store.read("s3://lake/x", undefined, later.signal),
    ).rejects.toMatchObject({ code: "57014" });
    const target = join(dir, randomUUID());
    await expect(
      lake.store.download("s3://lake/x", target, aborted),
    ).rejects.toMatchObject({ code: "57014" });
    expect(existsSync(target)).toBe(false);
  });
});

describe("listing", () => {
  test("goes on over pages, begins after a name, and leaves out what lies deeper", async () => {
    await using lake = await s3Fixture({ pageSize: 7 });
    const names = Array.from(
      { length: 40 },
      (_, index) => `${String(index).padStart(20, "0")}.json`,
    );
    for (const name of names)
      lake.server.objects.put(`t/_delta_log/${name}`, Buffer.from("{}"));
    lake.server.objects.put("t/_delta_log/", Buffer.alloc(0));
    lake.server.objects.put("t/_delta_log/_sidecars/a", Buffer.alloc(0));
    const listed = await lake.store.list("s3://lake/t/_delta_log");
    expect(listed.map(({ name }) => name)).toEqual(names);
    const before = lake.server.requests.length;
    const tail = await lake.store.list(
      "s3://lake/t/_delta_log",
      "00000000000000000034",
    );
    expect(tail.map(({ name }) => name)).toEqual(names.slice(34));
    expect(lake.server.requests.length - before).toBe(1);
    expect(await lake.store.listFolders("s3://lake/t/_delta_log")).toEqual([
      "_sidecars",
    ]);
  });

  test("a listing that is none, or whose pages repeat, is refused", async () => {
    await using lake = await s3Fixture();
    lake.server.objects.put("x", Buffer.from("1"));
    lake.server.configure({ fault: () => ({ kind: "short body" }) });
    await expect(lake.store.list("s3://lake")).rejects.toMatchObject({
      code: "58030",
      detail: "It is not a listing.",
    });
  });
});

describe("many deletions at once", () => {
  function filled(lake: RemoteFixture, count: number): readonly string[] {
    const paths = Array.from(
      { length: count },
      (_, i) => `${lake.root}/d/${i}`,
    );
    for (const path of paths)
      lake.server.objects.put(path.slice(lake.root.length + 1), Buffer.of(1));
    return paths;
  }

  function deletions(lake: RemoteFixture): readonly string[] {
    return lake.server.requests
      .filter(({ method, query }) => method === "DELETE" || query.has("delete"))
      .map(({ method }) => method);
  }

  test("take one request of S3 for a thousand, also of a folder", async () => {
    await using lake = await s3Fixture();
    await lake.store.deleteAll(filled(lake, 2001));
    expect(await lake.store.list(`${lake.root}/d`)).toEqual([]);
    expect(deletions(lake)).toEqual(["POST", "POST", "POST"]);
    filled(lake, 500);
    await lake.store.deleteFolder(`${lake.root}/d`);
    expect(await lake.store.list(`${lake.root}/d`)).toEqual([]);
    expect(deletions(lake)).toHaveLength(4);
  });

  test("go one by one where the store cannot, which is asked once", async () => {
    await using lake = await s3Fixture({ deletesOneByOne: true });
    await lake.store.deleteAll(filled(lake, 5));
    await lake.store.deleteAll(filled(lake, 5));
    expect(await lake.store.list(`${lake.root}/d`)).toEqual([]);
    expect(deletions(lake)).toEqual([
      "POST",
      ...Array<string>(10).fill("DELETE"),
    ]);
    await using google = await gcsFixture();
    await google.store.deleteAll(filled(google, 5));
    expect(deletions(google)).toEqual(Array<string>(5).fill("DELETE"));
  });

  test("are repeated after a lost answer", async () => {
    await using lake = await s3Fixture();
    const paths = filled(lake, 20);
    lake.server.configure({
      fault: first(1, "POST", { kind: "cut after" }, /^$/),
    });
    await lake.store.deleteAll(paths);
    expect(await lake.store.list(`${lake.root}/d`)).toEqual([]);
  });

  test("delete what they may, and fail with what they may not", async () => {
    await using lake = await s3Fixture({ locked: (key) => key === "d/7" });
    await expect(lake.store.deleteAll(filled(lake, 20))).rejects.toMatchObject({
      message: expect.stringContaining("s3://lake/d/7") as string,
    });
    expect(
      (await lake.store.list(`${lake.root}/d`)).map(({ name }) => name),
    ).toEqual(["7"]);
  });
});
