// The statements that are killed, each with the rows it leads to: [id, v], by id.

export type Rows = ReadonlyMap<number, number>;

export interface Cycle {
  readonly table: string;
  readonly number: number;
  /** The table's newest version before `prepare`. */
  readonly version: number;
  /** The properties the table was made with, as SQL. */
  readonly properties: string;
}

/** SQL, or a COPY FROM STDIN with its data. */
export type Step = string | { readonly copy: string; readonly data: string };

/** A table by another name, with the rows of the one the statement works on. */
export interface Copy {
  readonly table: string;
  readonly before: boolean;
  readonly after: boolean;
}

export interface CrashStatement {
  readonly name: string;
  /** Runs undisturbed before; the rows it leads to count as those before. */
  readonly prepare?: {
    readonly sql: (cycle: Cycle) => readonly string[];
    readonly after: (rows: Rows, cycle: number) => Rows;
  };
  /** Sent one after the other while the kill is due. */
  readonly sql: (cycle: Cycle) => readonly Step[];
  /** Lies at `crash/files/<cycle>.csv` before. */
  readonly file?: (cycle: number) => string;
  /** Sent once more after the restart, it leads to `after` in any case. */
  readonly repeatable?: true;
  /** `earlier`: the rows before `prepare`. */
  readonly after: (rows: Rows, cycle: number, earlier: Rows) => Rows;
  /** The columns it leads to; the same when absent. */
  readonly columns?: (
    columns: readonly string[],
    cycle: number,
  ) => readonly string[];
  /** Which copies are there before and after it: all of the one or all of the other. */
  readonly copies?: (cycle: Cycle) => readonly Copy[];
}

const BASE = 1000;

function changed(
  rows: Rows,
  change: (id: number, v: number) => number | undefined,
): Rows {
  return new Map(
    [...rows].flatMap(([id, v]): [number, number][] => {
      const next = change(id, v);
      return next === undefined ? [] : [[id, next]];
    }),
  );
}

function withRows(rows: Rows, cycle: number): Rows {
  const first = BASE + cycle * 3;
  return new Map([
    ...rows,
    ...[0, 1, 2].map((i): [number, number] => [first + i, cycle]),
  ]);
}

function values(cycle: number): string {
  const first = BASE + cycle * 3;
  return [0, 1, 2].map((i) => `(${first + i}, ${cycle})`).join(", ");
}

const same = (rows: Rows): Rows => rows;

function merged(rows: Rows, cycle: number): Rows {
  const next = new Map(rows);
  next.set(1, (rows.get(1) ?? 0) + 100);
  next.set(2, 200);
  next.set(BASE + cycle * 3, 300);
  return next;
}

function copyOf({ table, number }: Cycle): string {
  return `${table}_${number}`;
}

const copied: CrashStatement["prepare"] = {
  sql: (cycle) => [
    `CREATE TABLE ${copyOf(cycle)} AS SELECT * FROM ${cycle.table}`,
  ],
  after: same,
};

export const STATEMENTS: readonly CrashStatement[] = [
  {
    name: "INSERT",
    sql: ({ table, number: cycle }) => [
      `INSERT INTO ${table} VALUES ${values(cycle)}`,
    ],
    after: withRows,
  },
  {
    name: "COPY INTO",
    file: (cycle) =>
      [0, 1, 2].map((i) => `${BASE + cycle * 3 + i},${cycle}\n`).join(""),
    sql: ({ table, number: cycle }) => [
      `COPY INTO ${table} (id, v) FROM 'crash/files' FILEFORMAT = CSV FILES = ('${cycle}.csv')`,
    ],
    repeatable: true,
    after: withRows,
  },
  {
    name: "UPDATE",
    sql: ({ table, number: cycle }) => [
      `UPDATE ${table} SET v = v + 1 WHERE id % 7 = ${cycle % 7}`,
    ],
    after: (rows, cycle) =>
      changed(rows, (id, v) => (id % 7 === cycle % 7 ? v + 1 : v)),
  },
  {
    name: "DELETE",
    sql: ({ table, number: cycle }) => [
      `DELETE FROM ${table} WHERE id % 11 = ${cycle % 11} AND id > 50`,
    ],
    after: (rows, cycle) =>
      changed(rows, (id, v) =>
        id % 11 === cycle % 11 && id > 50 ? undefined : v,
      ),
  },
  {
    name: "MERGE",
    sql: ({ table, number: cycle }) => [
      `MERGE INTO ${table} AS t USING (VALUES (1, 100), (2, 200), (${BASE + cycle * 3}, 300)) AS s(id, v) ON t.id = s.id
       WHEN MATCHED AND s.id = 1 THEN UPDATE SET v = t.v + s.v WHEN MATCHED THEN UPDATE SET v = s.v
       WHEN NOT MATCHED THEN INSERT (id, v) VALUES (s.id, s.v)`,
    ],
    after: merged,
  },
  {
    name: "INSERT OVERWRITE",
    sql: ({ table, number: cycle }) => [
      `INSERT OVERWRITE ${table} SELECT i, i + ${cycle} FROM generate_series(1, 60) AS g(i)`,
    ],
    after: (_rows, cycle) =>
      new Map(
        Array.from({ length: 60 }, (_, i): [number, number] => [
          i + 1,
          i + 1 + cycle,
        ]),
      ),
  },
  {
    name: "INSERT REPLACE WHERE",
    sql: ({ table, number: cycle }) => [
      `INSERT INTO ${table} REPLACE WHERE id <= 10 SELECT i, ${cycle} FROM generate_series(1, 5) AS g(i)`,
    ],
    after: (rows, cycle) =>
      new Map([
        ...changed(rows, (id, v) => (id <= 10 ? undefined : v)),
        ...[1, 2, 3, 4, 5].map((id): [number, number] => [id, cycle]),
      ]),
  },
  {
    name: "COMMIT",
    sql: ({ table, number: cycle }) => [
      "BEGIN",
      `INSERT INTO ${table} VALUES ${values(cycle)}`,
      `UPDATE ${table} SET v = v * 2 WHERE id < 10`,
      "COMMIT",
    ],
    after: (rows, cycle) =>
      withRows(
        changed(rows, (id, v) => (id < 10 ? v * 2 : v)),
        cycle,
      ),
  },
  {
    name: "OPTIMIZE",
    sql: ({ table }) => [`OPTIMIZE ${table} ZORDER BY (id, v)`],
    after: same,
  },
  {
    name: "REORG",
    prepare: {
      sql: ({ table, number: cycle }) => [
        `DELETE FROM ${table} WHERE id % 13 = ${cycle % 13} AND id > 20`,
      ],
      after: (rows, cycle) =>
        changed(rows, (id, v) =>
          id % 13 === cycle % 13 && id > 20 ? undefined : v,
        ),
    },
    sql: ({ table }) => [`REORG TABLE ${table} APPLY (PURGE)`],
    after: same,
  },
  {
    name: "VACUUM",
    sql: ({ table }) => [
      "SET spark.databricks.delta.retentionDurationCheck.enabled = off",
      `VACUUM ${table} RETAIN 0 HOURS`,
    ],
    after: same,
  },
  {
    name: "RESTORE",
    prepare: {
      sql: ({ table, number: cycle }) => [
        `INSERT INTO ${table} VALUES ${values(cycle)}`,
      ],
      after: withRows,
    },
    sql: ({ table, version }) => [
      `RESTORE TABLE ${table} TO VERSION AS OF ${version}`,
    ],
    after: (_rows, _cycle, earlier) => earlier,
  },
  {
    name: "TRUNCATE",
    sql: ({ table }) => [`TRUNCATE TABLE ${table}`],
    after: () => new Map(),
  },
  {
    name: "COPY FROM",
    sql: ({ table, number: cycle }) => [
      {
        copy: `COPY ${table} (id, v) FROM STDIN`,
        data: [...withRows(new Map(), cycle)]
          .map(([id, v]) => `${id}\t${v}\n`)
          .join(""),
      },
    ],
    after: withRows,
  },
  {
    name: "ALTER TABLE ADD COLUMNS",
    sql: ({ table, number: cycle }) => [
      `ALTER TABLE ${table} ADD COLUMN a${cycle} text, ADD COLUMN b${cycle} text`,
    ],
    after: same,
    columns: (columns, cycle) => [...columns, `a${cycle}`, `b${cycle}`],
  },
  {
    name: "CREATE OR REPLACE TABLE AS",
    sql: ({ table, number: cycle, properties }) => [
      `CREATE OR REPLACE TABLE ${table} ${properties} AS SELECT id, v + ${cycle} AS v FROM ${table}`,
    ],
    after: (rows, cycle) => changed(rows, (_id, v) => v + cycle),
    columns: () => ["id", "v"],
  },
  {
    name: "CREATE TABLE AS",
    sql: (cycle) => [
      `CREATE TABLE ${copyOf(cycle)} AS SELECT * FROM ${cycle.table}`,
    ],
    after: same,
    copies: (cycle) => [{ table: copyOf(cycle), before: false, after: true }],
  },
  {
    name: "ALTER TABLE RENAME",
    prepare: copied,
    sql: (cycle) => [
      `ALTER TABLE ${copyOf(cycle)} RENAME TO ${copyOf(cycle)}_renamed`,
    ],
    after: same,
    copies: (cycle) => [
      { table: copyOf(cycle), before: true, after: false },
      { table: `${copyOf(cycle)}_renamed`, before: false, after: true },
    ],
  },
  {
    name: "DROP TABLE",
    prepare: copied,
    sql: (cycle) => [`DROP TABLE ${copyOf(cycle)}`],
    after: same,
    copies: (cycle) => [{ table: copyOf(cycle), before: true, after: false }],
  },
];
