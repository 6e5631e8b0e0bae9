// Every expression of golden/*.txt gives, in the kernel, the text or the error that PostgreSQL 15 gave when the file was recorded.
// A line is `expression ⇒ text`, rows of the sample table parted by ` ¦ `, NULL as ∅, an error as `!SQLSTATE message`.

import { readFileSync, readdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SqlError } from "../../../../storage/common/errors.ts";
import { openBench, type Bench } from "./expression.testkit.ts";

const FOLDER = new URL("golden/", import.meta.url);
const files = readdirSync(FOLDER).filter((name) => name.endsWith(".txt"));

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(async () => {
  await bench[Symbol.asyncDispose]();
});

async function outcome(sql: string): Promise<string> {
  try {
    const rows = await bench.run(sql);
    return rows
      .map((row) => row ?? "∅")
      .join(" ¦ ")
      .replaceAll("\n", "⏎");
  } catch (error) {
    if (error instanceof SqlError) return `!${error.code} ${error.message}`;
    throw error;
  }
}

test("there are golden files", () => {
  expect(files.length).toBeGreaterThan(0);
});

describe.each(files)("%s", (file) => {
  const lines = readFileSync(new URL(file, FOLDER), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));

  test.each(lines)("%s", async (line) => {
    const [sql = "", expected] = line.split(" ⇒ ");
    expect(await outcome(sql)).toBe(expected);
  });
});
