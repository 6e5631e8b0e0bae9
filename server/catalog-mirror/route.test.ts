import { beforeAll, describe, expect, test } from "vitest";
import { World } from "../../auth/governance.testkit.ts";
import { resolve } from "../../planner/bind/resolve/resolve.ts";
import { loadGrammar } from "../../planner/parse/grammar.ts";
import { parseSql } from "../../planner/parse/parse.ts";
import { SqlError } from "../../storage/common/errors.ts";
import { catalogQuery, type CatalogQuery } from "./route.ts";

beforeAll(() => loadGrammar());

/** The first statement's route; a refusal's message. */
function route(sql: string): CatalogQuery | string | undefined {
  using world = new World();
  const [parsed] = parseSql(sql);
  if (parsed === undefined) return undefined;
  const { statement } = parsed;
  const asked =
    statement.kind === "declare-cursor"
      ? {
          ...parsed,
          statement: {
            kind: "select" as const,
            query: statement.query,
            position: statement.position,
          },
        }
      : parsed;
  const resolved = resolve(asked.statement, {
    lookup: world.visible("alice"),
    currentCatalog: "main",
    searchPath: ["sales"],
  });
  try {
    return catalogQuery(asked, resolved);
  } catch (error) {
    return error instanceof SqlError ? error.message : String(error);
  }
}

describe("the mirror answers", () => {
  test.each([
    "SELECT relname FROM pg_class",
    "SELECT 1 FROM pg_catalog.pg_class c JOIN information_schema.tables t ON t.table_name = c.relname",
    "WITH c AS (SELECT oid FROM pg_class) SELECT count(*) FROM c",
    "SELECT 'orders'::regclass",
    "SELECT pg_catalog.pg_get_viewdef(1, true)",
    "SELECT format_type(23, -1)",
    "TABLE pg_namespace",
    "(SELECT oid FROM pg_class) UNION ALL SELECT oid FROM pg_type",
  ])("%s", (sql) => {
    expect(route(sql)).toMatchObject({ sql, offset: 0 });
  });

  test("the query of a cursor, without the words before it", () => {
    const sql = "DECLARE c CURSOR WITH HOLD FOR SELECT relname FROM pg_class";
    expect(route(sql)).toMatchObject({
      sql: "SELECT relname FROM pg_class",
      offset: sql.indexOf("SELECT"),
    });
  });
});

describe("the planner answers", () => {
  test.each([
    "SELECT * FROM orders",
    "SELECT 1",
    "SELECT current_user, current_schema()",
    "SELECT upper('regclass')",
    "WITH pg_class AS (SELECT 1 AS a) SELECT a FROM pg_class",
  ])("%s", (sql) => {
    expect(route(sql)).toBeUndefined();
  });
});

describe("nobody answers", () => {
  test.each([
    "SELECT set_config('role', 'postgres', false) FROM pg_class",
    "SELECT (SELECT pg_read_file('x')) FROM pg_class",
    "SELECT * FROM pg_class, pg_ls_dir('/') AS f",
    "SELECT 1 FROM pg_class ORDER BY pg_sleep(10)",
    "SELECT 1 FROM pg_class WHERE oid IN (SELECT lo_import('/etc/passwd'))",
    "SELECT pg_catalog.query_to_xml('select 1', true, true, '') FROM pg_class",
    'SELECT "PG_SLEEP"(1) FROM pg_class',
    "SELECT `relname` FROM pg_class",
    "SELECT * FROM system.streaming_progress",
    "EXPLAIN SELECT 1 FROM pg_class",
    "CREATE TABLE t AS SELECT relname FROM pg_class",
  ])("%s", (sql) => {
    expect(route(sql)).toMatch(/not supported/u);
  });
});

test("an answer that depends on the moment is not kept", () => {
  expect(route("SELECT now() FROM pg_class")).toMatchObject({
    repeatable: false,
  });
  expect(route("SELECT relname FROM pg_class")).toMatchObject({
    repeatable: true,
  });
});
