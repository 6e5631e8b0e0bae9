// The life of a statement over HTTP: wait, poll, chunks, cancel, close, limits, owners (HTTP API specification, 4.1 to 4.7).

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../harness.ts";
import {
  at,
  idOf,
  rowsOf,
  statementClient,
  stateOf,
  type StatementClient,
} from "./statement-client.ts";

/** A FROM clause of the numbers g from 0 below 10 to the power of `digits`. */
function numbers(digits: number): string {
  const places = Array.from({ length: digits }, (_, place) => `d${place}`);
  const sum = places.map((d, place) => `${d}.v * ${10 ** place}::int8`);
  const values = "(values (0),(1),(2),(3),(4),(5),(6),(7),(8),(9))";
  const from = places.map((d) => `${values} as ${d}(v)`);
  return `(select ${sum.join(" + ")} as g from ${from.join(", ")}) as numbers`;
}

/** Long enough never to end by itself while a test looks. */
const ENDLESS = `select count(*) from ${numbers(15)} where g % 7 = 3`;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

let gateway: TestGateway;
let http: StatementClient;

beforeAll(async () => {
  gateway = await startTestGateway();
  http = statementClient(gateway.httpUrl, gateway.adminToken);
});
afterAll(() => gateway[Symbol.asyncDispose]());

describe("waiting", () => {
  test("a short statement is answered at once, with manifest and first chunk", async () => {
    const answer = await http.submit(
      "select 1 as one, null as nothing, '' as empty",
    );
    expect(answer.status).toBe(200);
    expect(idOf(answer)).toMatch(UUID);
    expect(answer.body).toEqual({
      statement_id: idOf(answer),
      status: { state: "SUCCEEDED" },
      manifest: {
        format: "JSON_ARRAY",
        schema: {
          column_count: 3,
          columns: [
            { name: "one", type_text: "INT", type_name: "INT", position: 0 },
            {
              name: "nothing",
              type_text: "STRING",
              type_name: "STRING",
              position: 1,
            },
            {
              name: "empty",
              type_text: "STRING",
              type_name: "STRING",
              position: 2,
            },
          ],
        },
        total_chunk_count: 1,
        chunks: [{ chunk_index: 0, row_offset: 0, row_count: 1 }],
        total_row_count: 1,
        truncated: false,
      },
      result: {
        chunk_index: 0,
        row_offset: 0,
        row_count: 1,
        data_array: [["1", null, ""]],
      },
    });
  });

  test("wait_timeout 0s answers PENDING with nothing but the id, even for a trivial statement", async () => {
    const answer = await http.submit("select 1", { wait_timeout: "0s" });
    expect(answer.body).toEqual({
      statement_id: idOf(answer),
      status: { state: "PENDING" },
    });
    expect(rowsOf(await http.finish(idOf(answer)))).toEqual([["1"]]);
  });

  test.each(["4s", "51s", "10", "1m", "-5s", "5.5s", "", "99s"])(
    "wait_timeout %j is refused",
    async (wait_timeout) => {
      const answer = await http.submit("select 1", { wait_timeout });
      expect(answer.status).toBe(400);
      expect(answer.body["error_code"]).toBe("INVALID_PARAMETER_VALUE");
    },
  );

  test("past the wait with CANCEL the statement is CANCELED", async () => {
    const answer = await http.submit(ENDLESS, {
      wait_timeout: "5s",
      on_wait_timeout: "CANCEL",
    });
    expect(answer.status).toBe(200);
    expect(stateOf(answer)).toBe("CANCELED");
    expect(stateOf(await http.get(idOf(answer)))).toBe("CANCELED");
  });

  test("past the wait with CONTINUE it goes on running until it is cancelled", async () => {
    const answer = await http.submit(ENDLESS, { wait_timeout: "5s" });
    expect(answer.body).toEqual({
      statement_id: idOf(answer),
      status: { state: "RUNNING" },
    });
    const cancelled = await http.cancel(idOf(answer));
    expect([cancelled.status, cancelled.body]).toEqual([200, {}]);
    expect(stateOf(await http.finish(idOf(answer)))).toBe("CANCELED");
  });

  test("a client that goes away does not cancel its statement", async () => {
    const pending = await http.submit(`select count(*) from ${numbers(6)}`, {
      wait_timeout: "0s",
    });
    expect(rowsOf(await http.finish(idOf(pending)))).toEqual([["1000000"]]);
  });
});

describe("results", () => {
  test("no rows: no chunks, and an empty result object", async () => {
    const { body } = await http.submit("select 1 as a where false");
    expect(at(body, "manifest", "total_chunk_count")).toBe(0);
    expect(at(body, "manifest", "total_row_count")).toBe(0);
    expect(at(body, "manifest", "chunks")).toBeUndefined();
    expect(at(body, "manifest", "schema", "column_count")).toBe(1);
    expect(body["result"]).toEqual({});
  });

  test("a long result comes in chunks that can be read in any order and again", async () => {
    const answer = await http.submit(
      `select g, repeat('x', 60) from ${numbers(5)} order by g`,
    );
    const total = Number(at(answer.body, "manifest", "total_chunk_count"));
    expect(total).toBeGreaterThan(2);
    expect(at(answer.body, "result", "next_chunk_index")).toBe(1);
    expect(at(answer.body, "result", "next_chunk_internal_link")).toBe(
      `/api/2.0/sql/statements/${idOf(answer)}/result/chunks/1`,
    );
    const indexes = Array.from({ length: total }, (_, index) => index);
    const chunks = await Promise.all(
      indexes.toReversed().map((index) => http.chunk(idOf(answer), index)),
    );
    const rows = chunks.toReversed().flatMap((chunk) => {
      const data = chunk.body["data_array"];
      expect(at(chunk.body, "row_count")).toBe(at(data, "length"));
      return Array.isArray(data) ? data.map((row) => at(row, "0")) : [];
    });
    expect(rows).toEqual(Array.from({ length: 100_000 }, (_, i) => `${i}`));
    const last = await http.chunk(idOf(answer), total - 1);
    expect(last.body["next_chunk_index"]).toBeUndefined();
    expect(last.body["next_chunk_internal_link"]).toBeUndefined();
    expect((await http.chunk(idOf(answer), total)).status).toBe(404);
    expect((await http.chunk(idOf(answer), total - 1)).text).toBe(last.text);
  });

  test("row_limit truncates and says so; a limit not reached does not", async () => {
    const sql = `select g from ${numbers(4)}`;
    const cut = await http.submit(`${sql} order by g`, { row_limit: 3 });
    expect(rowsOf(cut)).toEqual([["0"], ["1"], ["2"]]);
    expect(at(cut.body, "manifest", "truncated")).toBe(true);
    expect(at(cut.body, "manifest", "total_row_count")).toBe(3);
    const whole = await http.submit(sql, { row_limit: 10_000 });
    expect(at(whole.body, "manifest", "truncated")).toBe(false);
    expect(at(whole.body, "manifest", "total_row_count")).toBe(10_000);
  });

  test("byte_limit truncates and says so", async () => {
    const answer = await http.submit(
      `select repeat('x', 1000) from ${numbers(5)}`,
      { byte_limit: 4_000_000 },
    );
    expect(stateOf(answer)).toBe("SUCCEEDED");
    expect(at(answer.body, "manifest", "truncated")).toBe(true);
    expect(
      Number(at(answer.body, "manifest", "total_row_count")),
    ).toBeLessThanOrEqual(4_000);
  });

  test("a result beyond the inline limit fails with the phrase clients look for", async () => {
    const answer = await http.submit(
      `select repeat('x', 1000) from ${numbers(5)}`,
    );
    expect(answer.status).toBe(200);
    expect(stateOf(answer)).toBe("FAILED");
    expect(at(answer.body, "status", "error", "error_code")).toBe(
      "BAD_REQUEST",
    );
    expect(at(answer.body, "status", "error", "message")).toContain(
      "Inline byte limit exceeded",
    );
  });

  test("DDL has no columns; INSERT tells its counts", async () => {
    const made = await http.submit("create table counted (a int, b text)");
    expect(at(made.body, "manifest")).toEqual({
      format: "JSON_ARRAY",
      schema: { column_count: 0 },
      total_chunk_count: 0,
      total_row_count: 0,
      truncated: false,
    });
    expect(made.body["result"]).toEqual({});
    const inserted = await http.submit(
      "insert into counted values (1, 'x'), (2, null)",
    );
    expect(rowsOf(inserted)).toEqual([["2", "2"]]);
    expect(at(inserted.body, "manifest", "schema", "columns")).toMatchObject([
      { name: "num_affected_rows", type_name: "LONG", type_text: "BIGINT" },
      { name: "num_inserted_rows", type_name: "LONG", type_text: "BIGINT" },
    ]);
    expect(
      rowsOf(await http.submit("select * from counted order by a")),
    ).toEqual([
      ["1", "x"],
      ["2", null],
    ]);
  });

  test("duplicate column names are kept", async () => {
    const { body } = await http.submit("select 1 as a, 2 as a");
    expect(at(body, "manifest", "schema", "columns")).toMatchObject([
      { name: "a", position: 0 },
      { name: "a", position: 1 },
    ]);
  });

  test("catalog and schema are as USE before the statement, with the JDBC driver's own defaults mapped", async () => {
    await http.submit("create schema spot");
    await http.submit("create table spot.here (a int)");
    const found = await http.submit("select count(*) from here", {
      catalog: "main",
      schema: "spot",
    });
    expect(rowsOf(found)).toEqual([["0"]]);
    const mapped = await http.submit("select current_catalog, current_schema", {
      catalog: "SPARK",
      schema: "default",
    });
    expect(rowsOf(mapped)).toEqual([["main", "public"]]);
  });
});

describe("failures", () => {
  test.each([
    ["selec 1", "42601", "[PARSE_SYNTAX_ERROR] "],
    ["select * from nosuch", "42P01", "[TABLE_OR_VIEW_NOT_FOUND] "],
    ["select nosuch(1)", "42883", "[UNRESOLVED_ROUTINE] "],
    ["select 1/0", "22012", "[DIVIDE_BY_ZERO] division by zero"],
    ["select 'x'::int", "22P02", "[CAST_INVALID_INPUT] "],
    ["select 1; select 2", "42601", "[PARSE_SYNTAX_ERROR] "],
    [
      "declare c scroll cursor with hold for select 1",
      "0A000",
      "[UNSUPPORTED_FEATURE] cursors over HTTP are not supported HINT: Run the query itself",
    ],
    ["", "42601", "[PARSE_SYNTAX_ERROR] "],
  ])(
    "%j fails with HTTP 200, state FAILED and %s",
    async (sql, code, start) => {
      const answer = await http.submit(sql);
      expect(answer.status).toBe(200);
      expect(stateOf(answer)).toBe("FAILED");
      expect(at(answer.body, "status", "sql_state")).toBe(code);
      expect(at(answer.body, "status", "error", "error_code")).toBe(
        "BAD_REQUEST",
      );
      const message = String(at(answer.body, "status", "error", "message"));
      expect(message.startsWith(start), message).toBe(true);
      expect(message).toContain(`SQLSTATE: ${code}`);
      expect(answer.body["manifest"]).toBeUndefined();
      expect(answer.body["result"]).toBeUndefined();
      const chunk = await http.chunk(idOf(answer), 0);
      expect([chunk.status, chunk.body["error_code"]]).toEqual([
        400,
        "INVALID_STATE",
      ]);
    },
  );

  test("a failure with a place shows the line and a caret", async () => {
    const answer = await http.submit(
      "select 1,\n  nosuch from (select 1 as a) t",
    );
    expect(at(answer.body, "status", "error", "message")).toContain(
      "(line 2, pos 2)\n\n== SQL ==\n  nosuch from (select 1 as a) t\n  ^^^",
    );
  });

  test.each([
    [{ statement: 5 }],
    [{ wait_timeout: 5 }],
    [{ format: "PARQUET" }],
    [{ disposition: "SOMEWHERE" }],
    [{ on_wait_timeout: "STOP" }],
    [{ row_limit: 0 }],
    [{ row_limit: "x" }],
    [{ format: "ARROW_STREAM" }],
    [{ format: "CSV" }],
  ])("%j is refused with INVALID_PARAMETER_VALUE", async (members) => {
    const answer = await http.submit("select 1", members);
    expect(answer.status).toBe(400);
    expect(answer.body["error_code"]).toBe("INVALID_PARAMETER_VALUE");
  });

  test("a missing statement is refused, fields nobody knows are not", async () => {
    const missing = await http.request("POST", "/api/2.0/sql/statements", {});
    expect(missing.status).toBe(400);
    const more = await http.submit("select 1", {
      warehouse_id: "abcdef0123456789",
      brand_new_field: { a: 1 },
    });
    expect(stateOf(more)).toBe("SUCCEEDED");
  });
});

describe("end of life", () => {
  test("cancelling a finished statement changes nothing", async () => {
    const answer = await http.submit("select 7");
    expect((await http.cancel(idOf(answer))).body).toEqual({});
    expect(rowsOf(await http.get(idOf(answer)))).toEqual([["7"]]);
  });

  test("DELETE closes: rows are gone, metadata stays", async () => {
    const path = "/api/2.0/sql/statements";
    for (const body of [undefined, { warehouse_id: "w" }]) {
      const answer = await http.submit("select 7");
      const closed = await http.request(
        "DELETE",
        `${path}/${idOf(answer)}`,
        body,
      );
      expect([closed.status, closed.body]).toEqual([200, {}]);
      const after = await http.get(idOf(answer));
      expect(stateOf(after)).toBe("CLOSED");
      expect(after.body["result"]).toBeUndefined();
      expect((await http.chunk(idOf(answer), 0)).status).toBe(404);
    }
  });

  test("another user's statement is as one that never was: get, chunk, cancel, delete", async () => {
    await http.submit("create user eve");
    const made = await http.submit("create token for user eve comment 't'");
    const eve = statementClient(
      gateway.httpUrl,
      String(at(rowsOf(made), "0", "1")),
    );
    const answer = await http.submit("select 7");
    const id = idOf(answer);
    const absent = "00000000-0000-0000-0000-000000000000";
    for (const [method, tail] of [
      ["GET", ""],
      ["GET", "/result/chunks/0"],
      ["POST", "/cancel"],
      ["DELETE", ""],
    ]) {
      const path = (one: string): string =>
        `/api/2.0/sql/statements/${one}${tail ?? ""}`;
      const foreign = await eve.request(method ?? "", path(id));
      const unknown = await eve.request(method ?? "", path(absent));
      expect(foreign.status).toBe(404);
      expect(foreign.body["error_code"]).toBe("RESOURCE_DOES_NOT_EXIST");
      expect(foreign.text.replaceAll(id, absent)).toBe(unknown.text);
    }
    expect(rowsOf(await http.get(id))).toEqual([["7"]]);
  });
});
