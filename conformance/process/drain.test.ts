// Start, stop and restart of the real process: the ready line, SIGTERM while statements run, kill -9.

import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { numbers } from "../drivers/numbers.ts";
import { runningStatement } from "../running-statement.ts";
import { startProcess } from "./real-process.ts";

/** A start on a busy machine takes its time. */
const SLOW_MS = 180_000;

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "sluice-process-"));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

test(
  "the ready line names ports, token file and a psql command; SIGTERM ends it with code 0",
  async () => {
    const gateway = await startProcess(dataDir);
    expect(gateway.readyText).toContain(`127.0.0.1:${gateway.pgPort}`);
    expect(gateway.readyText).toContain(gateway.httpUrl);
    expect(gateway.readyText).toContain(join(dataDir, "admin-token"));
    expect(statSync(join(dataDir, "admin-token")).mode & 0o777).toBe(0o600);
    expect((await fetch(`${gateway.httpUrl}/healthz`)).status).toBe(200);
    gateway.process.kill("SIGTERM");
    expect(await gateway.ended).toBe(0);
    expect(existsSync(join(dataDir, "sluice.json"))).toBe(false);
  },
  SLOW_MS,
);

test(
  "SIGTERM lets a running statement finish and takes no new session",
  async () => {
    const gateway = await startProcess(dataDir);
    const client = await gateway.connect();
    const running = client.query<{ n: string }>(
      `select count(*) as n from ${numbers(7)} where g % 7 = 3`,
    );
    const busy = await gateway.connect();
    const second = busy.query<{ n: string }>(
      `select count(*) as n from ${numbers(7)} where g % 7 = 3`,
    );
    await runningStatement(gateway.httpUrl);
    gateway.process.kill("SIGTERM");
    await expect(gateway.connect()).rejects.toThrow();
    expect((await running).rows[0]?.n).toBe("1428571");
    expect((await second).rows[0]?.n).toBe("1428571");
    expect(await gateway.ended).toBe(0);
  },
  SLOW_MS,
);

test(
  "kill -9 loses nothing that was acknowledged",
  async () => {
    const first = await startProcess(dataDir);
    const client = await first.connect();
    await client.query("create table kept (a int)");
    await client.query("insert into kept values (1), (2)");
    await client.query("create user eve");
    await client.query("grant select on table kept to eve");
    first.process.kill("SIGKILL");
    await first.ended;
    const second = await startProcess(dataDir);
    const again = await second.connect();
    expect((await again.query("select a from kept order by a")).rows).toEqual([
      { a: 1 },
      { a: 2 },
    ]);
    expect(
      (await again.query("show grants eve on table kept")).rows,
    ).toMatchObject([{ principal: "eve", actionType: "SELECT" }]);
    second.process.kill("SIGTERM");
    expect(await second.ended).toBe(0);
  },
  SLOW_MS,
);
