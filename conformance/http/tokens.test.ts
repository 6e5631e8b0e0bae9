// The token API, token management, and who may use tokens (HTTP API specification section 8, authentication specification 1.3).

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../harness.ts";
import {
  at,
  statementClient,
  stateOf,
  type StatementClient,
} from "./statement-client.ts";

const TOKEN = "/api/2.0/token";
const MANAGED = "/api/2.0/token-management";
const CONF = "/api/2.0/workspace-conf";
const ALLOWED = "/api/2.0/permissions/authorization/tokens";
const DAY_SECONDS = 86_400;

let gateway: TestGateway;
let admin: StatementClient;

beforeAll(async () => {
  gateway = await startTestGateway();
  admin = client(gateway.adminToken);
  for (const name of ["alice", "bob"]) {
    expect(stateOf(await admin.submit(`create user ${name}`))).toBe(
      "SUCCEEDED",
    );
  }
});
afterAll(() => gateway[Symbol.asyncDispose]());

function client(token: string): StatementClient {
  return statementClient(gateway.httpUrl, token);
}

async function tokenOf(user: string): Promise<string> {
  const answer = await admin.submit(`create token for ${user}`);
  return String(at(answer.body, "result", "data_array", "0", "1"));
}

const create = (of: StatementClient, body: object) =>
  of.request("POST", `${TOKEN}/create`, body);

describe("one's own tokens", () => {
  test("created, used, listed without its text, deleted, then refused", async () => {
    const created = await create(admin, {
      comment: "ci",
      lifetime_seconds: 3600,
    });
    expect(created.status).toBe(200);
    expect(created.headers.get("cache-control")).toBe("no-store");
    const value = String(at(created.body, "token_value"));
    const info = at(created.body, "token_info");
    const id = String(at(info, "token_id"));
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    expect(
      Number(at(info, "expiry_time")) - Number(at(info, "creation_time")),
    ).toBe(3_600_000);
    expect(at(info, "comment")).toBe("ci");

    const listed = await client(value).request("GET", `${TOKEN}/list`);
    const mine = at(listed.body, "token_infos");
    expect(mine).toContainEqual(expect.objectContaining({ token_id: id }));
    expect(listed.text).not.toContain(value);

    const gone = await admin.request("POST", `${TOKEN}/delete`, {
      token_id: id,
    });
    expect([gone.status, gone.body]).toEqual([200, {}]);
    const refused = await client(value).request("GET", `${TOKEN}/list`);
    expect([refused.status, refused.body]).toEqual([
      403,
      { error_code: 403, message: "Invalid access token." },
    ]);
  });

  test("without a lifetime a token lives 90 days", async () => {
    const info = at((await create(admin, {})).body, "token_info");
    expect(
      Number(at(info, "expiry_time")) - Number(at(info, "creation_time")),
    ).toBe(90 * DAY_SECONDS * 1000);
  });

  test.each([
    ["no lifetime", { lifetime_seconds: 0 }],
    ["a lifetime before now", { lifetime_seconds: -5 }],
    ["more than two years", { lifetime_seconds: 731 * DAY_SECONDS }],
    ["a lifetime that is text", { lifetime_seconds: "60" }],
    ["half a second", { lifetime_seconds: 0.5 }],
    ["a comment of 257 characters", { comment: "x".repeat(257) }],
    ["a scope that is none", { scopes: ["root"] }],
  ])("%s: 400 INVALID_PARAMETER_VALUE", async (_what, body) => {
    const answer = await create(admin, body);
    expect([answer.status, at(answer.body, "error_code")]).toEqual([
      400,
      "INVALID_PARAMETER_VALUE",
    ]);
  });

  test("another user's token is not there to delete or change, even for an administrator", async () => {
    const alice = client(await tokenOf("alice"));
    const id = String(
      at((await create(alice, {})).body, "token_info", "token_id"),
    );
    for (const other of [client(await tokenOf("bob")), admin]) {
      const answers = [
        await other.request("POST", `${TOKEN}/delete`, { token_id: id }),
        await other.request("PATCH", `${TOKEN}/${id}`, {
          token: { comment: "mine" },
          update_mask: "comment",
        }),
      ];
      for (const answer of answers) {
        expect([answer.status, at(answer.body, "error_code")]).toEqual([
          404,
          "RESOURCE_DOES_NOT_EXIST",
        ]);
      }
    }
  });

  test("only what the mask names is changed", async () => {
    const id = String(
      at(
        (await create(admin, { comment: "old" })).body,
        "token_info",
        "token_id",
      ),
    );
    const changed = await admin.request("PATCH", `${TOKEN}/${id}`, {
      token: { comment: "new", scopes: ["sql"] },
      update_mask: "comment",
    });
    expect(changed.status).toBe(200);
    const info = at(
      (await admin.request("GET", `${MANAGED}/tokens/${id}`)).body,
      "token_info",
    );
    expect(info).toMatchObject({ comment: "new", scopes: ["all-apis"] });
    const wrong = await admin.request("PATCH", `${TOKEN}/${id}`, {
      token: {},
      update_mask: "expiry_time",
    });
    expect(at(wrong.body, "error_code")).toBe("INVALID_PARAMETER_VALUE");
  });
});

describe("scopes", () => {
  test("a token of scope sql runs statements and reaches nothing else", async () => {
    const { body } = await create(admin, { scopes: ["sql"] });
    const narrow = client(String(at(body, "token_value")));
    expect(stateOf(await narrow.submit("select 1"))).toBe("SUCCEEDED");
    for (const [method, path] of [
      ["POST", `${TOKEN}/create`],
      ["GET", `${TOKEN}/list`],
      ["GET", `${MANAGED}/tokens`],
      ["GET", ALLOWED],
      ["GET", `${CONF}?keys=enableTokensConfig`],
    ] as const) {
      const answer = await narrow.request(method, path);
      expect([path, answer.status, at(answer.body, "error_code")]).toEqual([
        path,
        403,
        "PERMISSION_DENIED",
      ]);
    }
  });

  test("a token makes tokens within its own scopes only, and with its own when none are asked for", async () => {
    const parent = client(
      String(
        at(
          (await create(admin, { scopes: ["authentication"] })).body,
          "token_value",
        ),
      ),
    );
    for (const scopes of [["all-apis"], ["sql"], ["authentication", "sql"]]) {
      const answer = await create(parent, { scopes });
      expect([answer.status, at(answer.body, "error_code")]).toEqual([
        403,
        "PERMISSION_DENIED",
      ]);
    }
    const child = await create(parent, {});
    expect(at(child.body, "token_info", "scopes")).toEqual(["authentication"]);
    expect((await parent.submit("select 1")).status).toBe(403);
  });
});

describe("token management", () => {
  test("an administrator sees who owns and who made each token, and ends any", async () => {
    const value = await tokenOf("bob");
    const bob = client(value);
    const mine = at((await bob.request("GET", `${TOKEN}/list`)).body);
    const id = String(at(mine, "token_infos", "0", "token_id"));
    const found = await admin.request("GET", `${MANAGED}/tokens/${id}`);
    expect(at(found.body, "token_info")).toMatchObject({
      token_id: id,
      created_by_username: "admin",
      created_by_id: expect.any(Number) as number,
      owner_id: expect.any(Number) as number,
    });
    expect(
      (await admin.request("DELETE", `${MANAGED}/tokens/${id}`)).status,
    ).toBe(200);
    expect((await bob.request("GET", `${TOKEN}/list`)).status).toBe(403);
    expect(
      (await admin.request("DELETE", `${MANAGED}/tokens/${id}`)).status,
    ).toBe(404);
  });

  test("the list is filtered by who made a token", async () => {
    const alice = client(await tokenOf("alice"));
    const id = at((await create(alice, {})).body, "token_info", "token_id");
    const { body } = await admin.request(
      "GET",
      `${MANAGED}/tokens?created_by_username=alice`,
    );
    const infos = at(body, "token_infos");
    expect(infos).toContainEqual(expect.objectContaining({ token_id: id }));
    expect(
      new Set((infos as object[]).map((one) => at(one, "created_by_username"))),
    ).toEqual(new Set(["alice"]));
  });

  test("others get 403 for all of it", async () => {
    const alice = client(await tokenOf("alice"));
    for (const [method, path, body] of [
      ["GET", `${MANAGED}/tokens`, undefined],
      ["GET", `${MANAGED}/tokens/x`, undefined],
      ["DELETE", `${MANAGED}/tokens/x`, undefined],
      ["POST", `${MANAGED}/on-behalf-of/tokens`, { application_id: "x" }],
      ["GET", ALLOWED, undefined],
      ["PUT", ALLOWED, {}],
      ["GET", `${CONF}?keys=enableTokensConfig`, undefined],
      ["PATCH", CONF, { enableTokensConfig: "false" }],
    ] as const) {
      const answer = await alice.request(method, path, body);
      expect([path, answer.status, at(answer.body, "error_code")]).toEqual([
        path,
        403,
        "PERMISSION_DENIED",
      ]);
    }
  });

  test("nobody gets a token on behalf of a user", async () => {
    const answer = await admin.request(
      "POST",
      `${MANAGED}/on-behalf-of/tokens`,
      { application_id: "alice" },
    );
    expect(answer.status).toBe(404);
  });
});

describe("who may use tokens", () => {
  test("without CAN_USE a user makes none; the ones there are go on", async () => {
    const alice = client(await tokenOf("alice"));
    const before = await admin.request("GET", ALLOWED);
    expect(before.body).toEqual({
      object_id: "/authorization/tokens",
      object_type: "tokens",
      access_control_list: [
        {
          group_name: "admins",
          all_permissions: [
            { permission_level: "CAN_MANAGE", inherited: true },
          ],
        },
        {
          group_name: "users",
          all_permissions: [{ permission_level: "CAN_USE", inherited: false }],
        },
      ],
    });
    const put = (list: readonly object[]) =>
      admin.request("PUT", ALLOWED, { access_control_list: list });
    await put([{ user_name: "bob", permission_level: "CAN_USE" }]);
    expect((await create(alice, {})).status).toBe(403);
    expect(stateOf(await alice.submit("create token"))).toBe("FAILED");
    expect((await alice.request("GET", `${TOKEN}/list`)).status).toBe(200);
    const added = await admin.request("PATCH", ALLOWED, {
      access_control_list: [
        { group_name: "users", permission_level: "CAN_USE" },
      ],
    });
    expect(at(added.body, "access_control_list")).toHaveLength(3);
    expect((await create(alice, {})).status).toBe(200);
    for (const [entry, status] of [
      [{ user_name: "nobody", permission_level: "CAN_USE" }, 404],
      [{ user_name: "bob", permission_level: "CAN_FLY" }, 400],
      [{ permission_level: "CAN_USE" }, 400],
    ] as const) {
      expect((await put([entry])).status).toBe(status);
    }
  });

  test("the maximum lifetime holds for new tokens", async () => {
    const set = (days: string) =>
      admin.request("PATCH", CONF, { maxTokenLifetimeDays: days });
    expect((await set("7")).status).toBe(204);
    const tooLong = await create(admin, { lifetime_seconds: 8 * DAY_SECONDS });
    expect(at(tooLong.body, "error_code")).toBe("INVALID_PARAMETER_VALUE");
    const info = at((await create(admin, {})).body, "token_info");
    expect(
      Number(at(info, "expiry_time")) - Number(at(info, "creation_time")),
    ).toBe(7 * DAY_SECONDS * 1000);
    expect((await set("many")).status).toBe(400);
    expect((await set("")).status).toBe(204);
  });

  test("disabled tokens neither log in nor are made, until an administrator enables them again", async () => {
    const alice = client(await tokenOf("alice"));
    const set = (value: string) =>
      admin.request("PATCH", CONF, { enableTokensConfig: value });
    expect((await set("false")).status).toBe(204);
    expect((await alice.submit("select 1")).status).toBe(403);
    expect((await create(admin, {})).status).toBe(403);
    await expect(gateway.connect()).rejects.toMatchObject({ code: "28P01" });
    const asked = await alice.request("PATCH", CONF, {
      enableTokensConfig: "true",
    });
    expect(at(asked.body, "error_code")).toBe("PERMISSION_DENIED");
    expect((await set("true")).status).toBe(204);
    expect(stateOf(await alice.submit("select 1"))).toBe("SUCCEEDED");
  });

  test("who has no CAN_USE on the warehouse runs no statement over HTTP", async () => {
    const path = "/api/2.0/permissions/warehouses/default";
    const alice = client(await tokenOf("alice"));
    await admin.request("PUT", path, {
      access_control_list: [{ user_name: "bob", permission_level: "CAN_USE" }],
    });
    const refused = await alice.submit("select 1");
    expect([refused.status, at(refused.body, "error_code")]).toEqual([
      403,
      "PERMISSION_DENIED",
    ]);
    await admin.request("PUT", path, {
      access_control_list: [
        { group_name: "users", permission_level: "CAN_USE" },
      ],
    });
    expect(stateOf(await alice.submit("select 1"))).toBe("SUCCEEDED");
  });
});

test("a revoked token's running statement is cancelled", async () => {
  const { body } = await create(admin, {});
  const value = String(at(body, "token_value"));
  const started = await client(value).submit(
    "select count(*) from generate_series(1, 1000000) a, generate_series(1, 1000000) b where (a + b) % 7 = 3",
    { wait_timeout: "0s" },
  );
  const id = String(at(started.body, "statement_id"));
  await admin.request("POST", `${TOKEN}/delete`, {
    token_id: at(body, "token_info", "token_id"),
  });
  expect(stateOf(await admin.finish(id))).toBe("CANCELED");
});
