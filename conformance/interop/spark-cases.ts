// Tables and their histories: who makes each and what is done to it, feature by feature. `$t` is the table, under the name its writer
// knows it by.

export type Writer = "ours" | "spark";

export interface Case {
  readonly name: string;
  readonly maker: Writer;
  /** CREATE TABLE and what follows, by the maker; the first row is in version 1. */
  readonly made: readonly string[];
  /** Done by the other afterwards, and by the maker again. */
  readonly changes?: readonly string[];
  /** First version of a change data feed. */
  readonly feedFrom?: number;
}

/** On every table whose case does not say otherwise. Spark does less: each of its changes takes seconds. */
export const CHANGES: Readonly<Record<Writer, readonly string[]>> = {
  ours: [
    "UPDATE $t SET name = concat(name, '+') WHERE id % 5 = 0",
    "DELETE FROM $t WHERE id % 7 = 3",
    "MERGE INTO $t AS t USING (SELECT 2 AS i, 'merged' AS n UNION ALL SELECT 500, 'new') AS v ON t.id = v.i WHEN MATCHED THEN UPDATE SET name = v.n WHEN NOT MATCHED THEN INSERT (id, name) VALUES (v.i, v.n)",
    "INSERT INTO $t (id, name) VALUES (600, 'inserted')",
    "OPTIMIZE $t",
  ],
  spark: [
    "UPDATE $t SET name = concat(name, '-') WHERE id % 5 = 1",
    "INSERT INTO $t (id, name) VALUES (601, 'inserted')",
  ],
};

const COLUMNS =
  "(id bigint, name string, day date, n decimal(20,4), b boolean, f double, at timestamp)";
const OUR_COLUMNS = COLUMNS.replace("timestamp)", "timestamptz)");
const CREATE_OURS = `CREATE TABLE $t ${OUR_COLUMNS}`;
const CREATE_THEIRS = `CREATE TABLE $t ${COLUMNS} USING delta`;
const FILL_OURS =
  "INSERT INTO $t (id, name, day, n, b, f, at) SELECT i, CASE WHEN i % 5 > 0 THEN 'é' || i END, date '2026-01-01' + (i % 3)::int, i / 8.0, i % 2 = 0, i / 2.0, timestamptz '2026-01-01 10:00:00.123456+02' + i * interval '1 hour' FROM generate_series(1, 20) AS g(i)";
const FILL_THEIRS =
  "INSERT INTO $t (id, name, day, n, b, f, at) SELECT id, CASE WHEN id % 5 > 0 THEN concat('é', id) END, date_add(date'2026-01-01', CAST(id % 3 AS int)), CAST(id / 8 AS decimal(20,4)), id % 2 = 0, id / 2D, timestamp'2026-01-01 10:00:00.123456' + make_dt_interval(0, CAST(id AS int)) FROM range(1, 21)";
const MORE_OURS = FILL_OURS.replace("(1, 20)", "(21, 30)");
const MORE_THEIRS = FILL_THEIRS.replace("(1, 21)", "(21, 31)");

function ours(
  name: string,
  clauses: string,
  after: readonly string[] = [],
  rest: Partial<Case> = {},
): Case {
  const made = [`${CREATE_OURS} ${clauses}`, FILL_OURS, MORE_OURS, ...after];
  return { name, maker: "ours", made, ...rest };
}

function theirs(
  name: string,
  clauses: string,
  after: readonly string[] = [],
  rest: Partial<Case> = {},
): Case {
  const made = [
    `${CREATE_THEIRS} ${clauses}`,
    FILL_THEIRS,
    MORE_THEIRS,
    ...after,
  ];
  return { name, maker: "spark", made, ...rest };
}

const VECTORS = "'delta.enableDeletionVectors' = 'true'";
const FEED = "'delta.enableChangeDataFeed' = 'true'";
const REWRITTEN = [
  "UPDATE $t SET name = 'x' WHERE id % 3 = 0",
  "DELETE FROM $t WHERE id < 5",
  "OPTIMIZE $t ZORDER BY (f)",
];

/** Partitioned, all of the newer ways of writing at once. */
const MODERN = `PARTITIONED BY (day) TBLPROPERTIES (${FEED}, ${VECTORS}, 'delta.columnMapping.mode' = 'id', 'delta.enableInCommitTimestamps' = 'true', 'delta.checkpointPolicy' = 'v2', 'delta.checkpointInterval' = '2')`;

const OURS: readonly Case[] = [
  ours("rewritten and restored", "", [
    ...REWRITTEN,
    "RESTORE TABLE $t TO VERSION AS OF 2",
  ]),
  ours("partitioned", "PARTITIONED BY (day, b)", REWRITTEN),
  ours("deletion vectors", `TBLPROPERTIES (${VECTORS})`, [
    "DELETE FROM $t WHERE id % 4 = 1",
    "DELETE FROM $t WHERE id % 4 = 2",
  ]),
];

const ALL_TYPES =
  "id bigint, name string, b1 tinyint, b2 smallint, b4 int, f4 float, f8 double, d decimal(38,10), yes boolean, bin binary, day date, at timestamp, ntz timestamp_ntz, a array<int>, m map<string,double>, s struct<x: int, y: array<string>>, aa array<struct<k: string, v: decimal(10,2)>>";
const TYPED_ROWS = `INSERT INTO $t VALUES
  (1, 'a', -128, -32768, -2147483648, 1.5, 0.1, 1234567890123456789012345678.0123456789, true, X'00ff', date'1970-01-01', timestamp'2026-01-01 00:00:00', timestamp_ntz'2026-01-01 00:00:00', array(1, null, 3), map('k', 1.5, 'l', null), named_struct('x', 1, 'y', array('p', null)), array(named_struct('k', 'é', 'v', 1.50))),
  (5, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null),
  (3, '', 127, 32767, 2147483647, float('NaN'), double('-Infinity'), -0.0000000001, false, X'', date'0001-01-01', timestamp'1900-02-28 23:59:59.999999', timestamp_ntz'9999-12-31 23:59:59.999999', array(), map(), named_struct('x', null, 'y', null), array())`;

const THEIRS: readonly Case[] = [
  {
    name: "all types",
    maker: "spark",
    made: [`CREATE TABLE $t (${ALL_TYPES}) USING delta`, TYPED_ROWS],
  },
  {
    name: "all scalar types as partition columns",
    maker: "spark",
    made: [
      "CREATE TABLE $t (id bigint, name string, p1 tinyint, p8 double, pd decimal(20,5), pb boolean, ps string, pday date, pat timestamp, pn timestamp_ntz) USING delta PARTITIONED BY (p1, p8, pd, pb, ps, pday, pat, pn)",
      "INSERT INTO $t VALUES (1, 'a', -1, 0.1, 1.50, true, 'a/b c=%é', date'0001-01-01', timestamp'2026-01-01 00:00:00.123456', timestamp_ntz'1900-01-01 00:00:00'), (5, 'b', null, null, null, null, null, null, null, null), (3, 'c', 1, double('NaN'), 0, false, 'x:y', date'9999-12-31', timestamp'1969-12-31 23:59:59.5', timestamp_ntz'2026-06-01 12:00:00.000001')",
    ],
  },
  {
    name: "variant",
    maker: "spark",
    made: [
      "CREATE TABLE $t (id bigint, v variant) USING delta",
      `INSERT INTO $t SELECT id, parse_json(concat('{"a": ', id, ', "b": [1.5, null, "x"]}')) FROM range(10)`,
      "DELETE FROM $t WHERE id = 3",
    ],
    changes: [],
  },
  theirs(
    "deletion vectors, column mapping by id, change data feed, in-commit timestamps, V2 checkpoints",
    MODERN,
    REWRITTEN,
    { feedFrom: 0 },
  ),
  theirs(
    "two partition columns and a change data feed of copied files",
    `PARTITIONED BY (day, b) TBLPROPERTIES (${FEED})`,
    REWRITTEN,
    { feedFrom: 0 },
  ),
];

export const CASES: readonly Case[] = [...THEIRS, ...OURS];
