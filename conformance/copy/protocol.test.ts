// COPY as a conversation: what may come between the data, who may end it, and what is left when it ends early.

import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { serialize } from "pg-protocol";
import { startTestGateway, type TestGateway } from "../harness.ts";
import { CopyClient } from "./copy-client.ts";

let sluice: TestGateway;
let admin: pg.Client;

beforeAll(async () => {
  sluice = await startTestGateway();
  admin = await sluice.connect({ raw: true });
});

afterAll(() => sluice[Symbol.asyncDispose]());

function connect(): Promise<CopyClient> {
  return CopyClient.connect({
    host: "127.0.0.1",
    port: sluice.pgPort,
    user: "admin",
    password: sluice.adminToken,
    database: "main",
  });
}

async function countOf(table: string): Promise<string> {
  const { rows } = await admin.query<{ n: string }>(
    `select count(*) as n from ${table}`,
  );
  return rows[0]?.n ?? "";
}

/** A node works on so many fragments at once. */
const MORE_THAN_WORK_AT_ONCE = 36;

const LINES = ["1\tone\n", "2\ttw", "o\n3\tthree", "\n"].map((text) =>
  Buffer.from(text),
);

describe("COPY FROM STDIN", () => {
  test("takes data cut anywhere, with both query protocols", async () => {
    await admin.query("create table cuts (a int, b text)");
    await using client = await connect();
    const simple = await client.copyIn("copy cuts from stdin", LINES);
    expect(simple).toMatchObject({ tag: "COPY 3", status: "I" });
    const extended = await client.copyInExtended("copy cuts from stdin", LINES);
    expect(extended).toMatchObject({ tag: "COPY 3", status: "I" });
    expect(await countOf("cuts")).toBe("6");
  });

  test("writes nothing when the client gives up, and says which line it was at", async () => {
    await admin.query("create table given_up (a int, b text)");
    await using client = await connect();
    const outcome = await client.copyFail(
      "copy given_up from stdin",
      LINES,
      "lost interest",
    );
    expect(outcome.error).toEqual({
      code: "57014",
      message: "COPY from stdin failed: lost interest",
      where: "COPY given_up, line 4",
    });
    expect(await countOf("given_up")).toBe("0");
    expect(await client.run("select 1")).toMatchObject({ tag: "SELECT 1" });
  });

  test("commits with its transaction block, and goes with ROLLBACK", async () => {
    await admin.query("create table in_block (a int, b text)");
    await using client = await connect();
    await client.run("begin");
    const copied = await client.copyIn("copy in_block from stdin", LINES);
    expect(copied).toMatchObject({ tag: "COPY 3", status: "T" });
    expect(await countOf("in_block")).toBe("0");
    await client.run("rollback");
    expect(await countOf("in_block")).toBe("0");
    await client.run("begin");
    await client.copyIn("copy in_block from stdin", LINES);
    await client.run("commit");
    expect(await countOf("in_block")).toBe("3");
  });

  test("fails its block on a bad row, and the connection goes on", async () => {
    await admin.query("create table bad_row (a int)");
    await using client = await connect();
    await client.run("begin");
    const failed = await client.copyIn("copy bad_row from stdin", [
      Buffer.from("1\nx\n"),
    ]);
    expect(failed).toMatchObject({
      error: {
        code: "22P02",
        where: 'COPY bad_row, line 2, column a: "x"',
      },
      status: "E",
    });
    expect(await client.run("rollback")).toMatchObject({ status: "I" });
  });

  test("is one of several statements of a query string", async () => {
    await using client = await connect();
    const outcome = await client.copyIn(
      "create table several (a int, b text); copy several from stdin; select 1",
      LINES,
    );
    expect(outcome).toMatchObject({ error: undefined, status: "I" });
    expect(await countOf("several")).toBe("3");
  });

  test("refuses another statement in between and then runs it", async () => {
    await admin.query("create table between_rows (a int)");
    await using client = await connect();
    const open = await client.open(
      "copy between_rows from stdin",
      Buffer.from("1\n"),
    );
    client.send(serialize.query("select 1"));
    expect(await open.ended).toMatchObject({
      error: { code: "08P01" },
      status: "I",
    });
    expect(await countOf("between_rows")).toBe("0");
  });

  test("ends when it is cancelled, though the client sends nothing", async () => {
    await admin.query("create table cancelled (a int)");
    await using client = await connect();
    const open = await client.open(
      "copy cancelled from stdin",
      Buffer.from("1\n"),
    );
    client.cancel(sluice.pgPort);
    expect(await open.ended).toMatchObject({
      error: {
        code: "57014",
        message: "canceling statement due to user request",
      },
      status: "I",
    });
    expect(await countOf("cancelled")).toBe("0");
  });

  test("leaves nothing when the client vanishes", async () => {
    await admin.query("create table vanished (a int)");
    const client = await connect();
    const open = await client.open(
      "copy vanished from stdin",
      Buffer.from("1\n"),
    );
    open.ended.catch(() => undefined);
    client.destroy();
    expect(await countOf("vanished")).toBe("0");
  });

  test("keeps nobody waiting while its client sends nothing", async () => {
    await admin.query("create table patient (a int)");
    await admin.query("insert into patient values (1)");
    const clients = await Promise.all(
      Array.from({ length: MORE_THAN_WORK_AT_ONCE }, connect),
    );
    const row = Buffer.from("2\n");
    const open = await Promise.all(
      clients.map((client) => client.open("copy patient from stdin", row)),
    );
    expect(await countOf("patient")).toBe("1");
    for (const client of clients) client.send(serialize.copyDone());
    for (const { ended } of open) {
      expect(await ended).toMatchObject({ tag: "COPY 1" });
    }
    expect(await countOf("patient")).toBe(String(1 + clients.length));
    for (const client of clients) await client[Symbol.asyncDispose]();
  });

  test("writes more than one portion as one commit, and names a bad line in a late one", async () => {
    await admin.query("create table portions (a int, b text)");
    await using client = await connect();
    const lines = 40_000;
    const piece = (first: number): Buffer =>
      Buffer.from(
        Array.from(
          { length: 1000 },
          (_, i) => `${first + i}\t${"x".repeat(2000)}\n`,
        ).join(""),
      );
    const pieces = Array.from({ length: lines / 1000 }, (_, i) =>
      piece(i * 1000),
    );
    const bad = [...pieces, Buffer.from("late\ty\n")];
    const failed = await client.copyIn("copy portions from stdin", bad);
    expect(failed.error).toMatchObject({
      code: "22P02",
      where: `COPY portions, line ${lines + 1}, column a: "late"`,
    });
    expect(await countOf("portions")).toBe("0");
    const copied = await client.copyIn("copy portions from stdin", pieces);
    expect(copied).toMatchObject({ tag: `COPY ${lines}` });
    const { rows } = await admin.query(
      "select count(distinct a) as n, sum(a) as s from portions",
    );
    expect(rows).toEqual([
      { n: String(lines), s: String((lines * (lines - 1)) / 2) },
    ]);
    const history = await admin.query("describe history portions");
    expect(history.rows).toHaveLength(2);
  });

  test("needs MODIFY on the table, and the name of a table one may not see reads as none", async () => {
    await admin.query("create table guarded (a int); create user loader");
    const token = await tokenOf("loader");
    const loader = await CopyClient.connect({
      host: "127.0.0.1",
      port: sluice.pgPort,
      user: "loader",
      password: token,
      database: "main",
    });
    await using _closing = loader;
    expect(await loader.copyIn("copy guarded from stdin", [])).toMatchObject({
      error: { code: "42P01" },
    });
    await admin.query(
      "grant usage on schema public to loader; grant select on table guarded to loader",
    );
    expect(await loader.copyIn("copy guarded from stdin", [])).toMatchObject({
      error: { code: "42501" },
    });
    expect(await loader.run("copy guarded to stdout")).toMatchObject({
      tag: "COPY 0",
    });
    await admin.query("grant modify on table guarded to loader");
    const rows = [Buffer.from("1\n")];
    expect(await loader.copyIn("copy guarded from stdin", rows)).toMatchObject({
      tag: "COPY 1",
    });
  });

  test("reads no file and runs no program of the server", async () => {
    await using client = await connect();
    for (const sql of [
      "copy cuts from '/etc/passwd'",
      "copy cuts to '/tmp/x'",
      "copy cuts from program 'id'",
      "copy cuts to program 'id'",
    ]) {
      expect(await client.run(sql), sql).toMatchObject({
        error: { code: "0A000" },
      });
    }
  });
});

async function tokenOf(user: string): Promise<string> {
  const { rows } = await admin.query<string[]>({
    text: `create token for user ${user}`,
    rowMode: "array",
  });
  return rows[0]?.[1] ?? "";
}

test("COPY over HTTP is refused", async () => {
  const response = await fetch(`${sluice.httpUrl}/api/2.0/sql/statements`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${sluice.adminToken}`,
      "content-type": "application/json",
    },
    body: JSON.stringify({ statement: "copy (select 1) to stdout" }),
  });
  const answer: unknown = await response.json();
  expect(answer).toMatchObject({
    status: { state: "FAILED" },
  });
});
