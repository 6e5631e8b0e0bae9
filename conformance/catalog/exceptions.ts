// Recorded statements whose answer differs from PostgreSQL's, each with its reason: client, action, and the beginning of the hash of the
// statement and its parameters. The replay fails when one of them no longer differs.

import { createHash } from "node:crypto";
import type { RecordedStatement } from "./records.ts";

interface Exceptions {
  readonly reason: string;
  readonly statements: readonly string[];
}

const EXCEPTIONS: readonly Exceptions[] = [
  {
    reason:
      "orders_customer_id_idx and orders_date_status_idx: Delta tables have no indexes but those of informational keys, and CREATE INDEX is refused",
    statements: [
      "activerecord | indexes | 22993b61",
      "metabase | describe-indexes | a4c01a05",
      "npgsql-10 | GetSchema (pg_catalog.pg_class) | de7e9294",
      "npgsql-10 | GetSchema (pg_class) | 49242f44",
      "pandas | read_sql_table | 29bd0b95",
      "pgjdbc | getTables(all) | 8a624f14",
      "psql | describe table \\d orders | 58d9324c",
      "psql | list indexes \\di | 9e7e5c88",
      "psql | tab completion: \\d | f322e1c2",
      "psql | tab completion: \\d partial | 04417386",
      "psql | tab completion: \\d partial | 942f61ba",
      "psql | tab completion: \\di | 328e4a74",
      "psqlodbc-18 | SQLColumns(schema) | 2307ead5",
      "psqlodbc-18 | SQLStatistics | 720793a9",
      "psqlodbc | SQLColumns(schema) | ef4b69e3",
      "psqlodbc | SQLStatistics | f7cc357b",
      "sequelize-auto | generate | fb2472fc",
      "sequelize | showIndex | fb2472fc",
      "sqlalchemy-psycopg2 | get_indexes | 29bd0b95",
      "sqlalchemy2-psycopg | get_indexes | a763ace8",
      "sqlalchemy2-psycopg | get_multi_indexes | f251a2d9",
      "sqlalchemy2-psycopg | MetaData.reflect | 70ea312b",
      "sqlalchemy2-psycopg2 | get_indexes | 16cb9d41",
      "sqlalchemy2-psycopg2 | get_multi_indexes | f4d7f712",
      "sqlalchemy2-psycopg2 | MetaData.reflect | 1318a028",
      "sqlline | session | 8a624f14",
      "typeorm | getTables | 99ab2207",
    ],
  },
  {
    reason: "version() names Sluice behind PostgreSQL 15's number",
    statements: [
      "csvkit | sql2csv | fcfcbd04",
      "npgsql-10 | type loading at first connection (one simple Query with 4 statements) | 248fc93a",
      "psqlodbc-18 | query scalar | a9fecb7d",
      "psqlodbc | query scalar | a9fecb7d",
      "sqlalchemy-psycopg2 | inspect() | fcfcbd04",
      "sqlalchemy2-psycopg | inspect() | fcfcbd04",
      "sqlalchemy2-psycopg2 | inspect() | fcfcbd04",
    ],
  },
  {
    reason:
      "databases are catalogs: the cluster's own (postgres, template0, template1) do not exist, and the default catalog main does",
    statements: [
      "dbd-pg | data_sources | 115626be",
      "dbeaver | databases | 5e2cce13",
      "npgsql-10 | GetSchema (pg_catalog.pg_database) | 93d79e13",
      "npgsql | GetSchema Databases | 4d977bf0",
      "pgjdbc-42.7 | getCatalogs | e0241c19",
      "psql | list databases \\l | 4d01d262",
      "superset | catalog list | dd656735",
    ],
  },
  {
    reason:
      "public is an ordinary schema of the lake: an oid of its own, no comment and grants that nobody made",
    statements: [
      "dbeaver | schemas | 8a585d96",
      "psql | list schemas \\dn+ | 252b5f92",
    ],
  },
  {
    reason: "datfrozenxid is a transaction id of the server's own history",
    statements: ["dbeaver | database | eb37cff4"],
  },
  {
    reason:
      "the recording's server kept an option pg_attver in pg_attribute.attoptions",
    statements: [
      "dbeaver | columns | 7d9e383c",
      "dbeaver | columns | 100b60d5",
    ],
  },
  {
    reason:
      "groups are roles, and the recording's role could make databases and roles",
    statements: [
      "dbeaver | roles | 26230a9d",
      "psql | list roles \\du | 81fa8d84",
      "psql | list roles \\du+ | 2706a188",
      "psql | tab completion: GRANT TO | 3b4dfef2",
      "psql | tab completion: \\du | 54e69b17",
    ],
  },
  {
    reason:
      "the type is that of an expression over a column that is int2 in the embedded PostgreSQL and was int4",
    statements: [
      "duckdb-postgres-scanner | load catalog (one multi-statement query) | 63b09a92",
      "psql | describe table verbose \\d+ | b76a0ba6",
    ],
  },
  {
    reason:
      "pg_attribute describes pg_class and pg_attribute themselves as the embedded PostgreSQL has them",
    statements: [
      "psqlodbc-18 | SQLForeignKeys(fk table) | 8cffca38",
      "psqlodbc-18 | SQLForeignKeys(fk table) | ea61cc16",
      "psqlodbc | SQLForeignKeys(fk table) | c4cafa84",
      "psqlodbc | SQLForeignKeys(fk table) | 268127cc",
    ],
  },
];

const REASONS: ReadonlyMap<string, string> = new Map(
  EXCEPTIONS.flatMap(({ reason, statements }) =>
    statements.map((statement): [string, string] => [statement, reason]),
  ),
);

/** The reason why this statement's answer differs. */
export function exceptionFor(
  file: string,
  { action, sql, params }: RecordedStatement,
): string | undefined {
  const hash = createHash("sha256")
    .update(JSON.stringify([sql, params ?? []]))
    .digest("hex")
    .slice(0, 8);
  return REASONS.get(`${file} | ${action} | ${hash}`);
}

export const EXCEPTION_COUNT: number = REASONS.size;
