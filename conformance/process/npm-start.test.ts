// `npm start` as the README gives it: builds, makes the demo lake with progress, serves it, and Ctrl-C ends it cleanly.

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { expect, test } from "vitest";

const REPOSITORY = join(import.meta.dirname, "../..");
const TIMEOUT_MS = 300_000;

interface Started {
  /** Standard output and error up to the ready line. */
  readonly printed: string;
  /** What Ctrl-C does: the signal reaches the whole group. Resolves when all of it has ended. */
  interrupt(): Promise<void>;
}

async function npmStart(dataDir: string): Promise<Started> {
  const ports = ["--pg-port", "0", "--http-port", "0"];
  const child = spawn(
    "npm",
    ["start", "--", "--data-dir", dataDir, ...ports, "--node-memory", "1GB"],
    { cwd: REPOSITORY, detached: true, stdio: ["ignore", "pipe", "pipe"] },
  );
  const group = -(child.pid ?? 0);
  process.once("exit", () => {
    if (child.exitCode === null) process.kill(group, "SIGKILL");
  });
  const ended = new Promise<void>((resolve) => child.once("close", resolve));
  let printed = "";
  await new Promise<void>((resolve, reject) => {
    const listen = (piece: string): void => {
      printed += piece;
      if (printed.includes("psql ")) resolve();
    };
    child.stdout.setEncoding("utf8").on("data", listen);
    child.stderr.setEncoding("utf8").on("data", listen);
    void ended.then(() => reject(new Error(`it never was ready: ${printed}`)));
  });
  return {
    printed,
    interrupt: () => {
      process.kill(group, "SIGINT");
      return ended;
    },
  };
}

async function demoCounts(dataDir: string): Promise<unknown> {
  const announced = JSON.parse(
    readFileSync(join(dataDir, "sluice.json"), "utf8"),
  ) as { readonly pgPort: number };
  const client = new pg.Client({
    host: "127.0.0.1",
    port: announced.pgPort,
    user: "admin",
    password: readFileSync(join(dataDir, "admin-token"), "utf8").trim(),
    database: "main",
  });
  await client.connect();
  const { rows } = await client.query<Record<string, string>>(
    "select (select count(*) from tpch.nation) as nations, (select count(*) from web.events) as events",
  );
  await client.end();
  return rows[0];
}

test(
  "npm start makes the demo lake once, serves it, and ends cleanly on Ctrl-C",
  async () => {
    const dataDir = mkdtempSync(join(tmpdir(), "sluice-npm-start-"));
    try {
      const first = await npmStart(dataDir);
      expect(first.printed).toContain("demo lake:");
      const counts = await demoCounts(dataDir);
      expect(counts).toEqual({ nations: "25", events: "720000" });
      await first.interrupt();
      expect(existsSync(join(dataDir, "sluice.json"))).toBe(false);

      const second = await npmStart(dataDir);
      expect(second.printed).not.toContain("demo lake:");
      expect(await demoCounts(dataDir)).toEqual(counts);
      await second.interrupt();
      expect(existsSync(join(dataDir, "sluice.json"))).toBe(false);
    } finally {
      rmSync(dataDir, { recursive: true, force: true });
    }
  },
  TIMEOUT_MS,
);
