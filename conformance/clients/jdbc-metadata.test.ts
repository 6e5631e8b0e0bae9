// pgjdbc beside PostgreSQL: all of DatabaseMetaData, rewritten batches, updatable and scrolled results, generated keys, CopyManager.

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  expectTheSame,
  startBothServers,
  type BothServers,
} from "./beside-postgres.ts";
import { requireProgram, run } from "./program.ts";

const DRIVER = "/usr/share/java/postgresql.jar";

let servers: BothServers;
let classes: string;

beforeAll(async () => {
  requireProgram("javac", "default-jdk-headless");
  if (!existsSync(DRIVER))
    throw new Error(
      `${DRIVER} is needed: install Debian's package libpostgresql-jdbc-java`,
    );
  classes = mkdtempSync(join(tmpdir(), "sluice-jdbc-"));
  const source = join(import.meta.dirname, "JdbcMetadata.java");
  const compiled = await run("javac", [
    ...["-encoding", "UTF-8", "-cp", DRIVER, "-d", classes, source],
  ]);
  expect(compiled.code, compiled.stderr).toBe(0);
  servers = await startBothServers();
}, 240_000);
afterAll(async () => {
  await servers[Symbol.asyncDispose]();
  rmSync(classes, { recursive: true });
});

test("pgjdbc", { timeout: 180_000 }, () =>
  expectTheSame(servers, {
    command: "java",
    args: [
      ...["-Dfile.encoding=UTF-8", "-Dstdout.encoding=UTF-8"],
      ...["-cp", `${DRIVER}:${classes}`, "JdbcMetadata"],
    ],
  }),
);
