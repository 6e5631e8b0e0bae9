"""psycopg2: values written into the statement, text results, named cursors, transactions, COPY, cancel, pools, TLS."""

import datetime as dt
import io
import threading
import uuid
from decimal import Decimal

import psycopg2
from psycopg2 import errors, extensions, extras, pool, sql

from checks import CERTIFICATE, DATABASE, ENDLESS, URL, USER, check, equal, raises, run

DSN = f"postgresql://{URL}"
extras.register_uuid()
conn = psycopg2.connect(DSN)
conn.autocommit = True
cur = conn.cursor()
UTC = dt.timezone.utc


def rows(statement, parameters=None):
    cur.execute(statement, parameters)
    return cur.fetchall()


@check
def connects():
    equal(rows("select current_user, current_database()"), [(USER, DATABASE)])
    assert conn.server_version // 10000 == 15
    equal((conn.encoding, conn.get_parameter_status("DateStyle")), ("UTF8", "ISO, MDY"))


@check
def connects_with_tls():
    for options in ({"sslmode": "require"}, {"sslmode": "verify-full", "sslrootcert": CERTIFICATE}):
        tls = psycopg2.connect(DSN, **options)
        assert tls.info.ssl_in_use
        tls.close()


@check
def scalars_round_trip():
    for name, value in [
        ("bool", False),
        ("int4", -1),
        ("int8", 2**63 - 1),
        ("float8", 0.1),
        ("numeric", Decimal("12345678901234567890.123456789012345678")),
        ("text", "O'Reilly \\ é\U0001f600 %"),
        ("date", dt.date(2024, 2, 29)),
        ("time", dt.time(23, 59, 59, 123456)),
        ("timestamp", dt.datetime(2024, 2, 29, 23, 59, 59, 123456)),
        ("timestamptz", dt.datetime(2024, 2, 29, 23, 59, tzinfo=dt.timezone(dt.timedelta(hours=-5)))),
        ("interval", dt.timedelta(days=3, seconds=7, microseconds=5)),
        ("uuid", uuid.UUID("7f0d5c1e-0000-4000-8000-000000000001")),
        ("text", None),
    ]:
        equal(rows(f"select %s::{name}", [value]), [(value,)])
        if name != "uuid":
            equal(rows(f"select %s::{name}[]", [[value, None]]), [([value, None],)])
    [(raw,)] = rows("select %s::bytea", [b"\x00\xff'\\"])
    equal(bytes(raw), b"\x00\xff'\\")
    equal(rows("select %s::jsonb, %s::json", [extras.Json({"a": [1, None]})] * 2), [({"a": [1, None]},) * 2])
    equal(rows("select %(n)s + 1 where %(n)s in %(in)s", {"n": 2, "in": (1, 2)}), [(3,)])


@check
def descriptions():
    cur.execute("select id, price, name from lab.items where false")
    equal([(c.name, c.type_code, c.precision, c.scale) for c in cur.description], [("id", 23, None, None), ("price", 1700, 12, 2), ("name", 25, None, None)])
    assert cur.description[0].table_oid


@check
def rows_by_name():
    with conn.cursor(cursor_factory=extras.RealDictCursor) as named:
        named.execute("select 1 as a, 'x' as b")
        equal(dict(named.fetchone()), {"a": 1, "b": "x"})
    with conn.cursor(cursor_factory=extras.NamedTupleCursor) as named:
        named.execute("select 1 as a")
        equal(named.fetchone().a, 1)
    cur.execute(sql.SQL("select {} from {}").format(sql.Identifier("n"), sql.Identifier("lab", "numbers")) + sql.SQL(" where n = 5"))
    equal(cur.fetchall(), [(5,)])


@check
def large_results_from_a_named_cursor():
    with psycopg2.connect(DSN) as other:
        with other.cursor("big") as big:
            big.itersize = 7000
            big.execute("select n from lab.numbers order by n")
            equal(sum(n for (n,) in big), 4999950000)
        with other.cursor("back", scrollable=True) as back:
            back.execute("select n from lab.numbers order by n")
            equal(back.fetchmany(2), [(0,), (1,)])
            back.scroll(99999, mode="absolute")
            equal(back.fetchall(), [(99999,)])
            back.scroll(0, mode="absolute")
            equal(back.fetchone(), (0,))
    other.close()


@check
def transactions_and_savepoints():
    rows("create table lab.p2_moves (id int) ; select 1")
    other = psycopg2.connect(DSN)
    with other, other.cursor() as c:
        c.execute("insert into lab.p2_moves values (1), (2)")
        equal(c.rowcount, 2)
        c.execute("savepoint a")
        raises(errors.DivisionByZero, "22012", lambda: c.execute("select 1/0"))
        raises(errors.InFailedSqlTransaction, "25P02", lambda: c.execute("select 1"))
        c.execute("rollback to savepoint a")
        c.execute("delete from lab.p2_moves where id = 2")
    equal(other.get_transaction_status(), extensions.TRANSACTION_STATUS_IDLE)
    equal(rows("select id from lab.p2_moves"), [(1,)])
    other.set_session(isolation_level="SERIALIZABLE", readonly=True, deferrable=True)
    with other.cursor() as c:
        c.execute("show transaction_isolation")
        equal(c.fetchone(), ("serializable",))
        raises(errors.ReadOnlySqlTransaction, "25006", lambda: c.execute("delete from lab.p2_moves"))
    other.rollback()
    other.close()


@check
def errors_are_classes():
    for error_class, sqlstate, statement in [
        (errors.UndefinedTable, "42P01", "select * from lab.nothing"),
        (errors.InsufficientPrivilege, "42501", "delete from lab.readable"),
        (errors.UndefinedColumn, "42703", "select nosuch from lab.items"),
        (errors.SyntaxError, "42601", "selec 1"),
        (errors.InvalidDatetimeFormat, "22007", "select 'x'::date"),
        (errors.DatetimeFieldOverflow, "22008", "select '2023-02-29'::date"),
        (errors.InvalidSchemaName, "3F000", "create table nowhere.t (id int)"),
    ]:
        raises(error_class, sqlstate, lambda: cur.execute(statement))
    error = raises(errors.UndefinedTable, "42P01", lambda: cur.execute("select * from lab.nothing"))
    equal((error.diag.severity, error.diag.message_primary, error.diag.statement_position), ("ERROR", 'relation "lab.nothing" does not exist', "15"))


@check
def batches():
    rows("create table lab.p2_batch (id int, name text); select 1")
    cur.executemany("insert into lab.p2_batch values (%s, %s)", [(1, "a"), (2, None)])
    extras.execute_batch(cur, "insert into lab.p2_batch values (%s, %s)", [(n, "b") for n in range(3, 23)])
    got = extras.execute_values(cur, "insert into lab.p2_batch values %s returning id", [(n, "c") for n in range(23, 33)], fetch=True)
    equal(sorted(got), [(n,) for n in range(23, 33)])
    equal(rows("select count(*), count(name) from lab.p2_batch"), [(32, 31)])


@check
def copies_in_and_out():
    rows("create table lab.p2_copy (id int, name text); select 1")
    cur.execute("set search_path to lab")
    cur.copy_from(io.StringIO("1\ta\n2\t\\N\n3\tb\\tc\n"), "p2_copy", columns=("id", "name"))
    equal(cur.rowcount, 3)
    out = io.StringIO()
    cur.copy_to(out, "p2_copy", null="-", columns=("name", "id"))
    equal(sorted(out.getvalue().splitlines()), ["-\t2", "a\t1", "b\\tc\t3"])
    cur.copy_expert("copy p2_copy from stdin (format csv, header)", io.StringIO('id,name\n4,"x ""y"", z"\n'))
    out = io.BytesIO()
    cur.copy_expert("copy (select name from p2_copy where id = 4) to stdout csv", out)
    equal(out.getvalue(), b'"x ""y"", z"\n')
    cur.execute("reset search_path")


@check
def cancels():
    timer = threading.Timer(0.5, conn.cancel)
    timer.start()
    raises(errors.QueryCanceled, "57014", lambda: cur.execute(ENDLESS))
    timer.join()
    equal(rows("select 'alive'"), [("alive",)])


@check
def notices():
    conn.notices.clear()
    cur.execute("drop view if exists lab.never_there")
    equal(conn.notices, ['NOTICE:  view "never_there" does not exist, skipping\n'])


@check
def reset_and_pools():
    conns = pool.ThreadedConnectionPool(1, 2, DSN)
    for _ in range(3):
        pooled = conns.getconn()
        with pooled.cursor() as c:
            c.execute("select 1")
        conns.putconn(pooled)
    conns.closeall()
    other = psycopg2.connect(DSN)
    other.set_session(readonly=True)
    # ABORT, RESET ALL, SET SESSION AUTHORIZATION DEFAULT
    other.reset()
    with other.cursor() as c:
        c.execute("show transaction_read_only")
        equal(c.fetchone(), ("off",))
    other.close()


run()
