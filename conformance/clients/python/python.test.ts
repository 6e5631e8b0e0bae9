// Python's drivers and what is built on them: every check of a program is one test.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  startGovernedGateway,
  type GovernedGateway,
} from "./governed-gateway.ts";

let gateway: GovernedGateway;

beforeAll(async () => {
  gateway = await startGovernedGateway();
});
afterAll(() => gateway[Symbol.asyncDispose]());

describe.each([
  ["psycopg2_checks.py", "python"],
  ["psycopg3_checks.py", "python"],
  ["asyncpg_checks.py", "python"],
  ["sqlalchemy_checks.py", "python"],
  ["pandas_checks.py", "python"],
  ["data_build_checks.py", "python"],
  ["superset_checks.py", "superset"],
])("%s", (program, environment) => {
  let results: readonly string[] = [];
  beforeAll(async () => {
    const printed = await gateway.printed(program, environment);
    results = printed.trimEnd().split(/\n(?=\w+: )/);
  }, 180_000);

  test.each(checksOf(program))("%s", (name) => {
    const result = results.find((it) => it.startsWith(`${name}: `));
    expect(result).toBe(`${name}: ok`);
  });
});

/** The functions marked @check, as they stand in the source. */
function checksOf(program: string): readonly string[] {
  const source = readFileSync(join(import.meta.dirname, program), "utf8");
  return [...source.matchAll(/^@check\n(?:@\w+\n)*(?:async )?def (\w+)/gm)].map(
    ([, name]) => name ?? "",
  );
}
