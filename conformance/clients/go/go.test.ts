// pgx and lib/pq of Go beside PostgreSQL: binary values, batches, COPY, cancelling, errors.

import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  expectTheSame,
  startBothServers,
  type BothServers,
} from "../beside-postgres.ts";
import { requireProgram, run } from "../program.ts";

const CACHE = join(import.meta.dirname, "../../../.cache/go");

let servers: BothServers;

beforeAll(async () => {
  requireProgram("go", "golang-go");
  // install.sh has compiled the drivers there: this compiles the probes.
  const built = await run(
    "go",
    ["build", "-o", `${CACHE}/bin/`, "./pgx", "./pq"],
    {
      cwd: import.meta.dirname,
      env: {
        GOMODCACHE: join(CACHE, "mod"),
        GOCACHE: join(CACHE, "build"),
        GOFLAGS: "-mod=readonly",
        GOTOOLCHAIN: "local",
      },
    },
  );
  expect(built.code, built.stderr).toBe(0);
  servers = await startBothServers();
}, 240_000);
afterAll(() => servers[Symbol.asyncDispose]());

test("pgx", { timeout: 120_000 }, () =>
  expectTheSame(
    servers,
    { command: join(CACHE, "bin/pgx"), args: [] },
    {
      "native 25 int4[]": {
        ours: "error ERROR: arrays of more than one dimension are not supported (SQLSTATE 0A000)",
        because: "Delta's arrays of arrays have no PostgreSQL type",
      },
    },
  ),
);

test("lib/pq", { timeout: 120_000 }, () =>
  expectTheSame(servers, { command: join(CACHE, "bin/pq"), args: [] }),
);
