import { once } from "node:events";
import pg from "pg";
import { serialize } from "pg-protocol";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  connectTo,
  plainPassword,
  startTestListener,
} from "./listener.testkit.ts";
import type { Received, WireClient } from "./listener.testkit.ts";
import type { PgListener } from "./listener.ts";

let listener: PgListener;
beforeAll(async () => {
  listener = await startTestListener(plainPassword);
});
afterAll(async () => {
  await listener.close(0);
});

async function loggedIn(): Promise<WireClient> {
  const client = connectTo(listener);
  client.send(serialize.startup({ user: "alice", database: "main" }));
  await client.until("authenticationCleartextPassword");
  client.send(serialize.password("secret"));
  await client.until("readyForQuery");
  return client;
}

/** Messages as one word each: `T` row description, `D(1,2)`, `C(SELECT 1)`, `E(42601)`, `N(25001)`, `Z(I)`. */
function short(messages: readonly Received[]): string {
  return messages.map(one).join(" ");
}

function one(message: Received): string {
  switch (message.name) {
    case "rowDescription":
      return "T";
    case "dataRow":
      return `D(${String(message["fields"])})`;
    case "commandComplete":
      return `C(${String(message["text"])})`;
    case "error":
      return `E(${String(message["code"])})`;
    case "notice":
      return `N(${String(message["code"])})`;
    case "readyForQuery":
      return `Z(${String(message["status"])})`;
    case "parameterStatus":
      return `S(${String(message["parameterName"])}=${String(message["parameterValue"])})`;
    default:
      return message.name;
  }
}

async function simple(client: WireClient, sql: string): Promise<string> {
  client.send(serialize.query(sql));
  return short(await client.until("readyForQuery"));
}

describe("simple queries", () => {
  test("several statements answer one after the other and end with one ReadyForQuery", async () => {
    const client = await loggedIn();
    expect(
      await simple(client, "select 1; show timezone; select 'a' as b"),
    ).toBe("T D(1) C(SELECT 1) T D(UTC) C(SHOW) T D(a) C(SELECT 1) Z(I)");
  });

  test("an empty string is answered with EmptyQueryResponse", async () => {
    const client = await loggedIn();
    expect(await simple(client, " -- nothing\n;;")).toBe("emptyQuery Z(I)");
  });

  test("a syntax error anywhere keeps all statements of the string from running", async () => {
    const client = await loggedIn();
    expect(await simple(client, "set application_name = 'x'; selec 1")).toBe(
      "E(42601) Z(I)",
    );
    expect(await simple(client, "show application_name")).toContain("D()");
  });

  test("an error undoes the statements before it in the same string", async () => {
    const client = await loggedIn();
    expect(
      await simple(client, "set application_name = 'x'; select 1/0; select 2"),
    ).toBe("C(SET) T E(22012) Z(I)");
    expect(await simple(client, "show application_name")).toContain("D()");
  });

  test("BEGIN inside a string makes a block of what came before it", async () => {
    const client = await loggedIn();
    expect(
      await simple(client, "insert into kept values (1); begin; select 1"),
    ).toBe("C(INSERT 0 1) C(BEGIN) T D(1) C(SELECT 1) Z(T)");
    expect(await simple(client, "rollback; select n from kept")).toBe(
      "C(ROLLBACK) T C(SELECT 0) Z(I)",
    );
  });

  test("a commit that fails reports its error after the rows of the last statement", async () => {
    const client = await loggedIn();
    expect(await simple(client, "insert into kept values (13); select 1")).toBe(
      "C(INSERT 0 1) T D(1) E(40001) Z(I)",
    );
  });

  test("changed settings are reported before ReadyForQuery, also when a rollback changes them back", async () => {
    const client = await loggedIn();
    expect(await simple(client, "begin; set timezone = 'europe/berlin'")).toBe(
      "C(BEGIN) C(SET) S(TimeZone=Europe/Berlin) Z(T)",
    );
    expect(await simple(client, "rollback")).toBe(
      "C(ROLLBACK) S(TimeZone=UTC) Z(I)",
    );
  });
});

describe("transaction blocks", () => {
  test("after an error everything but the end of the block is refused, and COMMIT answers ROLLBACK", async () => {
    const client = await loggedIn();
    expect(await simple(client, "begin")).toBe("C(BEGIN) Z(T)");
    expect(await simple(client, "select 1/0")).toBe("T E(22012) Z(E)");
    expect(await simple(client, "select 1")).toBe("E(25P02) Z(E)");
    expect(await simple(client, "commit")).toBe("C(ROLLBACK) Z(I)");
  });

  test("rolling back to a savepoint revives the block and undoes settings made since", async () => {
    const client = await loggedIn();
    await simple(client, "begin; set intervalstyle = iso_8601; savepoint a");
    await simple(client, "set intervalstyle = sql_standard; select 1/0");
    expect(await simple(client, "rollback to a")).toContain("C(ROLLBACK)");
    expect(await simple(client, "show intervalstyle; commit")).toContain(
      "D(iso_8601) C(SHOW) C(COMMIT)",
    );
  });

  test("warnings of misplaced BEGIN and COMMIT carry PostgreSQL's codes", async () => {
    const client = await loggedIn();
    expect(await simple(client, "commit")).toBe("N(25P01) C(COMMIT) Z(I)");
    expect(await simple(client, "begin; begin; rollback")).toBe(
      "C(BEGIN) N(25001) C(BEGIN) C(ROLLBACK) Z(I)",
    );
  });

  test("START TRANSACTION has its own tag", async () => {
    const client = await loggedIn();
    expect(await simple(client, "/* a */ start transaction; end")).toBe(
      "C(START TRANSACTION) C(COMMIT) Z(I)",
    );
  });
});

describe("extended queries", () => {
  const sync = serialize.sync();
  const describePortal = serialize.describe({ type: "P", name: "" });

  test("Parse, Bind, Describe, Execute and Sync in one write answer in order", async () => {
    const client = await loggedIn();
    client.send(
      serialize.parse({ text: "select $1::int4 + 1" }),
      serialize.bind({ values: ["41"] }),
      describePortal,
      serialize.execute({}),
      sync,
    );
    expect(short(await client.until("readyForQuery"))).toBe(
      "parseComplete bindComplete T D(42) C(SELECT 1) Z(I)",
    );
  });

  test("after an error everything up to Sync is skipped", async () => {
    const client = await loggedIn();
    client.send(
      serialize.parse({ text: "select nosuch" }),
      serialize.bind({}),
      serialize.execute({}),
      serialize.query("select 1"),
      sync,
      serialize.query("select 2"),
    );
    const messages = [
      ...(await client.until("readyForQuery")),
      ...(await client.until("readyForQuery")),
    ];
    expect(short(messages)).toBe("E(42703) Z(I) T D(2) C(SELECT 1) Z(I)");
  });

  test("a row limit suspends the portal until the rows are gone", async () => {
    const client = await loggedIn();
    client.send(
      serialize.parse({ text: "select n from generate_series(1, 5) as t(n)" }),
      serialize.bind({}),
      serialize.execute({ rows: 2 }),
      serialize.execute({ rows: 2 }),
      serialize.execute({ rows: 2 }),
      serialize.execute({ rows: 2 }),
      sync,
    );
    expect(short(await client.until("readyForQuery"))).toBe(
      "parseComplete bindComplete D(1) D(2) portalSuspended D(3) D(4) portalSuspended D(5) C(SELECT 1) C(SELECT 0) Z(I)",
    );
  });

  test("Flush gives what is there without ending the pipeline", async () => {
    const client = await loggedIn();
    client.send(
      serialize.parse({ text: "select 1", name: "s" }),
      serialize.describe({ type: "S", name: "s" }),
      serialize.flush(),
    );
    const messages = await client.until("rowDescription");
    expect(short(messages)).toBe("parseComplete parameterDescription T");
    client.send(sync);
    expect(short(await client.until("readyForQuery"))).toBe("Z(I)");
  });

  test("a named statement cannot be made twice, and a closed one is gone", async () => {
    const client = await loggedIn();
    const parse = serialize.parse({ text: "select 1", name: "s" });
    client.send(
      parse,
      sync,
      parse,
      sync,
      serialize.close({ type: "S", name: "s" }),
      serialize.bind({ statement: "s" }),
      sync,
    );
    const messages = [
      ...(await client.until("readyForQuery")),
      ...(await client.until("readyForQuery")),
      ...(await client.until("readyForQuery")),
    ];
    expect(short(messages)).toBe(
      "parseComplete Z(I) E(42P05) Z(I) closeComplete E(26000) Z(I)",
    );
  });

  test("the statements between two Syncs are one transaction", async () => {
    const client = await loggedIn();
    const statement = (text: string): Uint8Array[] => [
      serialize.parse({ text }),
      serialize.bind({}),
      serialize.execute({}),
    ];
    client.send(
      ...statement("insert into kept values (7)"),
      ...statement("select 1/0"),
      sync,
    );
    await client.until("readyForQuery");
    expect(await simple(client, "select n from kept")).toBe(
      "T C(SELECT 0) Z(I)",
    );
  });

  test("an empty statement prepares, describes and runs", async () => {
    const client = await loggedIn();
    client.send(
      serialize.parse({ text: "" }),
      serialize.bind({}),
      describePortal,
      serialize.execute({}),
      sync,
    );
    expect(short(await client.until("readyForQuery"))).toBe(
      "parseComplete bindComplete noData emptyQuery Z(I)",
    );
  });

  test("the wrong number of parameters is a protocol violation that the session survives", async () => {
    const client = await loggedIn();
    client.send(
      serialize.parse({ text: "select $1::int4" }),
      serialize.bind({ values: [] }),
      sync,
    );
    expect(short(await client.until("readyForQuery"))).toBe(
      "parseComplete E(08P01) Z(I)",
    );
    expect(await simple(client, "select 1")).toBe("T D(1) C(SELECT 1) Z(I)");
  });

  test("two statements in one Parse are refused", async () => {
    const client = await loggedIn();
    client.send(serialize.parse({ text: "select 1; select 2" }), sync);
    expect(short(await client.until("readyForQuery"))).toBe("E(42601) Z(I)");
  });

  test("DECLARE takes parameters and FETCH reads on in portions", async () => {
    const client = await loggedIn();
    await simple(client, "begin");
    client.send(
      serialize.parse({
        text: "declare c cursor for select n from generate_series(1, $1::int4) as t(n)",
      }),
      serialize.bind({ values: ["3"] }),
      serialize.execute({}),
      sync,
    );
    expect(short(await client.until("readyForQuery"))).toBe(
      "parseComplete bindComplete C(DECLARE CURSOR) Z(T)",
    );
    expect(
      await simple(client, "fetch 2 from c; move 1 in c; fetch c; close c"),
    ).toBe(
      "T D(1) D(2) C(FETCH 2) C(MOVE 1) T C(FETCH 0) C(CLOSE CURSOR) Z(T)",
    );
  });
});

describe("drivers", () => {
  const config = (): pg.ClientConfig => ({
    host: "127.0.0.1",
    port: listener.port,
    user: "alice",
    password: "secret",
    database: "main",
  });

  test("node pg runs prepared statements with text and binary results", async () => {
    const client = new pg.Client(config());
    await client.connect();
    for (const binary of [false, true]) {
      const query = {
        name: `q${String(binary)}`,
        text: "select $1::int4 as a, $2::text as b, $3::bool as d, $4::int4[] as e, $5::text as f",
        values: [7, "é", true, [1, 2], null],
        binary,
      };
      const [first, second] = [
        await client.query(query),
        await client.query(query),
      ];
      const row = { a: 7, b: "é", d: true, e: [1, 2], f: null };
      expect([first.rows, second.rows]).toEqual([[row], [row]]);
    }
    await client.end();
  });

  test("node pg sees code, message and position of an error", async () => {
    const client = new pg.Client(config());
    await client.connect();
    await expect(client.query("select nosuch")).rejects.toMatchObject({
      code: "42703",
      message: 'column "nosuch" does not exist',
      position: "8",
      severity: "ERROR",
    });
    await client.end();
  });

  test("postgres.js runs a transaction with parameters", async () => {
    const sql = postgres({
      host: "127.0.0.1",
      port: listener.port,
      username: "alice",
      password: "secret",
      database: "main",
      max: 1,
      fetch_types: false,
    });
    const rows = await sql.begin(
      (block) => block`select ${"x"}::text as a, ${5}::int4 as b`,
    );
    expect([...rows]).toEqual([{ a: "x", b: 5 }]);
    await sql.end();
  });

  test("two hundred thousand rows reach a client that reads slowly, and little of them waits in this process", async () => {
    const client = await loggedIn();
    client.socket.pause();
    client.send(
      serialize.query(
        "select repeat('x', 500) as a from generate_series(1, 200000) as t(n)",
      ),
    );
    let most = 0;
    for (let turn = 0; turn < 200; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      most = Math.max(most, process.memoryUsage().arrayBuffers);
    }
    client.socket.resume();
    let rows = 0;
    client.socket.on("data", () => {
      rows = Math.max(rows, client.received.length);
    });
    const messages = await client.until("readyForQuery");
    expect(
      messages.filter((message) => message.name === "dataRow"),
    ).toHaveLength(200_000);
    expect(most).toBeLessThan(64 * 1024 * 1024);
  });
});

describe("cancel and ends", () => {
  test("a cancel request ends the running statement with 57014 and the session lives on", async () => {
    const client = new pg.Client({
      host: "127.0.0.1",
      port: listener.port,
      user: "alice",
      password: "secret",
    });
    await client.connect();
    const running = client.query("select pg_sleep(60)");
    const other = new pg.Client({
      host: "127.0.0.1",
      port: listener.port,
    });
    const [session] = listener.registry
      .sessions()
      .filter((one) => one.activity.state === "active");
    const pid = session?.pid ?? backendPid(client);
    expect(pid).toBe(backendPid(client));
    cancel(other, client);
    await expect(running).rejects.toMatchObject({
      code: "57014",
      message: "canceling statement due to user request",
    });
    expect((await client.query("select 1 as a")).rows).toEqual([{ a: 1 }]);
    await client.end();
  });

  test("a cancel request with a wrong key does nothing", async () => {
    const client = await loggedIn();
    const [session] = listener.registry.sessions().slice(-1);
    const canceller = connectTo(listener);
    canceller.send(serialize.cancel(session?.pid ?? 0, 12345));
    await canceller.untilClosed();
    expect(await simple(client, "select 1")).toContain("C(SELECT 1)");
  });

  test("statement_timeout ends a statement with PostgreSQL's message", async () => {
    const client = await loggedIn();
    client.send(serialize.query("set statement_timeout = 20"));
    await client.until("readyForQuery");
    client.send(serialize.query("select pg_sleep(60)"));
    const messages = await client.until("readyForQuery");
    expect(messages.find((message) => message.name === "error")).toMatchObject({
      code: "57014",
      text: "canceling statement due to statement timeout",
    });
  });

  test("idle_in_transaction_session_timeout ends the connection with 25P03", async () => {
    const client = await loggedIn();
    client.send(
      serialize.query("set idle_in_transaction_session_timeout = 20; begin"),
    );
    const messages = await client.untilClosed();
    expect(messages.at(-1)).toMatchObject({
      code: "25P03",
      severity: "FATAL",
    });
  });

  test("terminating a session ends its statement and its connection with 57P01", async () => {
    const client = await loggedIn();
    const before = new Set(listener.registry.sessions());
    const other = await loggedIn();
    const session = listener.registry
      .sessions()
      .find((one) => !before.has(one));
    other.send(serialize.query("select pg_sleep(60)"));
    while (session?.activity.state !== "active") {
      await new Promise((resolve) => setImmediate(resolve));
    }
    const { adminShutdown } = await import("./errors.ts");
    expect(listener.registry.terminate(session.pid, adminShutdown())).toBe(
      true,
    );
    expect((await other.untilClosed()).at(-1)).toMatchObject({
      code: "57P01",
      severity: "FATAL",
      text: "terminating connection due to administrator command",
    });
    expect(await simple(client, "select 1")).toContain("C(SELECT 1)");
  });
});

function backendPid(client: pg.Client): number {
  return Number(Reflect.get(client, "processID"));
}

function cancel(other: pg.Client, running: pg.Client): void {
  const connection: unknown = Reflect.get(other, "cancel");
  if (typeof connection !== "function") throw new Error("pg has no cancel");
  const active: unknown =
    Reflect.get(running, "_activeQuery") ?? Reflect.get(running, "activeQuery");
  Reflect.apply(connection, other, [running, active]);
}

test("closing the listener lets a running statement finish, tells idle sessions, and takes no new ones", async () => {
  const own = await startTestListener(plainPassword);
  const start = async (): Promise<WireClient> => {
    const client = connectTo(own);
    client.send(serialize.startup({ user: "alice", database: "main" }));
    await client.until("authenticationCleartextPassword");
    client.send(serialize.password("secret"));
    await client.until("readyForQuery");
    return client;
  };
  const [idle, busy, stuck] = [await start(), await start(), await start()];
  busy.send(serialize.query("select pg_sleep(0.05)"));
  stuck.send(serialize.query("select pg_sleep(600)"));
  while (
    own.registry.sessions().filter((one) => one.activity.state === "active")
      .length < 2
  ) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  const closing = own.close(300);
  expect(short(await idle.untilClosed())).toBe("E(57P01)");
  expect(short(await busy.untilClosed())).toBe(
    "T D() C(SELECT 1) Z(I) E(57P01)",
  );
  expect(short(await stuck.untilClosed())).toBe("E(57P01)");
  await closing;
  const late = connectTo(own);
  const events: unknown = await once(late.socket, "error");
  expect(events).toMatchObject([{ code: "ECONNREFUSED" }]);
});

test("a prepared statement whose columns have changed asks to be prepared again", async () => {
  const { smallEngine } = await import("./engine.testkit.ts");
  const engine = smallEngine();
  let changed = false;
  const own = await startTestListener({
    ...plainPassword,
    engine: {
      ...engine,
      execute: async (...call) => {
        const result = await engine.execute(...call);
        return changed && result.kind === "rows"
          ? { ...result, columns: [...result.columns, ...result.columns] }
          : result;
      },
    },
  });
  const client = new pg.Client({
    host: "127.0.0.1",
    port: own.port,
    user: "alice",
    password: "secret",
  });
  await client.connect();
  const query = { name: "q", text: "select 1 as a" };
  expect((await client.query(query)).rows).toEqual([{ a: 1 }]);
  changed = true;
  await expect(client.query(query)).rejects.toMatchObject({
    code: "0A000",
    message: "cached plan must not change result type",
  });
  await client.end();
  await own.close(0);
});
