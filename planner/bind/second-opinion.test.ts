// An independent parser reads the same SQL: every table it finds must be among those the statement requires rights on.
// A table we overlooked would be read without a check.

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import sqlParser from "node-sql-parser";
import { expect, test } from "vitest";
import { resolveSql } from "./bind.testkit.ts";

const FOLDER = join(import.meta.dirname, "..", "..", "conformance", "tpch");
const parser = new sqlParser.Parser();

/** Names of tables in every position SQL has for one; the test catalog has the TPC-H tables in the schema tpch. */
const POSITIONS: readonly string[] = [
  "select * from tpch.nation where exists (select 1 from tpch.region where r_regionkey = n_regionkey)",
  "select (select max(o_orderkey) from tpch.orders) from tpch.nation",
  "with a as (select * from tpch.part) select * from a join tpch.supplier on true",
  "with a as (select * from tpch.part) select 1",
  "select * from tpch.nation union select * from tpch.nation where n_nationkey in (select c_nationkey from tpch.customer)",
  "select case when false then (select max(l_orderkey) from tpch.lineitem) end",
  "select 1 from tpch.nation order by (select count(*) from tpch.region)",
  "select n_regionkey from tpch.nation group by 1 having count(*) > (select count(*) from tpch.region)",
  "select * from (select * from tpch.partsupp) as p left join tpch.part on ps_partkey = p_partkey",
  "insert into tpch.region select n_nationkey, n_name, n_comment from tpch.nation",
];

/** What it cannot parse: `substring(x from a for b) in (…)` in two places. */
const BEYOND_IT: readonly string[] = ["22.sql"];

const queriesOf = (files: readonly string[]): readonly string[] =>
  files.map((file) => readFileSync(join(FOLDER, file), "utf8"));
const QUERIES = queriesOf(
  readdirSync(FOLDER).filter((file) => !BEYOND_IT.includes(file)),
);

test.each(queriesOf(BEYOND_IT))("it still cannot parse %s", (sql) => {
  expect(() => parser.tableList(sql, { database: "postgresql" })).toThrow();
});

test.each([...POSITIONS, ...QUERIES])(
  "every table found in %s is required",
  (sql) => {
    const required = new Set(
      resolveSql(sql).requirements.flatMap((requirement) =>
        "name" in requirement ? [requirement.name] : [],
      ),
    );
    const found = parser
      .tableList(sql, { database: "postgresql" })
      .map((entry) => entry.split("::"))
      // Names of common tables come without a schema.
      .flatMap(([, schema = "null", table = ""]) =>
        schema === "null" ? [] : [`${schema}.${table}`],
      );
    expect(found.length).toBeGreaterThan(0);
    for (const name of found) expect(required).toContain(name);
  },
);
