// SCIM over HTTP: oneself, users, service principals, groups, filters, pages, errors (HTTP API specification section 7).

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../harness.ts";
import {
  at,
  rowsOf,
  statementClient,
  type Answer,
  type StatementClient,
} from "./statement-client.ts";

const SCIM = "/api/2.0/preview/scim/v2";
const ids = new Map<string, string>();

let gateway: TestGateway;
let admin: StatementClient;
let alice: StatementClient;

const call = (
  method: string,
  path: string,
  body?: object,
  who = admin,
): Promise<Answer> => who.request(method, `${SCIM}/${path}`, body);

const idOf = (name: string): string => ids.get(name) ?? "";

beforeAll(async () => {
  gateway = await startTestGateway();
  admin = statementClient(gateway.httpUrl, gateway.adminToken);
  for (const userName of ["alice", "bob", "bert@example.com"]) {
    const made = await call("POST", "Users", { userName });
    expect(made.status).toBe(201);
    ids.set(userName, String(at(made.body, "id")));
  }
  const token = await admin.submit("create token for alice");
  alice = statementClient(gateway.httpUrl, String(at(rowsOf(token), "0", "1")));
});
afterAll(() => gateway[Symbol.asyncDispose]());

test("Me is whoever asks, administrator or not", async () => {
  const me = await call("GET", "Me", undefined, alice);
  expect(me.status).toBe(200);
  expect(me.body).toMatchObject({
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
    id: idOf("alice"),
    userName: "alice",
    active: true,
    emails: [{ value: "alice", type: "work", primary: true }],
  });
  expect(idOf("alice")).toMatch(/^\d+$/);
});

describe("lists", () => {
  const names = ({ body }: Answer): readonly unknown[] =>
    (at(body, "Resources") as object[]).map((one) => at(one, "userName"));
  const filtered = (filter: string): Promise<Answer> =>
    call("GET", `Users?filter=${encodeURIComponent(filter)}`);

  test.each([
    ['userName eq "bob"', ["bob"]],
    ['username eq "BOB"', ["bob"]],
    [
      'userName ne "bob" and active eq true',
      ["admin", "alice", "bert@example.com"],
    ],
    ['userName sw "b"', ["bert@example.com", "bob"]],
    ['emails.value co "@example"', ["bert@example.com"]],
    ['userName eq "alice" or userName eq "bob" and active eq false', ["alice"]],
    ['(userName eq "alice" or userName eq "bob") and userName sw "b"', ["bob"]],
    ['userName eq "x\\" or userName ne \\"y"', []],
  ])("%s", async (filter, expected) => {
    expect(names(await filtered(filter))).toEqual(expected);
  });

  test.each([
    "userName",
    "userName eq",
    'userName gt "a"',
    'userName eq "a" and',
    '(userName eq "a"',
    'userName eq "a',
  ])("%s is no filter: 400 invalidFilter in SCIM's form", async (filter) => {
    const answer = await filtered(filter);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({
      schemas: ["urn:ietf:params:scim:api:messages:2.0:Error"],
      status: "400",
      scimType: "invalidFilter",
    });
  });

  test("pages end: beyond the last there is nothing", async () => {
    const seen: unknown[] = [];
    for (let start = 1; ; start += 3) {
      const answer = await call("GET", `Users?startIndex=${start}&count=3`);
      expect(answer.body).toMatchObject({ totalResults: 4, startIndex: start });
      const page = names(answer);
      if (page.length === 0) break;
      seen.push(...page);
    }
    expect(seen).toEqual(["admin", "alice", "bert@example.com", "bob"]);
  });

  test("hold the attributes asked for", async () => {
    const few = await call("GET", "Users?attributes=id,userName&count=1");
    expect(Object.keys(at(few.body, "Resources", "0") as object)).toEqual([
      "schemas",
      "id",
      "userName",
    ]);
    const most = await call("GET", "Groups?excludedAttributes=members&count=1");
    expect(at(most.body, "Resources", "0", "members")).toBeUndefined();
  });

  test("and changes are an administrator's business", async () => {
    for (const [method, path, body] of [
      ["GET", "Users", undefined],
      ["GET", `Users/${idOf("bob")}`, undefined],
      ["POST", "Users", { userName: "eve" }],
      ["POST", "Groups", { displayName: "eves" }],
      ["DELETE", `Users/${idOf("bob")}`, undefined],
    ] as const) {
      const answer = await call(method, path, body, alice);
      expect([method, path, answer.status]).toEqual([method, path, 403]);
      expect(answer.body).toMatchObject({ status: "403" });
    }
  });
});

describe("groups", () => {
  test("gain, lose and replace members", async () => {
    const made = await call("POST", "Groups", {
      displayName: "analysts",
      members: [{ value: idOf("alice") }],
    });
    expect(made.status).toBe(201);
    const path = `Groups/${String(at(made.body, "id"))}`;
    const patched = async (...operations: object[]): Promise<unknown[]> => {
      const answer = await call("PATCH", path, {
        schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        Operations: operations,
      });
      expect(answer.status).toBe(200);
      return (at(answer.body, "members") as object[])
        .map((member) => at(member, "display"))
        .sort();
    };
    const bob = { value: idOf("bob") };
    expect(await patched({ op: "add", path: "members", value: [bob] })).toEqual(
      ["alice", "bob"],
    );
    expect(
      await patched({
        op: "remove",
        path: `members[value eq "${idOf("alice")}"]`,
      }),
    ).toEqual(["bob"]);
    expect(
      await patched({
        op: "Replace",
        value: { members: [{ value: idOf("alice") }] },
      }),
    ).toEqual(["alice"]);
    expect(await patched({ op: "remove", path: "members" })).toEqual([]);
    const put = await call("PUT", path, { members: [bob] });
    expect(at(put.body, "members", "0", "display")).toBe("bob");
    const shown = await admin.submit("show groups with user bob");
    expect(rowsOf(shown)).toContainEqual(["analysts"]);
    expect((await call("DELETE", path)).status).toBe(204);
    expect((await call("GET", path)).status).toBe(404);
  });

  test("are renamed: members, grants, denies and ownership hang on the id", async () => {
    for (const sql of [
      "create schema named",
      "create table named.kept (a int)",
      "create table named.denied (a int)",
      "create table named.owned (a int)",
    ])
      await admin.submit(sql);
    const made = await call("POST", "Groups", {
      displayName: "crew",
      members: [{ value: idOf("alice") }],
    });
    const path = `Groups/${String(at(made.body, "id"))}`;
    for (const sql of [
      "grant usage on schema named to crew",
      "grant select on table named.kept to crew",
      "grant select on table named.denied to users",
      "deny select on table named.denied to crew",
      "alter table named.owned owner to crew",
    ])
      await admin.submit(sql);
    const state = async (sql: string): Promise<unknown> =>
      at((await alice.submit(sql)).body, "status", "state");
    const rename = (displayName: string): Promise<Answer> =>
      call("PATCH", path, {
        Operations: [
          { op: "replace", path: "displayName", value: displayName },
        ],
      });
    expect((await rename("staff")).body).toMatchObject({
      id: at(made.body, "id"),
      displayName: "staff",
      members: [{ display: "alice" }],
    });
    expect(await state("select * from named.kept")).toBe("SUCCEEDED");
    expect(await state("select * from named.denied")).toBe("FAILED");
    expect(await state("drop table named.owned")).toBe("SUCCEEDED");
    expect(
      rowsOf(
        await alice.submit("select is_member('staff'), is_member('crew')"),
      ),
    ).toEqual([["true", "false"]]);
    expect(
      rowsOf(await admin.submit("show grants staff on table named.denied")),
    ).toContainEqual(["staff", "DENIED_SELECT", "TABLE", "`named`.`denied`"]);
    expect(
      rowsOf(
        await alice.submit(
          "select rolname from pg_roles where rolname in ('staff', 'crew')",
        ),
      ),
    ).toEqual([["staff"]]);
    const { body } = await admin.submit("show grants crew on schema named");
    expect(JSON.stringify(body)).toContain('role \\"crew\\" does not exist');
    for (const [name, status] of [
      ["ALICE", 409],
      ["Staff", 200],
      ["admins", 400],
      ["Account Users", 400],
      [" ", 400],
    ] as const)
      expect([name, (await rename(name)).status]).toEqual([name, status]);
    const put = await call("PUT", path, { displayName: "crew" });
    expect(put.body).toMatchObject({ displayName: "crew", members: [] });
    const admins = await call(
      "GET",
      'Groups?filter=displayName%20eq%20"admins"',
    );
    const builtIn = `Groups/${String(at(admins.body, "Resources", "0", "id"))}`;
    expect(
      (
        await call("PATCH", builtIn, {
          Operations: [{ op: "replace", path: "displayName", value: "bosses" }],
        })
      ).status,
    ).toBe(400);
    await call("DELETE", path);
    await admin.submit("drop schema named cascade");
  });

  test("a member that is nobody changes nothing", async () => {
    const answer = await call("POST", "Groups", {
      displayName: "ghosts",
      members: [{ value: "1" }],
    });
    expect(answer.status).toBe(404);
    const found = await call(
      "GET",
      'Groups?filter=displayName%20eq%20"ghosts"',
    );
    expect(at(found.body, "totalResults")).toBe(0);
  });
});

describe("users", () => {
  test("deactivated, their token is refused at once; active again, it works", async () => {
    const set = (active: boolean): Promise<Answer> =>
      call("PATCH", `Users/${idOf("alice")}`, {
        Operations: [{ op: "replace", path: "active", value: active }],
      });
    expect(at((await set(false)).body, "active")).toBe(false);
    expect((await call("GET", "Me", undefined, alice)).body).toEqual({
      error_code: 403,
      message: "Invalid access token.",
    });
    await set(true);
    expect((await call("GET", "Me", undefined, alice)).status).toBe(200);
  });

  test("are shown by another display name, and keep their user name", async () => {
    const path = `Users/${idOf("bob")}`;
    const patched = await call("PATCH", path, {
      Operations: [
        { op: "replace", path: "displayName", value: "Bob B." },
        { op: "replace", path: "userName", value: "robert" },
      ],
    });
    expect(patched.body).toMatchObject({
      userName: "bob",
      displayName: "Bob B.",
      emails: [{ value: "bob" }],
    });
    const put = await call("PUT", path, {
      userName: "robert",
      displayName: "alice",
    });
    expect(put.body).toMatchObject({ userName: "bob", displayName: "alice" });
    const wrong = await call("PUT", path, { displayName: "b\u202eob" });
    expect(wrong.status).toBe(400);
    expect((await call("PUT", path, {})).body).toMatchObject({
      displayName: "alice",
      active: true,
    });
  });

  test("a name that is taken: 409 uniqueness", async () => {
    const answer = await call("POST", "Users", { userName: "BOB" });
    expect(answer.status).toBe(409);
    expect(answer.body).toMatchObject({ scimType: "uniqueness" });
  });

  test("a service principal gets its token from an administrator", async () => {
    const made = await call("POST", "ServicePrincipals", {
      displayName: "loader",
    });
    expect(made.body).toMatchObject({ displayName: "loader", active: true });
    const token = await admin.request(
      "POST",
      "/api/2.0/token-management/on-behalf-of/tokens",
      { application_id: at(made.body, "applicationId"), comment: "job" },
    );
    const loader = statementClient(
      gateway.httpUrl,
      String(at(token.body, "token_value")),
    );
    expect((await call("GET", "Me", undefined, loader)).body).toMatchObject({
      id: at(made.body, "id"),
    });
  });

  test("a token without scope scim reaches none of it", async () => {
    const token = await admin.request("POST", "/api/2.0/token/create", {
      scopes: ["sql"],
    });
    const narrow = statementClient(
      gateway.httpUrl,
      String(at(token.body, "token_value")),
    );
    expect((await call("GET", "Me", undefined, narrow)).status).toBe(403);
  });
});
