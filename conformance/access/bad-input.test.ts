// Names and graphs made to confuse the decision: look-alike principals, dots inside names, very long lists, deep groups, views that
// call each other, objects that vanish while rights on them change, and hidden objects asked for by their oid.

import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  test,
} from "vitest";
import { Fixture, ROOT } from "./fixture.ts";
import { postgresSpeaker, type Outcome } from "./outcome.ts";

let fixture: Fixture;

beforeAll(async () => {
  fixture = await Fixture.start();
});
afterAll(() => fixture[Symbol.asyncDispose]());
beforeEach(() => fixture.renew());

async function as(user: string, sql: string): Promise<Outcome> {
  const password = await fixture.tokenOf(user);
  const speaker = await postgresSpeaker(fixture.gateway, { user, password });
  try {
    return await speaker.run(sql);
  } finally {
    await speaker.end();
  }
}

/** `ok`, or the SQLSTATE. */
async function codeOf(user: string, sql: string): Promise<string> {
  const outcome = await as(user, sql);
  return outcome.kind === "ok" ? "ok" : outcome.code;
}

describe("principals that look like others", () => {
  test("are the same in another case or normal form", async () => {
    await fixture.asRoot("CREATE USER `Zo\u00eb`");
    expect(await codeOf(ROOT, "CREATE USER `ZOE\u0308`")).toBe("42710");
    await fixture.asRoot("GRANT USAGE ON SCHEMA sales TO `zoe\u0308`");
    await fixture.asRoot("GRANT SELECT ON TABLE sales.orders TO BOB");
    await fixture.asRoot("GRANT USAGE ON SCHEMA sales TO `Bob`");
    expect(await codeOf("bob", "SELECT * FROM sales.orders")).toBe("ok");
  });

  test.each([
    ["a Cyrillic letter", "b\u043eb"],
    ["a full-width letter", "\uff42ob"],
    ["a zero-width joiner", "b\u200dob"],
  ])("are others with %s", async (_what, name) => {
    expect(
      await codeOf(ROOT, `GRANT SELECT ON TABLE sales.orders TO \`${name}\``),
    ).toBe("42704");
    await fixture.asRoot(`CREATE USER \`${name}\``);
    await fixture.asRoot(`GRANT USAGE, SELECT ON SCHEMA sales TO \`${name}\``);
    expect(await codeOf("bob", "SELECT * FROM sales.orders")).toBe("42P01");
  });

  test.each([
    ["a right-to-left mark", "bo\u200fb"],
    ["a right-to-left override", "\u202ebob"],
    ["an isolate", "b\u2066ob"],
    ["a control character", "b\u0007ob"],
  ])("are refused with %s", async (_what, name) => {
    expect(await codeOf(ROOT, `CREATE USER \`${name}\``)).toBe("42602");
  });
});

test("a dot inside a quoted name separates nothing", async () => {
  for (const sql of [
    "CREATE SCHEMA `scratch.t`",
    "CREATE TABLE `scratch.t`.u AS SELECT 'two parts' AS a",
    "CREATE TABLE scratch.`t.u` AS SELECT 'one part' AS a",
    "GRANT USAGE ON SCHEMA scratch TO bob",
    "GRANT USAGE ON SCHEMA `scratch.t` TO bob",
    "GRANT SELECT ON TABLE scratch.`t.u` TO bob",
  ])
    await fixture.asRoot(sql);
  expect(await as("bob", "SELECT a FROM scratch.`t.u`")).toMatchObject({
    rows: [["one part"]],
  });
  expect(await as("bob", "SELECT a FROM `scratch.t`.u")).toMatchObject({
    code: "42P01",
    message: 'relation "scratch.t.u" does not exist',
  });
  expect(await codeOf("bob", "SELECT a FROM `scratch.t.u`")).toBe("42P01");
  expect(
    await as(ROOT, "SHOW GRANTS bob ON TABLE scratch.`t.u`"),
  ).toMatchObject({
    rows: [
      ["bob", "SELECT", "TABLE", "`scratch`.`t.u`"],
      ["bob", "USAGE", "DATABASE", "`scratch`"],
    ],
  });
});

test("a list of 10,000 elements is decided like any other", async () => {
  const list = Array.from({ length: 10_000 }, (_, at) => at).join(", ");
  const sql = `SELECT id FROM sales.orders WHERE id IN (${list}) ORDER BY id`;
  expect(await codeOf("bob", sql)).toBe("42P01");
  await fixture.asRoot("GRANT USAGE, SELECT ON SCHEMA sales TO bob");
  expect(await as("bob", sql)).toMatchObject({ rows: [["1"], ["2"]] });
});

test("groups a hundred deep carry grants and denies, and close no circle", async () => {
  const depth = 100;
  await fixture.asRoot("CREATE GROUP g0 WITH USER bob");
  for (let at = 1; at < depth; at += 1)
    await fixture.asRoot(`CREATE GROUP g${at} WITH GROUP g${at - 1}`);
  await fixture.asRoot(`GRANT USAGE, SELECT ON SCHEMA sales TO g${depth - 1}`);
  expect(await codeOf("bob", "SELECT * FROM sales.orders")).toBe("ok");
  expect(await codeOf(ROOT, `ALTER GROUP g0 ADD GROUP g${depth - 1}`)).toBe(
    "0LP01",
  );
  expect(await codeOf(ROOT, "ALTER GROUP g7 ADD GROUP g7")).toBe("0LP01");
  await fixture.asRoot(`DENY SELECT ON TABLE sales.orders TO g${depth / 2}`);
  expect(await codeOf("bob", "SELECT * FROM sales.orders")).toBe("42P01");
});

test("views that read each other end in an error, whoever asks", async () => {
  for (const sql of [
    "CREATE VIEW scratch.a AS SELECT 1 AS x",
    "CREATE VIEW scratch.b AS SELECT x FROM scratch.a",
    "GRANT USAGE, SELECT ON SCHEMA scratch TO bob",
    "CREATE OR REPLACE VIEW scratch.a AS SELECT x FROM scratch.b",
  ])
    await fixture.asRoot(sql);
  for (const user of ["bob", ROOT])
    for (const view of ["a", "b"])
      expect(await codeOf(user, `SELECT x FROM scratch.${view}`)).toBe("42P17");
});

test("rights on a table that is dropped meanwhile are given whole or not at all, and none survive", async () => {
  const grants = Array.from({ length: 6 }, async (_, at) => {
    const privilege = ["SELECT", "MODIFY"][at % 2] ?? "";
    return codeOf(
      "alice",
      `GRANT ${privilege} ON TABLE sales.orders TO carol, bob`,
    );
  });
  const dropped = codeOf(ROOT, "DROP TABLE sales.orders");
  for (const code of await Promise.all(grants))
    expect(["ok", "42P01"]).toContain(code);
  expect(await dropped).toBe("ok");
  await fixture.asRoot("CREATE TABLE sales.orders (id int)");
  await fixture.asRoot("GRANT USAGE ON SCHEMA sales TO bob");
  expect(await codeOf("bob", "SELECT * FROM sales.orders")).toBe("42P01");
  expect(await as(ROOT, "SHOW GRANTS bob ON TABLE sales.orders")).toMatchObject(
    { rows: [["bob", "USAGE", "DATABASE", "`sales`"]] },
  );
});

describe("a hidden object asked for by its oid reads as an absent one", () => {
  const OID = "424242";
  test.each([
    "SELECT {oid}::regclass::text",
    "SELECT obj_description({oid}, 'pg_class')",
    "SELECT has_table_privilege({oid}, 'select')",
    "SELECT pg_table_is_visible({oid})",
    "SELECT pg_get_viewdef({oid})",
    "SELECT pg_relation_size({oid})",
    "SELECT relname FROM pg_catalog.pg_class WHERE oid = {oid}",
    "SELECT attname FROM pg_catalog.pg_attribute WHERE attrelid = {oid}",
  ])("%s", async (template) => {
    const [row] = await fixture.asRoot(
      "SELECT oid FROM pg_catalog.pg_class WHERE relname = 'v_orders'",
    );
    const hidden = String(row?.[0]);
    expect(hidden).toMatch(/^\d+$/);
    const ask = async (oid: string): Promise<string> =>
      JSON.stringify(
        await as("bob", template.replace("{oid}", oid)),
      ).replaceAll(oid, "OID");
    expect(await ask(hidden)).toBe(await ask(OID));
  });
});
