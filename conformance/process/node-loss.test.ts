// Two compute nodes in processes of their own: work is spread, and kill -9 of one is survived (contract section 7).

import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { numbers } from "../drivers/numbers.ts";
import { startTestGateway, type TestGateway } from "../harness.ts";
import { runningStatement } from "../running-statement.ts";

let gateway: TestGateway;
let client: pg.Client;

beforeAll(async () => {
  gateway = await startTestGateway({ demo: true, nodes: 2 });
  client = await gateway.connect();
});
afterAll(() => gateway[Symbol.asyncDispose]());

/** Waits until the pool has both nodes, `lost` not among them; the gateway is ready with the first. */
async function bothNodes(lost?: number): Promise<readonly number[]> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const pids = gateway.gateway.nodePids();
    if (pids.length === 2 && !pids.some((pid) => pid === lost)) return pids;
    if (Date.now() > deadline) throw new Error("a node did not start");
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Kills a node and waits for another in its place. */
async function killOneNode(): Promise<void> {
  const [victim] = await bothNodes();
  if (victim === undefined) throw new Error("there is no node");
  process.kill(victim, "SIGKILL");
  await bothNodes(victim);
}

test("there are two node processes, none of them the gateway's", async () => {
  const pids = await bothNodes();
  expect(new Set(pids).size).toBe(2);
  expect(pids).not.toContain(process.pid);
});

test("a scan of many files is scattered with partial aggregates, a small one is not", async () => {
  const explain = async (sql: string): Promise<string> => {
    const { rows } = await client.query<{ "QUERY PLAN": string }>(
      `explain ${sql}`,
    );
    return rows.map((row) => row["QUERY PLAN"]).join("\n");
  };
  const large = await explain(
    "select event_type, count(*) from web.events group by event_type",
  );
  expect(large).toMatch(/scatter/i);
  const small = await explain("select count(*) from web.campaigns");
  expect(small).not.toMatch(/scatter/i);
});

test("killing a node in mid-query: a statement that has sent no row answers right", async () => {
  const slow = `select count(*)::int8 as n from web.events e, ${numbers(2)} where length(e.user_id) + g > 100`;
  const expected = (await client.query<{ n: string }>(slow)).rows[0]?.n;
  expect(Number(expected)).toBeGreaterThan(0);
  const running = client.query<{ n: string }>(slow);
  await runningStatement(gateway.httpUrl);
  await killOneNode();
  expect((await running).rows[0]?.n).toBe(expected);
  expect(gateway.gateway.nodePids().length).toBe(2);
});

test("every node killed in turn leaves a pool that answers", async () => {
  for (let round = 0; round < 3; round += 1) {
    await killOneNode();
    const { rows } = await client.query<{ n: string }>(
      "select count(*) as n from web.events",
    );
    expect(rows[0]?.n).toBe("720000");
  }
});
