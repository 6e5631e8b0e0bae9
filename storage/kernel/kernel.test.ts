import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { DuckDBConnection } from "./duckdb.ts";
import { COMPRESSED, Kernel } from "./kernel.ts";

let dir: string;
let kernel: Kernel;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "sluice-kernel-"));
  kernel = await Kernel.open({
    threads: 1,
    memoryBytes: 1_000_000_000,
    tempDir: join(dir, "temp"),
    tempBytes: 1_000_000_000,
    allowedDirs: [dir],
    trims: true,
    functions: [],
  });
});
afterAll(async () => {
  await kernel[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true });
});

async function number(
  connection: DuckDBConnection,
  sql: string,
): Promise<number> {
  const reader = await connection.runAndReadAll(sql);
  return Number(reader.getRowsJson()[0]?.[0]);
}

const MEMORY =
  "SELECT memory_usage_bytes FROM duckdb_memory() WHERE tag = 'IN_MEMORY_TABLE'";
const ROWS =
  "SELECT i AS id, 'part=' || i % 100 || '/part-' || lpad(i::VARCHAR, 8, '0') AS path, NULL::BIGINT AS nothing FROM range(200000) AS r(i)";

test("tables of the compressed database are a fifth of others, and can be changed", async () => {
  await kernel.use(async (connection) => {
    const grown = async (table: string): Promise<number> => {
      const before = await number(connection, MEMORY);
      await connection.run(`CREATE TABLE ${table} AS ${ROWS}`);
      await connection.run(`CHECKPOINT ${COMPRESSED}`);
      return (await number(connection, MEMORY)) - before;
    };
    const plain = await grown("memory.main.files");
    expect(await grown(`${COMPRESSED}.files`)).toBeLessThan(plain / 5);
    await connection.run(
      `UPDATE ${COMPRESSED}.files SET nothing = 1 WHERE id % 1000 = 7`,
    );
    const counts = `SELECT count(nothing) * 1000000 + count(DISTINCT path) FROM ${COMPRESSED}.files`;
    expect(await number(connection, counts)).toBe(200 * 1_000_000 + 200_000);
  });
});

test("a table of one connection is there for the next", async () => {
  await kernel.use((one) =>
    one.run(`CREATE TABLE ${COMPRESSED}.t AS SELECT 5`),
  );
  await kernel.use(async (other) => {
    expect(await number(other, `FROM ${COMPRESSED}.t`)).toBe(5);
  });
});
