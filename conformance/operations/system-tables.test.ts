// The tables of schema system as a user meets them: in ordinary queries, over both protocols, each user with what concerns them.

import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type pg from "pg";
import Cursor from "pg-cursor";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../harness.ts";

let gateway: TestGateway;
let admin: pg.Client;
let ann: pg.Client;
let token: string;

beforeAll(async () => {
  gateway = await startTestGateway({ nodes: 2 });
  admin = await gateway.connect({ raw: true });
  for (const sql of [
    "CREATE USER ann",
    "CREATE SCHEMA s",
    "GRANT USAGE, CREATE ON SCHEMA s TO ann",
    "CREATE TABLE s.people (name text, team text)",
    "INSERT INTO s.people VALUES ('ann', 'blue'), ('admin', 'red')",
    "GRANT SELECT ON TABLE s.people TO ann",
  ])
    await admin.query(sql);
  const made = await admin.query<Record<string, string>>(
    "CREATE TOKEN FOR USER ann",
  );
  token = made.rows[0]?.["token_value"] ?? "";
  ann = await gateway.connect({ user: "ann", password: token, raw: true });
});
afterAll(() => gateway[Symbol.asyncDispose]());

type Row = Readonly<Record<string, string | null>>;

async function rows(client: pg.Client, sql: string): Promise<readonly Row[]> {
  return (await client.query<Row>(sql)).rows;
}

const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => "no error",
    (error: unknown) =>
      error instanceof Error && "code" in error
        ? `${String(error.code)} ${error.message}`
        : error,
  );

/** Over HTTP. */
async function posted(secret: string, statement: string): Promise<unknown> {
  const answer = await fetch(`${gateway.httpUrl}/api/2.0/sql/statements`, {
    method: "POST",
    headers: { authorization: `Bearer ${secret}` },
    body: JSON.stringify({ statement, wait_timeout: "50s" }),
  });
  return answer.json();
}

describe("system.query_history", () => {
  test("tells how each statement went", async () => {
    await ann.query("SET application_name = 'reports'");
    await ann.query("SELECT 'one' AS told UNION ALL SELECT 'two'");
    await failure(ann.query("SELECT told FROM s.nowhere"));
    await failure(ann.query("SELECT 'told'::int"));
    expect(
      await rows(
        ann,
        `SELECT executed_by, catalog, client_application, client_address, statement_text, execution_status, error_code, error_message,
           produced_rows, end_time >= start_time AND total_duration_ms >= 0 AND end_time > now() - interval '1 hour' AS timed,
           pid = pg_backend_pid() AS mine
         FROM system.query_history WHERE statement_text LIKE '%told%' AND statement_text NOT LIKE '%history%' ORDER BY start_time, statement_id`,
      ),
    ).toEqual([
      told("SELECT 'one' AS told UNION ALL SELECT 'two'", {
        produced_rows: "2",
      }),
      told("SELECT told FROM s.nowhere", {
        execution_status: "FAILED",
        error_code: "42P01",
        error_message: 'relation "s.nowhere" does not exist',
      }),
      // its message quotes a value
      told("SELECT 'told'::int", {
        execution_status: "FAILED",
        error_code: "22P02",
      }),
    ]);
  });

  function told(statement: string, more: Row): Row {
    return {
      executed_by: "ann",
      catalog: "main",
      client_application: "reports",
      client_address: "127.0.0.1",
      statement_text: statement,
      execution_status: "FINISHED",
      error_code: null,
      error_message: null,
      produced_rows: null,
      timed: "t",
      mine: "t",
      ...more,
    };
  }

  test("shows a user their own statements and administrators everybody's", async () => {
    await admin.query("SELECT 'secret of admin'");
    await ann.query("SELECT 'own of ann'");
    const users =
      "SELECT DISTINCT executed_by FROM system.query_history ORDER BY 1";
    expect(await rows(ann, users)).toEqual([{ executed_by: "ann" }]);
    expect(await rows(admin, users)).toEqual([
      { executed_by: "admin" },
      { executed_by: "ann" },
    ]);
    expect(
      await rows(
        ann,
        "SELECT count(*) FROM system.query_history WHERE statement_text LIKE '%secret of%' AND statement_text NOT LIKE '%history%'",
      ),
    ).toEqual([{ count: "0" }]);
  });

  test("stands in joins, groups, views and tables made of it", async () => {
    await ann.query("SELECT 'counted'");
    await ann.query("SELECT 'counted'");
    expect(
      await rows(
        admin,
        `SELECT p.team, h.statement_text, count(*) FROM system.query_history h JOIN s.people p ON p.name = h.executed_by
         WHERE h.statement_text = 'SELECT ''counted''' GROUP BY p.team, h.statement_text HAVING count(*) > 1`,
      ),
    ).toEqual([
      { team: "blue", statement_text: "SELECT 'counted'", count: "2" },
    ]);
    await admin.query(
      "CREATE VIEW s.mine AS SELECT statement_text FROM main.system.query_history WHERE statement_text LIKE 'SELECT ''counted%'",
    );
    await admin.query("GRANT SELECT ON VIEW s.mine TO ann");
    expect(await rows(ann, "SELECT count(*) FROM s.mine")).toEqual([
      { count: "2" },
    ]);
    expect(await rows(admin, "SELECT count(*) FROM s.mine")).toEqual([
      { count: "2" },
    ]);
    await ann.query(
      "CREATE TABLE s.kept AS SELECT statement_id, statement_text, start_time FROM system.query_history",
    );
    expect(await rows(ann, "SELECT count(*) > 2 AS many FROM s.kept")).toEqual([
      { many: "t" },
    ]);
  });

  test("holds a cursor's query once, however many portions were fetched, and the rows of them all", async () => {
    const sql = "SELECT i AS portioned FROM generate_series(1, 10) t(i)";
    const cursor = ann.query(new Cursor<Row>(sql));
    for (let left = 10; left > 0; left -= 4) await cursor.read(4);
    await cursor.close();
    const left = sql.replace("AS", "/* left */ AS");
    const closed = ann.query(new Cursor<Row>(left));
    await closed.read(3);
    await closed.close();
    expect(
      await rows(
        ann,
        "SELECT statement_text, execution_status, produced_rows FROM system.query_history WHERE statement_text LIKE '%portioned%' AND statement_text NOT LIKE '%history%' ORDER BY start_time",
      ),
    ).toEqual([
      {
        statement_text: sql,
        execution_status: "FINISHED",
        produced_rows: "10",
      },
      {
        statement_text: left,
        execution_status: "FINISHED",
        produced_rows: "3",
      },
    ]);
  });

  test("holds statements over HTTP by their statement id, and no token", async () => {
    const first = await posted(token, "SELECT 'over http'");
    await posted(token, `SELECT 'with ${token}' AS leaked`);
    expect(first).toMatchObject({ status: { state: "SUCCEEDED" } });
    const id =
      typeof first === "object" && first !== null && "statement_id" in first
        ? first.statement_id
        : undefined;
    expect(
      await posted(
        token,
        "SELECT statement_id, execution_status, produced_rows FROM system.query_history WHERE statement_text = 'SELECT ''over http'''",
      ),
    ).toMatchObject({ result: { data_array: [[id, "FINISHED", "1"]] } });
    const [leaked] = await rows(
      ann,
      "SELECT statement_text FROM system.query_history WHERE statement_text LIKE '%AS leaked'",
    );
    expect(leaked?.["statement_text"]).toMatch(
      /^SELECT 'with \w+_\*\*\*' AS leaked$/,
    );
    const folder = join(gateway.dataDir, "history");
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
    const texts = files
      .filter((name) => name.endsWith(".jsonl"))
      .map((name) => readFileSync(join(folder, name), "utf8"));
    expect(texts.join("")).toContain("over http");
    expect(texts.join("")).not.toContain(token);
  });

  test("is not written to, and hides where it lies", async () => {
    expect(
      await failure(admin.query("DELETE FROM system.query_history")),
    ).toMatch(/^42501 /);
    expect(
      await failure(
        admin.query("SELECT _metadata.file_path FROM system.query_history"),
      ),
    ).toMatch(/^42P01 |^42703 /);
    expect(await failure(admin.query("SELECT * FROM system.nothing"))).toBe(
      '42P01 relation "system.nothing" does not exist',
    );
  });
});

describe("tables of administrators", () => {
  test.each(["audit", "nodes", "cache"])(
    "system.%s is refused to others, and the refusal is in the audit",
    async (name) => {
      const expected = `42501 permission denied to read system.${name}`;
      for (const sql of [
        `SELECT * FROM system.${name}`,
        `SELECT 1 FROM main.system.${name} WHERE false`,
        `EXPLAIN SELECT * FROM system.${name}`,
        `COPY (SELECT * FROM system.${name}) TO STDOUT`,
        `CREATE TABLE s.stolen AS SELECT * FROM system.${name}`,
        `WITH q AS (SELECT * FROM system.${name}) SELECT 1`,
      ])
        expect(await failure(ann.query(sql)), sql).toBe(expected);
      expect(
        await posted(token, `SELECT count(*) FROM system.${name}`),
      ).toMatchObject({ status: { state: "FAILED", sql_state: "42501" } });
      await admin.query(
        `CREATE VIEW s.over_${name} AS SELECT * FROM system.${name}`,
      );
      await admin.query(`GRANT SELECT ON VIEW s.over_${name} TO ann`);
      expect(await failure(ann.query(`SELECT * FROM s.over_${name}`))).toBe(
        expected,
      );
      const [refusals] = await rows(
        admin,
        `SELECT count(*) FROM system.audit WHERE action_name = 'requestPermissions' AND user_identity->>'email' = 'ann'
           AND request_params->>'action' = 'read system.${name}' AND response->>'result' = 'refused'`,
      );
      expect(Number(refusals?.["count"])).toBeGreaterThanOrEqual(7);
    },
  );

  test("system.audit is what the audit file says, in columns", async () => {
    await ann.query("SELECT * FROM s.people");
    const found = await rows(
      admin,
      `SELECT service_name, action_name, user_identity->>'email' AS who, source_ip_address,
         request_params->'objects'->>0 AS object, event_time > now() - interval '1 hour' AS recent
       FROM system.audit WHERE action_name = 'commandSubmit' AND user_identity->>'email' = 'ann'
         AND request_params->>'objects' LIKE '%TABLE main.s.people%' ORDER BY event_time DESC LIMIT 1`,
    );
    expect(found).toEqual([
      {
        service_name: "databrickssql",
        action_name: "commandSubmit",
        who: "ann",
        source_ip_address: "127.0.0.1",
        object:
          "SELECT on TABLE main.s.people: GRANT SELECT on TABLE main.s.people to ann",
        recent: "t",
      },
    ]);
    const lines = readFileSync(
      join(gateway.dataDir, "audit/audit.jsonl"),
      "utf8",
    ).split("\n");
    const [counted] = await rows(
      admin,
      "SELECT count(*) FROM system.audit WHERE action_name = 'createGroup' OR action_name = 'grantPermission'",
    );
    expect(counted?.["count"]).toBe(
      String(
        lines.filter((line) => line.includes('"action_name":"grantPermission"'))
          .length,
      ),
    );
  });

  test("system.nodes shows the processes that are there", async () => {
    const found = await rows(
      admin,
      "SELECT node_id, pid, memory_bytes > 0 AS sized, started_at < now() AS started, running_fragments FROM system.nodes ORDER BY node_id",
    );
    expect(found).toHaveLength(2);
    expect(found.map(({ pid }) => Number(pid)).toSorted()).toEqual(
      [...gateway.gateway.nodePids()].toSorted(),
    );
    for (const node of found)
      expect(node).toMatchObject({ sized: "t", started: "t" });
  });

  test("system.cache shows file lists and every node's data files within their limits", async () => {
    await admin.query("SELECT * FROM s.people");
    expect(
      await rows(
        admin,
        `SELECT c.cache, n.node_id IS NOT NULL AS of_node, count(*), bool_and(used_bytes <= limit_bytes) AS bounded,
           sum(entries) FILTER (WHERE cache LIKE 'file lists%') > 0 AS filled
         FROM system.cache c LEFT JOIN system.nodes n USING (node_id) GROUP BY 1, 2 ORDER BY 1`,
      ),
    ).toEqual([
      {
        cache: "data files",
        of_node: "t",
        count: "2",
        bounded: "t",
        filled: null,
      },
      {
        cache: "file lists of tables",
        of_node: "f",
        count: "1",
        bounded: "t",
        filled: "t",
      },
    ]);
  });
});

test("the history outlives the gateway", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "sluice-history-"));
  try {
    {
      await using first = await startTestGateway({ dataDir });
      const client = await first.connect();
      await client.query("SELECT 'kept'");
    }
    await using second = await startTestGateway({ dataDir });
    expect(
      await rows(
        await second.connect({ raw: true }),
        "SELECT statement_text, produced_rows FROM system.query_history WHERE statement_text LIKE 'SELECT ''kept%'",
      ),
    ).toEqual([{ statement_text: "SELECT 'kept'", produced_rows: "1" }]);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});

describe("a log's files are skipped by time", () => {
  /** `kept/total` of the scan. */
  async function files(sql: string): Promise<string> {
    const plan = await rows(admin, `EXPLAIN ${sql}`);
    const text = plan.map((row) => row["QUERY PLAN"]).join("\n");
    return /files: (\d+\/\d+)/.exec(text)?.[1] ?? text;
  }

  test("the audit's by the times in their names", async () => {
    const folder = join(gateway.dataDir, "audit");
    const [line = ""] = readFileSync(join(folder, "audit.jsonl"), "utf8").split(
      "\n",
    );
    for (const year of [2019, 2020]) {
      const old = line.replace(
        /"event_time":"[^"]+"/,
        `"event_time":"${year}-06-01T00:00:00.000Z"`,
      );
      writeFileSync(
        join(
          folder,
          `audit-0000000${year - 2018}-${year}-06-01T00-00-00-000Z-to-${year}-06-01T00-00-00-000Z.jsonl`,
        ),
        `${old}\n`,
      );
    }
    const from = "SELECT count(*) AS n FROM system.audit";
    expect(await files(from)).toBe("3/3");
    for (const [where, kept, count] of [
      ["event_time > now() - interval '1 hour'", "1/3", undefined],
      ["event_time < '2021-01-01'", "3/3", "2"],
      ["event_time BETWEEN '2019-01-01' AND '2019-12-31'", "2/3", "1"],
      ["event_time::date = '2020-06-01'", "2/3", "1"],
      [
        "event_time > '2020-06-01 00:00:00+00' AND service_name = 'x'",
        "1/3",
        "0",
      ],
      ["event_time IS NULL", "3/3", "0"],
    ] as const) {
      expect([where, await files(`${from} WHERE ${where}`)]).toEqual([
        where,
        kept,
      ]);
      if (count !== undefined)
        expect(await rows(admin, `${from} WHERE ${where}`)).toEqual([
          { n: count },
        ]);
    }
  });

  test("the history's by their day", async () => {
    await rows(admin, "SELECT 'today'");
    await rows(admin, "SELECT count(*) FROM system.query_history");
    const folder = join(gateway.dataDir, "history");
    const [today = ""] = readdirSync(folder);
    const [name = ""] = readdirSync(join(folder, today));
    const [line = ""] = readFileSync(join(folder, today, name), "utf8").split(
      "\n",
    );
    const day = new Date(Date.now() - 3 * 86_400_000)
      .toISOString()
      .slice(0, 10);
    mkdirSync(join(folder, day));
    writeFileSync(
      join(folder, day, name),
      `${line.replaceAll(/"(start_time|end_time)":"[^"]+"/g, `"$1":"${day}T12:00:00.000Z"`)}\n`,
    );
    const from = "SELECT count(*) AS n FROM system.query_history";
    const total = Number((await files(from)).split("/")[1]);
    for (const column of ["start_time", "end_time"])
      expect(
        await files(`${from} WHERE ${column} > now() - interval '1 hour'`),
      ).toBe(`${total - 1}/${total}`);
    expect(await files(`${from} WHERE end_time < '${day} 23:00+00'`)).toBe(
      `1/${total}`,
    );
    expect(
      await rows(admin, `${from} WHERE end_time < '${day} 23:00+00'`),
    ).toEqual([{ n: "1" }]);
    expect(
      await files(
        `${from} WHERE end_time > '${day} 13:00+00' OR error_code = 'x'`,
      ),
    ).toBe(`${total}/${total}`);
  });
});
