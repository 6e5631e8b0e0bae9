// Damaged messages against a gateway, as they come from a network: whatever it is sent, it answers with messages a client understands,
// without an error of its own, ends the connection when the client has, and keeps nothing of it.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import pg from "pg";
import { expect } from "vitest";
import { startTestGateway, type TestGateway } from "../harness.ts";
import { randomOf } from "../random.ts";
import { socketOf } from "../socket-of.ts";
import { hostileStream, split } from "./hostile-messages.ts";

const MESSAGES_A_CONNECTION = 50;
const CONNECTIONS_AT_ONCE = 4;
/** A server that has not ended a connection so long after its client hangs. */
const HANG_MS = 60_000;
/** Growth of the heap that is no leak: caches fill up to their budgets. */
const HEAP_GROWTH_BYTES = 48 << 20;
/** Types of messages a server sends. */
const BACKEND_TYPES = "RKSZTDCENAtn123sIGHdcVW";

/** Sends so many messages, then looks at what is left of them. */
export async function fuzzMessages(
  messages: number,
  seed: number,
): Promise<void> {
  await using gateway = await startTestGateway();
  await makeTable(gateway);
  const connections = Math.ceil(messages / MESSAGES_A_CONNECTION);
  // What the first tenth leaves in memory counts as the size of a gateway at work.
  const first = Math.ceil(connections / 10);
  await attack(gateway, seed, { from: 0, to: first });
  const heapBytes = heapNow();
  await attack(gateway, seed, { from: first, to: connections });
  expect(heapNow() - heapBytes).toBeLessThan(HEAP_GROWTH_BYTES);
  const client = await gateway.connect();
  const { rowCount } = await client.query("SELECT id FROM z.t LIMIT 2");
  expect(rowCount).toBe(2);
  const metrics = await (await fetch(`${gateway.httpUrl}/metrics`)).text();
  expect(metrics).toMatch(/^sluice_sessions 1$/m);
  expect(metrics).toMatch(/^sluice_statements_running 0$/m);
}

async function makeTable(gateway: TestGateway): Promise<void> {
  const client = await gateway.connect();
  await client.query("CREATE SCHEMA z");
  await client.query("CREATE TABLE z.t (id int, v text)");
  await client.query("INSERT INTO z.t VALUES (1, 'a'), (2, NULL)");
  await client.end();
}

async function attack(
  gateway: TestGateway,
  seed: number,
  range: { readonly from: number; readonly to: number },
): Promise<void> {
  let next = range.from;
  const worker = async (): Promise<void> => {
    while (next < range.to) {
      const number = next;
      next += 1;
      await oneConnection(gateway, seed, number);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS_AT_ONCE }, worker));
}

async function oneConnection(
  gateway: TestGateway,
  seed: number,
  number: number,
): Promise<void> {
  const random = randomOf(seed * 1_000_003 + number);
  const bytes = hostileStream(random, MESSAGES_A_CONNECTION);
  const what = `seed ${seed}, connection ${number}`;
  const answer = await answerTo(gateway, split(bytes, random), what);
  for (const { type, body } of messagesOf(answer, what)) {
    expect(BACKEND_TYPES, what).toContain(type);
    if (type !== "E") continue;
    const report = body.toString("utf8");
    expect(report, what).toMatch(/(^|\0)C[0-9A-Z]{5}\0/);
    expect(report, what).not.toMatch(/\0CXX/);
  }
}

/** All that the server sends until it closes. */
async function answerTo(
  gateway: TestGateway,
  pieces: readonly Buffer[],
  what: string,
): Promise<Buffer> {
  const client = new pg.Client({
    host: "127.0.0.1",
    port: gateway.pgPort,
    user: "admin",
    password: gateway.adminToken,
    database: "main",
  });
  client.on("error", () => undefined);
  await client.connect();
  const socket = socketOf(client);
  for (const event of ["data", "end", "error"])
    socket.removeAllListeners(event);
  const received: Buffer[] = [];
  socket.on("data", (piece: Buffer) => received.push(piece));
  // A server that has closed already resets what still comes.
  socket.on("error", () => undefined);
  const closed = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`the connection hangs: ${what}`)),
      HANG_MS,
    );
    socket.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
  });
  for (const piece of pieces) {
    if (socket.destroyed) break;
    socket.write(piece);
    await new Promise((resolve) => setImmediate(resolve));
  }
  socket.end();
  await closed;
  return Buffer.concat(received);
}

interface Received {
  readonly type: string;
  readonly body: Buffer;
}

/** A reset may cut the last message off; before it each has its length. */
function* messagesOf(bytes: Buffer, what: string): Generator<Received> {
  for (let at = 0; at + 5 <= bytes.length;) {
    const length = bytes.readInt32BE(at + 1);
    expect(length, what).toBeGreaterThanOrEqual(4);
    const type = String.fromCharCode(bytes.readUInt8(at));
    const end = at + 1 + length;
    if (end <= bytes.length) yield { type, body: bytes.subarray(at + 5, end) };
    at = end;
  }
}

/** Bytes in use after everything unreachable has gone. */
function heapNow(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc()");
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
