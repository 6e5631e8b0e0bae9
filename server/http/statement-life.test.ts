// How long rows, links and ids of statements live, by a clock moved by hand, and what ends while it goes on (http-api sections 4.2 and 4.8).

import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { Registry } from "prom-client";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { World } from "../../auth/governance.testkit.ts";
import type { IssuedToken } from "../../auth/tokens.ts";
import { loadGrammar } from "../../planner/parse/grammar.ts";
import { parseSql } from "../../planner/parse/parse.ts";
import { TEXT } from "../../storage/common/data-type.ts";
import { throwIfAborted } from "../../storage/common/errors.ts";
import type { Clock } from "../session/clock.ts";
import type { QueryEngine } from "../session/engine.ts";
import type { EncodedRows } from "../session/result.ts";
import { Session } from "../session/session.ts";
import { startHttpListener, type HttpListener } from "./app.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const MEGABYTE = 1024 * 1024;

let world: World;
let dir: string;
let listener: HttpListener;
let token: IssuedToken;
let waiting: { readonly atMs: number; readonly action: () => void }[];

beforeAll(() => loadGrammar());
beforeEach(async () => {
  world = new World();
  dir = mkdtempSync(join(tmpdir(), "sluice-life-"));
  waiting = [];
  const { governance } = world;
  token = governance.tokens.issue({
    principal: world.id("alice"),
    createdBy: "alice",
    comment: "",
    scopes: ["sql"],
    lifetimeMs: undefined,
    allowedCidrs: [],
  });
  const { now } = governance.metastore;
  const clock: Clock = {
    now,
    after: (delayMs, action) => {
      const entry = { atMs: now() + delayMs, action };
      waiting.push(entry);
      return () => {
        waiting = waiting.filter((other) => other !== entry);
      };
    },
  };
  let pid = 0;
  listener = await startHttpListener(
    {
      host: "127.0.0.1",
      port: 0,
      tls: undefined,
      isTrustedProxy: () => false,
      results: { dir, limitBytes: 1024 * MEGABYTE },
    },
    {
      engine: textEngine,
      governance,
      openSession: (identity) => {
        pid += 1;
        return new Session({ identity, pid, catalog: "main", clock });
      },
      sessionClosed: () => undefined,
      ready: () => true,
      metrics: new Registry(),
      log: pino({ level: "silent" }),
      clock,
    },
  );
});
afterEach(async () => {
  await listener.close();
  world[Symbol.dispose]();
  rmSync(dir, { recursive: true, force: true });
});

/** `select 5` is one row of a text of 5 MB; any other statement never ends giving rows of one. */
const textEngine: QueryEngine = {
  parse: (sql) => parseSql(sql),
  prepare: (_session, parsed) => ({
    parsed,
    parameterTypes: [],
    columns: [{ name: "t", type: TEXT }],
    plan: undefined,
  }),
  execute: (
    ...[, { parsed }, , , { signal }]: Parameters<QueryEngine["execute"]>
  ) => {
    const megabytes = /^select (\d+)$/.exec(parsed.text)?.[1];
    const columns = [{ name: "t", type: TEXT }];
    const batch = rowOf(Number(megabytes ?? 1));
    const batches =
      megabytes === undefined ? endless(batch, signal) : oneOf(batch);
    const rows = { kind: "encoded", batches } as const;
    return { kind: "rows", columns, rows, tag: "SELECT", countInTag: true };
  },
};

function rowOf(megabytes: number): EncodedRows {
  const text = "x".repeat(Math.max(1, megabytes * MEGABYTE));
  return { bytes: Buffer.from(`["${text}"]`), rowCount: 1 };
}

async function* oneOf(batch: EncodedRows): AsyncGenerator<EncodedRows> {
  yield await Promise.resolve(batch);
}

async function* endless(
  batch: EncodedRows,
  signal: AbortSignal,
): AsyncGenerator<EncodedRows> {
  for (;;) {
    await new Promise((next) => setImmediate(next));
    throwIfAborted(signal);
    yield batch;
  }
}

/** Moves time, and runs what is due in its order. */
function advance(ms: number): void {
  const { now } = world.governance.metastore;
  const end = now() + ms;
  for (;;) {
    const [next] = waiting.toSorted((a, b) => a.atMs - b.atMs);
    if (next === undefined || next.atMs > end) break;
    waiting = waiting.filter((entry) => entry !== next);
    world.advance(Math.max(0, next.atMs - now()));
    next.action();
  }
  world.advance(end - now());
}

const PATH = "/api/2.0/sql/statements";

interface StatementAnswer {
  readonly statement_id: string;
  readonly status: { readonly state: string };
}

async function ask(
  path: string,
  init: RequestInit = {},
): Promise<{ readonly status: number; readonly body: unknown }> {
  const response = await fetch(`http://127.0.0.1:${listener.port}${path}`, {
    ...init,
    headers: { authorization: `Bearer ${token.value}` },
  });
  return { status: response.status, body: await response.json() };
}

/** Answers the id, once there are rows or time to wait for none. */
async function submit(statement: string, wait = "10s"): Promise<string> {
  const { body } = await ask(PATH, {
    method: "POST",
    body: JSON.stringify({
      statement,
      disposition: "EXTERNAL_LINKS",
      wait_timeout: wait,
    }),
  });
  return (body as StatementAnswer).statement_id;
}

async function stateOf(id: string): Promise<string> {
  const { body } = await ask(`${PATH}/${id}`);
  return (body as StatementAnswer).status.state;
}

async function linkTo(
  id: string,
): Promise<{ readonly url: string; readonly expiresAtMs: number }> {
  const { body } = await ask(`${PATH}/${id}/result/chunks/0`);
  const { external_links } = body as {
    readonly external_links: readonly {
      readonly external_link: string;
      readonly expiration: string;
    }[];
  };
  const [link] = external_links;
  return {
    url: link?.external_link ?? "",
    expiresAtMs: Date.parse(link?.expiration ?? ""),
  };
}

async function follow(url: string): Promise<number> {
  const response = await fetch(url);
  await response.arrayBuffer();
  return response.status;
}

test("a link is good for 15 minutes to the millisecond, and a fresh one as long as there are rows", async () => {
  const id = await submit("select 0");
  const { now } = world.governance.metastore;
  const endedAtMs = now();
  const first = await linkTo(id);
  expect(first.expiresAtMs).toBe(endedAtMs + 15 * MINUTE);
  advance(15 * MINUTE - 1);
  expect(await follow(first.url)).toBe(200);
  advance(1);
  expect(await follow(first.url)).toBe(403);
  advance(40 * MINUTE);
  const last = await linkTo(id);
  expect(last.expiresAtMs).toBe(endedAtMs + HOUR);
  expect(await follow(last.url)).toBe(200);
});

test("rows go after an hour, however often they were asked for, and the id twelve hours later", async () => {
  const id = await submit("select 1");
  expect(readdirSync(dir)).toHaveLength(1);
  for (let minute = 0; minute < 60; minute += 10) {
    expect(await stateOf(id)).toBe("SUCCEEDED");
    advance(10 * MINUTE);
  }
  const { url } = await linkTo(id);
  advance(2 * MINUTE);
  expect(await stateOf(id)).toBe("CLOSED");
  expect((await ask(`${PATH}/${id}/result/chunks/0`)).status).toBe(404);
  expect(await follow(url)).toBe(403);
  while (readdirSync(dir).length > 0) await stateOf(id);
  advance(11 * HOUR);
  expect(await stateOf(id)).toBe("CLOSED");
  advance(HOUR + 10 * MINUTE);
  expect(await ask(`${PATH}/${id}`)).toMatchObject({
    status: 404,
    body: { error_code: "RESOURCE_DOES_NOT_EXIST" },
  });
});

test.each([
  [
    "its token is revoked",
    () => {
      world.governance.tokens.revoke(token.token.id);
    },
  ],
  [
    "its statement is closed",
    async (id: string) => {
      await ask(`${PATH}/${id}`, { method: "DELETE" });
    },
  ],
] as const)("what a link is sending ends when %s", async (_name, end) => {
  const id = await submit("select 15");
  const { url } = await linkTo(id);
  const response = await fetch(url);
  const reader = response.body?.getReader();
  expect((await reader?.read())?.done).toBe(false);
  await end(id);
  const rest = async (): Promise<void> => {
    while ((await reader?.read())?.done === false);
  };
  await expect(rest()).rejects.toThrow();
  expect(await follow(url)).toBe(403);
});

test("a statement cancelled or closed while its rows come leaves nothing behind", async () => {
  for (const [method, tail] of [
    ["POST", "/cancel"],
    ["DELETE", ""],
  ] as const) {
    const id = await submit("select endless", "0s");
    while (readdirSync(dir).length === 0) await stateOf(id);
    expect((await ask(`${PATH}/${id}${tail}`, { method })).body).toEqual({});
    while ((await stateOf(id)) === "RUNNING");
    expect(await stateOf(id)).toBe("CANCELED");
    while (readdirSync(dir).length > 0) await stateOf(id);
  }
});
