"""asyncpg: everything binary, prepared statements by types the server infers, cursors, COPY, types by introspection, pools with their reset query."""

import asyncio
import datetime as dt
import io
import ssl
import uuid
from decimal import Decimal

import asyncpg

from checks import CERTIFICATE, DATABASE, ENDLESS, HOST, PORT, TOKEN, USER, check, equal, run

PLACE = {"host": HOST, "port": PORT, "user": USER, "password": TOKEN, "database": DATABASE}
UTC = dt.timezone.utc


def checked(work):
    """A check with a connection of its own."""

    async def with_connection():
        conn = await asyncpg.connect(**PLACE)
        try:
            await work(conn)
        finally:
            await conn.close()

    with_connection.__name__ = work.__name__
    return with_connection


async def refused(error_class, sqlstate, awaitable):
    try:
        await awaitable
    except asyncpg.PostgresError as error:
        assert type(error) is error_class and error.sqlstate == sqlstate, (type(error), error.sqlstate, str(error))
        return error
    raise AssertionError(f"{error_class.__name__} was expected")


@check
@checked
async def connects(conn):
    equal(await conn.fetchrow("select current_user::text, current_database()::text"), (USER, DATABASE))
    equal(conn.get_server_version().major, 15)
    equal(conn.get_settings().server_encoding, "UTF8")


@check
async def connects_with_tls():
    context = ssl.create_default_context(cafile=CERTIFICATE)
    for given in ("require", context):
        conn = await asyncpg.connect(**PLACE, ssl=given)
        assert conn._transport.get_extra_info("ssl_object") is not None
        equal(await conn.fetchval("select 1"), 1)
        await conn.close()


@check
@checked
async def scalars_round_trip(conn):
    for name, value in [
        ("bool", True),
        ("int2", -32768),
        ("int4", 2147483647),
        ("int8", -(2**63)),
        ("float4", 0.5),
        ("float8", 1e300),
        ("numeric", Decimal("-1234567890123456789012345678.9012345678")),
        ("numeric", Decimal("12345678901234567890123456789012345678")),
        ("text", "O'Reilly \\ é\U0001f600"),
        ("varchar", ""),
        ("bytea", b"\x00\xff"),
        ("date", dt.date(1, 1, 1)),
        ("date", dt.date(9999, 12, 31)),
        ("time", dt.time(23, 59, 59, 123456)),
        ("timestamp", dt.datetime(2024, 2, 29, 23, 59, 59, 123456)),
        ("timestamptz", dt.datetime(2024, 2, 29, 23, 59, 59, 5, tzinfo=UTC)),
        ("interval", dt.timedelta(days=3, hours=4, microseconds=5)),
        ("uuid", uuid.UUID("7f0d5c1e-0000-4000-8000-000000000001")),
        ("json", '{"b": 1,  "a": [null]}'),
        ("jsonb", '{"a": [null], "b": 1}'),
        ("int4", None),
    ]:
        got = await conn.fetchval(f"select $1::{name}", value)
        equal(got, value)
        equal(await conn.fetchval(f"select $1::{name}[]", [value, None, value]), [value, None, value])
    equal(await conn.fetchval("select $1::int4[]", []), [])


@check
@checked
async def infers_types_of_parameters(conn):
    statement = await conn.prepare("select n from lab.numbers where n >= $1 and n::text like $2 order by n limit $3")
    equal([p.name for p in statement.get_parameters()], ["int4", "text", "int8"])
    equal([(a.name, a.type.name) for a in statement.get_attributes()], [("n", "int4")])
    equal([r["n"] for r in await statement.fetch(100, "1%", 3)], [100, 101, 102])
    equal(await conn.fetchval("select price from lab.items where id = $1", 1), None)
    equal(await conn.fetchval("select $1 || 'x'", "a"), "ax")
    equal(await conn.fetch("select n from lab.numbers where n = any($1) order by n", [3, 1]), [(1,), (3,)])
    statement = await conn.prepare("insert into lab.items (id, price, name) values ($1, $2, $3)")
    equal([p.name for p in statement.get_parameters()], ["int4", "numeric", "text"])


@check
@checked
async def introspects_types(conn):
    # Types asyncpg has no codec for are looked up in pg_type, recursively, before the value is decoded.
    equal(await conn.fetchval("select 'lab.items'::regclass::text"), "lab.items")
    await conn.set_type_codec("jsonb", encoder=lambda v: "[" + v + "]", decoder=lambda v: ("decoded", v), schema="pg_catalog")
    equal(await conn.fetchval("select $1::jsonb", "1"), ("decoded", "[1]"))
    await conn.reset_type_codec("jsonb", schema="pg_catalog")
    equal(await conn.fetchval("select '1'::jsonb"), "1")
    await conn.reload_schema_state()


@check
@checked
async def keeps_prepared_statements(conn):
    await conn.execute("create table lab.apg_shape (id int)")
    query = "select * from lab.apg_shape"
    equal(await conn.fetch(query), [])
    await conn.execute("alter table lab.apg_shape add column name text")
    await conn.execute("insert into lab.apg_shape values (1, 'a')")
    # The cached plan's columns changed: outside a transaction asyncpg prepares again by itself.
    equal([tuple(r) for r in await conn.fetch(query)], [(1, "a")])
    for n in range(250):
        equal(await conn.fetchval(f"select {n}"), n)


@check
@checked
async def large_results_from_a_cursor(conn):
    async with conn.transaction():
        total = 0
        async for record in conn.cursor("select n, repeat('x', 20) as t from lab.numbers order by n", prefetch=3000):
            total += record["n"]
        equal(total, 4999950000)
        cursor = await conn.cursor("select n from lab.numbers where n < $1 order by n", 100)
        equal(await cursor.fetchrow(), (0,))
        equal(await cursor.forward(10), 10)
        equal([r["n"] for r in await cursor.fetch(3)], [11, 12, 13])


@check
@checked
async def transactions_and_savepoints(conn):
    await conn.execute("create table lab.apg_moves (id int)")
    async with conn.transaction(isolation="serializable"):
        equal(await conn.execute("insert into lab.apg_moves values (1)"), "INSERT 0 1")
        try:
            async with conn.transaction():
                await conn.execute("insert into lab.apg_moves values (2)")
                await conn.execute("select 1 / 0")
        except asyncpg.DivisionByZeroError:
            pass
        equal(await conn.fetch("select id from lab.apg_moves"), [(1,)])
    async with conn.transaction(readonly=True):
        await refused(asyncpg.ReadOnlySQLTransactionError, "25006", conn.execute("delete from lab.apg_moves"))
    equal(await conn.fetchval("select count(*) from lab.apg_moves"), 1)


@check
@checked
async def errors_are_classes(conn):
    for error_class, sqlstate, sql in [
        (asyncpg.UndefinedTableError, "42P01", "select * from lab.nothing"),
        (asyncpg.InsufficientPrivilegeError, "42501", "delete from lab.readable"),
        (asyncpg.UndefinedColumnError, "42703", "select nosuch from lab.items"),
        (asyncpg.PostgresSyntaxError, "42601", "selec 1"),
        (asyncpg.InvalidTextRepresentationError, "22P02", "select 'x'::int"),
        (asyncpg.NotNullViolationError, "23502", "insert into lab.items (name) values ('x')"),
        (asyncpg.CheckViolationError, "23514", "insert into lab.items (id, price) values (9, -1)"),
        (asyncpg.AmbiguousFunctionError, "42725", "select '1' + '2'"),
    ]:
        await refused(error_class, sqlstate, conn.fetch(sql))
    try:
        await conn.fetchval("select $1::int4", "x")
    except asyncpg.DataError as error:
        assert "int4" in str(error) or "integer" in str(error), error
    else:
        raise AssertionError("a str was taken for an int4")


@check
@checked
async def batches(conn):
    await conn.execute("create table lab.apg_batch (id int, name text)")
    await conn.executemany("insert into lab.apg_batch values ($1, $2)", [(n, None if n % 5 == 0 else f"n{n}") for n in range(40)])
    equal(await conn.fetchrow("select count(*), count(name) from lab.apg_batch"), (40, 32))
    got = await conn.fetchmany("insert into lab.apg_batch values ($1, $2) returning id", [(100, "a"), (101, "b")])
    equal(got, [(100,), (101,)])
    try:
        await conn.executemany("insert into lab.apg_batch values ($1::int / $2::int)", [(1, 1), (1, 0)])
    except asyncpg.DivisionByZeroError:
        pass
    # executemany is one transaction.
    equal(await conn.fetchval("select count(*) from lab.apg_batch"), 42)


@check
@checked
async def copies_in_and_out(conn):
    await conn.execute("create table lab.apg_copy (id int8, name text, raw bytea, at timestamptz, price numeric(38, 4), tags text[])")
    at = dt.datetime(2024, 2, 29, 12, 0, 0, 7, tzinfo=UTC)
    records = [(n, None if n == 3 else f"row\t{n}", bytes([n % 256]), at, Decimal("1234567890123456789012345678.1234"), ["a", None]) for n in range(3000)]
    equal(await conn.copy_records_to_table("apg_copy", records=records, schema_name="lab"), "COPY 3000")
    equal([tuple(r) for r in await conn.fetch("select * from lab.apg_copy order by id")], records)
    out = io.BytesIO()
    equal(await conn.copy_from_query("select id, name from lab.apg_copy where id < $1 order by id", 3, output=out, format="csv", header=True), "COPY 3")
    equal(out.getvalue(), b"id,name\n0,row\t0\n1,row\t1\n2,row\t2\n")
    out = io.BytesIO()
    await conn.copy_from_table("apg_copy", schema_name="lab", columns=["id"], output=out, format="binary")
    assert out.getvalue().startswith(b"PGCOPY\n\xff\r\n\x00")
    await conn.copy_to_table("apg_copy", schema_name="lab", columns=["id", "name"], source=io.BytesIO(b"9000;x\n"), format="csv", delimiter=";")
    equal(await conn.fetchval("select name from lab.apg_copy where id = 9000"), "x")


@check
@checked
async def cancels(conn):
    try:
        await conn.fetchval(ENDLESS, timeout=0.5)
    except asyncio.TimeoutError:
        pass
    else:
        raise AssertionError("it ended by itself")
    equal(await conn.fetchval("select 'alive'"), "alive")
    await conn.execute("set statement_timeout to '300ms'")
    await refused(asyncpg.QueryCanceledError, "57014", conn.fetchval(ENDLESS))


@check
@checked
async def notices_and_listeners(conn):
    heard = []
    conn.add_log_listener(lambda _, message: heard.append((message.severity, message.message)))
    await conn.execute("drop table if exists lab.never_there")
    await asyncio.sleep(0)
    equal(heard, [("NOTICE", 'table "never_there" does not exist, skipping')])
    await conn.add_listener("news", lambda *_: None)
    await conn.remove_listener("news", print)


@check
async def pools():
    async with asyncpg.create_pool(**PLACE, min_size=1, max_size=3, server_settings={"application_name": "pool"}) as pool:
        async def use(n):
            async with pool.acquire() as conn:
                await conn.execute(f"set search_path to s{n}")
                return await conn.fetchval("select $1::int4", n)

        equal(await asyncio.gather(*(use(n) for n in range(20))), list(range(20)))
        async with pool.acquire() as conn:
            # Given back, a connection ran pg_advisory_unlock_all(), CLOSE ALL, UNLISTEN * and RESET ALL.
            equal(await conn.fetchval("show search_path"), await default_path())
            equal(await conn.fetchval("show application_name"), "pool")


async def default_path():
    conn = await asyncpg.connect(**PLACE)
    try:
        return await conn.fetchval("show search_path")
    finally:
        await conn.close()


run()
