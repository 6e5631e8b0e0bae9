// psqlODBC through pyodbc: parameters, NULLs, large results, errors and rollback, with and without cursors on the server.

import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../harness.ts";
import { run } from "./program.ts";

const PYTHON = "/usr/bin/python3";

let gateway: TestGateway;

beforeAll(async () => {
  const found = await run(PYTHON, ["-c", "import pyodbc"]);
  if (found.code !== 0)
    throw new Error(
      "pyodbc is needed: install Debian's packages python3-pyodbc and odbc-postgresql",
    );
  gateway = await startTestGateway();
});
afterAll(() => gateway[Symbol.asyncDispose]());

test.each([
  ["whole results", "UseDeclareFetch=0"],
  ["cursors on the server", "UseDeclareFetch=1;Fetch=1000"],
  ["statements prepared by the server", "UseServerSidePrepare=1"],
])("%s", async (_name, options) => {
  const { stdout, stderr, code } = await run(
    PYTHON,
    [
      join(import.meta.dirname, "odbc-probe.py"),
      String(gateway.pgPort),
      options,
    ],
    { env: { SLUICE_TOKEN: gateway.adminToken, LC_ALL: "C.UTF-8" } },
  );
  expect(code, stderr).toBe(0);
  expect(stdout.trimEnd().split("\n")).toEqual([
    `parameters=['42', '-4611686018427387904', '0.1', '12.50', "O'Reilly é", '2024-02-29', '2024-02-29 23:59:59.123456', '1', 'None']`,
    "filled=[(1, 'a'), (2, None), (3, '')]",
    "large=(100000, 4999950000)",
    "error=42703",
    "rolledback=3",
  ]);
});
