"""SQLAlchemy 2 with each of its three drivers: reflection, core, ORM, server-side cursors, savepoints, errors."""

import asyncio
import datetime as dt
import uuid
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship, selectinload

from checks import URL, check, equal, run

ENGINES = {name: sa.create_engine(f"postgresql+{name}://{URL}") for name in ("psycopg2", "psycopg")}
ASYNC = create_async_engine(f"postgresql+asyncpg://{URL}")


def with_each_driver(work):
    """`work` gets a connection that commits only when told."""

    async def through_all():
        for name, engine in ENGINES.items():
            with engine.connect() as conn:
                work(conn, name)
        async with ASYNC.connect() as conn:
            await conn.run_sync(work, "asyncpg")

    through_all.__name__ = work.__name__
    return through_all


@check
@with_each_driver
def reads_the_version(conn, driver):
    equal(conn.dialect.server_version_info[0], 15)
    equal(conn.dialect.default_schema_name, "public")
    equal(conn.scalar(sa.text("select current_user")), "ann")


@check
@with_each_driver
def lists_names(conn, driver):
    found = sa.inspect(conn)
    assert {"lab", "public"} <= set(found.get_schema_names())
    names = found.get_table_names("lab")
    assert {"items", "numbers", "orders", "readable"} <= set(names), names
    assert "hidden" not in names
    equal(found.get_view_names("lab"), ["cheap"])
    equal(found.get_materialized_view_names("lab"), [])
    equal(found.get_temp_table_names(), [])
    equal(found.get_sequence_names("lab"), [])
    assert found.has_table("items", "lab") and found.has_table("cheap", "lab")
    assert not found.has_table("hidden", "lab") and not found.has_table("nothing", "lab")
    assert found.has_schema("lab") and not found.has_schema("nothing")
    equal(found.get_enums("lab"), [])
    equal(found.get_domains("lab"), [])


@check
@with_each_driver
def reflects_columns(conn, driver):
    found = sa.inspect(conn)
    columns = {c["name"]: c for c in found.get_columns("items", "lab")}
    equal([(c["name"], str(c["type"]), c["nullable"]) for c in columns.values()], [("id", "INTEGER", False), ("price", "NUMERIC(12, 2)", True), ("name", "TEXT", True)])
    equal(columns["price"]["comment"], "In euros")
    equal(found.get_table_comment("items", "lab"), {"text": "What is sold"})
    types = [str(c["type"]) for c in found.get_columns("kinds", "lab")]
    equal(types, ["BOOLEAN", "SMALLINT", "INTEGER", "BIGINT", "REAL", "DOUBLE PRECISION", "NUMERIC(38, 10)", "TEXT", "VARCHAR(20)", "BYTEA", "DATE", "TIMESTAMP", "TIMESTAMP", "UUID", "JSONB", "ARRAY"])
    equal(str(found.get_columns("kinds", "lab")[15]["type"].item_type), "INTEGER")
    equal([c["type"].timezone for c in found.get_columns("kinds", "lab")[11:13]], [False, True])
    equal([c["name"] for c in found.get_columns("cheap", "lab")], ["id", "name"])


@check
@with_each_driver
def reflects_keys(conn, driver):
    found = sa.inspect(conn)
    equal(found.get_pk_constraint("items", "lab")["constrained_columns"], ["id"])
    equal(found.get_pk_constraint("orders", "lab")["name"], "orders_pkey")
    [fk] = found.get_foreign_keys("orders", "lab")
    equal((fk["name"], fk["constrained_columns"], fk["referred_schema"], fk["referred_table"], fk["referred_columns"]), ("orders_item_fkey", ["item"], "lab", "items", ["id"]))
    equal([(u["name"], u["column_names"]) for u in found.get_unique_constraints("orders", "lab")], [("orders_code_key", ["code"])])
    equal([(i["name"], i["column_names"], i["unique"]) for i in found.get_indexes("orders", "lab")], [("orders_code_key", ["code"], True)])
    [rule] = found.get_check_constraints("items", "lab")
    assert "price >= " in rule["sqltext"], rule


@check
@with_each_driver
def reflects_definitions(conn, driver):
    text = sa.inspect(conn).get_view_definition("cheap", "lab")
    assert "items" in text and "price" in text, text
    try:
        sa.inspect(conn).get_columns("nothing", "lab")
    except sa.exc.NoSuchTableError:
        pass
    else:
        raise AssertionError("a table that does not exist has columns")


@check
@with_each_driver
def reflects_everything_at_once(conn, driver):
    metadata = sa.MetaData()
    metadata.reflect(conn, schema="lab", views=True)
    orders = metadata.tables["lab.orders"]
    equal([fk.target_fullname for fk in orders.foreign_keys], ["lab.items.id"])
    items = metadata.tables["lab.items"]
    joined = sa.select(sa.func.count()).select_from(orders.join(items))
    equal(conn.scalar(joined), 0)
    assert "lab.cheap" in metadata.tables and "lab.hidden" not in metadata.tables


KINDS = {
    "a": True, "b": -5, "c": 2**31 - 1, "d": -(2**63), "e": 0.5, "f": 1e300,
    "g": Decimal("1234567890123456789012345678.9012345678"), "h": "O'Reilly \\ é\U0001f600", "i": "x",
    "j": b"\x00\xff", "k": dt.date(2024, 2, 29), "l": dt.datetime(2024, 2, 29, 23, 59, 59, 123456),
    "m": dt.datetime(2024, 2, 29, 12, tzinfo=dt.timezone.utc), "n": uuid.UUID(int=7), "o": {"a": [1, None]}, "p": [1, None, 3],
}


@check
@with_each_driver
def core_statements(conn, driver):
    kinds = sa.Table("kinds", sa.MetaData(), schema="lab", autoload_with=conn)
    conn.commit()
    conn.execute(sa.delete(kinds))
    conn.execute(sa.insert(kinds), KINDS)
    conn.execute(sa.insert(kinds), [{**KINDS, "c": n} for n in range(5)])
    got = conn.execute(sa.select(kinds).where(kinds.c.c == 2**31 - 1)).mappings().one()
    equal(dict(got), KINDS)
    changed = conn.execute(sa.update(kinds).where(kinds.c.c.in_([1, 2])).values(h="new").returning(kinds.c.c))
    equal(sorted(changed.scalars()), [1, 2])
    equal(conn.execute(sa.delete(kinds).where(kinds.c.c < 5)).rowcount, 5)
    conn.execute(sa.insert(kinds), {name: None for name in KINDS})
    conn.rollback()
    equal(conn.scalar(sa.select(sa.func.count()).select_from(kinds)), 0)
    query = sa.select(kinds.c.o["a"][0].as_string(), sa.func.coalesce(sa.func.sum(kinds.c.g), 0), sa.func.array_agg(kinds.c.c)).group_by(sa.text("1"))
    equal(conn.execute(query).all(), [])
    equal(conn.scalar(sa.select(sa.cast(sa.literal("2024-02-29"), sa.Date) + sa.literal(dt.timedelta(days=1)))), dt.datetime(2024, 3, 1))


@check
@with_each_driver
def savepoints_and_errors(conn, driver):
    readable = sa.table("readable", sa.column("id"), schema="lab")
    items = sa.table("items", sa.column("id"), sa.column("price"), schema="lab")
    for sqlstate, error_class, statement in [
        ("42P01", sa.exc.ProgrammingError, sa.text("select * from lab.nothing")),
        ("42501", sa.exc.ProgrammingError, sa.delete(readable)),
        ("23514", sa.exc.IntegrityError, sa.insert(items).values(id=1, price=-1)),
        ("23502", sa.exc.IntegrityError, sa.insert(items).values(price=1)),
    ]:
        nested = conn.begin_nested()
        try:
            conn.execute(statement)
        except error_class as error:
            code = getattr(error.orig, "pgcode", None) or getattr(error.orig, "sqlstate", None)
            equal(code, sqlstate)
        else:
            raise AssertionError(f"{sqlstate} was expected")
        nested.rollback()
    equal(conn.scalar(sa.text("select 1")), 1)
    conn.rollback()
    with conn.begin():
        conn.execute(sa.insert(items).values(id=1, price=1))
        conn.execute(sa.delete(items).where(items.c.id == 1))


@check
@with_each_driver
def isolation_levels(conn, driver):
    equal(conn.get_isolation_level(), "READ COMMITTED")
    conn.rollback()
    level = conn.execution_options(isolation_level="SERIALIZABLE")
    equal(level.scalar(sa.text("show transaction_isolation")), "serializable")
    conn.rollback()


@check
def streams_rows():
    for engine in ENGINES.values():
        with engine.connect() as conn:
            result = conn.execution_options(stream_results=True, max_row_buffer=5000).execute(sa.text("select n from lab.numbers order by n"))
            equal([len(part) for part in result.partitions(5000)], [5000] * 20)


@check
async def streams_rows_asynchronously():
    async with ASYNC.connect() as conn:
        result = await conn.stream(sa.text("select n from lab.numbers order by n"))
        equal(sum([row.n async for row in result]), 4999950000)


class Base(DeclarativeBase):
    metadata = sa.MetaData(schema="lab")


class Author(Base):
    __tablename__ = "sa_author"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(sa.String(50))
    born: Mapped[dt.date | None]
    extra: Mapped[dict | None] = mapped_column(pg.JSONB)
    books: Mapped[list["Book"]] = relationship(back_populates="author", cascade="all, delete-orphan")


class Book(Base):
    __tablename__ = "sa_book"
    isbn: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    title: Mapped[str]
    price: Mapped[Decimal] = mapped_column(sa.Numeric(10, 2))
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("lab.sa_author.id"))
    author: Mapped[Author] = relationship(back_populates="books")


@check
@with_each_driver
def definitions_follow_the_transaction(conn, driver):
    metadata = sa.MetaData(schema="lab")
    made = sa.Table("made", metadata, sa.Column("id", sa.Integer, primary_key=True, autoincrement=False), sa.Column("word", sa.String(10)))
    metadata.create_all(conn)
    conn.execute(made.insert(), [{"id": 1, "word": "one"}, {"id": 2, "word": None}])
    equal(conn.execute(sa.select(made.c.word).order_by(made.c.id)).scalars().all(), ["one", None])
    conn.rollback()
    assert not sa.inspect(conn).has_table("made", "lab")


@check
def orm_unit_of_work():
    for engine in ENGINES.values():
        Base.metadata.create_all(engine)
        # A transaction writes one table.
        with Session(engine) as session:
            session.add_all([Author(id=1, name="Ann", extra={"tags": ["a"]}), Author(id=2, name="Bob", born=dt.date(1980, 1, 1))])
            session.flush()
            session.get(Author, 2).name = "Bert"
            session.commit()
        with Session(engine) as session:
            books = [Book(isbn=uuid.UUID(int=n), title=f"t{n}", price=Decimal("9.99")) for n in range(3)]
            session.add_all(books)
            for book in books:
                book.author_id = 1
            session.commit()
        with Session(engine) as session:
            ann = session.scalars(sa.select(Author).where(Author.extra["tags"][0].astext == "a").options(selectinload(Author.books))).one()
            equal(sorted(book.title for book in ann.books), ["t0", "t1", "t2"])
            equal(session.execute(sa.select(Author.name, sa.func.count(Book.isbn)).outerjoin(Book).group_by(Author.name).order_by(Author.name)).all(), [("Ann", 3), ("Bert", 0)])
            ann.books.remove(next(book for book in ann.books if book.title == "t2"))
            session.commit()
            equal(session.scalar(sa.select(sa.func.sum(Book.price))), Decimal("19.98"))
            top = sa.select(Book, sa.func.row_number().over(order_by=Book.title.desc()).label("at")).subquery()
            equal(session.execute(sa.select(top.c.title).where(top.c.at == 1)).scalars().all(), ["t1"])
        Base.metadata.drop_all(engine)
        assert not sa.inspect(engine).has_table("sa_book", "lab")


run()
