// VACUUM and RESTORE, DESCRIBE HISTORY and DETAIL, over the Postgres wire and against the files on disk.

import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../harness.ts";
import {
  age,
  commitLines,
  dataFiles,
  liveAdds,
  locationOf,
} from "./table-files.ts";

let gateway: TestGateway;
let client: pg.Client;
beforeAll(async () => {
  gateway = await startTestGateway();
  client = await gateway.connect({ raw: true });
  await client.query("CREATE SCHEMA m");
});
afterAll(() => gateway[Symbol.asyncDispose]());

let made = 0;

/** A table of three versions: two files, a third, and back to the first version, so that the third is no longer live. */
async function restoredTable(): Promise<{
  readonly name: string;
  readonly location: string;
}> {
  made += 1;
  const name = `m.t${made}`;
  await client.query(
    `CREATE TABLE ${name} (id int, day date) PARTITIONED BY (day)`,
  );
  await client.query(
    `INSERT INTO ${name} VALUES (1, '2026-01-01'), (2, '2026-01-02')`,
  );
  await client.query(`INSERT INTO ${name} VALUES (3, '2026-01-02')`);
  await client.query(`RESTORE TABLE ${name} TO VERSION AS OF 1`);
  return { name, location: await locationOf(client, name) };
}

async function rowsOf(query: string, on = client): Promise<unknown[][]> {
  const { rows } = await on.query<unknown[]>({ text: query, rowMode: "array" });
  return rows;
}

const UNCHECKED =
  "SET spark.databricks.delta.retentionDurationCheck.enabled = false";

describe("RESTORE", () => {
  test("brings an older version back in a new commit, and says what it did", async () => {
    const { name, location } = await restoredTable();
    expect(await rowsOf(`SELECT id FROM ${name} ORDER BY id`)).toEqual([
      ["1"],
      ["2"],
    ]);
    const lines = commitLines(location, 3);
    expect(lines[0]?.commitInfo).toMatchObject({
      operation: "RESTORE",
      operationParameters: { version: "1", timestamp: "" },
      operationMetrics: { numRemovedFiles: "1", numRestoredFiles: "0" },
      readVersion: 2,
      isBlindAppend: false,
    });
    const [again] = await rowsOf(`RESTORE ${name} TO VERSION AS OF 2`);
    expect(again?.slice(1, 4)).toEqual(["3", "0", "1"]);
    expect(await rowsOf(`SELECT count(*) FROM ${name}`)).toEqual([["3"]]);
  });

  test("takes a time, and refuses one before the table", async () => {
    const { name } = await restoredTable();
    const [, second] = await rowsOf(`DESCRIBE HISTORY ${name}`);
    await client.query(
      `RESTORE ${name} TO TIMESTAMP AS OF '${String(second?.[1])}'`,
    );
    expect(await rowsOf(`SELECT count(*) FROM ${name}`)).toEqual([["3"]]);
    await expect(
      client.query(`RESTORE ${name} TO TIMESTAMP AS OF '2000-01-01'`),
    ).rejects.toMatchObject({ code: "22023" });
    await expect(
      client.query(`RESTORE ${name} TO VERSION AS OF 99`),
    ).rejects.toMatchObject({ code: "22023" });
  });

  test("refuses when a file of the older version is gone, and changes nothing", async () => {
    const { name } = await restoredTable();
    await client.query(UNCHECKED);
    await client.query(`VACUUM ${name} RETAIN 0 HOURS`);
    await client.query("RESET ALL");
    await expect(
      client.query(`RESTORE ${name} TO VERSION AS OF 2`),
    ).rejects.toMatchObject({ code: "58P01" });
    expect(await rowsOf(`SELECT count(*) FROM ${name}`)).toEqual([["2"]]);
  });

  test("OPTIMIZE's relatives are refused in a block with 25001", async () => {
    const { name } = await restoredTable();
    for (const sql of [
      `RESTORE ${name} TO VERSION AS OF 1`,
      `VACUUM ${name}`,
    ]) {
      await client.query("BEGIN");
      await expect(client.query(sql)).rejects.toMatchObject({ code: "25001" });
      await client.query("ROLLBACK");
    }
  });
});

describe("VACUUM", () => {
  test("keeps everything within the retention, and what is live whatever its age", async () => {
    const { name, location } = await restoredTable();
    const before = dataFiles(location);
    expect(before).toHaveLength(3);
    age(location, 30);
    // The tombstone is young: its file may still be read by time travel.
    expect(await rowsOf(`VACUUM ${name}`)).toEqual([[location]]);
    expect(dataFiles(location)).toEqual(before);
  });

  test("Y1, Y2, Y3: deletes files that no version within the retention names, of any kind", async () => {
    const { name, location } = await restoredTable();
    const put = (path: string): void => {
      mkdirSync(join(location, path, ".."), { recursive: true });
      writeFileSync(join(location, path), "x");
    };
    const stray = [
      "_change_data/cdc-1.parquet",
      "ab/deletion_vector_61d16c75-6994-46b7-a15b-8b538852e50e.bin",
      "day=2026-01-01/part-orphan.parquet",
      "part 1%2F.parquet",
    ];
    const hidden = [
      "_hidden/x.parquet",
      ".cache/x.parquet",
      "day=2026-01-01/_temporary/x.parquet",
      "_x.parquet",
      ".part.crc",
    ];
    for (const path of [...stray, ...hidden]) put(path);
    const outside = join(gateway.dataDir, "outside");
    mkdirSync(outside, { recursive: true });
    writeFileSync(join(outside, "precious.parquet"), "x");
    symlinkSync(outside, join(location, "link"));
    const live = [...liveAdds(location).keys()];
    age(location, 8);
    put("young.parquet");
    const listed = await rowsOf(`VACUUM ${name} DRY RUN`);
    expect(listed.map(([path]) => path)).toEqual(
      stray.map((path) => join(location, path)).toSorted(),
    );
    expect(dataFiles(location)).toEqual(
      expect.arrayContaining([...stray, ...hidden]),
    );
    await client.query(`VACUUM ${name}`);
    const left = dataFiles(location);
    expect(left.filter((path) => stray.includes(path))).toEqual([]);
    expect(left).toEqual(expect.arrayContaining([...hidden, "young.parquet"]));
    for (const path of live) expect(left).toContain(decodeURIComponent(path));
    expect(readFileSync(join(outside, "precious.parquet"), "utf8")).toBe("x");
  });

  test("refuses a retention below the table's, unless told that nobody else uses it", async () => {
    const { name, location } = await restoredTable();
    await expect(
      client.query(`VACUUM ${name} RETAIN 1 HOURS`),
    ).rejects.toMatchObject({
      code: "22023",
      hint: expect.stringContaining("retentionDurationCheck") as string,
    });
    await client.query(UNCHECKED);
    await client.query(`VACUUM ${name} RETAIN 0 HOURS`);
    await client.query("RESET ALL");
    expect(dataFiles(location)).toHaveLength(2);
    expect(await rowsOf(`SELECT count(*) FROM ${name}`)).toEqual([["2"]]);
    await expect(
      client.query(`SELECT * FROM ${name} VERSION AS OF 2`),
    ).rejects.toMatchObject({ code: "58P01" });
  });

  test("leaves the files of open transactions and cursors alone, read or just written", async () => {
    const { name, location } = await restoredTable();
    const reader = await gateway.connect({ raw: true });
    const writer = await gateway.connect({ raw: true });
    await reader.query("BEGIN");
    await reader.query(
      `DECLARE c CURSOR FOR SELECT id FROM ${name} VERSION AS OF 2 ORDER BY id`,
    );
    expect(await rowsOf("FETCH 1 FROM c", reader)).toEqual([["1"]]);
    await writer.query("BEGIN");
    await writer.query(`INSERT INTO ${name} VALUES (4, '2026-01-03')`);
    const before = dataFiles(location);
    expect(before).toHaveLength(4);
    await client.query(UNCHECKED);
    await client.query(`VACUUM ${name} RETAIN 0 HOURS`);
    expect(dataFiles(location)).toEqual(before);
    expect(await rowsOf("FETCH ALL FROM c", reader)).toEqual([["2"], ["3"]]);
    await reader.query("COMMIT");
    await writer.query("COMMIT");
    await client.query(`VACUUM ${name} RETAIN 0 HOURS`);
    await client.query("RESET ALL");
    expect(dataFiles(location)).toHaveLength(3);
    expect(await rowsOf(`SELECT id FROM ${name} ORDER BY id`)).toEqual([
      ["1"],
      ["2"],
      ["4"],
    ]);
  });
});

describe("what a table is and was", () => {
  test("DESCRIBE HISTORY lists commits, newest first", async () => {
    const { name } = await restoredTable();
    const { rows } = await client.query<Record<string, string>>(
      `DESCRIBE HISTORY ${name}`,
    );
    expect(
      rows.map(({ version, operation, userName }) => [
        version,
        operation,
        userName,
      ]),
    ).toEqual([
      ["3", "RESTORE", "admin"],
      ["2", "WRITE", "admin"],
      ["1", "WRITE", "admin"],
      ["0", "CREATE TABLE", "admin"],
    ]);
    expect(rows[1]).toMatchObject({
      readVersion: "1",
      isolationLevel: "Serializable",
      isBlindAppend: "t",
      operationParameters: '{"mode": "Append", "partitionBy": "[\\"day\\"]"}',
      engineInfo: "Sluice",
      job: null,
    });
    expect(await rowsOf(`DESCRIBE HISTORY ${name} LIMIT 1`)).toHaveLength(1);
  });

  test("DESCRIBE DETAIL tells files, bytes, properties and features", async () => {
    await client.query(
      "CREATE TABLE m.detail (a int, \"B c\" text) PARTITIONED BY (\"B c\") TBLPROPERTIES ('delta.enableDeletionVectors' = 'true', 'k' = 'v')",
    );
    await client.query("INSERT INTO m.detail VALUES (1, 'x'), (2, 'y')");
    const { rows } = await client.query<Record<string, string>>(
      "DESCRIBE DETAIL m.detail",
    );
    const location = rows[0]?.["location"] ?? "";
    const bytes = [...liveAdds(location).values()].reduce(
      (sum, { size }) => sum + size,
      0,
    );
    expect(rows[0]).toMatchObject({
      format: "delta",
      name: "main.m.detail",
      partitionColumns: '{"B c"}',
      clusteringColumns: "{}",
      numFiles: "2",
      sizeInBytes: String(bytes),
      properties: '{"k": "v", "delta.enableDeletionVectors": "true"}',
      minReaderVersion: "3",
      minWriterVersion: "7",
      tableFeatures: "{appendOnly,deletionVectors,invariants}",
    });
    expect(Date.parse(rows[0]?.["lastModified"] ?? "")).toBeGreaterThan(
      Date.now() - 60_000,
    );
  });
});
