"""pandas over SQLAlchemy: read_sql with types, parameters and chunks, to_sql in all its ways."""

import datetime as dt
import io
from decimal import Decimal

import pandas as pd
import sqlalchemy as sa

from checks import URL, check, equal, run

ENGINES = [sa.create_engine(f"postgresql+{name}://{URL}") for name in ("psycopg2", "psycopg")]
FRAME = pd.DataFrame(
    {
        "n": [1, 2, 3],
        "x": [0.5, None, -1e10],
        "t": ["a", None, "O'Reilly \\ é"],
        "ok": [True, False, True],
        "at": pd.to_datetime(["2024-02-29 12:00:00.123456", None, "1999-12-31"], format="ISO8601"),
        "zoned": pd.to_datetime(["2024-02-29 12:00:00", None, "1999-12-31"], format="ISO8601", utc=True),
        "day": [dt.date(2024, 2, 29), None, dt.date(1999, 12, 31)],
    }
)


@check
def reads_types():
    for engine in ENGINES:
        got = pd.read_sql(
            "select 1::int4 as a, 2::int8 as b, 0.5::float8 as c, 1.50::numeric(5, 2) as d, 'x'::text as e, true as f, "
            "date '2024-02-29' as g, timestamp '2024-02-29 12:00' as h, timestamptz '2024-02-29 12:00+02' as i, null::int4 as j",
            engine,
        )
        equal([str(kind) for kind in got.dtypes][:4], ["int64", "int64", "float64", "float64"])
        equal(got["d"][0], 1.5)
        equal((got["e"][0], bool(got["f"][0]), got["g"][0]), ("x", True, dt.date(2024, 2, 29)))
        equal(got["h"][0], pd.Timestamp("2024-02-29 12:00"))
        equal(got["i"][0], pd.Timestamp("2024-02-29 10:00", tz="UTC"))
        assert got["j"].isna().all()
        exact = pd.read_sql("select 12345678901234567890.12::numeric as n", engine, coerce_float=False)
        equal(exact["n"][0], Decimal("12345678901234567890.12"))


@check
def reads_with_parameters():
    for engine in ENGINES:
        got = pd.read_sql(sa.text("select n from lab.numbers where n = any(:wanted) order by n"), engine, params={"wanted": [3, 1]}, index_col="n")
        equal(list(got.index), [1, 3])
        got = pd.read_sql("select n, n * 0.5 as half from lab.numbers where n < 10", engine, dtype={"half": "float32"})
        equal((len(got), str(got["half"].dtype)), (10, "float32"))


@check
def reads_in_chunks():
    for engine in ENGINES:
        with engine.connect().execution_options(stream_results=True) as conn:
            sizes = [len(part) for part in pd.read_sql("select * from lab.numbers order by n", conn, chunksize=30000)]
        equal(sizes, [30000, 30000, 30000, 10000])


@check
def reads_a_table():
    for engine in ENGINES:
        got = pd.read_sql_table("numbers", engine, schema="lab", columns=["n"])
        equal((len(got), int(got["n"].sum())), (100000, 4999950000))


def written(engine, name, **options):
    # A transaction block changes no catalog objects, so the table is made outside one.
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        FRAME.to_sql(name, conn, schema="lab", index=False, **options)
        return pd.read_sql(f"select * from lab.{name} order by n", conn)


@check
def writes_and_reads_back():
    for engine in ENGINES:
        got = written(engine, "pd_plain", if_exists="replace")
        equal(list(got.columns), list(FRAME.columns))
        equal(list(got["n"]), [1, 2, 3])
        equal(list(got["x"].fillna(0)), [0.5, 0.0, -1e10])
        equal(list(got["t"].fillna("none")), ["a", "none", "O'Reilly \\ é"])
        equal(list(got["ok"]), [True, False, True])
        equal(got["at"][0], pd.Timestamp("2024-02-29 12:00:00.123456"))
        assert pd.isna(got["at"][1]) and pd.isna(got["zoned"][1])
        equal(got["zoned"][0], pd.Timestamp("2024-02-29 12:00:00", tz="UTC"))
        equal(got["day"][0], dt.date(2024, 2, 29))


@check
def appends_in_every_way():
    for engine in ENGINES:
        equal(len(written(engine, "pd_append", if_exists="replace")), 3)
        equal(len(written(engine, "pd_append", if_exists="append", method="multi")), 6)
        equal(len(written(engine, "pd_append", if_exists="append", chunksize=1)), 9)
        equal(len(written(engine, "pd_append", if_exists="delete_rows")), 3)
        try:
            written(engine, "pd_append")
        except ValueError as error:
            assert "already exists" in str(error)
        else:
            raise AssertionError("it was made twice")
        # Into a table that is there, a transaction is one commit.
        with engine.begin() as conn:
            FRAME.to_sql("pd_append", conn, schema="lab", index=False, if_exists="append")
        equal(pd.read_sql("select count(*) as n from lab.pd_append", engine)["n"][0], 6)


def by_copy(table, conn, keys, rows):
    """pandas' own example of a faster `method`."""
    with conn.connection.cursor() as cursor:
        text = io.StringIO()
        pd.DataFrame(list(rows), columns=keys).to_csv(text, index=False, header=False)
        text.seek(0)
        cursor.copy_expert(f"copy {table.schema}.{table.name} ({', '.join(keys)}) from stdin with csv", text)


@check
def writes_by_copy():
    got = written(ENGINES[0], "pd_copy", if_exists="replace", method=by_copy)
    equal((list(got["n"]), list(got["t"].fillna("none"))), ([1, 2, 3], ["a", "none", "O'Reilly \\ é"]))


@check
def writes_declared_types():
    types = {"n": sa.BigInteger(), "x": sa.Numeric(20, 3), "t": sa.String(30)}
    engine = ENGINES[1]
    written(engine, "pd_typed", if_exists="replace", dtype=types)
    found = {c["name"]: str(c["type"]) for c in sa.inspect(engine).get_columns("pd_typed", "lab")}
    equal((found["n"], found["x"], found["t"], found["ok"], found["zoned"]), ("BIGINT", "NUMERIC(20, 3)", "VARCHAR(30)", "BOOLEAN", "TIMESTAMP"))


run()
