// Tables no writer of ours would make, and every reader must read: unusual but legal JSON, odd paths, partial statistics, checkpoints
// beside each other. Each is a log as text over the same few data files (odd-logs.test.ts).

export interface OddTable {
  /** With the checklist's rule. */
  readonly name: string;
  /** Commit i's lines: objects are printed, texts stand as they are. Undefined where the commit was cleaned up. */
  readonly commits: readonly (readonly (object | string)[] | undefined)[];
  /** More files of the log folder: the name of one in `odd/`, or lines. */
  readonly log?: Readonly<Record<string, string | readonly object[]>>;
  /** Copies of data files under other names, below the table's folder: new name, old name. */
  readonly files?: Readonly<Record<string, DataFile>>;
  /** Queries with "t" as the table's name; rows as texts. */
  readonly answers: readonly (readonly [
    sql: string,
    rows: readonly string[],
  ])[];
}

/** What they hold is in odd/README.md: `two` has its columns in another order, and one more. */
export const DATA_FILES = ["one", "two", "upper", "short", "empty"] as const;

export type DataFile = (typeof DATA_FILES)[number];

const PROTOCOL = { protocol: { minReaderVersion: 1, minWriterVersion: 2 } };
const COLUMNS = [
  ["id", "long"],
  ["s", "string"],
] as const;

function metaData(
  columns: readonly (readonly [string, string])[] = COLUMNS,
  more: object = {},
): object {
  const fields = columns.map(([name, type]) => ({
    name,
    type,
    nullable: true,
    metadata: {},
  }));
  return {
    metaData: {
      id: "odd",
      format: { provider: "parquet", options: {} },
      schemaString: JSON.stringify({ type: "struct", fields }),
      partitionColumns: [],
      configuration: {},
      ...more,
    },
  };
}

function add(path: string, more: object = {}): object {
  return {
    add: {
      path,
      partitionValues: {},
      size: 500,
      modificationTime: 1,
      dataChange: true,
      ...more,
    },
  };
}

const FIRST = [PROTOCOL, metaData()];
const ALL = "SELECT id, s FROM t ORDER BY id";
const COUNT = "SELECT count(*) FROM t";
const ONE = ["1|a", "2|b"];

const stats = (text: string): OddTable => ({
  name: `K2: statistics that are ${text}`,
  commits: [[...FIRST, add("one.parquet", { stats: text })]],
  answers: [
    [ALL, ONE],
    [COUNT, ["2"]],
    ["SELECT s FROM t WHERE id = 2", ["b"]],
    ["SELECT id FROM t WHERE s IS NULL OR s = 'a'", ["1"]],
    ["SELECT min(id), max(id) FROM t", ["1|2"]],
  ],
});

const spelled = (path: string, file: string): OddTable => ({
  name: `P1: a file the log spells ${path}`,
  commits: [[...FIRST, add(path)]],
  files: { [file]: "one" },
  answers: [[ALL, ONE]],
});

const PARTITIONED = [...COLUMNS, ["p", "string"]] as const;
const parts = [
  PROTOCOL,
  metaData(PARTITIONED, { partitionColumns: ["p"] }),
] as const;

export const ODD_TABLES: readonly OddTable[] = [
  {
    name: "L4: members and actions nobody knows, and null for every optional member",
    commits: [
      [
        { commitInfo: { anything: [{ deep: { er: null } }], operation: 7 } },
        {
          protocol: {
            minReaderVersion: 1,
            minWriterVersion: 2,
            readerFeatures: null,
            writerFeatures: null,
            more: {},
          },
        },
        metaData(COLUMNS, {
          name: null,
          description: null,
          createdTime: null,
          more: [1],
        }),
        add("one.parquet", {
          stats: null,
          tags: null,
          deletionVector: null,
          baseRowId: null,
          defaultRowCommitVersion: null,
          clusteringProvider: null,
          more: { a: "b" },
        }),
        { future: { path: "two.parquet" } },
      ],
    ],
    answers: [
      [ALL, ONE],
      [COUNT, ["2"]],
    ],
  },
  {
    name: "L4: lines that name the other actions as null, in any order",
    commits: [
      [
        { add: null, remove: null, protocol: PROTOCOL.protocol },
        { add: null, txn: null, ...metaData() },
        { txn: null, remove: null, ...add("one.parquet"), cdc: null },
        { remove: null, ...add("two.parquet") },
      ],
      [{ add: null, remove: { path: "two.parquet", dataChange: true } }],
    ],
    answers: [[ALL, ONE]],
  },
  {
    name: "L1, L4: white space, escaped names, blank lines, line ends of Windows and none at the end",
    commits: [
      [
        ` { "protocol" : { "minReaderVersion" : 1 , "minWriterVersion" : 2 } } \r`,
        `\t${JSON.stringify(metaData(), undefined, 1).replaceAll("\n", "")}\r`,
        "\r",
        "",
        `  {  "\\u0061dd" : ${JSON.stringify(add("one.parquet")).slice('{"add":'.length)} \r`,
      ],
    ],
    answers: [[ALL, ONE]],
  },
  {
    name: "L5: numbers at the end of a long, where a double cannot tell them apart",
    commits: [
      [
        ...FIRST,
        { txn: { appId: "a", version: 1 } },
        `{"txn":{"appId":"b","version":9223372036854775807,"lastUpdated":9223372036854775807}}`,
        `{"add":{"path":"one.parquet","partitionValues":{},"size":500,"modificationTime":9007199254740993,"dataChange":true,
          "stats":"{\\"numRecords\\":2,\\"minValues\\":{\\"id\\":-9223372036854775808},\\"maxValues\\":{\\"id\\":9223372036854775807},\\"nullCount\\":{\\"id\\":0}}"}}`.replace(
          /\n\s*/,
          "",
        ),
      ],
    ],
    answers: [
      [ALL, ONE],
      ["SELECT id FROM t WHERE id = 9223372036854775807", []],
      ["SELECT s FROM t WHERE id < 9223372036854775807 AND id > 1", ["b"]],
    ],
  },
  {
    name: "R1: metadata replaced whole, its properties and columns too",
    commits: [
      [
        PROTOCOL,
        metaData(COLUMNS, { configuration: { "delta.appendOnly": "true" } }),
        add("one.parquet"),
      ],
      [metaData([["id", "long"]], { configuration: {} }), add("short.parquet")],
    ],
    answers: [
      ["SELECT * FROM t ORDER BY 1", ["1", "2", "6"]],
      ["SELECT * FROM t VERSION AS OF 0 ORDER BY 1", ONE],
    ],
  },
  {
    name: "R3: a file added again with other statistics, then removed and added",
    commits: [
      [...FIRST, add("one.parquet", { stats: '{"numRecords":77}' })],
      [add("one.parquet", { stats: '{"numRecords":2}' })],
      [{ remove: { path: "one.parquet", dataChange: true } }],
      [add("one.parquet"), add("empty.parquet")],
    ],
    answers: [
      [COUNT, ["2"]],
      ["SELECT count(*) FROM t VERSION AS OF 1", ["2"]],
      ["SELECT count(*) FROM t VERSION AS OF 2", ["0"]],
    ],
  },
  {
    name: "R5: files added by one spelling and removed by another",
    commits: [
      [
        ...FIRST,
        add("%6Fne.parquet"),
        add("file://TABLE/two.parquet"),
        add("TABLE/upper.parquet"),
      ],
      [
        { remove: { path: "one.parquet", dataChange: true } },
        { remove: { path: "file:TABLE/two%2Eparquet", dataChange: true } },
        { remove: { path: "file:TABLE/upper.parquet", dataChange: true } },
      ],
      [add("file://TABLE/one.parquet"), add("TABLE/short.parquet")],
    ],
    answers: [
      ["SELECT id FROM t ORDER BY id", ["1", "2", "6"]],
      ["SELECT count(*) FROM t VERSION AS OF 1", ["0"]],
    ],
  },
  spelled("a%20b%2Bc.parquet", "a b+c.parquet"),
  spelled("a b+c.parquet", "a b+c.parquet"),
  spelled("p%253Dx%2525/one.parquet", "p%3Dx%25/one.parquet"),
  spelled("100%.parquet", "100%.parquet"),
  spelled("%E4%B8%AD/%C3%A9.parquet", "中/é.parquet"),
  spelled("中/é.parquet", "中/é.parquet"),
  spelled("it's[a-z]*?{1}.parquet", "it's[a-z]*?{1}.parquet"),
  spelled("no-ending", "no-ending"),
  spelled("a#b;c=d&e.parquet", "a#b;c=d&e.parquet"),
  stats(""),
  stats("null"),
  stats("{}"),
  stats("[]"),
  stats("7"),
  stats(
    '{"numRecords":null,"minValues":null,"maxValues":null,"nullCount":null}',
  ),
  stats('{"minValues":{"id":1},"maxValues":{"id":null},"nullCount":{}}'),
  stats(
    '{"numRecords":2,"minValues":{"id":"one","s":5},"maxValues":{"id":{},"s":[]},"nullCount":{"id":"none","s":{}}}',
  ),
  stats(
    '{"numRecords":2,"minValues":{"id":1},"maxValues":{"id":2},"nullCount":{"id":0},"more":{"a":[{}]}}',
  ),
  stats(
    '{"numRecords":2,"tightBounds":false,"minValues":{"id":-5},"maxValues":{"id":9},"nullCount":{"id":1}}',
  ),
  {
    name: "K2: some files with statistics and some without",
    commits: [
      [
        ...FIRST,
        add("one.parquet", {
          stats:
            '{"numRecords":2,"minValues":{"id":1},"maxValues":{"id":2},"nullCount":{"id":0,"s":0}}',
        }),
        add("two.parquet"),
      ],
    ],
    answers: [
      [COUNT, ["4"]],
      ["SELECT max(id) FROM t", ["4"]],
      ["SELECT s FROM t WHERE id = 3", ["c"]],
      ["SELECT id FROM t WHERE s IS NULL", ["4"]],
    ],
  },
  {
    name: "T2, T3: files with other columns, another order and another case than the table",
    commits: [
      [
        ...FIRST,
        ...["one", "two", "upper", "short", "empty"].map((name) =>
          add(`${name}.parquet`),
        ),
      ],
    ],
    answers: [[ALL, ["1|a", "2|b", "3|c", "4|", "5|E", "6|"]]],
  },
  {
    name: "T6: a partition column in the middle stands in the middle",
    commits: [
      [
        PROTOCOL,
        metaData(
          [
            ["id", "long"],
            ["p", "integer"],
            ["s", "string"],
          ],
          { partitionColumns: ["p"] },
        ),
        add("one.parquet", { partitionValues: { p: "7" } }),
      ],
    ],
    answers: [["SELECT * FROM t ORDER BY id", ["1|7|a", "2|7|b"]]],
  },
  {
    name: "V2, V4: partition values that are null, empty, missing, and the text null",
    commits: [
      [
        ...parts,
        add("one.parquet", { partitionValues: { p: null } }),
        add("two.parquet", { partitionValues: { p: "" } }),
        add("upper.parquet", { partitionValues: {} }),
        add("short.parquet", { partitionValues: { p: "null", q: "beyond" } }),
      ],
    ],
    answers: [
      [
        "SELECT id, p IS NULL FROM t ORDER BY id",
        ["1|t", "2|t", "3|t", "4|t", "5|t", "6|f"],
      ],
      ["SELECT id FROM t WHERE p = 'null'", ["6"]],
      ["SELECT count(*) FROM t WHERE p = ''", ["0"]],
      ["SELECT p, count(*) FROM t GROUP BY p ORDER BY p", ["null|1", "|5"]],
    ],
  },
  {
    name: "P4: partition values of the log, whatever the folders say",
    commits: [
      [
        ...parts,
        add("p=other/one.parquet", { partitionValues: { p: "a/b=c %" } }),
      ],
    ],
    files: { "p=other/one.parquet": "one" },
    answers: [["SELECT DISTINCT p FROM t", ["a/b=c %"]]],
  },
  {
    name: "V1, V3: moments as partition values in every spelling, in UTC without a zone",
    commits: [
      [
        PROTOCOL,
        metaData(
          [
            ["id", "long"],
            ["at", "timestamp"],
          ],
          { partitionColumns: ["at"] },
        ),
        add("one.parquet", { partitionValues: { at: "2024-03-01 12:00:00" } }),
        add("two.parquet", {
          partitionValues: { at: "2024-03-01T12:00:00.000001Z" },
        }),
        add("short.parquet", {
          partitionValues: { at: "2024-03-01 12:00:00.5" },
        }),
      ],
    ],
    answers: [
      [
        "SELECT id, at AT TIME ZONE 'UTC' FROM t ORDER BY id",
        [
          "1|2024-03-01 12:00:00",
          "2|2024-03-01 12:00:00",
          "3|2024-03-01 12:00:00.000001",
          "4|2024-03-01 12:00:00.000001",
          "6|2024-03-01 12:00:00.5",
        ],
      ],
      ["SELECT count(*) FROM t WHERE at = '2024-03-01 12:00:00+00'", ["2"]],
    ],
  },
  {
    name: "S9, F1: a version before the one whose protocol is not known",
    commits: [
      [...FIRST, add("one.parquet")],
      [
        { protocol: { minReaderVersion: 99, minWriterVersion: 99 } },
        add("two.parquet"),
      ],
    ],
    answers: [
      ["SELECT id, s FROM t VERSION AS OF 0 ORDER BY id", ONE],
      [ALL, ["0A000"]],
    ],
  },
  {
    name: "S9: a protocol that was too new and is replaced; the version in between is refused",
    commits: [
      [...FIRST, add("one.parquet")],
      [
        {
          protocol: {
            minReaderVersion: 3,
            minWriterVersion: 7,
            readerFeatures: ["telepathy"],
            writerFeatures: ["telepathy"],
          },
        },
      ],
      [PROTOCOL],
    ],
    answers: [
      [ALL, ONE],
      ["SELECT * FROM t VERSION AS OF 1", ["0A000"]],
    ],
  },
  {
    name: "S8: metadata without a schema",
    commits: [[PROTOCOL, { metaData: { id: "x", partitionColumns: [] } }]],
    answers: [[ALL, ["XX001"]]],
  },
  {
    name: "S6, S5, S7: several checkpoints of one version, some of them incomplete, and no commit",
    commits: [],
    log: {
      [`${pad(3)}.checkpoint.0000000001.0000000002.parquet`]:
        "checkpoint-two.parquet",
      [`${pad(3)}.checkpoint.parquet`]: "checkpoint-one.parquet",
      [`${pad(3)}.checkpoint.80a083e8-7026-4e79-81be-64bd76c43a11.json`]: [
        { checkpointMetadata: { version: 3 } },
        ...FIRST,
        add("one.parquet"),
      ],
      [`${pad(2)}.checkpoint.parquet`]: "checkpoint-short.parquet",
    },
    answers: [
      [ALL, ONE],
      ["SELECT id FROM t VERSION AS OF 2", ["6"]],
      ["SELECT id FROM t VERSION AS OF 1", ["22023"]],
    ],
  },
  {
    name: "C1: a checkpoint with columns and members nobody knows, and without those it may leave out",
    commits: [
      undefined,
      undefined,
      [add("short.parquet"), { remove: { path: "two.parquet" } }],
    ],
    log: { [`${pad(1)}.checkpoint.parquet`]: "checkpoint-strange.parquet" },
    answers: [["SELECT id FROM t ORDER BY id", ["1", "2", "6"]]],
  },
  {
    name: "C3, C4: a V2 checkpoint under the classic name, its sidecars by full address",
    commits: [],
    log: {
      [`${pad(1)}.checkpoint.parquet`]: "checkpoint-v2.parquet",
      "_sidecars/s.parquet": "sidecar-one.parquet",
    },
    answers: [[ALL, ONE]],
  },
  {
    name: "R8: a compaction beside the commits it stands for",
    commits: [
      [...FIRST, add("two.parquet")],
      [add("one.parquet")],
      [{ remove: { path: "two.parquet", dataChange: true } }],
    ],
    log: {
      [`${pad(0)}.${pad(2)}.compacted.json`]: [
        ...FIRST,
        add("one.parquet"),
        { remove: { path: "two.parquet", dataChange: true } },
      ],
    },
    answers: [
      [ALL, ONE],
      ["SELECT count(*) FROM t VERSION AS OF 1", ["4"]],
    ],
  },
];

function pad(version: number): string {
  return String(version).padStart(20, "0");
}
