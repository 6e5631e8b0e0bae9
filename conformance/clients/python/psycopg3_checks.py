"""psycopg 3: types in text and binary, prepared statements, cursors on the server, transactions, COPY, pipelines, cancel, pools, TLS."""

import datetime as dt
import threading
import uuid
from decimal import Decimal
from zoneinfo import ZoneInfo

import psycopg
from psycopg import errors
from psycopg.rows import dict_row
from psycopg.types.json import Json, Jsonb
from psycopg_pool import ConnectionPool

from checks import CERTIFICATE, DATABASE, ENDLESS, HOST, PORT, TOKEN, URL, USER, check, equal, raises, run

DSN = f"postgresql://{URL}"
conn = psycopg.connect(DSN, autocommit=True)
UTC = dt.timezone.utc

SCALARS = [
    ("bool", True),
    ("int2", -32768),
    ("int4", 2147483647),
    ("int8", -(2**63)),
    ("float4", 0.5),
    ("float8", 1e300),
    ("float8", float("inf")),
    ("numeric", Decimal("12345678901234567890123456789012345678")),
    ("numeric", Decimal("-0.50")),
    ("numeric", Decimal("1e-20")),
    ("text", "O'Reilly \\ é\U0001f600"),
    ("varchar", ""),
    ("bytea", b"\x00\xff\x10'\\"),
    ("date", dt.date(2024, 2, 29)),
    ("date", dt.date(1, 1, 1)),
    ("date", dt.date(9999, 12, 31)),
    ("time", dt.time(23, 59, 59, 123456)),
    ("timestamp", dt.datetime(2024, 2, 29, 23, 59, 59, 123456)),
    ("timestamptz", dt.datetime(2024, 2, 29, 23, 59, 59, 5, tzinfo=UTC)),
    ("timestamptz", dt.datetime(2024, 7, 1, 12, tzinfo=ZoneInfo("Europe/Berlin"))),
    ("interval", dt.timedelta(days=3, hours=4, microseconds=5)),
    ("uuid", uuid.UUID("7f0d5c1e-0000-4000-8000-000000000001")),
]


@check
def connects():
    equal(conn.execute("select current_user, current_database()").fetchone(), (USER, DATABASE))
    assert conn.info.server_version // 10000 == 15
    equal(conn.info.parameter_status("client_encoding"), "UTF8")
    equal(conn.info.parameter_status("standard_conforming_strings"), "on")


@check
def connects_with_tls():
    with psycopg.connect(DSN, sslmode="require") as tls:
        assert tls.pgconn.ssl_in_use
    with psycopg.connect(DSN, sslmode="verify-full", sslrootcert=CERTIFICATE) as tls:
        equal(tls.execute("select 1").fetchone(), (1,))


@check
def refuses_a_wrong_password():
    try:
        psycopg.connect(f"postgresql://{USER}:wrong@{HOST}:{PORT}/{DATABASE}")
    except psycopg.OperationalError as error:
        assert 'password authentication failed for user "ann"' in str(error), error
    else:
        raise AssertionError("it connected")


def round_trip(name, value, parameter, binary):
    cur = conn.cursor(binary=binary)
    cur.execute(f"select {parameter}::{name}", [value])
    [(got,)] = cur.fetchall()
    equal(got, value)
    equal(type(got), type(value))


@check
def scalars_round_trip():
    for name, value in SCALARS:
        for parameter in ("%s", "%t", "%b"):
            for binary in (False, True):
                round_trip(name, value, parameter, binary)


@check
def arrays_round_trip():
    for name, value in SCALARS:
        for parameter in ("%s", "%t", "%b"):
            for binary in (False, True):
                round_trip(f"{name}[]", [value, None, value], parameter, binary)
    for binary in (False, True):
        round_trip("text[]", ["a,b", '"', "NULL", "", "\\", "{}"], "%s", binary)
        round_trip("int4[]", [], "%s", binary)


@check
def nulls_and_nan():
    for binary in (False, True):
        cur = conn.cursor(binary=binary)
        cur.execute("select %s::int4, %s::text, null, 'NaN'::float8, 'NaN'::numeric", [None, None])
        a, b, c, d, e = cur.fetchone()
        assert a is None and b is None and c is None and d != d and e.is_nan()


@check
def json_values():
    value = {"b": [1, None, "é\U0001f600"], "a": 1.5}
    for binary in (False, True):
        cur = conn.cursor(binary=binary)
        cur.execute("select %s::jsonb, %s::json, (%s::jsonb)->'b'->>2", [Jsonb(value), Json(value), Jsonb(value)])
        equal(cur.fetchone(), (value, value, "é\U0001f600"))


@check
def zones_of_the_session():
    with psycopg.connect(DSN) as other:
        other.execute("set timezone to 'America/New_York'")
        noon = dt.datetime(2024, 3, 10, 12, tzinfo=UTC)
        for binary in (False, True):
            [(got,)] = other.cursor(binary=binary).execute("select %s::timestamptz", [noon]).fetchall()
            equal(got, noon)
            equal(got.utcoffset(), dt.timedelta(hours=-4))


@check
def descriptions():
    cur = conn.execute("select id, price, name from lab.items where false")
    equal([(c.name, c.type_code, c.precision, c.scale) for c in cur.description][:2], [("id", 23, None, None), ("price", 1700, 12, 2)])


@check
def prepares_after_five():
    for n in range(12):
        equal(conn.execute("select %s::int4 + 1", [n]).fetchone(), (n + 1,))
    equal(conn.execute("select %s::text", ["x"], prepare=True).fetchone(), ("x",))


@check
def large_results_from_a_named_cursor():
    with psycopg.connect(DSN) as other:
        with other.cursor(name="big") as cur:
            cur.itersize = 5000
            cur.execute("select n, 'row ' || n from lab.numbers order by n")
            count = total = 0
            for n, text in cur:
                count += 1
                total += n
                assert text == f"row {n}"
            equal((count, total), (100000, 4999950000))
        with other.cursor(name="back", scrollable=True) as cur:
            cur.execute("select n from lab.numbers order by n")
            cur.scroll(99990, mode="absolute")
            equal(len(cur.fetchall()), 10)
            cur.scroll(-5)
            equal(cur.fetchone(), (99996,))
    with psycopg.connect(DSN) as other:
        with other.cursor(name="held", withhold=True) as cur:
            cur.execute("select n from lab.numbers where n < 10 order by n")
            other.commit()
            equal(cur.fetchmany(3), [(0,), (1,), (2,)])


@check
def streams_rows():
    got = conn.cursor().stream("select n from lab.numbers where n < 2000 order by n")
    equal([n for (n,) in got], list(range(2000)))
    got = conn.cursor(binary=True).stream("select n from lab.numbers where n < 2000 order by n", size=100)
    equal([n for (n,) in got], list(range(2000)))


@check
def transactions_and_savepoints():
    conn.execute("create table lab.p3_moves (id int, note text)")
    with psycopg.connect(DSN) as other:
        with other.transaction():
            other.execute("insert into lab.p3_moves values (1, 'kept')")
            try:
                with other.transaction():
                    other.execute("insert into lab.p3_moves values (2, 'gone')")
                    raise ValueError
            except ValueError:
                pass
            equal(other.execute("select id from lab.p3_moves").fetchall(), [(1,)])
        with other.transaction(force_rollback=True):
            other.execute("delete from lab.p3_moves")
            equal(other.execute("select count(*) from lab.p3_moves").fetchone(), (0,))
        other.execute("select 1")
        equal(other.info.transaction_status, psycopg.pq.TransactionStatus.INTRANS)
        raises(errors.DivisionByZero, "22012", lambda: other.execute("select 1 / 0"))
        raises(errors.InFailedSqlTransaction, "25P02", lambda: other.execute("select 1"))
        other.rollback()
        equal(other.execute("select * from lab.p3_moves").fetchall(), [(1, "kept")])
        other.commit()
        other.read_only = True
        raises(errors.ReadOnlySqlTransaction, "25006", lambda: other.execute("delete from lab.p3_moves"))
        other.rollback()


@check
def errors_are_classes():
    cases = [
        (errors.UndefinedTable, "42P01", "select * from lab.nothing"),
        (errors.UndefinedTable, "42P01", "select * from lab.hidden"),
        (errors.InsufficientPrivilege, "42501", "delete from lab.readable"),
        (errors.InsufficientPrivilege, "42501", "create user eve"),
        (errors.UndefinedColumn, "42703", "select nosuch from lab.items"),
        (errors.UndefinedFunction, "42883", "select nosuch(1)"),
        (errors.SyntaxError, "42601", "selec 1"),
        (errors.InvalidTextRepresentation, "22P02", "select 'x'::int"),
        (errors.NumericValueOutOfRange, "22003", "select 2147483647 + 1"),
        (errors.DuplicateTable, "42P07", "create table lab.items (id int)"),
        (errors.NotNullViolation, "23502", "insert into lab.items (name) values ('x')"),
        (errors.CheckViolation, "23514", "insert into lab.items (id, price) values (9, -1)"),
        (errors.AmbiguousColumn, "42702", "select id from lab.items a, lab.items b"),
        (errors.UndefinedObject, "42704", "set nosuch_setting to 1"),
    ]
    for error_class, sqlstate, sql in cases:
        raises(error_class, sqlstate, lambda: conn.execute(sql))
    error = raises(errors.UndefinedColumn, "42703", lambda: conn.execute("select nosuch from lab.items"))
    equal(error.diag.message_primary, 'column "nosuch" does not exist')
    equal(error.diag.statement_position, "8")
    equal(error.diag.severity, "ERROR")
    raises(errors.DatatypeMismatch, "42804", lambda: conn.execute("select case when %s then 1 end", [1]))


@check
def batches():
    conn.execute("create table lab.p3_batch (id int, name text, price numeric(38, 10), at timestamptz)")
    at = dt.datetime(2024, 2, 29, 12, tzinfo=UTC)
    rows = [(n, f"n{n}" if n % 3 else None, Decimal(n) / 8, at) for n in range(20)]
    cur = conn.cursor()
    cur.executemany("insert into lab.p3_batch values (%s, %s, %s, %s)", rows)
    equal(cur.rowcount, 20)
    equal(conn.execute("select * from lab.p3_batch order by id").fetchall(), rows)
    cur.executemany("update lab.p3_batch set name = %s where id = %s returning id", [("a", 1), ("b", 2)], returning=True)
    got = [cur.fetchall()]
    while cur.nextset():
        got.append(cur.fetchall())
    equal(got, [[(1,)], [(2,)]])
    equal(conn.execute("select * from lab.p3_batch where id = any(%s) order by id", [[1, 2]]).rowcount, 2)
    equal(conn.cursor(row_factory=dict_row).execute("select id, name from lab.p3_batch where id = 2").fetchone(), {"id": 2, "name": "b"})


@check
def client_side_parameters():
    cur = psycopg.ClientCursor(conn)
    cur.execute("select %s, %s, %s, %s::jsonb, %s", [1, "O'Reilly \\", dt.date(2024, 2, 29), Jsonb({"a": 1}), [1, 2]])
    equal(cur.fetchone(), (1, "O'Reilly \\", dt.date(2024, 2, 29), {"a": 1}, [1, 2]))
    several = conn.execute("select 1; select 2")
    equal(several.fetchall(), [(1,)])
    assert several.nextset()
    equal(several.fetchall(), [(2,)])


@check
def copies_in_and_out():
    conn.execute("create table lab.p3_copy (id int8, name text, raw bytea, day date, at timestamptz, price numeric(38, 4), tags text[])")
    at = dt.datetime(2024, 2, 29, 12, 0, 0, 7, tzinfo=UTC)
    rows = [
        (n, None if n == 3 else f"tab\t new\n back\\ {n}", bytes([n % 256]), dt.date(2024, 1, 1), at, Decimal("1234567890123456789012345678.1234"), ["a", None, "b,c"])
        for n in range(500)
    ]
    types = ["int8", "text", "bytea", "date", "timestamptz", "numeric", "text[]"]
    for form, sql in (("text", "copy lab.p3_copy from stdin"), ("binary", "copy lab.p3_copy from stdin (format binary)")):
        with conn.cursor() as cur, cur.copy(sql) as copy:
            if form == "binary":
                copy.set_types(types)
            for row in rows:
                copy.write_row(row)
    equal(conn.execute("select count(*) from lab.p3_copy").fetchone(), (1000,))
    for sql in (
        "copy (select * from lab.p3_copy order by id) to stdout",
        "copy (select * from lab.p3_copy order by id) to stdout (format binary)",
    ):
        with conn.cursor() as cur, cur.copy(sql) as copy:
            copy.set_types(types)
            got = list(copy.rows())
        equal(got, [row for row in rows for _ in range(2)])
    with conn.cursor() as cur, cur.copy("copy (select id, name from lab.p3_copy where id = %s limit 1) to stdout (format csv, header)", [3]) as copy:
        equal(b"".join(bytes(part) for part in copy), b"id,name\n3,\n")
    raises(errors.BadCopyFileFormat, "22P04", lambda: broken_copy("1\t2\n"))
    raises(errors.InvalidTextRepresentation, "22P02", lambda: broken_copy("x\ta\t\\\\x00\t2024-01-01\t2024-01-01\t1\t{}\n"))
    equal(conn.execute("select count(*) from lab.p3_copy").fetchone(), (1000,))
    # A client that gives up in the middle.
    try:
        with conn.cursor() as cur, cur.copy("copy lab.p3_copy from stdin") as copy:
            copy.write_row((1, "a", b"", None, None, None, None))
            raise LookupError
    except LookupError:
        pass
    equal(conn.execute("select count(*) from lab.p3_copy").fetchone(), (1000,))


def broken_copy(data):
    with conn.cursor() as cur, cur.copy("copy lab.p3_copy from stdin") as copy:
        copy.write(data)


@check
def pipelines():
    with psycopg.connect(DSN, autocommit=True) as other:
        with other.pipeline() as pipeline:
            cursors = [other.execute("select %s::int4 * 2", [n]) for n in range(50)]
            pipeline.sync()
            equal([cur.fetchone()[0] for cur in cursors], [n * 2 for n in range(50)])
        def fails():
            with other.pipeline():
                other.execute("select 1 / 0")
                other.execute("select 2")
        raises(errors.DivisionByZero, "22012", fails)
        with other.pipeline(), other.transaction():
            other.execute("insert into lab.p3_moves values (7, 'piped')")
            cur = other.execute("select note from lab.p3_moves where id = 7")
        equal(cur.fetchone(), ("piped",))
        equal(other.execute("select 1").fetchone(), (1,))


@check
def cancels():
    timer = threading.Timer(0.5, conn.cancel_safe)
    timer.start()
    raises(errors.QueryCanceled, "57014", lambda: conn.execute(ENDLESS))
    timer.join()
    equal(conn.execute("select 'alive'").fetchone(), ("alive",))
    conn.execute("set statement_timeout to '300ms'")
    raises(errors.QueryCanceled, "57014", lambda: conn.execute(ENDLESS))
    conn.execute("reset statement_timeout")


@check
def notices_and_notifications():
    heard = []
    conn.add_notice_handler(lambda diag: heard.append((diag.severity, diag.sqlstate, diag.message_primary)))
    conn.execute("drop table if exists lab.never_there")
    conn.execute("commit")
    equal(heard, [("NOTICE", "00000", 'table "never_there" does not exist, skipping'), ("WARNING", "25P01", "there is no transaction in progress")])
    conn.execute("listen news")
    conn.execute("unlisten *")


@check
def types_from_the_catalog():
    info = psycopg.types.TypeInfo.fetch(conn, "numeric")
    equal((info.name, info.oid, info.array_oid), ("numeric", 1700, 1231))
    assert psycopg.types.TypeInfo.fetch(conn, "hstore") is None
    assert psycopg.types.enum.EnumInfo.fetch(conn, "nosuch") is None
    info = psycopg.types.range.RangeInfo.fetch(conn, "int4range")
    equal(info.subtype_oid, 23)


@check
def pools():
    with ConnectionPool(DSN, min_size=1, max_size=2, check=ConnectionPool.check_connection, reset=lambda c: reset(c)) as pool:
        for n in range(5):
            with pool.connection() as pooled:
                pooled.execute("set application_name to 'pooled'")
                equal(pooled.execute("select %s::int4", [n]).fetchone(), (n,))


def reset(pooled):
    pooled.autocommit = True
    pooled.execute("discard all")
    equal(pooled.execute("show application_name").fetchone(), ("",))
    pooled.autocommit = False


@check
async def asynchronously():
    async with await psycopg.AsyncConnection.connect(DSN) as other:
        cur = await other.execute("select %s::numeric, %b::uuid", [Decimal("1.50"), uuid.UUID(int=7)])
        equal(await cur.fetchone(), (Decimal("1.50"), uuid.UUID(int=7)))
        async with other.cursor(name="async") as named:
            await named.execute("select n from lab.numbers where n < 300 order by n")
            equal([n async for (n,) in named], list(range(300)))


run()
