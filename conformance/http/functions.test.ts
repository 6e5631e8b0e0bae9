// SQL functions over HTTP: typed parameters as arguments, and the errors of calls (HTTP API specification, 4.9; access-control, F18).

import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../harness.ts";
import {
  rowsOf,
  statementClient,
  stateOf,
  type StatementClient,
} from "./statement-client.ts";

let gateway: TestGateway;
let http: StatementClient;

beforeAll(async () => {
  gateway = await startTestGateway();
  http = statementClient(gateway.httpUrl, gateway.adminToken);
  const made = await http.submit(
    "create function main.public.add(a int, b int default 10) return a + b",
  );
  expect(stateOf(made)).toBe("SUCCEEDED");
});
afterAll(() => gateway[Symbol.asyncDispose]());

test("a parameter of the statement is an argument of the call", async () => {
  const answer = await http.submit(
    "select main.public.add(:p), main.public.add(b => :p, a => 1)",
    { parameters: [{ name: "p", type: "INT", value: "5" }] },
  );
  expect(rowsOf(answer)).toEqual([["15", "6"]]);
});

test.each([
  ["select main.public.add('x'::text)", "42883"],
  ["select main.public.nosuch(1)", "42883"],
  ["create function main.public.add(a int) return a", "42723"],
])("%s fails with %s", async (sql, code) => {
  const answer = await http.submit(sql);
  expect(stateOf(answer)).toBe("FAILED");
  expect(JSON.stringify(answer.body)).toContain(code);
});
