import { beforeAll, describe, expect, test } from "vitest";
import { loadGrammar } from "../../planner/parse/grammar.ts";
import { smallEngine } from "../pgwire/engine.testkit.ts";
import { identityOf } from "../pgwire/listener.testkit.ts";
import { checkAllowed } from "./allowed.ts";
import { readTextRows } from "./data-row.ts";
import { Session } from "./session.ts";
import type { SpoolOptions } from "./spool.ts";
import { DEFAULT_OUTPUT } from "./result.ts";

beforeAll(loadGrammar);

function newSession(spool: Partial<SpoolOptions> = {}): Session {
  const login = {
    user: "alice",
    database: "main",
    clientAddress: "127.0.0.1",
    encrypted: true,
    channelBinding: undefined,
    certificate: undefined,
  };
  return new Session({
    identity: identityOf(login),
    pid: 1,
    catalog: "main",
    spool,
  });
}

const engine = smallEngine();

/** Runs a string as the simple protocol does and tells each answer in a word: rows as `1|2`, then the tag. */
async function run(session: Session, sql: string): Promise<string[]> {
  const answers: string[] = [];
  const statements = engine.parse(sql);
  const controller = new AbortController();
  try {
    for (const parsed of statements) {
      checkAllowed(session, parsed.statement);
      session.transaction.beginStatement(statements.length > 1);
      const prepared = await engine.prepare(session, parsed, [], controller);
      const formats = (prepared.columns ?? []).map(() => "text" as const);
      const format = {
        kind: "postgres" as const,
        formats,
        output: DEFAULT_OUTPUT,
      };
      const result = await engine.execute(
        session,
        prepared,
        [],
        format,
        controller,
      );
      if (result.kind === "rows") {
        const rows = await readTextRows(result.rows);
        const cells = rows.map((row) => row.join(",")).join("|");
        answers.push(`[${cells}] ${result.tag}`);
      } else answers.push(result.kind === "command" ? result.tag : "empty");
    }
    await session.endStatement();
  } catch (error) {
    await session.fail();
    answers.push(codeOf(error));
  }
  return answers;
}

function codeOf(error: unknown): string {
  if (error instanceof Error && "code" in error) return String(error.code);
  throw error;
}

const series = (count: number): string =>
  `select n from generate_series(1, ${count}) as t(n)`;

describe("cursors", () => {
  test("a forward cursor gives rows in portions and knows its end", async () => {
    const session = newSession();
    expect(
      await run(
        session,
        `begin; declare c cursor for ${series(5)}; fetch 0 c; fetch 2 c; fetch next from c; fetch forward all in c; fetch c`,
      ),
    ).toEqual([
      "BEGIN",
      "DECLARE CURSOR",
      "[] FETCH",
      "[1|2] FETCH",
      "[3] FETCH",
      "[4|5] FETCH",
      "[] FETCH",
    ]);
  });

  test("a forward cursor refuses to go back, and to show its row again", async () => {
    for (const fetch of [
      "fetch prior c",
      "fetch 0 c",
      "fetch first c",
      "fetch last c",
      "fetch backward all c",
    ]) {
      const session = newSession();
      expect(
        await run(
          session,
          `begin; declare c no scroll cursor for ${series(3)}; fetch c; ${fetch}`,
        ),
      ).toEqual(["BEGIN", "DECLARE CURSOR", "[1] FETCH", "55000"]);
    }
  });

  test("absolute and relative positions ahead are reached by skipping", async () => {
    const session = newSession();
    expect(
      await run(
        session,
        `begin; declare c cursor for ${series(2500)}; fetch absolute 2 c; fetch relative 3 c; move 1990 c; fetch c; move all c; move c`,
      ),
    ).toEqual([
      "BEGIN",
      "DECLARE CURSOR",
      "[2] FETCH",
      "[5] FETCH",
      "MOVE 1990",
      "[1996] FETCH",
      "MOVE 504",
      "MOVE 0",
    ]);
  });

  test("a scroll cursor goes anywhere", async () => {
    const session = newSession();
    expect(
      await run(
        session,
        `begin; declare c scroll cursor for ${series(1500)};
         fetch last c; fetch prior c; fetch first c; fetch prior c; fetch 2 c; fetch backward 2 c;
         fetch absolute -2 c; fetch relative -1 c; fetch 0 c; move backward all c; fetch c; move -1 c; fetch 1 c`,
      ),
    ).toEqual([
      "BEGIN",
      "DECLARE CURSOR",
      "[1500] FETCH",
      "[1499] FETCH",
      "[1] FETCH",
      "[] FETCH",
      "[1|2] FETCH",
      "[1] FETCH",
      "[1499] FETCH",
      "[1498] FETCH",
      "[1498] FETCH",
      "MOVE 1497",
      "[1] FETCH",
      "MOVE 0",
      "[1] FETCH",
    ]);
  });

  test("a cursor with hold outlives its transaction, others do not", async () => {
    const session = newSession();
    await run(
      session,
      `begin; declare h cursor with hold for ${series(4)}; declare c cursor for ${series(4)}; fetch h; commit`,
    );
    expect(await run(session, "fetch 2 h")).toEqual(["[2|3] FETCH"]);
    expect(await run(session, "fetch c")).toEqual(["34000"]);
    expect(await run(session, "close h")).toEqual(["CLOSE CURSOR"]);
    expect(await run(session, "fetch h")).toEqual(["34000"]);
  });

  test("a held cursor of a rolled back transaction is gone", async () => {
    const session = newSession();
    await run(
      session,
      `begin; declare h cursor with hold for ${series(4)}; rollback`,
    );
    expect(await run(session, "fetch h")).toEqual(["34000"]);
  });

  test("a cursor declared after a savepoint goes with the rollback to it", async () => {
    const session = newSession();
    expect(
      await run(
        session,
        `begin; savepoint a; declare c cursor for ${series(4)}; rollback to a; fetch c`,
      ),
    ).toEqual(["BEGIN", "SAVEPOINT", "DECLARE CURSOR", "ROLLBACK", "34000"]);
  });

  test("what a held cursor may keep is limited, and passing the limit fails the commit", async () => {
    const session = newSession({ limitBytes: 1000 });
    expect(
      await run(
        session,
        `begin; declare h cursor with hold for ${series(400)}; commit`,
      ),
    ).toEqual(["BEGIN", "DECLARE CURSOR", "53400"]);
    expect(session.transaction.status).toBe("I");
  });

  test("outside a block only a cursor with hold may be declared", async () => {
    const session = newSession();
    expect(await run(session, "declare c cursor for select 1")).toEqual([
      "25P01",
    ]);
    expect(
      await run(session, "declare c cursor with hold for select 1"),
    ).toEqual(["DECLARE CURSOR"]);
    expect(
      await run(session, "declare c cursor with hold for select 1"),
    ).toEqual(["42P03"]);
    expect(await run(session, "fetch all c; close all")).toEqual([
      "[1] FETCH",
      "CLOSE CURSOR ALL",
    ]);
  });
});

describe("prepared statements of SQL", () => {
  test("EXECUTE evaluates its arguments and casts them to the parameters' types", async () => {
    const session = newSession();
    expect(
      await run(
        session,
        "prepare p (int, text) as select $1 + 1, $2; execute p(1 + 1, 'x'); execute p('7', null); deallocate p",
      ),
    ).toEqual(["PREPARE", "[3,x] SELECT", "[8,] SELECT", "DEALLOCATE"]);
  });

  test.each([
    ["execute nosuch", "26000"],
    ["deallocate nosuch", "26000"],
    ["prepare p as select 1; prepare p as select 1", "42P05"],
    ["prepare p (int) as select $1; execute p", "42601"],
    ["prepare p (int) as select $1; execute p('x')", "22P02"],
    ["prepare p (nosuch) as select $1", "42704"],
  ])("%s is %s", async (sql, code) => {
    expect((await run(newSession(), sql)).at(-1)).toBe(code);
  });

  test("prepared statements survive a rollback, as in PostgreSQL", async () => {
    const session = newSession();
    await run(session, "begin; prepare p as select 1; rollback");
    expect(await run(session, "execute p")).toEqual(["[1] SELECT"]);
  });
});

describe("transactions", () => {
  test("characteristics are the block's own", async () => {
    const session = newSession();
    expect(
      await run(
        session,
        "begin isolation level serializable read only deferrable; show transaction_isolation; show transaction_read_only; show transaction_deferrable; commit; show transaction_isolation",
      ),
    ).toEqual([
      "BEGIN",
      "[serializable] SHOW",
      "[on] SHOW",
      "[on] SHOW",
      "COMMIT",
      "[read committed] SHOW",
    ]);
  });

  test("COMMIT AND CHAIN opens a block like the one it ends", async () => {
    const session = newSession();
    expect(
      await run(
        session,
        "begin read only; commit and chain; show transaction_read_only",
      ),
    ).toEqual(["BEGIN", "COMMIT", "[on] SHOW"]);
    expect(session.transaction.status).toBe("T");
    expect(await run(newSession(), "commit and chain")).toEqual(["25P01"]);
  });

  test("the isolation level is set before any query only, the same one at any time", async () => {
    expect(
      await run(
        newSession(),
        "begin; select 1; set transaction isolation level serializable",
      ),
    ).toEqual(["BEGIN", "[1] SELECT", "25001"]);
    expect(
      await run(
        newSession(),
        "begin read only; set transaction read write; select 1; set transaction read only; set transaction read write",
      ),
    ).toEqual(["BEGIN", "SET", "[1] SELECT", "SET", "25001"]);
  });

  test("SET SESSION CHARACTERISTICS changes what later transactions start with", async () => {
    const session = newSession();
    await run(
      session,
      "set session characteristics as transaction isolation level repeatable read, read only",
    );
    expect(
      await run(
        session,
        "show default_transaction_isolation; show transaction_read_only",
      ),
    ).toEqual(["[repeatable read] SHOW", "[on] SHOW"]);
  });

  test("writes are refused in a read-only transaction", async () => {
    expect(
      await run(newSession(), "begin read only; insert into kept values (1)"),
    ).toEqual(["BEGIN", "25006"]);
  });

  test.each([
    ["savepoint a", "25P01"],
    ["release a", "25P01"],
    ["rollback to a", "25P01"],
    ["begin; release b", "3B001"],
    ["begin; savepoint a; release a; rollback to a", "3B001"],
    ["begin; discard all", "25001"],
  ])("%s is %s", async (sql, code) => {
    expect((await run(newSession(), sql)).at(-1)).toBe(code);
  });

  test("hooks run at the commit in order, and those of an undone savepoint do not", async () => {
    const session = newSession();
    const heard: string[] = [];
    await run(session, "begin");
    session.transaction.onCommit(() => void heard.push("first"));
    await run(session, "savepoint a");
    session.transaction.onCommit(() => void heard.push("undone"));
    session.transaction.onRollback(() => void heard.push("rolled back"));
    await run(session, "rollback to a");
    session.transaction.onCommit(() => void heard.push("last"));
    await run(session, "commit");
    expect(heard).toEqual(["rolled back", "first", "last"]);
  });

  test("a hook that fails rolls back, and the session goes on", async () => {
    const session = newSession();
    const heard: string[] = [];
    session.transaction.onRollback(() => void heard.push("rolled back"));
    expect(
      await run(session, "begin; insert into kept values (13); commit"),
    ).toEqual(["BEGIN", "INSERT 0 1", "40001"]);
    expect(heard).toEqual(["rolled back"]);
    expect(await run(session, "select 1")).toEqual(["[1] SELECT"]);
  });

  test("SET is undone by ROLLBACK and SET LOCAL by COMMIT", async () => {
    const session = newSession();
    await run(session, "begin; set jit = on; rollback");
    await run(session, "begin; set local work_mem = '8MB'; commit");
    expect(await run(session, "show jit; show work_mem")).toEqual([
      "[off] SHOW",
      "[4MB] SHOW",
    ]);
  });
});

describe("the rest of the session", () => {
  test("DISCARD ALL forgets settings, statements and cursors", async () => {
    const session = newSession();
    await run(
      session,
      "set jit = on; prepare p as select 1; listen a; declare c cursor with hold for select 1",
    );
    expect(await run(session, "discard all")).toEqual(["DISCARD ALL"]);
    expect(await run(session, "show jit")).toEqual(["[off] SHOW"]);
    expect(await run(session, "execute p")).toEqual(["26000"]);
    expect(await run(session, "fetch c")).toEqual(["34000"]);
    expect(session.channels.size).toBe(0);
  });

  test("the reset string of poolers is answered with PostgreSQL's tags", async () => {
    expect(
      await run(
        newSession(),
        "SET SESSION AUTHORIZATION DEFAULT;RESET ALL;CLOSE ALL;UNLISTEN *;DISCARD SEQUENCES;DISCARD TEMP;DEALLOCATE ALL;DISCARD PLANS",
      ),
    ).toEqual([
      "SET",
      "RESET",
      "CLOSE CURSOR ALL",
      "UNLISTEN",
      "DISCARD SEQUENCES",
      "DISCARD TEMP",
      "DEALLOCATE ALL",
      "DISCARD PLANS",
    ]);
  });

  test("USE changes catalog and search path", async () => {
    const session = newSession();
    await run(session, "use catalog lake");
    expect([session.currentCatalog, session.searchPath]).toEqual([
      "lake",
      ["public"],
    ]);
    await run(session, "use sales");
    expect([session.currentCatalog, session.searchPath]).toEqual([
      "lake",
      ["sales"],
    ]);
  });

  test("notices below client_min_messages are not sent", async () => {
    const session = newSession();
    await run(session, "set client_min_messages = error; commit");
    expect(session.takeNotices()).toEqual([]);
    await run(session, "set client_min_messages = notice; commit");
    expect(session.takeNotices()).toMatchObject([
      {
        severity: "WARNING",
        code: "25P01",
        message: "there is no transaction in progress",
      },
    ]);
  });

  test("time-zone intervals count east of Greenwich", async () => {
    expect(
      await run(
        newSession(),
        "set time zone interval '+05:30' hour to minute; show timezone",
      ),
    ).toEqual(["SET", "[<+05:30>-05:30] SHOW"]);
  });
});
