// Tables of other engines, changed by us: every type comes back as it was, and what remains is what another gateway finds in the log.

import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type pg from "pg";
import { publishedTables, TABLES_FOLDER } from "../delta/manifest.ts";
import { connectTo, startWritingLake, type WritingLake } from "./lake.ts";

/** One for each thing that may go wrong; those beside the checkout only where it has the whole collection. */
const CHANGED: readonly string[] = [
  "all-primitive-types-column-mapping-name",
  "all-types-nested-200-rows",
  "cdf-column-mapping-name",
  "cdf-with-deletion-vectors-26-commits",
  "cdf-with-in-commit-timestamps",
  "checkpoint-multi-part",
  "checkpoint-struct-stats-missing-columns",
  "checkpoint-v2-json-sidecars",
  "column-mapping-id-all-types",
  "column-mapping-name-nested-renames",
  "column-mapping-name-partition-with-spaces",
  "corrupt-last-checkpoint-file",
  "dat-basic-append",
  "dat-multi-partitioned-escaped-and-emoji",
  "dat-stats-as-struct",
  "decimals-of-many-precisions-and-scales",
  "dv-inline-and-on-disk-over-time-travel",
  "dv-partitioned-with-checkpoint",
  "dv-small-two-rows-deleted",
  "log-replay-special-chars-remove-matches-add",
  "maps-of-every-primitive",
  "parquet-nullability-differs-from-table-schema",
  "partition-values-uri-encoded-twice",
  "partition-values-with-special-chars-hive",
  "partitioned-by-every-type-zoneless-timestamp",
  "stats-float-nan",
  "timestamps-int96",
  "type-widening-every-change-databricks",
  "void-column-not-in-files",
  "written-by-trino-no-stats",
];

/** By what the error names. */
const REFUSED: Readonly<Record<string, string>> = {
  "append-only-table": "delta.appendOnly",
  "collations-writer-feature-empty": '"collations"',
  "feature-materialize-partition-columns": '"materializePartitionColumns"',
  "liquid-clustering-preview-row-tracking": '"liquid"',
  "uniform-iceberg-v2": '"icebergCompatV2"',
  "write-refused-writer-version-8": "writer version 8",
};

const published = publishedTables();
const known = (names: readonly string[]): readonly string[] =>
  names.filter((name) => published.some((table) => table.name === name));

let lake: WritingLake;
let client: pg.Client;
beforeAll(async () => {
  const names = known([...CHANGED, ...Object.keys(REFUSED)]);
  const copies = names.flatMap((name) => {
    const table = published.find((one) => one.name === name);
    return table === undefined ? [] : [[name, join(TABLES_FOLDER, table.path)]];
  });
  lake = await startWritingLake(
    {},
    { copies: Object.fromEntries(copies) as Record<string, string> },
  );
  client = await connectTo(lake.writer);
});
afterAll(() => lake[Symbol.asyncDispose]());

describe("a table of another engine", () => {
  test.each(known(CHANGED))(
    "is changed and keeps every value of the rows that stay (%s)",
    async (name) => {
      const table = `"${name}"`;
      const third = "_metadata.row_index % 3 = 0";
      const kept = await lake.read(`SELECT * FROM ${table} WHERE NOT ${third}`);
      const gone = await lake.read(`SELECT 1 FROM ${table} WHERE ${third}`);
      const { rowCount } = await client.query(
        `DELETE FROM ${table} WHERE ${third}`,
      );
      expect(rowCount).toBe(gone.length);
      expect(await lake.read(`SELECT * FROM ${table}`)).toEqual(kept);
      const { fields } = await client.query(`SELECT * FROM ${table} LIMIT 0`);
      const column = `"${fields.at(-1)?.name.replaceAll('"', '""') ?? ""}"`;
      await client.query(`UPDATE ${table} SET ${column} = ${column}`);
      expect(await lake.read(`SELECT * FROM ${table}`)).toEqual(kept);
      await client.query(`INSERT INTO ${table} SELECT * FROM ${table}`);
      await client.query(
        `UPDATE ${table} SET ${column} = ${column} WHERE _metadata.row_index % 2 = 0`,
      );
      expect(await lake.read(`SELECT * FROM ${table}`)).toEqual(
        [...kept, ...kept].sort(),
      );
    },
  );

  test.each(known(Object.keys(REFUSED)))(
    "is left alone where its log asks for what we do not keep (%s)",
    async (name) => {
      const before = lake.versions(name);
      await expect(client.query(`DELETE FROM "${name}"`)).rejects.toMatchObject(
        {
          code: "0A000",
          message: expect.stringContaining(REFUSED[name] ?? "") as string,
        },
      );
      expect(lake.versions(name)).toEqual(before);
    },
  );
});
