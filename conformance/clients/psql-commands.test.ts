// psql's backslash commands beside PostgreSQL: descriptions, variables, \copy, \gexec, \crosstabview, \errverbose and the like.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  startBothServers,
  type BothServers,
  type ProbeEnvironment,
} from "./beside-postgres.ts";
import { requireProgram, run } from "./program.ts";

const SCRIPT = join(import.meta.dirname, "psql-commands.sql");

let servers: BothServers;
let folder: string;

beforeAll(async () => {
  requireProgram("psql", "postgresql-client-15");
  folder = mkdtempSync(join(tmpdir(), "sluice-psql-"));
  servers = await startBothServers();
}, 120_000);
afterAll(async () => {
  await servers[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

/** Everything shown; where in PostgreSQL's source an error was raised is nobody else's to say. */
async function shown(server: ProbeEnvironment): Promise<readonly string[]> {
  const { stdout, stderr, code } = await run(
    "psql",
    ["-X", "-a", "-f", SCRIPT],
    { cwd: folder, env: { ...server, LC_ALL: "C.UTF-8" } },
  );
  expect(code, stderr).toBe(0);
  return `${stdout}${stderr}`
    .split("\n")
    .filter((line) => !line.startsWith("LOCATION:"));
}

test("psql", { timeout: 120_000 }, async () => {
  const reference = await shown(servers.theirs);
  expect(reference.length).toBeGreaterThan(300);
  expect(await shown(servers.ours)).toEqual(reference);
});
