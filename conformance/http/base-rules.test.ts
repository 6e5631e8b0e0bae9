// What holds on every path: credentials, shapes of errors, trailing slashes, probes (HTTP API specification, opening and 1 to 3).

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../harness.ts";
import { at, rowsOf, statementClient, stateOf } from "./statement-client.ts";

const STATEMENTS = "/api/2.0/sql/statements";

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway[Symbol.asyncDispose]());

async function post(
  headers: Readonly<Record<string, string>>,
  path = STATEMENTS,
): Promise<Response> {
  return fetch(`${gateway.httpUrl}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ statement: "select 1" }),
  });
}

const bearer = (token: string): Record<string, string> => ({
  authorization: `Bearer ${token}`,
});
const basic = (user: string, password: string): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`,
});

describe("credentials", () => {
  test("a bearer token and Basic with user token are the same", async () => {
    expect((await post(bearer(gateway.adminToken))).status).toBe(200);
    expect((await post(basic("token", gateway.adminToken))).status).toBe(200);
  });

  test.each([
    ["none", {}],
    ["Digest", { authorization: "Digest abc" }],
    ["Basic with another user", basic("admin", "x")],
    ["a bearer of a shape we do not know", bearer("garbage")],
    ["an empty bearer", { authorization: "Bearer " }],
  ])("%s: 401 in the gateway's numeric form", async (_name, headers) => {
    const response = await post(headers);
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({
      error_code: 401,
      message:
        "Credential was not sent or was of an unsupported type for this API.",
    });
    expect(response.headers.get("www-authenticate")).toBe(
      'Bearer realm="DatabricksRealm"',
    );
    expect(response.headers.get("x-databricks-reason-phrase")).toBeTruthy();
  });

  test("a well-formed token that is wrong: 403", async () => {
    const last = gateway.adminToken.at(-1) === "0" ? "1" : "0";
    const response = await post(
      bearer(`${gateway.adminToken.slice(0, -1)}${last}`),
    );
    expect(response.status).toBe(403);
    expect(await response.json()).toEqual({
      error_code: 403,
      message: "Invalid access token.",
    });
  });

  test("a token works until it is revoked, then 403", async () => {
    const admin = statementClient(gateway.httpUrl, gateway.adminToken);
    const made = rowsOf(await admin.submit("create token comment 'short'"));
    const token = String(at(made, "0", "1"));
    expect((await post(bearer(token))).status).toBe(200);
    const revoked = await admin.submit(
      `revoke token '${String(at(made, "0", "0"))}'`,
    );
    expect(stateOf(revoked)).toBe("SUCCEEDED");
    expect((await post(bearer(token))).status).toBe(403);
  });
});

describe("every path", () => {
  test("a path that is not there: 404 ENDPOINT_NOT_FOUND, with and without credential", async () => {
    for (const headers of [{}, bearer(gateway.adminToken)]) {
      const response = await fetch(`${gateway.httpUrl}/api/2.0/nosuch?a=1`, {
        headers,
      });
      expect(response.status).toBe(404);
      expect(await response.json()).toEqual({
        error_code: "ENDPOINT_NOT_FOUND",
        message: "No API found for 'GET /api/2.0/nosuch'",
      });
    }
  });

  test("trailing slashes are accepted", async () => {
    const response = await post(bearer(gateway.adminToken), `${STATEMENTS}/`);
    expect(response.status).toBe(200);
    const body: unknown = await response.json();
    const found = await fetch(
      `${gateway.httpUrl}${STATEMENTS}/${String(at(body, "statement_id"))}/`,
      { headers: bearer(gateway.adminToken) },
    );
    expect(found.status).toBe(200);
  });

  test("a body that is no JSON: 400 MALFORMED_REQUEST", async () => {
    const response = await fetch(`${gateway.httpUrl}${STATEMENTS}`, {
      method: "POST",
      headers: {
        ...bearer(gateway.adminToken),
        "content-type": "application/json",
      },
      body: "{",
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error_code: "MALFORMED_REQUEST",
    });
  });

  test("GET and DELETE may say JSON and send no body", async () => {
    const headers = {
      ...bearer(gateway.adminToken),
      "content-type": "application/json",
    };
    for (const method of ["GET", "DELETE"]) {
      const response = await fetch(
        `${gateway.httpUrl}${STATEMENTS}/00000000-0000-0000-0000-000000000000`,
        { method, headers },
      );
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({
        error_code: "RESOURCE_DOES_NOT_EXIST",
      });
    }
  });

  test("answers carry a request id, the workspace id, and are not cached", async () => {
    const { headers } = await post(bearer(gateway.adminToken));
    expect(headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers.get("x-databricks-org-id")).toMatch(/^\d+$/);
    expect(headers.get("vary")).toBe("Accept-Encoding");
    expect(headers.get("cache-control")).toBe("no-store");
  });
});

describe("probes", () => {
  test("health and readiness need no credential", async () => {
    for (const path of ["/healthz", "/readyz"]) {
      expect((await fetch(`${gateway.httpUrl}${path}`)).status).toBe(200);
    }
  });

  test("metrics are in Prometheus' format and hold no secret", async () => {
    const response = await fetch(`${gateway.httpUrl}/metrics`);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toContain("text/plain");
    const text = await response.text();
    expect(text).toMatch(/^# TYPE \w+ (counter|gauge|histogram)$/m);
    expect(text).not.toContain(gateway.adminToken);
  });

  test("the SDKs' discovery question gets a quick JSON answer", async () => {
    const response = await fetch(
      `${gateway.httpUrl}/.well-known/databricks-config`,
    );
    expect([200, 404]).toContain(response.status);
    expect(response.headers.get("content-type")).toContain("application/json");
  });

  test("there is a warehouse to name", async () => {
    const admin = statementClient(gateway.httpUrl, gateway.adminToken);
    const list = await admin.request("GET", "/api/2.0/sql/warehouses");
    expect(list.status).toBe(200);
    const id = String(at(list.body["warehouses"], "0", "id"));
    const one = await admin.request("GET", `/api/2.0/sql/warehouses/${id}`);
    expect(one.body).toMatchObject({ id, state: "RUNNING" });
  });
});
