// IP access lists and the limits of guessing, on both protocols (authentication specification sections 6 and 8).

import { request } from "node:http";
import { Socket } from "node:net";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../harness.ts";
import {
  at,
  statementClient,
  type Answer,
  type StatementClient,
} from "./statement-client.ts";

const LISTS = "/api/2.0/ip-access-lists";
const CONF = "/api/2.0/workspace-conf";
const HERE = "127.0.0.1";
const OTHER = "127.0.0.2";

let gateway: TestGateway;
let admin: StatementClient;

beforeAll(async () => {
  gateway = await startTestGateway();
  admin = statementClient(gateway.httpUrl, gateway.adminToken);
});
afterAll(() => gateway[Symbol.asyncDispose]());

const turn = (value: "true" | "false"): Promise<Answer> =>
  admin.request("PATCH", CONF, { enableIpAccessLists: value });

async function add(
  type: string,
  addresses: readonly string[],
): Promise<Answer> {
  return admin.request("POST", LISTS, {
    label: "test",
    list_type: type,
    ip_addresses: addresses,
  });
}

const idOf = ({ body }: Answer): string =>
  String(at(body, "ip_access_list", "list_id"));

async function removeAll(): Promise<void> {
  await turn("false");
  const { body } = await admin.request("GET", LISTS);
  for (const list of at(body, "ip_access_lists") as object[]) {
    await admin.request("DELETE", `${LISTS}/${String(at(list, "list_id"))}`);
  }
}

/** Status and body of a request from one of this machine's addresses. */
function from(
  localAddress: string,
  token = gateway.adminToken,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; text: string; retryAfter: string | undefined }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      `${gateway.httpUrl}/api/2.0/token/list`,
      {
        localAddress,
        agent: false,
        headers: { authorization: `Bearer ${token}`, ...headers },
      },
      (response) => {
        const parts: Buffer[] = [];
        response.on("data", (part: Buffer) => parts.push(part));
        response.on("end", () => {
          resolve({
            status: response.statusCode ?? 0,
            text: Buffer.concat(parts).toString("utf8"),
            retryAfter: response.headers["retry-after"],
          });
        });
      },
    );
    sent.on("error", reject);
    sent.end();
  });
}

class SocketFrom extends Socket {
  readonly #localAddress: string;

  constructor(localAddress: string) {
    super();
    this.#localAddress = localAddress;
  }

  override connect(...given: readonly unknown[]): this {
    const [port, host] = given;
    return super.connect({
      port: Number(port),
      host: String(host),
      localAddress: this.#localAddress,
    });
  }
}

async function connectFrom(
  localAddress: string,
  password = gateway.adminToken,
): Promise<pg.Client> {
  const client = new pg.Client({
    host: HERE,
    port: gateway.pgPort,
    database: "main",
    user: "admin",
    password,
    stream: () => new SocketFrom(localAddress),
  });
  client.on("error", () => undefined);
  await client.connect();
  return client;
}

describe("lists", () => {
  test("are made, read, changed and deleted", async () => {
    const made = await add("BLOCK", ["192.0.2.0/24", "2001:db8::1"]);
    expect(made.status).toBe(200);
    const id = idOf(made);
    expect(at(made.body, "ip_access_list")).toMatchObject({
      label: "test",
      list_type: "BLOCK",
      ip_addresses: ["192.0.2.0/24", "2001:db8::1"],
      address_count: 2,
      enabled: true,
    });
    await admin.request("PATCH", `${LISTS}/${id}`, { enabled: false });
    const changed = await admin.request("PUT", `${LISTS}/${id}`, {
      label: "office",
      list_type: "BLOCK",
      ip_addresses: ["192.0.2.1"],
      enabled: false,
    });
    const read = await admin.request("GET", `${LISTS}/${id}`);
    expect(read.body).toEqual(changed.body);
    expect(at(read.body, "ip_access_list")).toMatchObject({
      label: "office",
      address_count: 1,
      enabled: false,
    });
    expect((await admin.request("DELETE", `${LISTS}/${id}`)).body).toEqual({});
    expect((await admin.request("GET", `${LISTS}/${id}`)).status).toBe(404);
  });

  test.each([
    [
      "an empty label",
      { label: " ", list_type: "BLOCK", ip_addresses: ["1.2.3.4"] },
    ],
    [
      "a type in lower case",
      { label: "x", list_type: "block", ip_addresses: ["1.2.3.4"] },
    ],
    ["no addresses", { label: "x", list_type: "BLOCK", ip_addresses: [] }],
    [
      "a name",
      { label: "x", list_type: "BLOCK", ip_addresses: ["example.com"] },
    ],
    [
      "a prefix too long",
      { label: "x", list_type: "BLOCK", ip_addresses: ["1.2.3.4/33"] },
    ],
  ])("%s: 400 INVALID_PARAMETER_VALUE", async (_what, body) => {
    const answer = await admin.request("POST", LISTS, body);
    expect([answer.status, at(answer.body, "error_code")]).toEqual([
      400,
      "INVALID_PARAMETER_VALUE",
    ]);
  });

  test("hold 1000 values in all", async () => {
    const block = (net: number, count: number): readonly string[] =>
      Array.from(
        { length: count },
        (_, i) => `198.18.${net + (i >> 8)}.${i & 255}`,
      );
    expect((await add("BLOCK", block(0, 1000))).status).toBe(200);
    const over = await add("BLOCK", ["203.0.113.1"]);
    expect([over.status, at(over.body, "error_code")]).toEqual([
      400,
      "QUOTA_EXCEEDED",
    ]);
    await removeAll();
  });

  test("are an administrator's business", async () => {
    await admin.submit("create user alice");
    const token = await admin.submit("create token for alice");
    const alice = statementClient(
      gateway.httpUrl,
      String(at(token.body, "result", "data_array", "0", "1")),
    );
    for (const method of ["GET", "POST"]) {
      const answer = await alice.request(
        method,
        LISTS,
        method === "GET"
          ? undefined
          : { label: "x", list_type: "ALLOW", ip_addresses: [HERE] },
      );
      expect(answer.status).toBe(403);
    }
  });
});

describe("in force", () => {
  test("nothing is refused until the switch is on; then a blocked address is, on both protocols, sessions too", async () => {
    const session = await connectFrom(OTHER);
    const closed = new Promise<unknown>((resolve) => {
      session.on("error", (error) => resolve(error));
    });
    await add("BLOCK", ["127.0.0.2/31"]);
    expect((await from(OTHER)).status).toBe(200);
    await turn("true");
    const refused = await from(OTHER);
    expect(refused.status).toBe(403);
    expect(JSON.parse(refused.text)).toEqual({
      error_code: 403,
      message: `Source IP address ${OTHER} is blocked by an IP access list.`,
    });
    expect(await closed).toMatchObject({ code: "57P01" });
    await expect(connectFrom(OTHER)).rejects.toMatchObject({ code: "28000" });
    expect((await from(HERE)).status).toBe(200);
    await (await connectFrom(HERE)).end();
    await removeAll();
    await (await connectFrom(OTHER)).end();
  });

  test("once there is an allow list, only its addresses come in; a block list beats it", async () => {
    await add("ALLOW", [HERE, "127.0.0.8/29"]);
    await add("BLOCK", ["127.0.0.9"]);
    await turn("true");
    expect((await from(HERE)).status).toBe(200);
    expect((await from("127.0.0.10")).status).toBe(200);
    expect((await from("127.0.0.9")).status).toBe(403);
    expect((await from(OTHER)).status).toBe(403);
    await removeAll();
  });

  test("a forged X-Forwarded-For changes nothing", async () => {
    await add("BLOCK", [OTHER]);
    await turn("true");
    const forged = { "x-forwarded-for": HERE };
    expect((await from(OTHER, undefined, forged)).status).toBe(403);
    expect(
      (await from(HERE, undefined, { "x-forwarded-for": OTHER })).status,
    ).toBe(200);
    await removeAll();
  });

  test("nobody locks itself out, and what was refused did not happen", async () => {
    for (const [type, address] of [
      ["BLOCK", HERE],
      ["ALLOW", "192.0.2.1"],
    ] as const) {
      const answer = await add(type, [address]);
      expect([answer.status, at(answer.body, "error_code")]).toEqual([
        400,
        "INVALID_STATE",
      ]);
    }
    const { body } = await admin.request("GET", LISTS);
    expect(at(body, "ip_access_lists")).toEqual([]);
  });
});

describe("guessing", () => {
  test("from one address ends in 429 with Retry-After there, and leaves the user alone everywhere", async () => {
    const guesser = "127.0.0.77";
    const wrong = `${gateway.adminToken.slice(0, 20)}x${gateway.adminToken.slice(21)}`;
    const statuses = new Set<number>();
    for (let i = 0; i < 100; i++) {
      statuses.add((await from(guesser, wrong)).status);
    }
    expect([...statuses]).toEqual([403]);
    const stopped = await from(guesser, wrong);
    expect(stopped.status).toBe(429);
    expect(JSON.parse(stopped.text)).toMatchObject({
      error_code: "REQUEST_LIMIT_EXCEEDED",
    });
    expect(Number(stopped.retryAfter)).toBeGreaterThan(0);
    expect(Number(stopped.retryAfter)).toBeLessThanOrEqual(600);
    await expect(connectFrom(guesser, wrong)).rejects.toMatchObject({
      code: "28P01",
    });
    expect((await from(guesser)).status).toBe(200);
    expect((await from(HERE, wrong)).status).toBe(403);
    expect((await from(HERE)).status).toBe(200);
  });
});
