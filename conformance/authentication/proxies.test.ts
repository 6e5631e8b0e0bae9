// Behind balancers: X-Forwarded-For and the PROXY protocol say who connects, but only from trusted addresses, and there they must.

import { connect, createServer, Socket, type Server } from "node:net";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../harness.ts";
import {
  statementClient,
  type Answer,
  type StatementClient,
} from "../http/statement-client.ts";

const BLOCKED = "203.0.113.9";
const OTHER = "198.51.100.7";

let gateway: TestGateway;
let admin: StatementClient;

beforeAll(async () => {
  gateway = await startTestGateway({
    flags: { "trusted-proxies": "127.0.0.1,10.0.0.0/8" },
  });
  admin = statementClient(gateway.httpUrl, gateway.adminToken);
  await admin.request("PATCH", "/api/2.0/workspace-conf", {
    enableIpAccessLists: "true",
  });
  const made = await admin.request("POST", "/api/2.0/ip-access-lists", {
    label: "test",
    list_type: "BLOCK",
    ip_addresses: [BLOCKED],
  });
  expect(made.status).toBe(200);
});
afterAll(() => gateway[Symbol.asyncDispose]());

describe("X-Forwarded-For", () => {
  const ask = (forwarded: string): Promise<Answer> =>
    admin.request("GET", "/api/2.0/token/list", undefined, {
      "x-forwarded-for": forwarded,
    });

  test.each([
    ["the client", BLOCKED, 403],
    ["another client", OTHER, 200],
    ["the client behind two balancers", `${BLOCKED}, 10.0.0.1`, 403],
    ["what a client made up on the left", `${OTHER}, ${BLOCKED}`, 403],
    ["a made-up address that is blocked", `${BLOCKED}, ${OTHER}`, 200],
    ["a balancer's own request", "10.0.0.1", 200],
  ])("names %s", async (_name, forwarded, status) => {
    expect((await ask(forwarded)).status).toBe(status);
  });
});

test("links to results lead to the host and scheme a balancer was asked by", async () => {
  const answer = await admin.request(
    "POST",
    "/api/2.0/sql/statements",
    { statement: "select 1", disposition: "EXTERNAL_LINKS" },
    {
      "x-forwarded-for": OTHER,
      "x-forwarded-proto": "https",
      "x-forwarded-host": "sql.example.org",
    },
  );
  expect(answer.text).toContain(
    '"external_link":"https://sql.example.org/api/',
  );
});

/** A balancer: sends `header` first, then whatever passes. From `source`, one of this machine's addresses. */
async function balancer(
  header: Uint8Array | string,
  source = "127.0.0.1",
): Promise<{ readonly port: number; readonly server: Server }> {
  const server = createServer((client) => {
    const onward = connect({
      port: gateway.pgPort,
      host: "127.0.0.1",
      localAddress: source,
    });
    onward.write(header);
    client.pipe(onward).pipe(client);
    for (const [one, other] of [
      [client, onward],
      [onward, client],
    ] as const) {
      one.on("error", () => other.destroy());
      one.on("close", () => other.destroy());
    }
  });
  await new Promise<void>((resolve) =>
    server.listen(0, "127.0.0.1", () => resolve()),
  );
  const address = server.address();
  return {
    port: typeof address === "object" ? (address?.port ?? 0) : 0,
    server,
  };
}

/** `ok`, the SQLSTATE of the refusal, or `closed`. */
async function through(
  header: Uint8Array | string,
  source?: string,
): Promise<string> {
  const { port, server } = await balancer(header, source);
  const client = new pg.Client({
    host: "127.0.0.1",
    port,
    database: "main",
    user: "admin",
    password: gateway.adminToken,
    stream: () => new Socket(),
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query("select 1");
    return "ok";
  } catch (error) {
    return error instanceof pg.DatabaseError ? (error.code ?? "") : "closed";
  } finally {
    await client.end().catch(() => undefined);
    server.close();
  }
}

const second = (source: readonly number[]): Buffer =>
  Buffer.concat([
    Buffer.from("0d0a0d0a000d0a515549540a2111000c", "hex"),
    Buffer.from([...source, 127, 0, 0, 1, 0, 80, 21, 56]),
  ]);

describe("the PROXY protocol", () => {
  test("names the client to address lists and rules, in both versions", async () => {
    const line = (source: string): string =>
      `PROXY TCP4 ${source} 127.0.0.1 80 5432\r\n`;
    expect(await through(line(BLOCKED))).toBe("28000");
    expect(await through(second([203, 0, 113, 9]))).toBe("28000");
    expect(await through("PROXY UNKNOWN\r\n")).toBe("ok");
    expect(await through(line("127.0.0.5"))).toBe("ok");
    expect(await through(second([127, 0, 0, 5]))).toBe("ok");
    // Not this machine: SCRAM in clear is for loopback only.
    expect(await through(line(OTHER))).toBe("28000");
  });

  test("is required from a trusted address", async () => {
    expect(await through("")).toBe("closed");
    expect(await through("PROXY TCP4 nonsense\r\n")).toBe("closed");
  });

  test("is refused from any other address, where the protocol begins at once", async () => {
    expect(await through("", "127.0.0.2")).toBe("ok");
    expect(await through("PROXY UNKNOWN\r\n", "127.0.0.2")).toBe("closed");
  });
});
