// pgjdbc, compiled and run against the gateway: text and binary transfer, batches, fetch size, errors, query timeout.

import { rmSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../harness.ts";
import { compileJava, type JavaProgram } from "./java.ts";
import { run } from "./program.ts";

const PARAMETERS =
  "true -2 42 -9223372036854775808 0.5 0.1 12345678901234567890.50 O'Reilly é [0, -1, 92] 2024-02-29 2024-02-29T23:59:59.123456 2024-02-29T12:00:00Z 7f0d5c1e-0000-4000-8000-000000000001";

let gateway: TestGateway;
let probe: JavaProgram;

beforeAll(async () => {
  probe = await compileJava("JdbcProbe");
  gateway = await startTestGateway();
}, 240_000);
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  rmSync(probe.folder, { recursive: true, force: true });
});

test.each([
  ["text, unnamed statements", "0", ""],
  ["binary, server-prepared from the first execution", "1", ""],
  ["prepared after two executions, as by default", "2", ""],
  ["the simple protocol", "0", "?preferQueryMode=simple"],
])(
  "%s",
  async (_name, prepareThreshold, options) => {
    const { stdout, stderr, code } = await run(
      "java",
      [
        ...["-Dfile.encoding=UTF-8", "-Dstdout.encoding=UTF-8"],
        ...["-Duser.timezone=UTC", "-cp", probe.classPath, "JdbcProbe"],
        `jdbc:postgresql://127.0.0.1:${gateway.pgPort}/main${options}`,
        prepareThreshold,
      ],
      { env: { SLUICE_TOKEN: gateway.adminToken, LC_ALL: "C.UTF-8" } },
    );
    expect(code, stderr).toBe(0);
    expect(stdout.trimEnd().split("\n")).toEqual([
      `parameters0=${PARAMETERS}`,
      `parameters1=${PARAMETERS}`,
      `parameters2=${PARAMETERS}`,
      "nulls=true null []",
      "batch=20",
      "batched=20 190",
      "fetched=100000 4999950000",
      "failed=22012",
      "aborted=25P02",
      "rolledback=20",
      'error=42703 ERROR: column "nosuch" does not exist   Position: 8',
      "valid=true",
      "cancel=57014",
      "after=alive",
      "product=PostgreSQL 15",
      "table=public.batched",
      "column=id int4",
      "column=name text",
    ]);
  },
  120_000,
);
