// pgjdbc beside PostgreSQL: all of DatabaseMetaData, rewritten batches, updatable and scrolled results, generated keys, CopyManager.

import { rmSync } from "node:fs";
import { afterAll, beforeAll, test } from "vitest";
import {
  expectTheSame,
  startBothServers,
  type BothServers,
} from "./beside-postgres.ts";
import { compileJava, type JavaProgram } from "./java.ts";

let servers: BothServers;
let metadata: JavaProgram;

beforeAll(async () => {
  metadata = await compileJava("JdbcMetadata");
  servers = await startBothServers();
}, 240_000);
afterAll(async () => {
  await servers[Symbol.asyncDispose]();
  rmSync(metadata.folder, { recursive: true });
});

test("pgjdbc", { timeout: 180_000 }, () =>
  expectTheSame(servers, {
    command: "java",
    args: [
      ...["-Dfile.encoding=UTF-8", "-Dstdout.encoding=UTF-8"],
      ...["-cp", metadata.classPath, "JdbcMetadata"],
    ],
  }),
);
