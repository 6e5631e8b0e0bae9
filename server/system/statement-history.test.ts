// The history's files: who has which, how long they stay, and that a disk that fails costs no statement.

import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SqlError } from "../../storage/common/errors.ts";
import {
  principalId,
  tokenId,
  type PrincipalId,
} from "../../storage/common/ids.ts";
import type { Clock } from "../session/clock.ts";
import { Session, type Outcome } from "../session/session.ts";
import { StatementHistory, type HistoryOptions } from "./statement-history.ts";

const DAY_MS = 86_400_000;
const ANN = principalId("11111111-0000-4000-8000-000000000000");
const BEN = principalId("22222222-0000-4000-8000-000000000000");

let folder: string;
let nowMs: number;
let failures: unknown[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sluice-history-"));
  nowMs = Date.parse("2026-11-20T12:00:00Z");
  failures = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function paths(
  history: StatementHistory,
  who: PrincipalId | undefined,
): Promise<readonly string[]> {
  return (await history.files(who)).map(({ path }) => path);
}

const clock: Clock = { now: () => nowMs, after: () => () => undefined };

function open(more: Partial<HistoryOptions> = {}): StatementHistory {
  const onError = (error: unknown): void => void failures.push(error);
  return new StatementHistory({ folder, clock, days: 30, onError, ...more });
}

function ran(
  history: StatementHistory,
  who: PrincipalId,
  sql: string,
  outcome: Outcome = {},
): void {
  const session = new Session({
    identity: {
      principal: { id: who, name: "name", kind: "user" },
      credential: tokenId("0"),
      credentialKind: "token",
      scopes: [],
      expiresAtMs: undefined,
      clientAddress: "127.0.0.1",
    },
    pid: 1,
    catalog: "main",
    clock,
  });
  session.startRunning(new AbortController(), sql);
  history.record(session, session.activity, outcome);
}

function texts(paths: readonly string[]): readonly unknown[] {
  return lines(paths).map((line) => line["statement_text"]);
}

function lines(paths: readonly string[]): readonly Record<string, unknown>[] {
  return paths.flatMap((path) =>
    readFileSync(path, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>),
  );
}

test("a principal's statements lie in files of their own", async () => {
  await using history = open();
  ran(history, ANN, "select 1");
  ran(history, BEN, "select 2");
  expect(texts(await paths(history, ANN))).toEqual(["select 1"]);
  expect(texts(await paths(history, undefined))).toEqual([
    "select 1",
    "select 2",
  ]);
});

test("days that are over are removed, with what is in them", async () => {
  await using history = open({ days: 2 });
  for (const sql of ["first", "second", "third", "fourth"]) {
    nowMs += DAY_MS;
    ran(history, ANN, sql);
    await history.flush();
  }
  expect(texts(await paths(history, ANN))).toEqual([
    "second",
    "third",
    "fourth",
  ]);
});

test("the oldest files make room, however many statements a day has", async () => {
  await using history = open({ maxBytes: 20_000, maxFileBytes: 2_000 });
  for (let at = 0; at < 200; at += 1) {
    ran(history, ANN, `select ${at}`);
    await history.flush();
  }
  const kept = texts(await paths(history, ANN));
  expect(kept.at(-1)).toBe("select 199");
  expect(kept).not.toContain("select 0");
  const files = await paths(history, undefined);
  const bytes = files.reduce((sum, path) => sum + readFileSync(path).length, 0);
  expect(bytes).toBeLessThanOrEqual(20_000);
});

test("the next start does not write behind a line that a crash has cut", async () => {
  {
    await using history = open();
    ran(history, ANN, "before");
  }
  const [path = ""] = await paths(open(), ANN);
  appendFileSync(path, '{"statement_id":"1-2","state');
  nowMs += 1;
  await using again = open();
  ran(again, ANN, "after");
  const both = await paths(again, ANN);
  expect(both).toHaveLength(2);
  expect(texts(both.slice(1))).toEqual(["after"]);
});

test("secrets are taken out before a long statement is cut", async () => {
  await using history = open();
  const secret = `sluice_${"a".repeat(49)}`;
  const text = `select '${"x".repeat(65_500)}', '${secret}'`;
  ran(history, ANN, text);
  const [kept] = texts(await paths(history, ANN));
  expect(kept).toBe(`${text.slice(0, text.indexOf("aaaa"))}***'`);
});

test("errors that may quote data keep their code alone", async () => {
  await using history = open();
  ran(history, ANN, "q", {
    error: new SqlError("22P02", 'invalid input syntax: "123-45-6789"'),
  });
  ran(history, ANN, "r", { error: new SqlError("42P01", "no such table") });
  ran(history, ANN, "s", { error: new SqlError("57014", "canceled") });
  expect(
    lines(await paths(history, ANN)).map((line) => [
      line["execution_status"],
      line["error_code"],
      line["error_message"],
    ]),
  ).toEqual([
    ["FAILED", "22P02", null],
    ["FAILED", "42P01", "no such table"],
    ["CANCELED", "57014", "canceled"],
  ]);
});

test("a folder that cannot be written is told once a write and fails nothing", async () => {
  const file = join(folder, "taken");
  writeFileSync(file, "");
  await using history = open({ folder: join(file, "below") });
  ran(history, ANN, "lost");
  await history.flush();
  expect(failures).toHaveLength(1);
});

test("nothing is kept for 0 days, and foreign folders are left alone", async () => {
  mkdirSync(join(folder, "mine"));
  await using none = open({ days: 0 });
  ran(none, ANN, "select 1");
  expect(await paths(none, undefined)).toEqual([]);
  expect(readdirSync(folder)).toEqual(["mine"]);
});
