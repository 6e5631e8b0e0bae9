// The files of temporary tables: a folder of each session, gone with the table, the transaction or the session that made it; and what
// transactions and cursors see of such tables beside permanent ones.

import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CopyClient, type CopyOutcome } from "../copy/copy-client.ts";
import { startTestGateway, type TestGateway } from "../harness.ts";

let gateway: TestGateway;
let dataDir: string;
let left: string;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "sluice-temporary-"));
  left = join(dataDir, "sessions", "killed", "table");
  mkdirSync(left, { recursive: true });
  writeFileSync(join(left, "part.parquet"), "x");
  gateway = await startTestGateway({ dataDir, nodes: 2 });
  const client = await gateway.connect();
  await client.query("CREATE TABLE public.kept (n int)");
  await client.end();
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  rmSync(dataDir, { recursive: true, force: true });
});

/** Folders of tables, of all sessions. */
function folders(): number {
  const sessions = join(dataDir, "sessions");
  return readdirSync(sessions).flatMap((session) =>
    readdirSync(join(sessions, session)),
  ).length;
}

async function rows(client: pg.Client, sql: string): Promise<unknown> {
  const { rows: found } = await client.query<unknown[]>({
    text: sql,
    rowMode: "array",
  });
  return found;
}

/** A fresh session for `work`; ends, with all that comes of its end, before it resolves. */
async function session(
  work: (client: pg.Client) => Promise<void>,
): Promise<void> {
  const client = await gateway.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

test("what a killed gateway left is gone once the next one serves", () => {
  expect(existsSync(left)).toBe(false);
});

describe("a folder", () => {
  test("goes with its table", () =>
    session(async (client) => {
      await client.query("CREATE TEMP TABLE t AS SELECT 1 AS n");
      await client.query("CREATE TEMP TABLE u (n int)");
      expect(folders()).toBe(2);
      await client.query("DROP TABLE t");
      expect(folders()).toBe(1);
      await client.query("DISCARD TEMP");
      expect(folders()).toBe(0);
    }));

  test("stays until a DROP is certain", () =>
    session(async (client) => {
      await client.query("CREATE TEMP TABLE t AS SELECT 1 AS n");
      await client.query("BEGIN");
      await client.query("DROP TABLE t");
      await client.query("CREATE TEMP TABLE t AS SELECT 2 AS n");
      expect(folders()).toBe(2);
      expect(await rows(client, "SELECT n FROM t")).toEqual([[2]]);
      await client.query("ROLLBACK");
      expect(folders()).toBe(1);
      expect(await rows(client, "SELECT n FROM t")).toEqual([[1]]);
    }));

  test("goes when making its table fails, or ON COMMIT DROP", () =>
    session(async (client) => {
      await expect(
        client.query(
          "CREATE TEMP TABLE t AS SELECT 1 / (n - 1) FROM generate_series(1, 2) g(n)",
        ),
      ).rejects.toMatchObject({ code: "22012" });
      await client.query("CREATE TEMP TABLE t (n int) ON COMMIT DROP");
      expect(folders()).toBe(0);
    }));

  test("goes with its session", async () => {
    await session(async (client) => {
      await client.query("CREATE TEMP TABLE t AS SELECT 1 AS n");
      await client.query("BEGIN");
      await client.query("CREATE TEMP TABLE u AS SELECT 1 AS n");
      expect(folders()).toBe(2);
    });
    await expect.poll(folders, { timeout: 20_000 }).toBe(0);
    const left = (): string[] => readdirSync(join(dataDir, "sessions"));
    await expect.poll(left, { timeout: 20_000 }).toEqual([]);
  });
});

test("two sessions fill tables of one name at the same time", async () => {
  const clients = await Promise.all([gateway.connect(), gateway.connect()]);
  const found = await Promise.all(
    clients.map(async (client, i) => {
      await client.query("CREATE TEMP TABLE t (n int)");
      for (const n of [1, 2, 3])
        await client.query(`INSERT INTO t VALUES (${n * 10 + i})`);
      return rows(client, "SELECT n FROM t ORDER BY n");
    }),
  );
  expect(found).toEqual([
    [[10], [20], [30]],
    [[11], [21], [31]],
  ]);
  for (const client of clients) await client.end();
});

test("a block sees its own changes of temporary tables, and one permanent table is committed with them", () =>
  session(async (client) => {
    await client.query("CREATE TEMP TABLE t (n int)");
    await client.query("BEGIN");
    await client.query("INSERT INTO t SELECT * FROM generate_series(1, 5)");
    await client.query("DECLARE c CURSOR FOR SELECT n FROM t ORDER BY n");
    expect(await rows(client, "FETCH 2 FROM c")).toEqual([[1], [2]]);
    await client.query("DELETE FROM t WHERE n > 2");
    expect(await rows(client, "FETCH ALL FROM c")).toEqual([[3], [4], [5]]);
    await client.query("INSERT INTO kept SELECT n FROM t");
    await client.query("UPDATE t SET n = n + 10");
    await client.query("COMMIT");
    expect(await rows(client, "SELECT n FROM kept ORDER BY n")).toEqual([
      [1],
      [2],
    ]);
    expect(await rows(client, "SELECT n FROM t ORDER BY n")).toEqual([
      [11],
      [12],
    ]);
  }));

test("a conflict of the permanent table at COMMIT takes the changes of temporary ones back", async () => {
  const winner = await gateway.connect();
  await winner.query("CREATE TABLE public.raced (n int)");
  await winner.query("INSERT INTO raced VALUES (1)");
  await session(async (client) => {
    await client.query("CREATE TEMP TABLE t (n int)");
    await client.query(
      "CREATE TEMP TABLE emptied (n int) ON COMMIT DELETE ROWS",
    );
    await client.query("INSERT INTO t VALUES (1)");
    await client.query("BEGIN");
    await client.query("INSERT INTO t VALUES (2)");
    await client.query("INSERT INTO emptied VALUES (2)");
    await client.query("UPDATE raced SET n = 2");
    await winner.query("UPDATE raced SET n = 3");
    await expect(client.query("COMMIT")).rejects.toMatchObject({
      code: "40001",
    });
    expect(await rows(client, "SELECT n FROM t")).toEqual([[1]]);
    expect(await rows(client, "SELECT n FROM emptied")).toEqual([]);
    expect(await rows(client, "SELECT n FROM raced")).toEqual([[3]]);
  });
  await winner.end();
});

test("statements sent together make, fill, drop and read a table", () =>
  session(async (client) => {
    await client.query(
      "CREATE TEMP TABLE late (n int); INSERT INTO late VALUES (1); DROP TABLE late; CREATE TEMP TABLE late AS SELECT 2 AS n",
    );
    expect(await rows(client, "SELECT n FROM late")).toEqual([[2]]);
  }));

test("COPY fills a temporary table, and a rollback takes it back", async () => {
  await using client = await CopyClient.connect({
    host: "127.0.0.1",
    port: gateway.pgPort,
    database: "main",
    user: "admin",
    password: gateway.adminToken,
  });
  const copied = async (): Promise<string> =>
    (
      await client.run("COPY (SELECT * FROM loaded ORDER BY n) TO STDOUT")
    ).bytes.toString();
  await client.run("CREATE TEMP TABLE loaded (n int, t text)");
  const load = (line: string): Promise<CopyOutcome> =>
    client.copyIn("COPY loaded FROM STDIN", [Buffer.from(line)]);
  expect(await load("1\tone\n2\ttwo\n")).toMatchObject({ tag: "COPY 2" });
  await client.run("BEGIN");
  expect(await load("3\tthree\n")).toMatchObject({ tag: "COPY 1" });
  expect(await copied()).toBe("1\tone\n2\ttwo\n3\tthree\n");
  await client.run("ROLLBACK");
  expect(await copied()).toBe("1\tone\n2\ttwo\n");
});

test("a prepared INSERT goes on after the table was made anew", () =>
  session(async (client) => {
    const insert = { name: "i", text: "INSERT INTO t VALUES ($1)" };
    await client.query("CREATE TEMP TABLE t (n int)");
    await client.query({ ...insert, values: [1] });
    await client.query("DROP TABLE t");
    await expect(
      client.query({ ...insert, values: [2] }),
    ).rejects.toMatchObject({ code: "42P01" });
    await client.query("CREATE TEMP TABLE t (n int)");
    await client.query({ ...insert, values: [3] });
    expect(await rows(client, "SELECT n FROM t")).toEqual([[3]]);
  }));
