# Uses psqlODBC through pyodbc as applications do and prints one line a fact; odbc.test.ts says what they must be.

import datetime
import decimal
import os
import sys

import pyodbc

connection = pyodbc.connect(
    "Driver={PostgreSQL Unicode};Server=127.0.0.1;Database=main;Uid=admin;"
    f"Port={sys.argv[1]};Pwd={os.environ['SLUICE_TOKEN']};{sys.argv[2]}",
    autocommit=True,
)
cursor = connection.cursor()


def show(name, value):
    print(f"{name}={value}")


row = cursor.execute(
    "select ?::int4, ?::int8, ?::float8, ?::numeric(12,2), ?::text, ?::date, ?::timestamp, ?::bool, ?::int4",
    42,
    -(2**62),
    0.1,
    decimal.Decimal("12.50"),
    "O'Reilly é",
    datetime.date(2024, 2, 29),
    datetime.datetime(2024, 2, 29, 23, 59, 59, 123456),
    True,
    None,
).fetchone()
show("parameters", [str(value) for value in row])

cursor.execute("drop table if exists filled")
cursor.execute("create table filled (id int, name text)")
cursor.executemany("insert into filled values (?, ?)", [(1, "a"), (2, None), (3, "")])
show("filled", [tuple(one) for one in cursor.execute("select * from filled order by id")])

digits = "(values (0),(1),(2),(3),(4),(5),(6),(7),(8),(9))"
cursor.execute(
    f"select a.v + b.v * 10 + c.v * 100 + d.v * 1000 + e.v * 10000 from {digits} a(v), {digits} b(v), {digits} c(v), {digits} d(v), {digits} e(v)"
)
values = [one[0] for one in cursor.fetchall()]
show("large", (len(values), sum(values)))

try:
    cursor.execute("select nosuch from filled")
except pyodbc.Error as error:
    show("error", error.args[0])

connection.autocommit = False
cursor.execute("insert into filled values (4, 'gone')")
connection.rollback()
connection.autocommit = True
show("rolledback", cursor.execute("select count(*) from filled").fetchone()[0])
