// Tables that other engines wrote, published by their projects: what we read of their logs against what is known of them. A small
// selection lives in conformance/delta/tables; the whole collection is used where it lies beside the checkout.

import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  TABLES_FOLDER,
  publishedTables,
  type PublishedTable,
} from "../../conformance/delta/manifest.ts";
import type { DataType } from "../common/data-type.ts";
import { localStore } from "../object-store/local.ts";
import { scanFiles } from "../scan/scan.ts";
import type { ScanFiles } from "../scan/split.ts";
import { readDeletionVector } from "./deletion-vector/deletion-vector.ts";
import { rowsOf } from "./deletion-vector/row-set.ts";
import { matching, testLake, type TestLake } from "./delta.testkit.ts";
import { history } from "./maintenance/history.ts";
import { printJson } from "./json.ts";
import { deltaTypeJson } from "./definition/schema-type.ts";
import type { Snapshot } from "./snapshot.ts";

const TABLES = publishedTables();
const REFUSED = TABLES.filter(
  (table) => table.expect.expect_error !== undefined,
);
const AMBIGUOUS = TABLES.filter((table) => table.ambiguous === true);
const TEMPLATES = TABLES.filter((table) => table.features.includes("template"));
const READABLE = TABLES.filter(
  (table) => ![...REFUSED, ...AMBIGUOUS].includes(table),
);

let lake: TestLake;
beforeAll(async () => {
  lake = await testLake({ dirs: [TABLES_FOLDER] });
});
afterAll(() => lake[Symbol.asyncDispose]());

function load(table: PublishedTable, version?: number): Promise<Snapshot> {
  const ref = {
    location: join(TABLES_FOLDER, table.path),
    name: table.name,
    lakeRoot: TABLES_FOLDER,
  };
  return lake.tables.snapshot(
    ref,
    version === undefined ? undefined : { kind: "version", version },
  );
}

describe("a published table", () => {
  test("is there to be tested", () => {
    expect(READABLE.length).toBeGreaterThan(8);
    expect(REFUSED.length).toBeGreaterThan(1);
  });

  test.each(READABLE)(
    "$name has the version, schema and metadata its source states",
    async (table) => {
      const snapshot = await load(table);
      const { expect: wanted } = table;
      expect(snapshot.version).toBe(wanted.latest_version);
      expect(snapshot.partitionColumns).toEqual(wanted.partition_columns ?? []);
      if (wanted.protocol !== undefined)
        expect(snapshot.protocol).toEqual(wanted.protocol);
      expect(snapshot.schema.columns).toHaveLength(
        wanted.column_count ?? wanted.columns?.length ?? 0,
      );
      const columns = snapshot.schema.columns.map((column) => ({
        name: column.name,
        type: deltaName(column.type),
      }));
      expect(columns.slice(0, wanted.columns?.length)).toEqual(
        wanted.columns?.map(({ name, type }) => ({ name, type })),
      );
      if (wanted.table_properties !== undefined)
        expect(snapshot.properties).toEqual(wanted.table_properties);
      for (const [appId, version] of Object.entries(
        wanted.app_transactions ?? {},
      )) {
        expect(snapshot.transactions.get(appId)?.version).toBe(BigInt(version));
      }
      for (const [domain, configuration] of Object.entries(
        wanted.domain_metadata ?? {},
      )) {
        expect(snapshot.domains.get(domain)?.configuration).toBe(configuration);
      }
    },
  );

  test.each(READABLE.filter((table) => !TEMPLATES.includes(table)))(
    "$name has the live files and rows its source states, at older versions too",
    async (table) => {
      const { expect: wanted } = table;
      const newest = await scanFiles(await load(table), undefined);
      expect(newest.splits).toHaveLength(wanted.active_files ?? 0);
      expectRows(newest, wanted.row_count);
      if (wanted.active_dv_files !== undefined)
        expect(newest.statistics.deletionVectors).toBe(wanted.active_dv_files);
      if (wanted.rows_removed_by_dv !== undefined) {
        const removed = newest.splits.map(
          (split) => split.deletionVector?.cardinality ?? 0,
        );
        expect(removed.reduce((sum, count) => sum + count, 0)).toBe(
          wanted.rows_removed_by_dv,
        );
      }
      const byVersion = Object.entries(wanted.row_count_by_version ?? {});
      for (const [version, rows] of spread(byVersion)) {
        expectRows(
          await scanFiles(await load(table, Number(version)), undefined),
          rows,
        );
      }
      for (const version of wanted.reconstructable_versions ?? []) {
        expect((await load(table, version)).version).toBe(version);
      }
    },
  );

  test.each(
    READABLE.filter(
      (table) =>
        table.features.includes("deletion-vectors") &&
        !TEMPLATES.includes(table),
    ),
  )(
    "$name has deletion vectors that decode to as many rows as they say (D2, D3, D8)",
    async (table) => {
      const { splits } = await scanFiles(await load(table), undefined);
      for (const split of splits) {
        if (split.deletionVector === undefined) continue;
        const positions = [
          ...rowsOf(
            await readDeletionVector(localStore(), split.deletionVector),
          ),
        ];
        expect(positions).toHaveLength(split.deletionVector.cardinality);
        expect(positions.at(-1) ?? 0).toBeLessThan(split.rowCount ?? Infinity);
      }
    },
  );

  test.each(
    READABLE.filter((table) => table.expect.in_commit_timestamps !== undefined),
  )(
    "$name has the in-commit timestamps its commits say (I2)",
    async (table) => {
      const snapshot = await load(table);
      const entries = await history(lake.tables, snapshot.table, 100);
      const times = Object.fromEntries(
        entries.map((entry) => [String(entry.version), entry.timestampMs]),
      );
      expect(times).toEqual(table.expect.in_commit_timestamps);
    },
  );

  test.each(REFUSED)("$name is refused", async (table) => {
    await expect(load(table)).rejects.toMatchObject({
      code: matching(/^(?:0A000|XX001|58P01)$/),
    });
  });

  test.each(AMBIGUOUS)(
    "$name is refused with file and line, never read in part (L6)",
    async (table) => {
      await expect(load(table)).rejects.toMatchObject({
        code: "XX001",
        detail: matching(
          /^File "\d{20}\.json": line \d+ is not a JSON object\.$/,
        ),
      });
    },
  );

  test.each(TEMPLATES)(
    "$name names a file outside its lake, which a scan refuses by name (P3)",
    async (table) => {
      await expect(
        scanFiles(await load(table), undefined),
      ).rejects.toMatchObject({ code: "42501" });
    },
  );
});

/** At most seven, from first to last: older versions are loads of their own. */
function spread<T>(items: readonly T[]): readonly T[] {
  const step = Math.ceil(items.length / 7);
  return items.filter((_, index) => index % step === 0);
}

function expectRows(files: ScanFiles, rows: number | undefined): void {
  if (files.statistics.exact && rows !== undefined)
    expect(files.statistics.rowCount).toBe(rows);
}

/** `array<struct<a:integer>>`, as the manifest writes types. */
function deltaName(type: DataType): string {
  switch (type.kind) {
    case "array":
      return `array<${deltaName(type.element)}>`;
    case "map":
      return `map<${deltaName(type.key)},${deltaName(type.value)}>`;
    case "struct":
      return `struct<${type.fields.map((field) => `${field.name}:${deltaName(field.type)}`).join(",")}>`;
    case "variant":
      return "variant";
    default:
      return printJson(deltaTypeJson(type)).replaceAll('"', "");
  }
}
