// Parquet files of another writer read right, and files we write are read by another reader.

import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import parquet from "parquetjs-lite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../harness.ts";

let lake: string;
let gateway: TestGateway;
beforeAll(async () => {
  lake = mkdtempSync(join(tmpdir(), "sluice-parquet-"));
  await writeForeignTable(join(lake, "s", "foreign"));
  gateway = await startTestGateway({ lakes: { other: lake } });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  rmSync(lake, { recursive: true, force: true });
});

/** A Delta table whose data file parquetjs-lite wrote. */
async function writeForeignTable(folder: string): Promise<void> {
  mkdirSync(join(folder, "_delta_log"), { recursive: true });
  const file = join(folder, "part-0.parquet");
  const schema = new parquet.ParquetSchema({
    id: { type: "INT64" },
    name: { type: "UTF8", optional: true },
    price: { type: "DOUBLE", optional: true },
  });
  const writer = await parquet.ParquetWriter.openFile(schema, file);
  for (let id = 1; id <= 1000; id += 1) {
    await writer.appendRow({
      id,
      ...(id % 3 === 0 ? {} : { name: `name ${id}`, price: id / 4 }),
    });
  }
  await writer.close();
  const field = (name: string, type: string): object => ({
    name,
    type,
    nullable: true,
    metadata: {},
  });
  const fields = [
    field("id", "long"),
    field("name", "string"),
    field("price", "double"),
  ];
  const actions = [
    { protocol: { minReaderVersion: 1, minWriterVersion: 2 } },
    {
      metaData: {
        id: "5e2a7d4c-93f4-4c52-8d57-0c8f4ee0f0aa",
        format: { provider: "parquet", options: {} },
        schemaString: JSON.stringify({ type: "struct", fields }),
        partitionColumns: [],
        configuration: {},
      },
    },
    {
      add: {
        path: "part-0.parquet",
        partitionValues: {},
        size: statSync(file).size,
        modificationTime: 0,
        dataChange: true,
      },
    },
  ];
  const log = actions.map((action) => JSON.stringify(action)).join("\n");
  writeFileSync(join(folder, "_delta_log", "00000000000000000000.json"), log);
}

test("a file of another writer gives its rows", async () => {
  const client = await gateway.connect({ database: "other", raw: true });
  const { rows } = await client.query(
    "select count(*) as n, count(name) as named, sum(id) as ids, sum(price) as total from s.foreign",
  );
  expect(rows).toEqual([
    { n: "1000", named: "667", ids: "500500", total: "83416.75" },
  ]);
});

test("another reader gives the rows of a file we wrote", async () => {
  const client = await gateway.connect({ raw: true });
  await client.query(
    "create table public.ours as select n::int as id, 'row ' || n as name from generate_series(1, 500) as g(n)",
  );
  const managed = join(gateway.dataDir, "lake", "_managed");
  const [folder = ""] = readdirSync(managed);
  const files = readdirSync(join(managed, folder)).filter((name) =>
    name.endsWith(".parquet"),
  );
  const rows: unknown[] = [];
  for (const file of files) {
    const reader = await parquet.ParquetReader.openFile(
      join(managed, folder, file),
    );
    const cursor = reader.getCursor();
    for (let row = await cursor.next(); row !== null; row = await cursor.next())
      rows.push({ id: row["id"], name: String(row["name"]) });
    await reader.close();
  }
  expect(rows).toHaveLength(500);
  expect(rows).toContainEqual({ id: 77, name: "row 77" });
});
