import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ADMIN, World } from "../../auth/governance.testkit.ts";
import { INT8, TEXT, numeric } from "../../storage/common/data-type.ts";
import { SqlError } from "../../storage/common/errors.ts";
import { openTestMirror, type TestMirror } from "./mirror.testkit.ts";

const COLUMNS = [
  { name: "id", type: INT8, nullable: false },
  { name: "amount", type: numeric(12, 2), nullable: true, comment: "in EUR" },
  { name: "x".repeat(80), type: TEXT, nullable: true },
];

let world: World;
let kit: TestMirror;

beforeAll(async () => {
  world = new World();
  world.setup(
    "U(sales>bob) +SELECT(sales.orders>bob) +SELECT(sales.v_orders>bob) +SELECT(sales.f_mask>bob)",
  );
  kit = await openTestMirror(world, {
    maxProcesses: 2,
    readColumns: ({ name }) =>
      name === "customers"
        ? Promise.reject(new SqlError("XX001", "the log is damaged"))
        : Promise.resolve({ columns: COLUMNS, comment: `about ${name}` }),
  });
});
afterAll(async () => {
  await kit[Symbol.asyncDispose]();
  world[Symbol.dispose]();
});

const USER_RELATIONS = `SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname !~ '^pg_|^information_schema$' ORDER BY 1`;

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "no error";
  } catch (error) {
    return error instanceof SqlError ? error.code : String(error);
  }
}

describe("what a session may see", () => {
  test("is listed, with columns, types, comments and the oid it has everywhere", async () => {
    expect(await kit.ask("bob", USER_RELATIONS)).toEqual([
      ["sales.orders"],
      ["sales.v_orders"],
    ]);
    const { oid } = world.object("sales.orders");
    expect(
      await kit.ask(
        "bob",
        "SELECT 'sales.orders'::regclass::oid, obj_description('sales.orders'::regclass)",
      ),
    ).toEqual([[String(oid), "about orders"]]);
    expect(
      await kit.ask(
        "bob",
        `SELECT attname, format_type(atttypid, atttypmod), attnotnull, col_description(attrelid, attnum)
         FROM pg_attribute WHERE attrelid = ${oid} AND attnum > 0 ORDER BY attnum`,
      ),
    ).toEqual([
      ["id", "bigint", "t", null],
      ["amount", "numeric(12,2)", "f", "in EUR"],
      ["x".repeat(63), "text", "f", null],
    ]);
  });

  test("in information_schema is the same", async () => {
    expect(
      await kit.ask(
        "bob",
        "SELECT table_catalog, table_schema, table_name, table_type FROM information_schema.tables WHERE table_schema = 'sales' ORDER BY 3",
      ),
    ).toEqual([
      ["main", "sales", "orders", "BASE TABLE"],
      ["main", "sales", "v_orders", "VIEW"],
    ]);
    expect(
      await kit.ask(
        "bob",
        "SELECT column_name, is_updatable FROM information_schema.columns WHERE table_name = 'v_orders'",
      ),
    ).toEqual([["id", "NO"]]);
  });

  test("is what has_table_privilege says of it", async () => {
    expect(
      await kit.ask(
        "bob",
        "SELECT has_table_privilege('sales.orders', 'SELECT'), has_table_privilege('sales.orders', 'INSERT'), has_schema_privilege('sales', 'USAGE')",
      ),
    ).toEqual([["t", "f", "t"]]);
  });

  test("shows a view's text only to those who may read metadata", async () => {
    const text =
      "SELECT pg_get_viewdef('sales.v_orders'::regclass), (SELECT view_definition FROM information_schema.views WHERE table_name = 'v_orders')";
    expect(await kit.ask("bob", text)).toEqual([[null, null]]);
    const [row] = await kit.ask("alice", text);
    expect(row?.[0]).toBe(" SELECT 1 AS id;");
  });

  test("includes functions by signature", async () => {
    expect(
      await kit.ask(
        "bob",
        "SELECT proname, pg_get_function_arguments(oid), pg_get_function_result(oid), prosrc FROM pg_proc WHERE proname = 'f_mask'",
      ),
    ).toEqual([["f_mask", "s text", "text", ""]]);
  });

  test("lists a table whose log cannot be read, without columns", async () => {
    expect(
      await kit.ask(
        ADMIN,
        "SELECT c.relname, count(a.attname) FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 WHERE c.relname = 'customers' GROUP BY 1",
      ),
    ).toEqual([["customers", "0"]]);
  });
});

describe("what a session may not see", () => {
  test("is absent by name, by oid, by regclass and by count", async () => {
    const hidden = world.object("hr.salaries").oid;
    expect(
      await kit.ask(
        "bob",
        `SELECT to_regclass('hr.salaries'), to_regnamespace('hr'), ${hidden}::regclass::text, pg_table_is_visible(${hidden}),
           obj_description(${hidden}, 'pg_class'), has_table_privilege(${hidden}, 'SELECT'), pg_relation_size(${hidden}),
           (SELECT count(*) FROM pg_class WHERE oid = ${hidden}), (SELECT count(*) FROM pg_namespace WHERE nspname = 'hr')`,
      ),
    ).toEqual([[null, null, String(hidden), null, null, null, null, "0", "0"]]);
    expect(await codeOf(kit.ask("bob", "SELECT 'hr.salaries'::regclass"))).toBe(
      await codeOf(kit.ask("bob", "SELECT 'hr.nothing'::regclass")),
    );
  });

  test("includes principals it has nothing to do with", async () => {
    const shown = "SELECT rolname FROM pg_roles WHERE oid > 16383 ORDER BY 1";
    const bob = (await kit.ask("bob", shown)).flat();
    expect(bob).toContain("bob");
    expect(bob).toContain("analysts");
    expect(bob).not.toContain("erin");
    expect((await kit.ask(ADMIN, shown)).flat()).toContain("erin");
  });

  test("comes and goes with grants, between one statement and the next", async () => {
    expect(await kit.ask("carol", USER_RELATIONS)).toEqual([]);
    world.setup("U(hr>carol) +SELECT(hr.salaries>carol)");
    expect(await kit.ask("carol", USER_RELATIONS)).toEqual([["hr.salaries"]]);
    world.setup("-SELECT(hr.salaries>carol)");
    expect(await kit.ask("carol", USER_RELATIONS)).toEqual([]);
    expect(
      await kit.ask(
        "carol",
        "SELECT count(*) FROM pg_attribute WHERE attname = 'amount'",
      ),
    ).toEqual([["0"]]);
  });
});

describe("the session", () => {
  test("is itself, on its catalog, in PostgreSQL 15", async () => {
    const [row] = await kit.ask(
      "bob",
      "SELECT current_user, session_user, current_database(), pg_backend_pid(), current_setting('server_version_num'), left(version(), 14)",
    );
    expect(row?.slice(0, 4)).toEqual(["bob", "bob", "main", "4711"]);
    expect(row?.[4]).toMatch(/^15/u);
    expect(row?.[5]).toBe("PostgreSQL 15.");
  });

  test("cannot become another, write, or read what PostgreSQL keeps of itself", async () => {
    const attempts = [
      "SELECT set_config('session_authorization', 'postgres', false)",
      "SELECT set_config('role', 'postgres', false)",
      "SELECT pg_read_file('/etc/passwd')",
      "SELECT pg_sleep(1)",
      "SELECT query_to_xml('select 1', true, true, '')",
      "DELETE FROM pg_class",
      "CREATE TABLE t (a int)",
      "SELECT * FROM pg_sluice_view",
    ];
    const codes = [];
    for (const sql of attempts) codes.push(await codeOf(kit.ask("bob", sql)));
    expect(codes).toEqual([
      ...attempts.slice(0, 5).map(() => "42501"),
      "25006",
      "25006",
      "42501",
    ]);
  });

  test.each([
    "pg_authid",
    "pg_shadow",
    "pg_stats",
    "pg_statistic",
    "pg_hba_file_rules",
    "pg_file_settings",
  ])("finds nothing in %s", async (name) => {
    expect(await kit.ask("bob", `SELECT * FROM ${name}`)).toEqual([]);
  });

  test("finds names by its own search path", async () => {
    const { settings } = kit.session("bob");
    settings.set("search_path", "sales", "session");
    const visible = "SELECT 'orders'::regclass::text, current_schemas(false)";
    expect(await kit.ask("bob", visible)).toEqual([["orders", "{sales}"]]);
    settings.set("search_path", "public", "session");
    expect(await codeOf(kit.ask("bob", visible))).toBe("42P01");
  });
});

describe("the process", () => {
  test("is replaced when it was killed", async () => {
    const count =
      "SELECT count(*) FROM pg_class WHERE relname = 'orders' AND 1 = 1";
    await kit.ask("bob", count);
    const before = kit.mirror.pids();
    for (const pid of before) process.kill(pid, "SIGKILL");
    expect(await kit.ask("bob", `${count} AND 2 = 2`)).toEqual([["1"]]);
    expect(kit.mirror.pids()).not.toEqual(before);
  });

  test("exists at most as often as allowed", async () => {
    for (const user of ["bob", "carol", "dave", "erin"])
      await kit.ask(user, "SELECT 1");
    expect(kit.mirror.pids().length).toBeLessThanOrEqual(2);
  });
});
