// An outline is the snapshot's, read another way: over tables that other engines wrote.

import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  TABLES_FOLDER,
  publishedTables,
  type PublishedTable,
} from "../../conformance/delta/manifest.ts";
import { SqlError } from "../common/errors.ts";
import { tableSize } from "../scan/scan.ts";
import { testLake, type TestLake } from "./delta.testkit.ts";
import { TableOutlines } from "./outline.ts";
import type { TableRef } from "./table-ref.ts";

const TABLES = publishedTables();

let lake: TestLake;
beforeAll(async () => {
  lake = await testLake({ dirs: [TABLES_FOLDER] });
});
afterAll(() => lake[Symbol.asyncDispose]());

const refOf = ({ path, name }: PublishedTable): TableRef => ({
  location: join(TABLES_FOLDER, path),
  name,
  lakeRoot: TABLES_FOLDER,
});

async function outcome<T>(work: Promise<T>): Promise<T | string> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof SqlError) return `${error.code} ${error.message}`;
    throw error;
  }
}

describe("the outline of a published table", () => {
  let outlined = 0;

  test.each(TABLES)("$name is what its snapshot tells", async (table) => {
    const ref = refOf(table);
    const outlines = new TableOutlines();
    const read = () => outcome(outlines.read(lake.tables.contextOf(ref)));
    const outline = await read();
    if (outline === undefined) return;
    const snapshot = await outcome(lake.tables.snapshot(ref));
    // What a log breaks may be found in its files first by one, in its columns first by the other.
    if (typeof outline === "string" || typeof snapshot === "string") {
      if (typeof outline === "string")
        expect(snapshot).toMatch(new RegExp(`^${outline.slice(0, 5)}`, "u"));
      return;
    }
    expect(outline.schema).toEqual(snapshot.schema);
    expect(outline.metadata).toEqual(snapshot.metadata);
    expect(outline.size).toEqual(await tableSize(snapshot));
    expect(await read()).toBe(outline);
    outlined += 1;
  });

  test("is there for many of them", () => {
    expect(outlined).toBeGreaterThan(4);
  });
});
