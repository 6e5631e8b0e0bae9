// Every transcript of this folder, each on a connection of its own.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../harness.ts";
import { encodeLine, parseTranscript, printTranscript } from "./transcript.ts";
import type { TranscriptBlock } from "./transcript.ts";
import { TranscriptClient } from "./wire-client.ts";

const FOLDER = import.meta.dirname;
const files = readdirSync(FOLDER).filter((name) => name.endsWith(".wire"));
const updating = process.env["UPDATE_GOLDEN"] === "1";

test("there are transcripts", () => {
  expect(files.length).toBeGreaterThan(0);
});

describe("the Postgres protocol, as transcripts", () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(() => gateway[Symbol.asyncDispose]());

  test.each(files)("%s holds", async (file) => {
    const path = join(FOLDER, file);
    const blocks = parseTranscript(readFileSync(path, "utf8"), file);
    const client = await connected();
    const answered: TranscriptBlock[] = [];
    for (const block of blocks) {
      client.send(Buffer.concat(block.sent.map(encodeLine)));
      const received = updating
        ? await client.takeUntilReady(readyCount(block))
        : await client.take(block.expected.length);
      if (!updating) {
        expect(received, `${file}:${block.line}`).toEqual(block.expected);
      }
      answered.push({ ...block, expected: received });
    }
    expect(await client.end(), `${file}: after its end`).toEqual([]);
    if (updating) writeFileSync(path, printTranscript(answered));
  });

  async function connected(): Promise<TranscriptClient> {
    const client = new pg.Client({
      host: "127.0.0.1",
      port: gateway.pgPort,
      user: "admin",
      password: gateway.adminToken,
      database: "main",
    });
    client.on("error", () => undefined);
    await client.connect();
    return new TranscriptClient(client);
  }
});

function readyCount(block: TranscriptBlock): number {
  return block.sent.filter((line) => /^(Query|Sync|FunctionCall)\b/.test(line))
    .length;
}
