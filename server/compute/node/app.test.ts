import { afterAll, beforeAll, expect, test } from "vitest";
import type { FastifyInstance } from "fastify";
import { FRAME, NODE_PROTOCOL } from "../fragment.ts";
import { encodeBody } from "../fragment-body.ts";
import { FrameParser } from "../frames.ts";
import { ticketSource, ticketVerifier } from "../ticket.ts";
import { nodeApp } from "./app.ts";
import { fragmentOf, testNode, type TestNode } from "./node.testkit.ts";

let node: TestNode;
let app: FastifyInstance;
const now = (): number => Date.now();
const authorization = `Bearer ${ticketSource("secret", now)()}`;
const type = "application/octet-stream";

beforeAll(async () => {
  node = await testNode();
  app = nodeApp({
    services: node.services,
    authenticate: ticketVerifier("secret", now),
    bodyLimitBytes: 100_000,
  });
  await app.ready();
});
afterAll(async () => {
  await app.close();
  await node[Symbol.asyncDispose]();
});

function bodyOf(sql: string): Buffer {
  return Buffer.concat(encodeBody(fragmentOf(sql, [{ kind: "int4" }]), []));
}

test("nothing is answered without a ticket", async () => {
  for (const url of ["/v1/health", "/v1/fragments", "/other"]) {
    const answer = await app.inject({
      method: "POST",
      url,
      payload: "x",
      headers: { "content-type": type },
    });
    expect(answer.statusCode).toBe(401);
    expect(answer.json()).toEqual({
      code: "28000",
      message: "compute node ticket is not valid",
    });
  }
});

test("health tells the protocol and what is running", async () => {
  const answer = await app.inject({
    url: "/v1/health",
    headers: { authorization },
  });
  expect(answer.json()).toEqual({
    protocol: NODE_PROTOCOL,
    active: 0,
    fileCache: { entries: 0, usedBytes: 0, limitBytes: 0 },
  });
});

test("a short answer is one response with its length", async () => {
  const answer = await app.inject({
    method: "POST",
    url: "/v1/fragments",
    headers: { authorization, "content-type": type },
    payload: bodyOf("SELECT 1 AS c1"),
  });
  expect(answer.statusCode).toBe(200);
  expect(Number(answer.headers["content-length"])).toBe(
    answer.rawPayload.length,
  );
  expect(
    [...new FrameParser().push(answer.rawPayload)].map(({ kind }) => kind),
  ).toEqual([FRAME.rows, FRAME.end]);
});

test("a failed fragment is a single error frame", async () => {
  const answer = await app.inject({
    method: "POST",
    url: "/v1/fragments",
    headers: { authorization, "content-type": type },
    payload: bodyOf("SELECT error('22012:division by zero') AS c1"),
  });
  const [frame, ...rest] = [...new FrameParser().push(answer.rawPayload)];
  expect(rest).toEqual([]);
  expect(frame?.kind).toBe(FRAME.error);
  expect(
    JSON.parse(Buffer.from(frame?.payload ?? []).toString("utf8")),
  ).toEqual({ code: "22012", message: "division by zero" });
});

test("a body that is no fragment is refused, and the node goes on", async () => {
  for (const payload of [
    Buffer.alloc(0),
    Buffer.from([0, 0]),
    Buffer.from([0, 0, 0, 9, 1]),
    Buffer.from([0, 0, 0, 2, 0x7b, 0x7d]),
    Buffer.from([0, 0, 0, 1, 0x7b]),
  ]) {
    const answer = await app.inject({
      method: "POST",
      url: "/v1/fragments",
      headers: { authorization, "content-type": type },
      payload,
    });
    expect(answer.statusCode).toBeGreaterThanOrEqual(400);
  }
  const health = await app.inject({
    url: "/v1/health",
    headers: { authorization },
  });
  expect(health.statusCode).toBe(200);
});

test("a body above the limit is refused", async () => {
  const answer = await app.inject({
    method: "POST",
    url: "/v1/fragments",
    headers: { authorization, "content-type": type },
    payload: Buffer.alloc(200_000),
  });
  expect(answer.statusCode).toBe(413);
});
