// The transcripts of conformance/wire on PostgreSQL 15: what they expect is what PostgreSQL answers, but for the blocks listed.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { encodeLine, parseTranscript } from "../wire/transcript.ts";
import { TranscriptClient } from "../wire/wire-client.ts";
import { startPostgres, type OracleServer } from "./postgres.ts";

const FOLDER = join(import.meta.dirname, "../wire");
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith(".wire"));

/** Blocks that differ on purpose, by their comment. Each fails once it differs no longer. */
const DIFFERENT: ReadonlyMap<string, string> = new Map([
  [
    "# Function calls are refused and the session goes on.",
    "there are no functions to call by oid",
  ],
  [
    "# What stands between two Syncs is one transaction, of a pipeline too: the insert goes with the statement that fails.",
    "PostgreSQL divides by zero while it plans, so that its error comes in place of BindComplete",
  ],
  [
    "# A command gives none.",
    "PostgreSQL reports an internal error: unsupported portal strategy",
  ],
]);

let postgres: OracleServer;
beforeAll(async () => {
  postgres = await startPostgres();
}, 120_000);
afterAll(() => postgres[Symbol.asyncDispose]());

test.each(FILES)("%s is PostgreSQL's", async (file) => {
  const blocks = parseTranscript(
    readFileSync(join(FOLDER, file), "utf8"),
    file,
  );
  const client = new TranscriptClient(await postgres.connect());
  for (const { line, comments, sent, expected } of blocks) {
    if (sent.length === 0) continue;
    client.send(Buffer.concat(sent.map(encodeLine)));
    const different = DIFFERENT.get(comments[0] ?? "");
    if (different === undefined) {
      const received = await client.take(expected.length);
      expect(received, `${file}:${line}`).toEqual(expected);
    } else {
      const readyCount = expected.filter((it) =>
        it.startsWith("ReadyForQuery"),
      ).length;
      const received = await client.takeUntilReady(readyCount);
      expect(received, different).not.toEqual(expected);
    }
  }
  expect(await client.end(), `${file}: after its end`).toEqual([]);
});
