// Results by links (HTTP API specification, 4.8): every format's bodies against the same rows inline, what a link is good for, and when
// it ends.

import { request, type RequestOptions } from "node:http";
import { tableFromIPC, type Table } from "apache-arrow";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../harness.ts";
import {
  at,
  idOf,
  rowsOf,
  stateOf,
  statementClient,
  type Answer,
  type Json,
  type StatementClient,
} from "./statement-client.ts";

const LINKS = { disposition: "EXTERNAL_LINKS", wait_timeout: "50s" };
/** Texts that each format writes in a way of its own, and numbers. */
const AWKWARD = `select * from (values (1, 'plain'), (2, null), (3, ''), (4, 'null'), (5, 'a,b "c"' || chr(13) || chr(10) || 'd'), (6, 'é€😀\\'))
  as t(n, "te,xt") order by n`;
/** About 40 MB as JSON: three chunks. */
const LONG =
  "select g, repeat('x', 400) as t from generate_series(1, 100000) g";

let gateway: TestGateway;
let http: StatementClient;

beforeAll(async () => {
  gateway = await startTestGateway();
  http = statementClient(gateway.httpUrl, gateway.adminToken);
});
afterAll(() => gateway[Symbol.asyncDispose]());

interface Given {
  readonly url: string;
  readonly expiresAtMs: number;
  readonly link: unknown;
}

/** The one link of an answer: of POST and GET below `result`, of a chunk at the top. */
function linkOf({ body }: Answer): Given {
  const links = at(body, "result", "external_links") ?? body["external_links"];
  expect(links).toHaveLength(1);
  const link = at(links, "0");
  return {
    url: String(at(link, "external_link")),
    expiresAtMs: Date.parse(String(at(link, "expiration"))),
    link,
  };
}

/** Follows it as somebody without a credential. */
async function follow(url: string, init: RequestInit = {}): Promise<Response> {
  return fetch(url, init);
}

async function linked(sql: string, members: Json = {}): Promise<Given> {
  const answer = await http.submit(sql, { ...LINKS, ...members });
  expect(at(answer.body, "status", "error")).toBeUndefined();
  return linkOf(answer);
}

/** All chunks' bodies, each by a link of its own. */
async function bodiesOf(answer: Answer): Promise<readonly string[]> {
  const total = Number(at(answer.body, "manifest", "total_chunk_count"));
  const bodies: string[] = [];
  for (let index = 0; index < total; index += 1) {
    const { url } = linkOf(await http.chunk(idOf(answer), index));
    bodies.push(await (await follow(url)).text());
  }
  return bodies;
}

async function tokenOf(user: string): Promise<{ id: string; value: string }> {
  await http.submit(`create user ${user}`);
  const made = rowsOf(await http.submit(`create token for user ${user}`));
  return { id: String(at(made, "0", "0")), value: String(at(made, "0", "1")) };
}

interface Received {
  readonly status: number;
  readonly text: string;
}

/** A request from one of this machine's addresses. */
function send(
  url: string,
  options: RequestOptions,
  body?: string,
): Promise<Received> {
  return new Promise((resolve, reject) => {
    const sent = request(url, options, (response) => {
      let text = "";
      response
        .setEncoding("utf8")
        .on("data", (piece: string) => (text += piece))
        .on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sent.on("error", reject).end(body);
  });
}

/** A statement by links, to the host of that name. */
function submitFrom(
  localAddress: string,
  token: string,
  host = new URL(gateway.httpUrl).host,
): Promise<Received> {
  const headers = {
    host,
    authorization: `Bearer ${token}`,
    "content-type": "application/json",
  };
  return send(
    `${gateway.httpUrl}/api/2.0/sql/statements`,
    { method: "POST", localAddress, headers },
    JSON.stringify({ statement: "select 1", ...LINKS }),
  );
}

describe("the answer", () => {
  test("holds a link in place of rows, and sizes in the manifest", async () => {
    const answer = await http.submit(AWKWARD, LINKS);
    const { url, expiresAtMs, link } = linkOf(answer);
    const body = await (await follow(url)).text();
    const byte_count = Buffer.byteLength(body);
    const chunk = { chunk_index: 0, row_offset: 0, row_count: 6, byte_count };
    expect(answer.body["manifest"]).toMatchObject({
      format: "JSON_ARRAY",
      total_chunk_count: 1,
      chunks: [chunk],
      total_row_count: 6,
      total_byte_count: byte_count,
      truncated: false,
    });
    expect(link).toEqual({
      ...chunk,
      external_link: url,
      expiration: at(link, "expiration"),
    });
    expect(url.startsWith(`${gateway.httpUrl}/`)).toBe(true);
    const livesMs = expiresAtMs - Date.now();
    expect(livesMs).toBeGreaterThan(13 * 60_000);
    expect(livesMs).toBeLessThanOrEqual(15 * 60_000);
  });

  test("of a statement without rows holds none", async () => {
    for (const format of ["JSON_ARRAY", "CSV", "ARROW_STREAM"]) {
      const none = await http.submit("select 1 as a where false", {
        ...LINKS,
        format,
      });
      expect(none.body["result"]).toEqual({});
      expect(none.body["manifest"]).toMatchObject({
        format,
        total_chunk_count: 0,
        schema: { column_count: 1 },
      });
    }
    const made = await http.submit("create table linked (a int)", LINKS);
    expect(made.body["result"]).toEqual({});
    const affected = await linked("insert into linked values (1), (2)");
    expect(await (await follow(affected.url)).json()).toEqual([["2", "2"]]);
  });

  test.each([
    ["CSV", "num_affected_rows,num_inserted_rows\r\n1,1\r\n"],
    ["JSON_ARRAY", '[["1","1"]]'],
  ])(
    "rows the gateway makes itself are written as %s too",
    async (format, text) => {
      const { url } = await linked("insert into linked values (1)", { format });
      expect(await (await follow(url)).text()).toBe(text);
    },
  );

  test("INLINE_OR_EXTERNAL_LINKS is inline while that is small", async () => {
    const either = { ...LINKS, disposition: "INLINE_OR_EXTERNAL_LINKS" };
    expect(rowsOf(await http.submit("select 1 as a", either))).toEqual([["1"]]);
    const long = await http.submit(LONG, either);
    expect(rowsOf(long)).toBeUndefined();
    expect((await follow(linkOf(long).url)).status).toBe(200);
    const csv = await http.submit("select 1 as a", {
      ...either,
      format: "CSV",
    });
    expect(await (await follow(linkOf(csv).url)).text()).toBe("a\r\n1\r\n");
  });
});

describe("bodies", () => {
  test("of JSON_ARRAY are the rows as they stand inline", async () => {
    const inline = rowsOf(await http.submit(AWKWARD));
    const { url } = await linked(AWKWARD);
    const response = await follow(url);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(await response.json()).toEqual(inline);
  });

  test("of CSV follow RFC 4180, with a header, and tell NULL from the text null", async () => {
    const { url } = await linked(AWKWARD, { format: "CSV" });
    const response = await follow(url);
    expect(response.headers.get("content-type")).toBe(
      "text/csv; charset=utf-8",
    );
    expect(await response.text()).toBe(
      [
        'n,"te,xt"',
        "1,plain",
        "2,null",
        "3,",
        '4,"null"',
        '5,"a,b ""c""\r\nd"',
        "6,é€😀\\",
        "",
      ].join("\r\n"),
    );
  });

  test("of a CSV of one column have a line for the empty text", async () => {
    const { url } = await linked("values (''), ('x'), (null)", {
      format: "CSV",
    });
    expect(await (await follow(url)).text()).toBe(
      'column1\r\n""\r\nx\r\nnull\r\n',
    );
  });

  test("come where the inline limit refuses the same statement", async () => {
    const refused = await http.submit(LONG, { wait_timeout: "50s" });
    expect(at(refused.body, "status", "error", "message")).toContain(
      "Inline byte limit exceeded",
    );
  });

  test.each(["JSON_ARRAY", "CSV"])(
    "of a long %s result are chunks that give every row once, in order",
    { timeout: 60_000 },
    async (format) => {
      const answer = await http.submit(`${LONG} order by g`, {
        ...LINKS,
        format,
      });
      const bodies = await bodiesOf(answer);
      expect(bodies.length).toBeGreaterThan(1);
      expect(at(answer.body, "manifest", "total_byte_count")).toBe(
        bodies.reduce((sum, body) => sum + body.length, 0),
      );
      const numbers =
        format === "CSV"
          ? bodies
              .join("")
              .split("\r\n")
              .slice(1, -1)
              .map((line) => line.split(",")[0])
          : bodies.flatMap((body) =>
              (JSON.parse(body) as readonly unknown[]).map((row) =>
                at(row, "0"),
              ),
            );
      expect(numbers).toEqual(
        Array.from({ length: 100_000 }, (_, index) => String(index + 1)),
      );
    },
  );

  test.each([
    ["JSON_ARRAY", '[["1"],["2"],["3"]]'],
    ["CSV", "g\r\n1\r\n2\r\n3\r\n"],
  ])("row_limit cuts %s, and says so", async (format, text) => {
    const answer = await http.submit(
      "select g from generate_series(1, 5000) g order by g",
      { ...LINKS, format, row_limit: 3 },
    );
    expect(await (await follow(linkOf(answer).url)).text()).toBe(text);
    expect(answer.body["manifest"]).toMatchObject({
      total_row_count: 3,
      truncated: true,
    });
  });

  test.each(["JSON_ARRAY", "CSV"])(
    "byte_limit cuts %s at whole rows",
    async (format) => {
      const answer = await http.submit(
        "select g, 'a,\"b' || chr(10) as t from generate_series(1, 5000) g order by g",
        { ...LINKS, format, byte_limit: 1000 },
      );
      const body = await (await follow(linkOf(answer).url)).text();
      expect(body.length).toBeGreaterThan(500);
      expect(body.length).toBeLessThanOrEqual(1010);
      expect(at(answer.body, "manifest", "truncated")).toBe(true);
      const count = Number(at(answer.body, "manifest", "total_row_count"));
      if (format === "CSV")
        expect(body.endsWith(`${count},"a,""b\n"\r\n`)).toBe(true);
      else expect(JSON.parse(body)).toHaveLength(count);
    },
  );

  test("a byte_limit below the first row leaves none, and says so", async () => {
    const answer = await http.submit("select repeat('x', 100)", {
      ...LINKS,
      byte_limit: 50,
    });
    expect(answer.body["result"]).toEqual({});
    expect(at(answer.body, "manifest", "truncated")).toBe(true);
  });

  test("HEAD tells of the body and sends none", async () => {
    const { url, link } = await linked(AWKWARD, { format: "CSV" });
    const head = await follow(url, { method: "HEAD" });
    expect(head.status).toBe(200);
    expect(head.headers.get("content-length")).toBe(
      String(at(link, "byte_count")),
    );
    expect(head.headers.get("content-type")).toContain("text/csv");
    expect(await head.text()).toBe("");
  });
});

describe("bodies of ARROW_STREAM", () => {
  const ARROW = { ...LINKS, format: "ARROW_STREAM" };

  async function tableOf(answer: Answer, index = 0): Promise<Table> {
    const { url } = linkOf(await http.chunk(idOf(answer), index));
    const response = await follow(url);
    expect(response.headers.get("content-type")).toBe(
      "application/vnd.apache.arrow.stream",
    );
    return tableFromIPC(new Uint8Array(await response.arrayBuffer()));
  }

  test.each([
    ["true", "Bool", true],
    ["5::smallint", "Int16", 5],
    ["-5", "Int32", -5],
    ["9223372036854775807", "Int64", 9_223_372_036_854_775_807n],
    ["0.5::real", "Float32", 0.5],
    ["'NaN'::float8", "Float64", Number.NaN],
    ["'é€😀'::text", "Utf8", "é€😀"],
    ["date '2021-01-31'", "Date32<DAY>", Date.UTC(2021, 0, 31)],
    [
      "timestamptz '2021-01-01 10:00:00.5+02'",
      "Timestamp<MICROSECOND, UTC>",
      Date.UTC(2021, 0, 1, 8, 0, 0, 500),
    ],
    [
      "timestamp '2021-01-01 10:00:00.5'",
      "Timestamp<MICROSECOND>",
      Date.UTC(2021, 0, 1, 10, 0, 0, 500),
    ],
    [
      "'7f0d5c1e-0000-4000-8000-000000000001'::uuid",
      "Utf8",
      "7f0d5c1e-0000-4000-8000-000000000001",
    ],
    ["time '10:00'", "Utf8", "10:00:00"],
    ["interval '1 day'", "Utf8", "1 day"],
    [`'{"a": [1]}'::jsonb`, "Utf8", '{"a": [1]}'],
    ["null::int", "Int32", null],
  ])("hold %s as %s", async (sql, type, value) => {
    const table = await tableOf(await http.submit(`select ${sql} as v`, ARROW));
    expect(String(table.schema.fields[0]?.type)).toBe(type);
    expect(table.getChild("v")?.get(0)).toEqual(value);
  });

  test("hold decimals, bytes and arrays", async () => {
    const table = await tableOf(
      await http.submit(
        "select -1.50::numeric(10,3) as d, '\\x00ff'::bytea as b, array[1,null,3] as a",
        ARROW,
      ),
    );
    const [row] = table.toArray() as { d: unknown; b: unknown; a: unknown }[];
    expect(String(table.schema.fields[0]?.type)).toBe("Decimal[10e+3]");
    expect(String(row?.d)).toBe("-1500");
    expect(row?.b).toEqual(Uint8Array.of(0, 255));
    expect(JSON.stringify(row?.a)).toBe("[1,null,3]");
  });

  test("are a stream a chunk, however many batches it was made of", async () => {
    const answer = await http.submit(`${LONG} order by g`, ARROW);
    const total = Number(at(answer.body, "manifest", "total_chunk_count"));
    expect(total).toBeGreaterThan(1);
    const seen: number[] = [];
    for (let index = 0; index < total; index += 1) {
      const table = await tableOf(answer, index);
      expect(table.numRows).toBe(
        at(answer.body, "manifest", "chunks", String(index), "row_count"),
      );
      expect(at(table.get(0), "t")).toBe("x".repeat(400));
      seen.push(...Array.from(table.getChild("g") ?? [], Number));
    }
    expect(seen).toEqual(Array.from({ length: 100_000 }, (_, i) => i + 1));
  });

  test("are cut by limits at whole rows", async () => {
    const sql =
      "select g, g::text as t from generate_series(1, 40000) g order by g";
    const rows = await http.submit(sql, { ...ARROW, row_limit: 35_000 });
    expect(at(rows.body, "manifest", "truncated")).toBe(true);
    const table = await tableOf(rows);
    expect(table.numRows).toBe(35_000);
    expect(at(table.get(34_999), "t")).toBe("35000");
    const bytes = await http.submit(sql, { ...ARROW, byte_limit: 10_000 });
    const { row_count, byte_count } = linkOf(bytes).link as {
      row_count: number;
      byte_count: number;
    };
    expect(byte_count).toBeLessThanOrEqual(10_008);
    const cut = await tableOf(bytes);
    expect(cut.numRows).toBe(row_count);
    expect(at(cut.get(row_count - 1), "t")).toBe(String(row_count));
  });

  test("hold what the gateway answers itself", async () => {
    await http.submit("create table shown (a int)");
    const made = await http.submit("describe history shown", ARROW);
    const table = await tableOf(made);
    expect(table.numRows).toBe(1);
    expect(table.getChild("version")?.get(0)).toBe(0n);
    expect(table.getChild("readVersion")?.get(0)).toBeNull();
    expect(table.getChild("operation")?.get(0)).toBe("CREATE TABLE");
    expect(table.schema.names).toHaveLength(
      Number(at(made.body, "manifest", "schema", "column_count")),
    );
  });

  test("come in the answer where that is small and the client would take both", async () => {
    const answer = await http.submit("select 7 as seven", {
      ...ARROW,
      disposition: "INLINE_OR_EXTERNAL_LINKS",
    });
    expect(at(answer.body, "result", "external_links")).toBeUndefined();
    const attachment = String(at(answer.body, "result", "attachment"));
    const table = tableFromIPC(Buffer.from(attachment, "base64"));
    expect(table.getChild("seven")?.toArray()).toEqual(Int32Array.of(7));
  });

  test("hold no infinity: it is refused rather than read as a date", async () => {
    const answer = await http.submit("select 'infinity'::timestamptz", ARROW);
    expect(stateOf(answer)).toBe("FAILED");
    expect(at(answer.body, "status", "sql_state")).toBe("22008");
  });
});

describe("a link", () => {
  test("needs no credential, and takes no notice of one", async () => {
    const { url } = await linked("select 1");
    for (const authorization of ["Bearer garbage", "Basic x", "Digest"]) {
      const response = await follow(url, { headers: { authorization } });
      expect(response.status).toBe(200);
    }
  });

  test("is asked for anew as often as wanted; the older ones go on", async () => {
    const answer = await http.submit("select 1", LINKS);
    const fresh = linkOf(await http.chunk(idOf(answer), 0));
    expect((await follow(fresh.url)).status).toBe(200);
    expect((await follow(linkOf(answer).url)).status).toBe(200);
    expect((await http.chunk(idOf(answer), 1)).status).toBe(404);
  });

  test("names the host the client knows us by", async () => {
    const { text } = await submitFrom(
      "127.0.0.1",
      gateway.adminToken,
      "sluice.example:8443",
    );
    expect(text).toContain('"external_link":"http://sluice.example:8443/');
  });

  test("that was changed anywhere, or leads nowhere, is refused in the same words", async () => {
    const { url } = await linked("select 1");
    const other = await linked("select 2");
    const parsed = new URL(url);
    const id = parsed.pathname.split("/")[5] ?? "";
    const otherId = new URL(other.url).pathname.split("/")[5] ?? "";
    const later = String(Number(parsed.searchParams.get("expires")) + 1);
    const signature = parsed.searchParams.get("signature") ?? "";
    const swapped = `${signature.slice(0, -2)}${signature.endsWith("AA") ? "BB" : "AA"}`;
    const changed: readonly ((link: URL) => void)[] = [
      (link) => link.searchParams.set("expires", later),
      (link) => link.searchParams.set("expires", `0${later}`),
      (link) => link.searchParams.set("reader", "2"),
      (link) => link.searchParams.set("signature", swapped),
      (link) => link.searchParams.set("signature", ""),
      (link) => link.searchParams.append("signature", signature),
      (link) => link.searchParams.delete("expires"),
      (link) => (link.pathname = link.pathname.replace(/0$/, "1")),
      (link) => (link.pathname = link.pathname.replace(/0$/, "-1")),
      (link) => (link.pathname = link.pathname.replace(id, otherId)),
      (link) =>
        (link.pathname = link.pathname.replace(
          id,
          "00000000-0000-0000-0000-000000000000",
        )),
    ];
    const answers = new Set<string>();
    for (const change of changed) {
      const link = new URL(url);
      change(link);
      expect(link.href).not.toBe(url);
      const response = await follow(link.href);
      expect(response.status, link.href).toBe(403);
      expect(response.headers.get("cache-control")).toBe("no-store");
      answers.add(await response.text());
    }
    expect(answers.size).toBe(1);
    expect([...answers][0]).toContain("PERMISSION_DENIED");
    expect((await follow(url)).status).toBe(200);
  });

  test("ends when its statement is closed", async () => {
    const answer = await http.submit("select 1", LINKS);
    const path = `/api/2.0/sql/statements/${idOf(answer)}`;
    await http.request("DELETE", path);
    expect((await follow(linkOf(answer).url)).status).toBe(403);
    expect(stateOf(await http.get(idOf(answer)))).toBe("CLOSED");
  });

  test("goes on when its finished statement is cancelled, which changes nothing", async () => {
    const answer = await http.submit("select 1", LINKS);
    await http.cancel(idOf(answer));
    expect((await follow(linkOf(answer).url)).status).toBe(200);
  });

  test("ends with the token it was given to, and no other's", async () => {
    const first = await tokenOf("two_tokens");
    const second = await tokenOf("two_tokens");
    const by = statementClient(gateway.httpUrl, first.value);
    const answer = await by.submit("select 1", LINKS);
    const own = linkOf(answer).url;
    const also = statementClient(gateway.httpUrl, second.value);
    const others = linkOf(await also.chunk(idOf(answer), 0)).url;
    expect((await follow(own)).status).toBe(200);
    await http.submit(`revoke token '${first.id}'`);
    expect((await follow(own)).status).toBe(403);
    expect((await follow(others)).status).toBe(200);
  });

  test("ends with its token's time", async () => {
    const user = await tokenOf("brief");
    const brief = statementClient(gateway.httpUrl, user.value);
    const made = await brief.request("POST", "/api/2.0/token/create", {
      lifetime_seconds: 2,
    });
    const token = String(made.body["token_value"]);
    const short = statementClient(gateway.httpUrl, token);
    const { url, expiresAtMs } = linkOf(await short.submit("select 1", LINKS));
    expect(expiresAtMs).toBe(at(made.body, "token_info", "expiry_time"));
    let { status } = await follow(url);
    while (status === 200 && Date.now() < expiresAtMs + 5_000)
      ({ status } = await follow(url));
    expect(status).toBe(403);
    expect(Date.now()).toBeGreaterThanOrEqual(expiresAtMs);
  });

  test("ends when its user is switched off, and stays so", async () => {
    const { value } = await tokenOf("gone");
    const user = statementClient(gateway.httpUrl, value);
    const { url } = linkOf(await user.submit("select 1", LINKS));
    const scim = "/api/2.0/preview/scim/v2/Users";
    const found = await http.request(
      "GET",
      `${scim}?filter=${encodeURIComponent('userName eq "gone"')}`,
    );
    const id = String(at(found.body, "Resources", "0", "id"));
    for (const active of [false, true]) {
      const answer = await http.request("PATCH", `${scim}/${id}`, {
        schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        Operations: [{ op: "replace", value: { active } }],
      });
      expect(answer.status).toBe(200);
      expect((await follow(url)).status).toBe(403);
    }
    expect(stateOf(await user.submit("select 1"))).toBe("SUCCEEDED");
  });

  test("is refused where its token may not come from, and where nobody may", async () => {
    await http.submit("create user placed");
    const made = rowsOf(
      await http.submit(
        "create token for user placed addresses '127.0.0.1', '127.0.0.3'",
      ),
    );
    const token = String(at(made, "0", "1"));
    const urlIn = ({ text }: Received): string =>
      String(
        at(JSON.parse(text), "result", "external_links", "0", "external_link"),
      );
    const here = urlIn(await submitFrom("127.0.0.1", token));
    const there = urlIn(await submitFrom("127.0.0.3", token));
    const from = async (url: string, localAddress: string): Promise<number> =>
      (await send(url, { localAddress })).status;
    expect(await from(here, "127.0.0.1")).toBe(200);
    expect(await from(here, "127.0.0.3")).toBe(200);
    expect(await from(here, "127.0.0.2")).toBe(403);
    expect(await from(there, "127.0.0.1")).toBe(200);
    const lists = "/api/2.0/ip-access-lists";
    const turn = (enableIpAccessLists: string): Promise<Answer> =>
      http.request("PATCH", "/api/2.0/workspace-conf", { enableIpAccessLists });
    const list = await http.request("POST", lists, {
      label: "no more",
      list_type: "BLOCK",
      ip_addresses: ["127.0.0.3"],
    });
    await turn("true");
    const blocked = [
      await from(here, "127.0.0.3"),
      await from(here, "127.0.0.1"),
      await from(there, "127.0.0.1"),
    ];
    await turn("false");
    const id = String(at(list.body, "ip_access_list", "list_id"));
    await http.request("DELETE", `${lists}/${id}`);
    expect(blocked).toEqual([403, 200, 403]);
    expect(await from(there, "127.0.0.1")).toBe(403);
  });

  test("leaves no signature in what the gateway writes down", async () => {
    const { url } = await linked("select 'signed' as s");
    const signature = new URL(url).searchParams.get("signature") ?? "";
    expect((await follow(url)).status).toBe(200);
    expect((await follow(`${url}x`)).status).toBe(403);
    const history = await http.submit("select * from system.query_history");
    const audit = await http.submit("select * from system.audit");
    for (const { text } of [history, audit]) {
      expect(text).toContain("SUCCEEDED");
      expect(text).not.toContain(signature.slice(0, 20));
    }
  });

  test("is refused where access tokens are disabled", async () => {
    const { url } = await linked("select 1");
    const conf = "/api/2.0/workspace-conf";
    await http.request("PATCH", conf, { enableTokensConfig: "false" });
    const refused = await follow(url);
    await http.request("PATCH", conf, { enableTokensConfig: "true" });
    expect(refused.status).toBe(403);
    expect((await follow(url)).status).toBe(200);
  });
});
