// tokio-postgres of Rust beside PostgreSQL: binary values, types looked up in the catalog, pipelines, portals, COPY, cancelling.

import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  expectTheSame,
  startBothServers,
  type BothServers,
} from "../beside-postgres.ts";
import { requireProgram, run } from "../program.ts";

const CACHE = join(import.meta.dirname, "../../../.cache/rust");

let servers: BothServers;

beforeAll(async () => {
  requireProgram("cargo", "cargo-web");
  // install.sh has compiled the driver there: this compiles the probe.
  const built = await run(
    "cargo",
    [
      ...["build", "--quiet", "--locked"],
      ...["--manifest-path", join(import.meta.dirname, "Cargo.toml")],
    ],
    { env: { CARGO_TARGET_DIR: CACHE } },
  );
  expect(built.code, built.stderr).toBe(0);
  servers = await startBothServers();
}, 300_000);
afterAll(() => servers[Symbol.asyncDispose]());

test("tokio-postgres", { timeout: 120_000 }, () =>
  expectTheSame(servers, {
    command: join(CACHE, "debug/tokio-postgres-probe"),
    args: [],
  }),
);
