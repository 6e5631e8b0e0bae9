# The catalog functions of psqlODBC through pyodbc, and large results by cursors; prints one line a fact, compared with PostgreSQL's.

import os
import sys

import pyodbc

connection = pyodbc.connect(
    "Driver={PostgreSQL Unicode};"
    f"Server={os.environ['PGHOST']};Port={os.environ['PGPORT']};Database={os.environ['PGDATABASE']};"
    f"Uid={os.environ['PGUSER']};Pwd={os.environ['PGPASSWORD']};SSLmode={os.environ['PGSSLMODE'].replace('verify-full', 'require')};"
    f"{sys.argv[1]}",
    autocommit=True,
)
cursor = connection.cursor()


def show(name, work):
    try:
        value = work()
    except pyodbc.Error as error:
        value = ("error", error.args[0])
    print(f"{name}={value!r}")


def rows(found):
    """Names of the columns and the rows; oids are each server's own."""
    columns = [column[0] for column in found.description]
    return columns, [
        tuple("-" if name == "table oid" else str(value) for name, value in zip(columns, row))
        for row in found.fetchall()
    ]


for sql in (
    "set client_min_messages = warning",
    "create table shelf (id int primary key, label varchar(20) not null, width numeric(8,2))",
    "create table book (id bigint, shelf int references shelf (id), title text, made timestamp, cover bytea, primary key (id))",
    "create view shelf_view as select id, label from shelf where id > 0",
):
    cursor.execute(sql)
show("tables", lambda: rows(cursor.tables(schema="public")))
show("tables of a kind", lambda: rows(cursor.tables(table="shelf%", tableType="VIEW")))
show("columns", lambda: rows(cursor.columns(table="book", schema="public")))
show("a column", lambda: rows(cursor.columns(table="shelf", column="la%")))
show("primary keys", lambda: rows(cursor.primaryKeys("book", schema="public")))
show("foreign keys", lambda: rows(cursor.foreignKeys(foreignTable="book", schema="public")))
show("referring keys", lambda: rows(cursor.foreignKeys(table="shelf", schema="public")))
show("statistics", lambda: rows(cursor.statistics("book", schema="public")))
show("row id", lambda: rows(cursor.rowIdColumns("book", schema="public")))
show("row version", lambda: rows(cursor.rowVerColumns("book", schema="public")))
show("procedures", lambda: rows(cursor.procedures(schema="public")))
show("types", lambda: len(cursor.getTypeInfo().fetchall()) > 10)
for info in ("SQL_DBMS_NAME", "SQL_DATABASE_NAME", "SQL_IDENTIFIER_QUOTE_CHAR", "SQL_TXN_CAPABLE", "SQL_CATALOG_TERM"):
    show(info, lambda: connection.getinfo(getattr(pyodbc, info)))

cursor.fast_executemany = True
cursor.executemany("insert into shelf values (?, ?, ?)", [(i, f"shelf {i}", i / 4) for i in range(200)])
show("many", lambda: cursor.execute("select count(*), sum(width) from shelf").fetchone())
show("described", lambda: [column[:2] + column[3:] for column in cursor.execute("select * from shelf").description])
cursor.execute("select g, repeat('x', 50) from generate_series(1, 50000) g order by g")
show("portions", lambda: [len(cursor.fetchmany(7)), len(cursor.fetchmany(3000)), len(cursor.fetchall())])
show("skipped", lambda: (cursor.execute("select g from generate_series(1, 100) g order by g").skip(10), cursor.fetchone()[0]))
show("row count", lambda: cursor.execute("update shelf set label = upper(label) where id < 10").rowcount)

connection.autocommit = False
show("in a block", lambda: cursor.execute("delete from shelf where id > 100").rowcount)
show("failed", lambda: cursor.execute("select 1/0").fetchone())
show("goes on or not", lambda: cursor.execute("select 1").fetchone())
connection.rollback()
connection.autocommit = True
show("rolled back", lambda: cursor.execute("select count(*) from shelf").fetchone())
for sql in ("select * from nosuch", "select nosuch from shelf", "selct", "insert into shelf values (1)", "select 'x'::int"):
    show(sql, lambda: cursor.execute(sql).fetchone())
for sql in ("drop view shelf_view", "drop table book", "drop table shelf"):
    cursor.execute(sql)
