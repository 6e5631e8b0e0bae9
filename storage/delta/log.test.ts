import { describe, expect, test } from "vitest";
import type { ObjectEntry } from "../object-store/store.ts";
import {
  commitName,
  lastCheckpointHint,
  readListing,
  segmentsFor,
  type LogSegment,
} from "./log.ts";
import { MemoryStore } from "../object-store/memory.ts";

const table = { location: "/t", name: "t", lakeRoot: undefined };

function entries(names: readonly string[]): readonly ObjectEntry[] {
  return names.map((name) => ({
    name,
    sizeBytes: 1,
    modifiedMs: 1,
    tag: name,
  }));
}

function pad(version: number): string {
  return String(version).padStart(20, "0");
}

function best(
  names: readonly string[],
  wanted?: number,
): LogSegment | undefined {
  return segmentsFor(table, readListing(entries(names)), wanted)[0];
}

const commits = (...versions: readonly number[]): readonly string[] =>
  versions.map(commitName);

describe("the log folder", () => {
  test("L2, L3: only exact names count", () => {
    const listing = readListing(
      entries([
        ...commits(0),
        `.${commitName(1)}.crc`,
        `${commitName(1)}.tmp`,
        `${pad(2)}.crc`,
        `${pad(0)}.${pad(2)}.compacted.json`,
        `${pad(3)}.checkpoint.parquet.crc`,
        `${pad(3)}.checkpoint.short.json`,
        ",",
        "_last_checkpoint",
      ]),
    );
    expect(listing.commits.map((commit) => commit.version)).toEqual([0]);
    expect(listing.checkpoints).toEqual([]);
  });

  test("S1: the newest complete checkpoint and the commits after it build the version", () => {
    const names = [
      ...commits(0, 1, 2, 3, 4),
      `${pad(1)}.checkpoint.parquet`,
      `${pad(3)}.checkpoint.parquet`,
    ];
    expect(best(names)).toMatchObject({
      version: 4,
      checkpoint: { version: 3 },
      commits: [{ version: 4 }],
    });
    expect(best(names, 2)).toMatchObject({
      version: 2,
      checkpoint: { version: 1 },
      commits: [{ version: 2 }],
    });
    expect(best(names, 0)).toMatchObject({
      version: 0,
      checkpoint: undefined,
      commits: [{ version: 0 }],
    });
  });

  test("S5: a multi-part checkpoint counts with all parts of one part count", () => {
    const part = (index: number, of: number): string =>
      `${pad(1)}.checkpoint.${String(index).padStart(10, "0")}.${String(of).padStart(10, "0")}.parquet`;
    expect(
      best([...commits(0, 1), part(1, 2), part(2, 3)])?.checkpoint,
    ).toBeUndefined();
    expect(
      best([...commits(0, 1), part(2, 2), part(1, 2)])?.checkpoint?.files.map(
        (file) => file.name,
      ),
    ).toEqual([part(1, 2), part(2, 2)]);
  });

  test("S2: a gap after the checkpoint is refused, one before it is fine", () => {
    expect(() => best(commits(0, 2))).toThrow(
      expect.objectContaining({
        code: "XX001",
        detail: "Commit 1 is missing, and no checkpoint covers the gap.",
      }),
    );
    expect(
      best([...commits(0, 5), `${pad(4)}.checkpoint.parquet`]),
    ).toMatchObject({ version: 5 });
  });

  test("S3: a version that is gone says which can be read", () => {
    const names = [...commits(8, 9, 10), `${pad(8)}.checkpoint.parquet`];
    expect(() => best(names, 3)).toThrow(
      expect.objectContaining({
        code: "22023",
        detail: "Versions 8 to 10 can be read.",
      }),
    );
    expect(() => best(names, 11)).toThrow(
      expect.objectContaining({ code: "22023" }),
    );
  });

  test("S3: commits that do not begin at 0, without a checkpoint, are refused", () => {
    expect(() => best(commits(3, 4))).toThrow(/damaged/);
    expect(() => best([])).toThrow(/is not a Delta table/);
  });

  test.each([
    "",
    "{",
    "[]",
    '{"version":"1"}',
    '{"version":-1}',
    '{"version":1.5}',
    '{"version":99999999999999999999}',
  ])("S4: _last_checkpoint holding %j is no hint", async (text) => {
    const store = new MemoryStore();
    await store.put("/t/_delta_log/_last_checkpoint", Buffer.from(text));
    expect(await lastCheckpointHint(store, "/t")).toBeUndefined();
  });
});
