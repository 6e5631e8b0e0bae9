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
  "psycopg2_checks.py",
  "psycopg3_checks.py",
  "asyncpg_checks.py",
  "sqlalchemy_checks.py",
  "pandas_checks.py",
])("%s", (program) => {
  let printed = "";
  beforeAll(async () => {
    printed = await gateway.printed(program);
  }, 180_000);

  test.each(checksOf(program))("%s", (name) => {
    const at = printed.indexOf(`\n${name}: `);
    expect(printed.slice(at + 1).split(/\n(?=\w+: )/)[0]).toBe(`${name}: ok`);
  });
});

/** The functions marked @check, as they stand in the source. */
function checksOf(program: string): readonly string[] {
  const source = readFileSync(join(import.meta.dirname, program), "utf8");
  return [...source.matchAll(/^@check\n(?:async )?def (\w+)/gm)].map(
    ([, name]) => name ?? "",
  );
}
