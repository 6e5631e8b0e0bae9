// Tables and their histories: who makes each and what is done to it, feature by feature. `$t` is the table, under the name its writer
// knows it by.

export type Writer = "ours" | "spark";

export interface Case {
  readonly name: string;
  readonly maker: Writer;
  /** CREATE TABLE and what follows, by the maker; the first row is in version 1. */
  readonly made: readonly string[];
  /** Done by the other afterwards, and by the maker again. */
  readonly changes?: Partial<Readonly<Record<Writer, readonly string[]>>>;
  /** First version of a change data feed. */
  readonly feedFrom?: number;
  /** What the table's rules forbid, whoever writes; looked at before the changes. */
  readonly refused?: readonly Refused[];
  /** More to read in the end, as an item of FROM. */
  readonly also?: readonly string[];
  /** The newest version is compared alone: that is quicker, and after a VACUUM all there is. */
  readonly newest?: boolean;
}

export interface Refused {
  readonly ours: string;
  readonly spark: string;
  /** SQLSTATE of ours. */
  readonly code: string;
  /** In Spark's message. */
  readonly says: string;
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
function modern(mode: "name" | "id"): string {
  return `PARTITIONED BY (day) TBLPROPERTIES (${FEED}, ${VECTORS}, 'delta.columnMapping.mode' = '${mode}', 'delta.enableInCommitTimestamps' = 'true', 'delta.checkpointPolicy' = 'v2', 'delta.checkpointInterval' = '2')`;
}

const ROW_IDS =
  "(SELECT id, _metadata.row_id AS row_id, _metadata.row_commit_version AS row_commit_version FROM $t) AS v";
const TRACKED = `TBLPROPERTIES (${VECTORS}, 'delta.enableRowTracking' = 'true')`;
const MAPPED = "'delta.columnMapping.mode' = 'name'";
const WIDENING = "'delta.enableTypeWidening' = 'true'";
const MERGE_ALL =
  "MERGE INTO $t AS t USING (SELECT 3 AS i, 'three' AS n UNION ALL SELECT 4, 'four' UNION ALL SELECT 700, 'new') AS v ON t.id = v.i WHEN MATCHED AND v.i = 4 THEN DELETE WHEN MATCHED THEN UPDATE SET name = v.n WHEN NOT MATCHED THEN INSERT (id, name) VALUES (v.i, v.n) WHEN NOT MATCHED BY SOURCE AND t.id > 28 THEN DELETE";

/** Values that no rule of the table lets in: NOT NULL, CHECK, GENERATED ALWAYS, identity. */
const BROKEN_RULES: readonly Refused[] = [
  {
    ours: "INSERT INTO $t (v) VALUES (NULL)",
    spark: "INSERT INTO $t (v) VALUES (NULL)",
    code: "23502",
    says: "NULL",
  },
  {
    ours: "INSERT INTO $t (v) VALUES (-1)",
    spark: "INSERT INTO $t (v) VALUES (-1)",
    code: "23514",
    says: "positive",
  },
  {
    ours: "UPDATE $t SET v = 0 WHERE v = 1",
    spark: "UPDATE $t SET v = 0 WHERE v = 1",
    code: "23514",
    says: "positive",
  },
  {
    ours: "INSERT INTO $t (v, twice) VALUES (5, 11)",
    spark: "INSERT INTO $t (v, twice) VALUES (5, 11)",
    code: "23514",
    says: "Generated Column",
  },
  {
    ours: "INSERT INTO $t (n, v) VALUES (5, 11)",
    spark: "INSERT INTO $t (n, v) VALUES (5, 11)",
    code: "428C9",
    says: "IDENTITY",
  },
];
const INSERTS_BY_RULE = [
  "INSERT INTO $t (v) VALUES (7), (8)",
  "INSERT INTO $t (v, label) VALUES (9, NULL)",
  "UPDATE $t SET v = v + 100 WHERE v = 7",
];

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
  ours(
    "deletion vectors, column mapping by name, change data feed, in-commit timestamps, V2 checkpoints",
    modern("name"),
    ["DELETE FROM $t WHERE id < 3"],
    { feedFrom: 1, changes: { spark: [MERGE_ALL] } },
  ),
  ours(
    "renamed, dropped and added again, clustered",
    `CLUSTER BY (f) TBLPROPERTIES (${MAPPED})`,
    [
      "ALTER TABLE $t RENAME COLUMN b TO yes",
      "ALTER TABLE $t DROP COLUMN n",
      "ALTER TABLE $t ADD COLUMN n text",
      "INSERT INTO $t (id, name, f, n) VALUES (40, 'late', 0.5, 'new')",
    ],
    {
      newest: true,
      changes: {
        spark: [
          "INSERT INTO $t (id, f, yes, n) VALUES (41, 0.25, true, 'theirs')",
          "OPTIMIZE $t",
        ],
      },
    },
  ),
  {
    name: "retyped",
    maker: "ours",
    made: [
      `CREATE TABLE $t (id int, name text, s smallint, f real, d numeric(5,2), day date, p int) PARTITIONED BY (p) TBLPROPERTIES (${WIDENING})`,
      "INSERT INTO $t VALUES (1, 'a', 32767, 1.5, 999.99, '2026-01-01', 1), (5, 'b', NULL, NULL, NULL, NULL, NULL), (8, 'c', -32768, 'nan', -0.01, '0001-01-01', 2)",
      "ALTER TABLE $t ALTER COLUMN id TYPE bigint, ALTER COLUMN s TYPE int, ALTER COLUMN f TYPE double precision, ALTER COLUMN d TYPE numeric(12,4), ALTER COLUMN day TYPE timestamp, ALTER COLUMN p TYPE bigint",
      "INSERT INTO $t VALUES (9223372036854775807, 'd', 2147483647, 0.1, 12345678.1234, '2026-01-01 12:00:00.123456', 9223372036854775807)",
    ],
    changes: {
      spark: [
        "ALTER TABLE $t ALTER COLUMN s TYPE bigint",
        "INSERT INTO $t (id, name, s) VALUES (6, 'inserted', 9223372036854775807)",
        CHANGES.spark[0] ?? "",
      ],
    },
  },
  {
    name: "defaults, generated and identity columns, NOT NULL and CHECK",
    maker: "ours",
    made: [
      "CREATE TABLE $t (n bigint GENERATED ALWAYS AS IDENTITY (START WITH 10 INCREMENT BY 5), v int NOT NULL, twice int GENERATED ALWAYS AS (v * 2), label text DEFAULT 'none', CONSTRAINT positive CHECK (v > 0))",
      "INSERT INTO $t (v) VALUES (1), (2)",
    ],
    refused: BROKEN_RULES,
    changes: { ours: INSERTS_BY_RULE, spark: INSERTS_BY_RULE },
  },
  ours("row tracking", TRACKED, REWRITTEN, {
    also: [ROW_IDS],
    newest: true,
    changes: {
      spark: ["UPDATE $t SET name = 'theirs' WHERE id % 5 = 1", "OPTIMIZE $t"],
    },
  }),
  ours("merged, compacted, restored and vacuumed by Spark", "", [], {
    newest: true,
    changes: {
      spark: [
        MERGE_ALL,
        "OPTIMIZE $t",
        "RESTORE TABLE $t TO VERSION AS OF 3",
        "VACUUM $t RETAIN 0 HOURS",
      ],
    },
  }),
  {
    name: "all scalar types at their limits",
    maker: "ours",
    made: [
      "CREATE TABLE $t (id bigint, name text, b1 tinyint, b2 smallint, b4 int, f4 real, f8 double precision, d numeric(38,10), yes boolean, bin bytea, day date, at timestamptz, ntz timestamp, a int[], t text[])",
      `INSERT INTO $t VALUES
        (-9223372036854775808, U&'\\0001\\00e9\\+01F600', -128, -32768, -2147483648, 1.17549435e-38, 2.2250738585072014e-308, -9999999999999999999999999999.9999999999, true, '\\x00ff', '0001-01-01', '0001-01-01 00:00:00+00', '0001-01-01 00:00:00', '{}', '{"",NULL,"NULL"}'),
        (5, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
        (9223372036854775807, '', 127, 32767, 2147483647, 3.4028235e38, 1.7976931348623157e308, 9999999999999999999999999999.9999999999, false, '\\x', '9999-12-31', '9999-12-31 23:59:59.999999+00', '9999-12-31 23:59:59.999999', '{1,NULL,-2147483648}', '{a}'),
        (1, repeat('é', 40), 0, 0, 0, '-0', '-0', 0, false, '\\x27', '1582-10-15', '1969-12-31 23:59:59.999999+00', '1582-10-04 00:00:00', '{NULL}', '{}'),
        (2, E'\\t\\n\\\\', 1, 1, 1, 'nan', 'infinity', 0.0000000001, true, '\\x5c', '1970-01-01', '2026-03-29 01:59:59.5+00', '2026-03-29 02:30:00', '{0}', '{"é"}')`,
    ],
    changes: {
      ours: ["UPDATE $t SET name = 'ours' WHERE id = 5"],
      spark: ["INSERT INTO $t SELECT * FROM $t"],
    },
  },
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
    changes: {
      ours: [
        `UPDATE $t SET v = '{"ours": [1, 2.50, null]}' WHERE id = 1`,
        "INSERT INTO $t VALUES (20, 'null'), (21, NULL)",
        "OPTIMIZE $t",
      ],
      spark: [
        "UPDATE $t SET v = parse_json('[true]') WHERE id = 2",
        'INSERT INTO $t VALUES (30, parse_json(\'{"late": "é"}\'))',
      ],
    },
  },
  {
    name: "variants in columns and structs, mapped and with a change data feed",
    maker: "ours",
    made: [
      `CREATE TABLE $t (id bigint, v variant, s struct<n int, w variant>) TBLPROPERTIES (${FEED}, ${VECTORS}, ${MAPPED})`,
      `INSERT INTO $t (id, v) SELECT i, ('{"a": ' || i || ', "b": [1.5, null, "é", 5000000000, 12345678901234567890.12]}')::variant FROM generate_series(1, 10) AS g(i)`,
      "INSERT INTO $t (id, v) VALUES (11, 'null'), (12, NULL)",
      `MERGE INTO $t AS t USING (VALUES (1, '"one"'::jsonb), (13, '{}')) AS x(i, j) ON t.id = x.i WHEN MATCHED THEN UPDATE SET v = x.j WHEN NOT MATCHED THEN INSERT (id, v) VALUES (x.i, x.j)`,
    ],
    changes: {
      ours: ["DELETE FROM $t WHERE id = 5", "OPTIMIZE $t"],
      spark: [
        "UPDATE $t SET s = named_struct('n', 1, 'w', v) WHERE id = 2",
        "INSERT INTO $t VALUES (30, parse_json('1'), named_struct('n', 2, 'w', parse_json('[2]')))",
      ],
    },
  },
  theirs(
    "deletion vectors, column mapping by id, change data feed, in-commit timestamps, V2 checkpoints",
    modern("id"),
    REWRITTEN,
    { feedFrom: 0 },
  ),
  theirs(
    "two partition columns and a change data feed of copied files",
    `PARTITIONED BY (day, b) TBLPROPERTIES (${FEED})`,
    REWRITTEN,
    { feedFrom: 0 },
  ),
  theirs(
    "renamed, dropped, retyped and clustered",
    `CLUSTER BY (f) TBLPROPERTIES (${MAPPED}, ${WIDENING})`,
    [
      "ALTER TABLE $t RENAME COLUMN b TO yes",
      "ALTER TABLE $t DROP COLUMN at",
      "ALTER TABLE $t ADD COLUMN at int",
      "ALTER TABLE $t ALTER COLUMN n TYPE decimal(30,6)",
      "INSERT INTO $t (id, name, n, at) VALUES (40, 'late', 123456789012345678901234.123456, 7)",
    ],
    {
      newest: true,
      changes: {
        ours: [
          "ALTER TABLE $t ALTER COLUMN at TYPE bigint",
          "INSERT INTO $t (id, name, n, at) VALUES (41, 'ours', 0.000001, 9223372036854775807)",
          "OPTIMIZE $t",
        ],
      },
    },
  ),
  {
    name: "defaults, generated and identity columns, NOT NULL and CHECK",
    maker: "spark",
    made: [
      "CREATE TABLE $t (n bigint GENERATED ALWAYS AS IDENTITY (START WITH 10 INCREMENT BY 5), v int NOT NULL, twice int GENERATED ALWAYS AS (v * 2), label string DEFAULT 'none') USING delta TBLPROPERTIES ('delta.feature.allowColumnDefaults' = 'supported')",
      "INSERT INTO $t (v) VALUES (1), (2)",
      "ALTER TABLE $t ADD CONSTRAINT positive CHECK (v > 0)",
    ],
    refused: BROKEN_RULES,
    changes: { ours: INSERTS_BY_RULE, spark: INSERTS_BY_RULE.slice(0, 1) },
  },
  theirs("row tracking", TRACKED, ["DELETE FROM $t WHERE id < 5"], {
    also: [ROW_IDS],
    newest: true,
    changes: { spark: [] },
  }),
  theirs("merged, compacted, restored and vacuumed by us", "", [], {
    newest: true,
    changes: {
      ours: [
        MERGE_ALL,
        "OPTIMIZE $t ZORDER BY (f)",
        "RESTORE TABLE $t TO VERSION AS OF 3",
        "SET spark.databricks.delta.retentionDurationCheck.enabled = off",
        "VACUUM $t RETAIN 0 HOURS",
      ],
    },
  }),
];

export const CASES: readonly Case[] = [...THEIRS, ...OURS];
