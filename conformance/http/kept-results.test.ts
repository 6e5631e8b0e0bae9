// Where results lie until they are fetched, seen from outside a real process: its memory, its files, its limits, its end by force.

import {
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startProcess, type RealProcess } from "../process/real-process.ts";
import {
  at,
  idOf,
  stateOf,
  statementClient,
  type Answer,
  type StatementClient,
} from "./statement-client.ts";

const MEGABYTE = 1_000_000;
/** What one user may have is half of it. */
const LIMIT = ["--results-size", "460MB"];
const SLOW_MS = 180_000;

let dataDir: string;
let gateway: RealProcess;
let http: StatementClient;

async function start(
  ...launch: Parameters<typeof startProcess>
): Promise<void> {
  gateway = await startProcess(...launch);
  const token = readFileSync(join(dataDir, "admin-token"), "utf8").trim();
  http = statementClient(gateway.httpUrl, token);
}

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "sluice-results-"));
  await start(dataDir, LIMIT);
}, SLOW_MS);
afterAll(async () => {
  gateway.process.kill("SIGTERM");
  await gateway.ended;
  rmSync(dataDir, { recursive: true, force: true });
});

/** A result of about so much, whatever its format. */
function submit(megabytes: number, format = "ARROW_STREAM"): Promise<Answer> {
  return http.submit(
    `select g, repeat('x', 1000) as t from generate_series(1, ${megabytes * 1000}) g`,
    { disposition: "EXTERNAL_LINKS", format, wait_timeout: "50s" },
  );
}

function peakBytes(): number {
  const status = readFileSync(`/proc/${gateway.process.pid}/status`, "utf8");
  return Number(/VmHWM:\s*(\d+) kB/.exec(status)?.[1]) * 1024;
}

const folder = (): string => join(dataDir, "cache/results");

test(
  "a result of 200 MB takes the gateway's disk and not its memory, also while it is fetched",
  async () => {
    expect(idOf(await submit(1))).toBeTruthy();
    const before = peakBytes();
    const answer = await submit(200);
    expect(stateOf(answer)).toBe("SUCCEEDED");
    const files = readdirSync(folder()).map((name) =>
      statSync(join(folder(), name)),
    );
    expect(files.map(({ mode }) => mode & 0o777)).toEqual([0o600, 0o600]);
    const total = Number(at(answer.body, "manifest", "total_byte_count"));
    expect(total).toBeGreaterThan(200 * MEGABYTE);
    expect(Math.max(...files.map(({ size }) => size))).toBe(total);
    const metrics = await (await fetch(`${gateway.httpUrl}/metrics`)).text();
    const [, kept] = /^sluice_results_bytes (\d+)$/m.exec(metrics) ?? [];
    expect(Number(kept)).toBeGreaterThan(200 * MEGABYTE);
    let fetched = 0;
    const chunks = Number(at(answer.body, "manifest", "total_chunk_count"));
    for (let index = 0; index < chunks; index += 1) {
      const { body } = await http.chunk(idOf(answer), index);
      const link = at(body, "external_links", "0", "external_link");
      const response = await fetch(String(link));
      fetched += (await response.arrayBuffer()).byteLength;
    }
    expect(fetched).toBe(total);
    expect(peakBytes() - before).toBeLessThan(120 * MEGABYTE);
    const full = await submit(60, "CSV");
    expect(stateOf(full)).toBe("FAILED");
    expect(at(full.body, "status", "sql_state")).toBe("53100");
    expect(at(full.body, "status", "error", "error_code")).toBe(
      "RESOURCE_EXHAUSTED",
    );
    await http.request("DELETE", `/api/2.0/sql/statements/${idOf(answer)}`);
    expect(readdirSync(folder())).toHaveLength(1);
    expect(stateOf(await submit(60, "CSV"))).toBe("SUCCEEDED");
  },
  SLOW_MS,
);

test(
  "what a killed gateway left goes when the next one starts; a full disk ends one statement and nothing else",
  async () => {
    expect(readdirSync(folder()).length).toBeGreaterThan(0);
    gateway.process.kill("SIGKILL");
    await gateway.ended;
    await start(dataDir, LIMIT, { maxFileBytes: 8 * 1024 * 1024 });
    expect(readdirSync(folder())).toEqual([]);
    const full = await submit(20, "JSON_ARRAY");
    expect(at(full.body, "status", "sql_state")).toBe("53100");
    expect(readdirSync(folder())).toEqual([]);
    expect(stateOf(await submit(5))).toBe("SUCCEEDED");
    expect(readdirSync(folder())).toHaveLength(1);
  },
  SLOW_MS,
);
