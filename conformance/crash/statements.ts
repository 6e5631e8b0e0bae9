// The statements that are killed, each with the rows it leads to: [id, v], by id.

export type Rows = ReadonlyMap<number, number>;

export interface Cycle {
  readonly table: string;
  readonly number: number;
  /** The table's newest version before `prepare`. */
  readonly version: number;
}

export interface CrashStatement {
  readonly name: string;
  /** Runs undisturbed before; the rows it leads to count as those before. */
  readonly prepare?: Pick<CrashStatement, "sql" | "after">;
  /** Sent one after the other while the kill is due. */
  readonly sql: (cycle: Cycle) => readonly string[];
  /** `earlier`: the rows before `prepare`. */
  readonly after: (rows: Rows, cycle: number, earlier: Rows) => Rows;
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

export const STATEMENTS: readonly CrashStatement[] = [
  {
    name: "INSERT",
    sql: ({ table, number: cycle }) => [
      `INSERT INTO ${table} VALUES ${values(cycle)}`,
    ],
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
    name: "CREATE TABLE AS",
    sql: ({ table, number: cycle }) => [
      `CREATE TABLE ${table}_${cycle} AS SELECT * FROM ${table}`,
    ],
    after: same,
  },
];
