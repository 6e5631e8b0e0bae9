// Statements that real clients sent (testdata/client-statements.jsonl, one record a line), the oracle's and TPC-H: all parse, and print to
// what parses the same. Where PostgreSQL answered with a syntax error, so do we, word for word.

import { readFileSync, readdirSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { loadGrammar } from "./grammar.ts";
import { parseSql } from "./parse.ts";
import { bare, failureOf } from "./parse.testkit.ts";
import { printStatement } from "./print.ts";

beforeAll(loadGrammar);

interface Recorded {
  readonly client: string;
  readonly sql: string;
  readonly syntaxError?: {
    readonly message: string;
    readonly position: number | null;
  };
}

function isRecorded(value: unknown): value is Recorded {
  return typeof value === "object" && value !== null && "sql" in value;
}

function readText(path: string): string {
  return readFileSync(new URL(path, import.meta.url), "utf8");
}

const recorded: readonly Recorded[] = readText(
  "testdata/client-statements.jsonl",
)
  .split("\n")
  .filter((line) => line !== "")
  .map((line): unknown => JSON.parse(line))
  .filter(isRecorded);

function filesOf(folder: string): string[] {
  const names = readdirSync(new URL(folder, import.meta.url)).sort();
  return names
    .filter((name) => name.endsWith(".sql"))
    .map((name) => readText(`${folder}/${name}`));
}

/** Prints and parses again; the constructs that cannot be printed are returned. */
function roundTrip(sql: string): readonly string[] {
  return parseSql(sql).flatMap(({ statement }) => {
    if (statement.kind === "unsupported") return [statement.construct];
    const printed = printStatement(statement);
    const again = parseSql(printed)[0]?.statement;
    expect(bare(again), printed).toEqual(bare(statement));
    return [];
  });
}

describe("recorded statements", () => {
  test("there are as many as were recorded", () => {
    expect(recorded.length).toBe(1146);
    expect(new Set(recorded.map(({ client }) => client)).size).toBe(53);
  });

  test("each parses and round-trips; the few that are refused are known", () => {
    const refused = new Map<string, number>();
    for (const { sql, syntaxError } of recorded) {
      if (syntaxError !== undefined) continue;
      for (const construct of roundTrip(sql)) {
        refused.set(construct, (refused.get(construct) ?? 0) + 1);
      }
    }
    // DO runs procedural code; users have tokens instead of passwords.
    expect(Object.fromEntries(refused)).toEqual({
      "DO is": 1,
      "ALTER USER is": 1,
    });
  });

  test("what PostgreSQL refused as a syntax error is refused in its words at its place", () => {
    const wrong = recorded.filter(({ syntaxError }) => syntaxError);
    expect(wrong.length).toBeGreaterThan(0);
    for (const { sql, syntaxError } of wrong) {
      expect(failureOf(sql)).toEqual({ code: "42601", ...syntaxError });
    }
  });
});

test("all 22 TPC-H queries parse and round-trip", () => {
  const queries = filesOf("../../conformance/tpch");
  expect(queries).toHaveLength(22);
  for (const query of queries) expect(roundTrip(query)).toEqual([]);
});
