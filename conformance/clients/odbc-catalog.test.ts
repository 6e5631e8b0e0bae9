// psqlODBC's catalog functions, arrays of parameters, portions of results and blocks beside PostgreSQL, with cursors and without.

import { join } from "node:path";
import { afterAll, beforeAll, test } from "vitest";
import {
  expectTheSame,
  startBothServers,
  type BothServers,
} from "./beside-postgres.ts";

let servers: BothServers;

beforeAll(async () => {
  servers = await startBothServers();
}, 120_000);
afterAll(() => servers[Symbol.asyncDispose]());

test.each([
  ["whole results", "UseDeclareFetch=0"],
  ["cursors on the server", "UseDeclareFetch=1;Fetch=500"],
])("%s", { timeout: 120_000 }, (_name, options) =>
  expectTheSame(servers, {
    // Debian's, whose package python3-pyodbc it is.
    command: "/usr/bin/python3",
    args: [join(import.meta.dirname, "odbc-catalog.py"), options],
  }),
);
