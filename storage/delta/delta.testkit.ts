// A kernel, a store and a table cache for tests, over a temporary folder that goes with them.

import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import type { Schema } from "../common/schema.ts";
import { Kernel } from "../kernel/kernel.ts";
import { localStore } from "../object-store/local.ts";
import { joinPath, type ObjectStore } from "../object-store/store.ts";
import type { Action } from "./actions.ts";
import { addAction } from "./add-file.ts";
import { logFolder } from "./log.ts";
import { queryRows } from "./kernel-rows.ts";
import type { Snapshot } from "./snapshot.ts";
import type { TableRef } from "./table-ref.ts";
import { DeltaTables } from "./tables.ts";

export interface TestLake extends AsyncDisposable {
  readonly root: string;
  readonly kernel: Kernel;
  readonly tables: DeltaTables;
  ref(name: string): TableRef;
}

export async function testLake(
  options: {
    readonly store?: ObjectStore;
    readonly dirs?: readonly string[];
    readonly maxBytes?: number;
  } = {},
): Promise<TestLake> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "sluice-delta-")));
  const tempDir = join(root, ".temp");
  const kernel = await Kernel.open({
    threads: 2,
    memoryBytes: 500_000_000,
    tempDir,
    tempBytes: 500_000_000,
    allowedDirs: [root, ...(options.dirs ?? [])],
    functions: [],
  });
  const store = options.store ?? localStore();
  const tables = new DeltaTables({
    kernel,
    storeFor: () => store,
    tempDir,
    maxBytes: options.maxBytes ?? 100_000_000,
  });
  return {
    root,
    kernel,
    tables,
    ref: (name) => ({ location: join(root, name), name, lakeRoot: root }),
    [Symbol.asyncDispose]: async () => {
      await tables[Symbol.asyncDispose]();
      await kernel[Symbol.asyncDispose]();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** A matcher for a part of an object: a string that fits `pattern`. */
export function matching(pattern: RegExp): unknown {
  return expect.stringMatching(pattern);
}

/** Writes a commit from lines as objects, whatever they hold. */
export async function writeLog(
  store: ObjectStore,
  table: TableRef,
  file: string,
  lines: readonly object[],
): Promise<void> {
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
  await store.put(joinPath(logFolder(table.location), file), Buffer.from(text));
}

export async function writeCommit(
  store: ObjectStore,
  table: TableRef,
  version: number,
  lines: readonly object[],
): Promise<void> {
  await writeLog(
    store,
    table,
    `${String(version).padStart(20, "0")}.json`,
    lines,
  );
}

export const PROTOCOL = {
  protocol: { minReaderVersion: 1, minWriterVersion: 2 },
};

export interface TestField {
  readonly name: string;
  readonly type: unknown;
  readonly metadata?: object;
}

export function metaData(
  fields: readonly TestField[],
  extra: object = {},
): object {
  const schemaString = JSON.stringify({
    type: "struct",
    fields: fields.map((field) => ({ nullable: true, metadata: {}, ...field })),
  });
  const format = { provider: "parquet", options: {} };
  return {
    metaData: {
      id: "test",
      format,
      schemaString,
      partitionColumns: [],
      configuration: {},
      ...extra,
    },
  };
}

export function add(path: string, extra: object = {}): object {
  return {
    add: {
      path,
      partitionValues: {},
      size: 100,
      modificationTime: 1,
      dataChange: true,
      ...extra,
    },
  };
}

export function remove(path: string, extra: object = {}): object {
  return { remove: { path, deletionTimestamp: 1, dataChange: true, ...extra } };
}

/** Decoded paths of the live files, sorted. */
export async function livePaths(
  snapshot: Snapshot,
): Promise<readonly string[]> {
  return snapshot.files.use(async (files) => {
    const rows = await queryRows(
      files.connection,
      `SELECT key FROM ${files.table} WHERE ${files.live} ORDER BY key`,
    );
    return rows.map((row) => String(row[0]));
  });
}

/** An `add` of a file that nobody wrote. */
export function fileAction(
  path: string,
  schema: Schema,
  partitionValues: readonly (string | null)[] = [],
): Action {
  const layout = {
    columns: schema.columns.map((column) => ({
      name: column.name,
      physicalName: column.name,
      type: column.type,
    })),
    partitionColumns: schema.columns
      .slice(0, partitionValues.length)
      .map((column) => column.name),
    mapping: "name" as const,
  };
  const written = {
    path,
    partitionValues,
    sizeBytes: 100,
    rowCount: 10,
    modificationTimeMs: 1,
    stats: '{"numRecords":10}',
  };
  return { kind: "add", add: addAction(written, layout) };
}
