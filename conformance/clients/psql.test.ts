// psql as people use it: log-in, formats, timing, watch, Ctrl-C; TPC-H answers against a real PostgreSQL over the same rows.

import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { numbers } from "../drivers/numbers.ts";
import { startTestGateway, type TestGateway } from "../harness.ts";
import { copyToOracle } from "../oracle/fill.ts";
import { startPostgres, type OracleServer } from "../oracle/postgres.ts";
import { runningStatement } from "../running-statement.ts";
import {
  requireProgram,
  run,
  start,
  type Output,
  type RunningProgram,
} from "./program.ts";
import { openTerminal, type Terminal } from "./terminal.ts";

const TPCH = join(import.meta.dirname, "../tpch");
const QUERIES = readdirSync(TPCH).filter((name) => name.endsWith(".sql"));
const TABLES = [
  ...["region", "nation", "supplier", "part"],
  ...["partsupp", "customer", "orders", "lineitem"],
];

let sluice: TestGateway;
let postgres: OracleServer;
let ours: pg.Client;
let theirs: pg.Client;

beforeAll(async () => {
  requireProgram("psql", "postgresql-client-15");
  sluice = await startTestGateway({ demo: true });
  postgres = await startPostgres();
  ours = await sluice.connect({ raw: true });
  theirs = await postgres.connect();
  for (const table of TABLES)
    await copyToOracle({ sluice, ours, postgres, theirs }, `tpch.${table}`);
  await theirs.query(
    "create index on tpch.lineitem (l_partkey); create index on tpch.lineitem (l_orderkey); create index on tpch.partsupp (ps_partkey); analyze",
  );
}, 300_000);
afterAll(async () => {
  await theirs.end();
  await sluice[Symbol.asyncDispose]();
  await postgres[Symbol.asyncDispose]();
});

function startPsql(args: readonly string[], input?: string): RunningProgram {
  return start(
    "psql",
    [
      ...["-X", "-v", "ON_ERROR_STOP=0"],
      `host=127.0.0.1 port=${sluice.pgPort} dbname=main user=admin`,
      ...args,
    ],
    {
      env: { PGPASSWORD: sluice.adminToken, PGCHANNELBINDING: "disable" },
      ...(input === undefined ? {} : { input }),
    },
  );
}

const psql = (args: readonly string[], input = ""): Promise<Output> =>
  startPsql(args, input).ended;

/** psql at its prompt. */
async function terminalOfPsql(): Promise<Terminal> {
  const passwords = join(sluice.dataDir, "pgpass");
  writeFileSync(passwords, `*:*:*:*:${sluice.adminToken}\n`, { mode: 0o600 });
  const terminal = await openTerminal(
    [
      ...["psql", "-X", "-At"],
      `host=127.0.0.1 port=${sluice.pgPort} dbname=main user=admin`,
    ],
    { PGPASSFILE: passwords },
  );
  await terminal.shows(/main=[>#]\s*$/m);
  return terminal;
}

/** As a pattern that matches the text itself. */
function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

describe("TPC-H", () => {
  test("there are 22 queries", () => {
    expect(QUERIES.length).toBe(22);
  });

  test.each(QUERIES)(
    "%s answers as PostgreSQL does",
    async (file) => {
      const sql = readFileSync(join(TPCH, file), "utf8");
      const schema = "set search_path = tpch, public;";
      const [mine, reference] = [
        await psql(["-q", "--csv", "-c", schema, "-c", sql]),
        await run("psql", [
          ...["-X", "-q", "--csv", "-h", "127.0.0.1", "-U", "oracle"],
          ...["-p", String(postgres.port), "-d", "postgres"],
          ...["-c", schema, "-c", sql],
        ]),
      ];
      expect(reference.code, reference.stderr).toBe(0);
      expect(mine).toEqual(reference);
    },
    120_000,
  );
});

describe("psql", () => {
  test("logs in by SCRAM and names itself and the server", async () => {
    const { stdout, stderr, code } = await psql([
      ...["-At", "-c", "\\conninfo"],
      ...["-c", "select current_user, current_catalog"],
      ...["-c", "show server_version"],
    ]);
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(stdout).toContain('database "main" as user "admin"');
    expect(stdout).toContain("admin|main\n");
    expect(stdout).toMatch(/^15\.\d+ \(Sluice /m);
  });

  test("a wrong token is refused as a wrong password is", async () => {
    const { code, stderr } = await run(
      "psql",
      ["-X", "-h", "127.0.0.1", "-U", "admin", "-d", "main", "-c", "select 1"],
      { env: { PGPASSWORD: "wrong", PGPORT: String(sluice.pgPort) } },
    );
    expect(code).toBe(2);
    expect(stderr).toContain(
      'FATAL:  password authentication failed for user "admin"',
    );
  });

  test("prints tables, expanded rows and timing", async () => {
    const { stdout, stderr } = await psql(
      ["-P", "null=~"],
      "\\timing on\nselect 1 as a, null as b;\nselect 2 as two, 'x' as t \\gx\n",
    );
    expect(stderr).toBe("");
    expect(stdout).toContain(" a | b \n---+---\n 1 | ~\n(1 row)\n");
    expect(stdout).toContain("-[ RECORD 1 ]\ntwo | 2\nt   | x\n");
    expect(stdout.match(/^Time: [\d.,]+ ms/gm)?.length).toBe(2);
  });

  test("\\gdesc describes, \\bind binds, \\gset keeps", async () => {
    const { stdout, stderr } = await psql(
      ["-At"],
      "select 1::int2 as a, 'x'::varchar(3) as b \\gset\n\\echo :a :b\n",
    );
    expect(stderr).toBe("");
    expect(stdout).toBe("1 x\n");
  });

  test("\\watch repeats until Ctrl-C", async () => {
    await using terminal = await terminalOfPsql();
    await terminal.type("select 'ag' || 'ain' \\watch 0.05", "Enter");
    await terminal.shows(/again[^]*again[^]*again/);
    await terminal.type("C-c");
    await terminal.type("select 'af' || 'ter';", "Enter");
    await terminal.shows(/^after$/m);
  });

  test("Ctrl-C in a terminal cancels the running statement, and the session goes on", async () => {
    await using terminal = await terminalOfPsql();
    await terminal.type(`select count(*) from ${numbers(15)};`, "Enter");
    await runningStatement(sluice.httpUrl);
    await terminal.type("C-c");
    await terminal.shows(/ERROR: {2}canceling statement due to user request/);
    await terminal.type("select 'still ' || 'here';", "Enter");
    await terminal.shows(/^still here$/m);
  });

  /** Typed before a Tab, and what the line is then; capture loses the space behind. */
  const COMPLETIONS = [
    ["select * from tp", "select * from tpch."],
    ["select * from tpch.lin", "select * from tpch.lineitem"],
    [
      "select * from tpch.orders where o_cl",
      "select * from tpch.orders where o_clerk",
    ],
    ["insert into tpch.nat", "insert into tpch.nation"],
    ["update tpch.orders set o_tot", "update tpch.orders set o_totalprice"],
    ["drop table tpch.cus", "drop table tpch.customer"],
    ["\\d tpc", "\\d tpch."],
    ["\\d tpch.supp", "\\d tpch.supplier"],
    ["\\dn tp", "\\dn tpch"],
    ["\\df array_ap", "\\df array_append"],
    ["SET Ti", "SET timezone"],
    ["SET timezone TO 'Europe/Berl", "SET timezone TO 'Europe/Berlin'"],
    ["show statement_tim", "show statement_timeout"],
    ["sele", "select"],
  ] as const;

  test("Tab completes names of relations, columns, functions and settings as on PostgreSQL", async () => {
    // The mirror of the catalog starts with the first question.
    expect((await psql(["-c", "\\dn"])).code).toBe(0);
    await using mine = await terminalOfPsql();
    await using reference = await openTerminal(
      [
        ...["psql", "-X", "-At"],
        `host=127.0.0.1 port=${postgres.port} dbname=postgres user=oracle`,
      ],
      {},
    );
    await reference.shows(/postgres=[>#]\s*$/m);
    for (const [typed, completed] of COMPLETIONS)
      for (const terminal of [reference, mine]) {
        await terminal.type(typed, "Tab");
        await terminal.shows(new RegExp(`[>#] ${escaped(completed)}$`, "m"));
        await terminal.type("C-u");
        await terminal.shows(/[>#]\s*$/);
      }
  }, 60_000);

  test("an error shows its line and a caret", async () => {
    const { stderr } = await psql(
      [],
      "select 1,\n  nosuch from (select 1 as a) t;\n",
    );
    expect(stderr).toBe(
      'ERROR:  column "nosuch" does not exist\nLINE 2:   nosuch from (select 1 as a) t;\n          ^\n',
    );
  });

  test("FETCH_COUNT reads a large result through a cursor", async () => {
    const { stdout, stderr } = await psql(
      ["-At", "-v", "FETCH_COUNT=1000"],
      `select g from ${numbers(5)};\n`,
    );
    expect(stderr).toBe("");
    expect(new Set(stdout.trimEnd().split("\n")).size).toBe(100_000);
  });

  test("one transaction around a file: -1 commits all or nothing", async () => {
    const failed = await psql(
      ["-1", "-v", "ON_ERROR_STOP=1"],
      "create table nope (a int);\nselect 1/0;\n",
    );
    expect(failed.code).toBe(3);
    const { stderr } = await psql(["-c", "select * from nope"]);
    expect(stderr).toContain('relation "nope" does not exist');
  });
});
