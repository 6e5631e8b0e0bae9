// Every expression of golden/*.txt gives, in the kernel, the text or the error that PostgreSQL 15 gave when the file was recorded.
// The first line may give settings: `# timeZone=Europe/Berlin; dateStyle=SQL, DMY`.
// A line is `expression ⇒ text`, rows of the sample table parted by ` ¦ `, NULL as ∅, an error as `!SQLSTATE message`.

import { readFileSync, readdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SqlError } from "../../../../storage/common/errors.ts";
import type { EmitSettings } from "../../../../planner/functions/function.ts";
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

async function outcome(
  sql: string,
  settings: Partial<EmitSettings>,
): Promise<string> {
  try {
    const rows = await bench.run(sql, settings);
    return rows
      .map((row) => row ?? "∅")
      .join(" ¦ ")
      .replaceAll("\n", "⏎");
  } catch (error) {
    if (error instanceof SqlError) return `!${error.code} ${error.message}`;
    throw error;
  }
}

/** `# name=value; name=value` at the top of a file. */
function settingsOf(text: string): Partial<EmitSettings> {
  const line = /^# (.*=.*)$/m.exec(text)?.[1] ?? "";
  return Object.fromEntries(
    line
      .split("; ")
      .filter((item) => item !== "")
      .map((item) => {
        const [name = "", value = ""] = item.split("=");
        return [name, name === "extraFloatDigits" ? Number(value) : value];
      }),
  );
}

test("there are golden files", () => {
  expect(files.length).toBeGreaterThan(0);
});

describe.each(files)("%s", (file) => {
  const text = readFileSync(new URL(file, FOLDER), "utf8");
  const settings = settingsOf(text);
  const lines = text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));

  test.each(lines)("%s", async (line) => {
    const [sql = "", expected] = line.split(" ⇒ ");
    expect(await outcome(sql, settings)).toBe(expected);
  });
});
