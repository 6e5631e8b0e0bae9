// Grants over HTTP in Unity Catalog's form, against what SQL says of the same records (HTTP API specification section 9).

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../harness.ts";
import {
  at,
  rowsOf,
  statementClient,
  stateOf,
  type Answer,
  type StatementClient,
} from "./statement-client.ts";

const UC = "/api/2.1/unity-catalog";

let gateway: TestGateway;
let admin: StatementClient;
let alice: StatementClient;

beforeAll(async () => {
  gateway = await startTestGateway();
  admin = statementClient(gateway.httpUrl, gateway.adminToken);
  for (const sql of [
    "create user alice",
    "create user bob",
    "create schema sales",
    "create table sales.orders (id bigint)",
    "create view sales.v as select id from sales.orders",
  ]) {
    expect([sql, stateOf(await admin.submit(sql))]).toEqual([sql, "SUCCEEDED"]);
  }
  const token = await admin.submit("create token for alice");
  alice = statementClient(gateway.httpUrl, String(at(rowsOf(token), "0", "1")));
});
afterAll(() => gateway[Symbol.asyncDispose]());

const get = (place: string, who = admin): Promise<Answer> =>
  who.request("GET", `${UC}/permissions/${place}`);

const patch = (
  place: string,
  changes: readonly object[],
  who = admin,
): Promise<Answer> =>
  who.request("PATCH", `${UC}/permissions/${place}`, { changes });

describe("permissions", () => {
  test("what is added is granted, what is removed is revoked", async () => {
    await patch("schema/main.sales", [
      { principal: "alice", add: ["USE_SCHEMA"] },
    ]);
    const added = await patch("TABLE/main.sales.orders", [
      { principal: "alice", add: ["SELECT", "MODIFY"] },
    ]);
    expect(added.body).toEqual({
      privilege_assignments: [
        { principal: "alice", privileges: ["MODIFY", "SELECT"] },
      ],
    });
    expect(stateOf(await alice.submit("select id from sales.orders"))).toBe(
      "SUCCEEDED",
    );
    await patch("table/main.sales.orders", [
      { principal: "alice", remove: ["SELECT"] },
    ]);
    expect((await get("table/main.sales.orders")).body).toEqual({
      privilege_assignments: [{ principal: "alice", privileges: ["MODIFY"] }],
    });
    expect(stateOf(await alice.submit("select id from sales.orders"))).toBe(
      "FAILED",
    );
  });

  test("a deny shows in our own field, and remove clears it", async () => {
    await admin.submit("deny select on table sales.v to bob");
    expect((await get("table/main.sales.v")).body).toEqual({
      privilege_assignments: [
        { principal: "bob", privileges: [], denied_privileges: ["SELECT"] },
      ],
    });
    const cleared = await patch("table/main.sales.v", [
      { principal: "bob", remove: ["SELECT"] },
    ]);
    expect(cleared.body).toEqual({ privilege_assignments: [] });
  });

  test("effective permissions say where a privilege comes from", async () => {
    await admin.submit("grant select on schema sales to bob");
    const { body } = await admin.request(
      "GET",
      `${UC}/effective-permissions/table/main.sales.orders?principal=bob`,
    );
    expect(at(body, "privilege_assignments", "0")).toMatchObject({
      principal: "bob",
      privileges: [
        {
          privilege: "SELECT",
          inherited_from_type: "SCHEMA",
          inherited_from_name: expect.stringMatching(/sales$/) as string,
        },
      ],
    });
  });

  test("one wrong name changes nothing of the whole request", async () => {
    const before = (await get("table/main.sales.orders")).body;
    const answer = await patch("table/main.sales.orders", [
      { principal: "bob", add: ["SELECT"] },
      { principal: "nobody", add: ["SELECT"] },
    ]);
    expect(answer.status).toBe(404);
    const unknown = await patch("table/main.sales.orders", [
      { principal: "bob", add: ["SELECT", "FLY"] },
    ]);
    expect(unknown.status).toBe(400);
    expect((await get("table/main.sales.orders")).body).toEqual(before);
  });

  test("who owns nothing changes nothing, and sees nothing of what is hidden", async () => {
    const refused = await patch(
      "table/main.sales.orders",
      [{ principal: "alice", add: ["SELECT"] }],
      alice,
    );
    expect([refused.status, at(refused.body, "error_code")]).toEqual([
      403,
      "PERMISSION_DENIED",
    ]);
    const hidden = await get("table/main.sales.v", alice);
    const absent = await get("table/main.sales.w", alice);
    expect(hidden.status).toBe(404);
    expect(hidden.text).toBe(absent.text.replace("sales.w", "sales.v"));
    const own = await get("table/main.sales.orders?principal=alice", alice);
    expect(own.status).toBe(200);
  });

  test("ANY FILE is a securable of its own", async () => {
    await patch("any_file/-", [{ principal: "bob", add: ["SELECT"] }]);
    expect((await get("any_file/-")).body).toEqual({
      privilege_assignments: [{ principal: "bob", privileges: ["SELECT"] }],
    });
    expect((await get("any_file/-", alice)).status).toBe(403);
  });

  test.each([
    ["volume/main.sales.x", 400],
    ["table/main.sales", 400],
    ["schema/main.nowhere", 404],
    ["catalog/nowhere", 404],
    ["table/main.sales.orders?max_results=149", 400],
    ["table/main.sales.orders?max_results=150", 200],
    ["table/main.sales.orders?max_results=0", 200],
  ])("%s: %i", async (place, status) => {
    expect((await get(place)).status).toBe(status);
  });
});
