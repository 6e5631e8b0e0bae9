// What tables, views and keys are in the catalog: as PostgreSQL would show the same definition, at once after each change, and of
// objects that are hidden nothing.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../harness.ts";

const lake = mkdtempSync(join(tmpdir(), "sluice-lake-"));
let gateway: TestGateway;
let admin: pg.Client;
let ann: pg.Client;

beforeAll(async () => {
  gateway = await startTestGateway({ lakes: { lake } });
  admin = await gateway.connect({ database: "lake", raw: true });
  for (const sql of SETUP) await admin.query(sql);
  const made = await admin.query<Record<string, string>>(
    "CREATE TOKEN FOR USER ann",
  );
  const password = made.rows[0]?.["token_value"] ?? "";
  ann = await gateway.connect({
    database: "lake",
    user: "ann",
    password,
    raw: true,
  });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  rmSync(lake, { recursive: true, force: true });
});

const SETUP = [
  "CREATE SCHEMA s",
  `CREATE TABLE s.item (id bigint GENERATED ALWAYS AS IDENTITY (START WITH 10 INCREMENT BY 5), kind varchar(10) DEFAULT 'plain',
     price numeric(10,2), gross numeric(12,2) GENERATED ALWAYS AS (price * 2), made date DEFAULT current_date,
     CONSTRAINT cheap CHECK (price < 100 OR kind = 'dear'), PRIMARY KEY (id), UNIQUE (kind, made))`,
  "CREATE TABLE s.secret (id bigint PRIMARY KEY, word text)",
  `CREATE TABLE s.line (id bigint, item bigint, secret bigint, FOREIGN KEY (item) REFERENCES s.item,
     CONSTRAINT hush FOREIGN KEY (secret) REFERENCES s.secret (id))`,
  "CREATE VIEW s.cheap AS SELECT id, upper(kind) AS kind, price::text AS price FROM s.item WHERE price < 5",
  "CREATE VIEW s.first AS SELECT id FROM s.item QUALIFY row_number() OVER (ORDER BY id) = 1",
  "CREATE VIEW s.words AS SELECT word FROM s.secret",
  "INSERT INTO s.item (kind, price) VALUES ('a', 1), ('b', 2), ('c', 3)",
  "CREATE USER ann",
  "GRANT USAGE ON CATALOG lake TO ann",
  "GRANT USAGE ON SCHEMA s TO ann",
  "GRANT SELECT ON TABLE s.item TO ann",
  "GRANT SELECT ON TABLE s.line TO ann",
  "GRANT READ_METADATA ON TABLE s.line TO ann",
  "GRANT SELECT ON VIEW s.words TO ann",
  "GRANT READ_METADATA ON VIEW s.words TO ann",
];

async function rows(client: pg.Client, sql: string): Promise<unknown> {
  return (await client.query({ text: sql, rowMode: "array" })).rows;
}

const SHOWN: readonly (readonly [string, string, unknown])[] = [
  [
    "defaults, generated columns",
    `SELECT column_name, column_default, generation_expression FROM information_schema.columns
     WHERE table_name = 'item' AND (column_default IS NOT NULL OR is_generated = 'ALWAYS') ORDER BY ordinal_position`,
    [
      ["kind", "'plain'::character varying", null],
      ["gross", null, "(price * (2)::numeric)"],
      ["made", "CURRENT_DATE", null],
    ],
  ],
  [
    "identity columns and their sequence",
    `SELECT identity_generation, identity_start, identity_increment, pg_get_serial_sequence('s.item', 'id')
     FROM information_schema.columns WHERE table_name = 'item' AND is_identity = 'YES'`,
    [["ALWAYS", "10", "5", "s.item_id_seq"]],
  ],
  [
    "keys and checks",
    "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid IN ('s.item'::regclass, 's.line'::regclass) ORDER BY 1",
    [
      [
        "cheap",
        "CHECK (((price < (100)::numeric) OR ((kind)::text = 'dear'::text)))",
      ],
      ["hush", "FOREIGN KEY (secret) REFERENCES s.secret(id)"],
      ["item_kind_made_key", "UNIQUE (kind, made)"],
      ["item_pkey", "PRIMARY KEY (id)"],
      ["line_item_fkey", "FOREIGN KEY (item) REFERENCES s.item(id)"],
    ],
  ],
  [
    "indexes of keys",
    "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'item' ORDER BY 1",
    [
      [
        "item_kind_made_key",
        "CREATE UNIQUE INDEX item_kind_made_key ON s.item USING btree (kind, made)",
      ],
      ["item_pkey", "CREATE UNIQUE INDEX item_pkey ON s.item USING btree (id)"],
    ],
  ],
  [
    "referential constraints",
    "SELECT constraint_name, unique_constraint_name FROM information_schema.referential_constraints ORDER BY 1",
    [
      ["hush", "secret_pkey"],
      ["line_item_fkey", "item_pkey"],
    ],
  ],
  [
    "views as PostgreSQL prints them, those of the dialect as stored",
    "SELECT relname, pg_get_viewdef(oid) FROM pg_class WHERE relname IN ('cheap', 'first') AND relkind = 'v' ORDER BY 1",
    [
      [
        "cheap",
        " SELECT id,\n    upper((kind)::text) AS kind,\n    (price)::text AS price\n   FROM s.item\n  WHERE (price < (5)::numeric);",
      ],
      [
        "first",
        ' SELECT "id" FROM "lake"."s"."item" QUALIFY ("row_number"() OVER (ORDER BY "id") = 1);',
      ],
    ],
  ],
  [
    "what views read",
    "SELECT view_name, table_name FROM information_schema.view_table_usage ORDER BY 1",
    [
      ["cheap", "item"],
      ["words", "secret"],
    ],
  ],
  [
    "row types",
    "SELECT 's.item'::regtype::oid = reltype, 's.item[]'::regtype::text FROM pg_class WHERE relname = 'item'",
    [["t", "s.item[]"]],
  ],
  [
    "sizes",
    "SELECT reltuples, relpages > 0, pg_relation_size('s.item') = relpages * 8192 FROM pg_class WHERE oid = 's.item'::regclass",
    [["3", "t", "t"]],
  ],
  [
    "the schemas of the search path that are there",
    "SELECT current_schema(), current_schemas(true)",
    [["public", "{pg_catalog,public}"]],
  ],
];

describe("the owner is shown", () => {
  test.each(SHOWN)("%s", async (_what, sql, expected) => {
    expect(await rows(admin, sql)).toEqual(expected);
  });
});

describe("a change shows in the next statement", () => {
  const columns =
    "SELECT string_agg(attname, ' ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 's.line'::regclass AND attnum > 0";

  test("of columns and constraints", async () => {
    expect(await rows(admin, columns)).toEqual([["id item secret"]]);
    await admin.query("ALTER TABLE s.line ADD COLUMN note text");
    expect(await rows(admin, columns)).toEqual([["id item secret note"]]);
    await admin.query("ALTER TABLE s.line ADD CONSTRAINT few CHECK (id < 9)");
    const checks =
      "SELECT relchecks FROM pg_class WHERE oid = 's.line'::regclass";
    expect(await rows(admin, checks)).toEqual([["1"]]);
    await admin.query("ALTER TABLE s.line DROP CONSTRAINT few");
    expect(await rows(admin, checks)).toEqual([["0"]]);
  });

  test("of sizes", async () => {
    const size =
      "SELECT reltuples FROM pg_class WHERE oid = 's.line'::regclass";
    expect(await rows(admin, size)).toEqual([["0"]]);
    await admin.query("INSERT INTO s.line (id) VALUES (1), (2)");
    expect(await rows(admin, size)).toEqual([["2"]]);
  });

  test("of a view's table", async () => {
    await admin.query("CREATE TABLE s.base (a int, b int)");
    await admin.query("CREATE VIEW s.over AS SELECT b FROM s.base");
    const shown = "SELECT pg_get_viewdef('s.over'::regclass)";
    expect(await rows(admin, shown)).toEqual([[" SELECT b\n   FROM s.base;"]]);
    await admin.query("CREATE OR REPLACE TABLE s.base (b int, a int)");
    expect(await rows(admin, shown)).toEqual([[" SELECT b\n   FROM s.base;"]]);
    await admin.query("DROP VIEW s.over");
    await admin.query("DROP TABLE s.base");
    expect(
      await rows(
        admin,
        "SELECT count(*) FROM pg_type WHERE typname IN ('base', '_base', 'over')",
      ),
    ).toEqual([["0"]]);
  });
});

describe("of a hidden table a user finds nothing", () => {
  const oid = "(SELECT oid FROM pg_class WHERE relname = 'secret')";

  test.each([
    [
      "a foreign key to it",
      "SELECT conname FROM pg_constraint WHERE conname = 'hush'",
    ],
    ["its name", `SELECT 1 WHERE ${oid} IS NOT NULL`],
    ["its keys", "SELECT relname FROM pg_class WHERE relname = 'secret_pkey'"],
    ["its type", "SELECT typname FROM pg_type WHERE typname LIKE '%secret'"],
    ["what reads it", "SELECT 1 FROM information_schema.view_table_usage"],
    [
      "referential constraints",
      "SELECT 1 FROM information_schema.referential_constraints WHERE constraint_name = 'hush'",
    ],
    [
      "the text of a view over it",
      "SELECT 1 WHERE pg_get_viewdef('s.words'::regclass) IS NOT NULL",
    ],
  ])("%s", async (_what, sql) => {
    expect(await rows(ann, sql)).toEqual([]);
    expect(await rows(ann, "SELECT 's.line'::regclass::text")).toEqual([
      ["s.line"],
    ]);
  });

  test("by the oids it has for others", async () => {
    const { rows: found } = await admin.query<{ of: string }>(
      `SELECT unnest(ARRAY[c.oid, c.reltype, i.indexrelid, k.oid]) AS of FROM pg_class c JOIN pg_index i ON i.indrelid = c.oid
       JOIN pg_constraint k ON k.conindid = i.indexrelid WHERE c.relname = 'secret' AND k.contype = 'p'`,
    );
    expect(found).toHaveLength(4);
    for (const { of } of found) {
      expect(
        await rows(
          ann,
          `SELECT ${of}::regclass::text, pg_get_indexdef(${of}), pg_get_constraintdef(${of}), format_type(${of}, NULL)`,
        ),
      ).toEqual([[of, null, null, "???"]]);
    }
  });
});
