// A node without its process: fragments run in the test's own kernel, and data files are written there.

import { mkdtempSync } from "node:fs";
import { rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DataType } from "../../../storage/common/data-type.ts";
import { FileCache } from "../../../storage/cache/file-cache.ts";
import { Kernel } from "../../../storage/kernel/kernel.ts";
import { localStore } from "../../../storage/object-store/local.ts";
import type {
  LayoutColumn,
  Split,
  TableLayout,
} from "../../../storage/scan/split.ts";
import { DEFAULT_OUTPUT } from "../../session/result.ts";
import {
  FRAME,
  type FileDraft,
  type Fragment,
  type FragmentOutput,
  type FragmentScan,
} from "../fragment.ts";
import { decodeRows, FrameParser, type Frame } from "../frames.ts";
import { Connections } from "./connections.ts";
import { FooterCache } from "./footers.ts";
import { kernelFunctions } from "./functions/kernel-functions.ts";
import { runFragment, type NodeServices } from "./run-fragment.ts";
import { vectorReader } from "./deletions.ts";
import { Spool } from "./spool.ts";
import { WritePlaces } from "./write-places.ts";

export interface TestNode extends AsyncDisposable {
  readonly dir: string;
  readonly kernel: Kernel;
  readonly services: NodeServices;
  /** Writes a query's rows to `<dir>/<name>` as Parquet; `name` may hold any character but a slash. */
  write(name: string, sql: string, options?: string): Promise<Split>;
  /** All frames of a fragment. Throws what it throws. */
  frames(
    fragment: Fragment,
    parts?: readonly Uint8Array[],
    signal?: AbortSignal,
  ): Promise<readonly Frame[]>;
  /** Its rows, each cell PostgreSQL's text. */
  rows(
    fragment: Fragment,
    parts?: readonly Uint8Array[],
  ): Promise<readonly unknown[]>;
}

export async function testNode(): Promise<TestNode> {
  const dir = mkdtempSync(join(tmpdir(), "sluice-node-"));
  const kernel = await Kernel.open({
    threads: 2,
    memoryBytes: 1_000_000_000,
    tempDir: join(dir, ".temp"),
    tempBytes: 1_000_000_000,
    allowedDirs: [dir],
    functions: kernelFunctions(),
  });
  const store = localStore();
  const storeFor = (): typeof store => store;
  const services: NodeServices = {
    connections: new Connections(kernel, 4),
    footers: new FooterCache(100),
    spool: new Spool(join(dir, ".spool")),
    deletionVectors: vectorReader(storeFor),
    dataFiles: await FileCache.open({
      dir: join(dir, ".files"),
      limitBytes: 1_000_000_000,
      storeFor,
    }),
    cacheUsage: () => ({ entries: 0, usedBytes: 0, limitBytes: 0 }),
    writePlaces: new WritePlaces(storeFor, join(dir, ".upload")),
    now: () => performance.now(),
    memoryBytes: () => Promise.resolve(0),
  };
  const frames: TestNode["frames"] = async (
    fragment,
    parts = [],
    signal = new AbortController().signal,
  ) => {
    const parser = new FrameParser();
    const seen: Frame[] = [];
    const send = (pieces: readonly Uint8Array[]): Promise<void> => {
      for (const piece of pieces) seen.push(...parser.push(piece));
      return Promise.resolve();
    };
    await runFragment(services, { fragment, parts }, send, signal);
    return seen;
  };
  return {
    dir,
    kernel,
    services,
    frames,
    write: async (name, sql, options = "") => {
      const path = join(dir, name);
      const temporary = join(dir, "writing.parquet");
      const connection = await kernel.connect();
      await connection.run(
        `COPY (${sql}) TO '${temporary}' (FORMAT parquet${options})`,
      );
      connection.closeSync();
      const { rename } = await import("node:fs/promises");
      await rename(temporary, path);
      return { path, sizeBytes: (await stat(path)).size, partitionValues: [] };
    },
    rows: async (fragment, parts) => {
      const seen = await frames(fragment, parts);
      const text = seen
        .filter(({ kind }) => kind === FRAME.rows)
        .map(({ payload }) =>
          Buffer.from(decodeRows(payload).bytes).toString("utf8"),
        )
        .join(",");
      return listOf(JSON.parse(`[${text}]`));
    },
    [Symbol.asyncDispose]: async () => {
      await services.connections[Symbol.asyncDispose]();
      await kernel[Symbol.asyncDispose]();
      await rm(dir, { recursive: true });
    },
  };
}

export function layout(
  columns: readonly (readonly [string, DataType, Partial<LayoutColumn>?])[],
  rest: Partial<TableLayout> = {},
): TableLayout {
  return {
    columns: columns.map(([name, type, more]) => ({
      name,
      physicalName: name,
      type,
      ...more,
    })),
    partitionColumns: [],
    mapping: "name",
    ...rest,
  };
}

/** Scan 1 of every column of the layout, as `c1`, `c2`, ... */
export function scanOf(
  table: TableLayout,
  splits: readonly Split[],
  columns?: FragmentScan["columns"],
): FragmentScan {
  return {
    scanId: 1,
    tableName: "public.t",
    tableOid: 4711,
    layout: table,
    splits,
    columns:
      columns ??
      table.columns.map(({ name }, index) => ({
        alias: `c${index + 1}`,
        source: { kind: "column", name },
      })),
  };
}

export const JSON_ROWS: FragmentOutput = {
  kind: "client",
  format: { kind: "json", output: DEFAULT_OUTPUT },
};

/** @param types of the result's columns */
export function fragmentOf(
  sql: string,
  types: readonly DataType[],
  more: Partial<Fragment> = {},
): Fragment {
  return {
    queryId: "test",
    stageId: 0,
    attempt: 0,
    sql,
    scans: [],
    inputs: [],
    columns: types.map((type, index) => ({
      name: `c${index + 1}`,
      type,
      representation: { kind: "native" },
    })),
    output: JSON_ROWS,
    memoryBytes: 0,
    ...more,
  };
}

/** Reads a scan whole, ordered by its first column. */
export function readAll(scan: FragmentScan): Fragment {
  const types = scan.columns.map(({ source }): DataType => {
    if (source.kind === "metadata") return { kind: "text" };
    return (
      scan.layout.columns.find(({ name }) => name === source.name)?.type ?? {
        kind: "text",
      }
    );
  });
  return fragmentOf("SELECT * FROM scan_1 ORDER BY ALL", types, {
    scans: [scan],
  });
}

export function draftsOf(frames: readonly Frame[]): readonly FileDraft[] {
  const frame = frames.find(({ kind }) => kind === FRAME.drafts);
  if (frame === undefined) return [];
  const value: unknown = JSON.parse(
    Buffer.from(frame.payload).toString("utf8"),
  );
  return listOf(value).filter(isDraft);
}

function isDraft(value: unknown): value is FileDraft {
  return typeof value === "object" && value !== null && "stats" in value;
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
