// The tables random queries read: few rows, many equal and missing values, rows in several files, one table empty.

import type { Kind, Relation } from "./around.ts";

interface Table {
  readonly name: string;
  readonly columns: Readonly<Record<string, Kind>>;
  /** One INSERT each, so one file or more. */
  readonly files: readonly string[];
}

const TABLES: readonly Table[] = [
  {
    name: "q.a",
    columns: { k: "int", n: "big", s: "text", b: "bool", d: "date", x: "num" },
    files: [
      "(1, 10, 'a', true, '2020-02-29', 1.50), (2, null, 'b', false, '2021-01-01', -2.25), (2, 5000000000, null, null, null, 0), (null, 3, 'Ab', true, '2020-02-29', null)",
      "(3, 3, '', false, '1999-12-31', 100), (3, 3, '', false, '1999-12-31', 100), (7, -3, 'a', null, '2021-01-01', 1.5), (null, null, null, null, null, null)",
    ],
  },
  {
    name: "q.b",
    columns: { k: "int", s: "text", x: "num", d: "date" },
    files: [
      "(1, 'a', 1.5, '2020-02-29'), (1, 'b', 2.25, null), (2, null, null, '2021-01-01')",
      "(4, 'a', 1.5, '2020-03-01'), (null, 'Ab', -1, '2020-02-29'), (2, 'abc', 0, '2021-01-01')",
    ],
  },
  {
    name: "q.c",
    columns: { k: "int", n: "big", b: "bool" },
    files: [
      "(1, 10, true), (2, 3, false)",
      "(3, null, null), (3, 5000000000, true)",
    ],
  },
  { name: "q.empty", columns: { k: "int", s: "text", n: "big" }, files: [] },
];

const DECLARED: Readonly<Record<Kind, string>> = {
  int: "int",
  big: "bigint",
  num: "numeric(12,2)",
  text: "text",
  bool: "boolean",
  date: "date",
};

export const RELATIONS: readonly Relation[] = TABLES.map((table) => ({
  name: table.name,
  columns: Object.entries(table.columns).map(([text, kind]) => ({
    text,
    kind,
  })),
}));

export const CREATE_TABLES: readonly string[] = [
  "create schema q",
  ...TABLES.flatMap(({ name, columns, files }) => [
    `create table ${name} (${Object.entries(columns)
      .map(([column, kind]) => `${column} ${DECLARED[kind]}`)
      .join(", ")})`,
    ...files.map((rows) => `insert into ${name} values ${rows}`),
  ]),
];
