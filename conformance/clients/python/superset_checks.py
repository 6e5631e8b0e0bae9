"""Apache Superset's look at a database: the calls its PostgreSQL engine spec makes, over the SQLAlchemy 1.4 it is bound to."""

import re
import threading

import sqlalchemy as sa
from sqlalchemy.sql import quoted_name

from checks import ENDLESS, URL, check, equal, run

engine = sa.create_engine(f"postgresql+psycopg2://{URL}", connect_args={"application_name": "superset"})


def inspector():
    return sa.inspect(engine)


@check
def tests_the_connection():
    with engine.connect() as conn:
        equal(conn.execute("select 1").scalar(), 1)
        assert engine.dialect.do_ping(conn.connection)
    equal(inspector().default_schema_name, "public")


@check
def lists_catalogs_schemas_and_tables():
    with engine.connect() as conn:
        names = [name for (name,) in conn.execute("SELECT datname FROM pg_database WHERE datistemplate = false")]
        assert "main" in names, names
    found = inspector()
    assert {"lab", "public", "information_schema"} <= set(found.get_schema_names())
    tables = set(found.get_table_names("lab")) | set(found.get_foreign_table_names("lab"))
    assert {"items", "orders", "kinds", "numbers"} <= tables and "hidden" not in tables
    equal(found.get_view_names("lab"), ["cheap"])


@check
def describes_a_table():
    found = inspector()
    columns = found.get_columns("items", "lab")
    equal([(c["name"], c["type"].compile(engine.dialect), c["nullable"], c["comment"]) for c in columns], [("id", "INTEGER", False, None), ("price", "NUMERIC(12, 2)", True, "In euros"), ("name", "TEXT", True, None)])
    equal(found.get_pk_constraint("orders", "lab")["constrained_columns"], ["id"])
    equal([(f["constrained_columns"], f["referred_schema"], f["referred_table"]) for f in found.get_foreign_keys("orders", "lab")], [(["item"], "lab", "items")])
    equal([(i["name"], i["column_names"]) for i in found.get_indexes("orders", "lab")], [("orders_code_key", ["code"])])
    equal([u["column_names"] for u in found.get_unique_constraints("orders", "lab")], [["code"]])
    equal(found.get_table_comment("items", "lab")["text"], "What is sold")
    equal([c["type"].compile(engine.dialect) for c in found.get_columns("kinds", "lab")][-4:], ["TIMESTAMP WITH TIME ZONE", "UUID", "JSONB", "INTEGER[]"])
    equal([c["name"] for c in found.get_columns(quoted_name("cheap", False), "lab")], ["id", "name"])
    assert "price" in found.get_view_definition("cheap", "lab")


@check
def select_star():
    columns = [sa.column(c["name"]) for c in inspector().get_columns("items", "lab")]
    query = sa.select(columns).select_from(sa.table("items", schema="lab")).limit(100)
    text = str(query.compile(engine, compile_kwargs={"literal_binds": True}))
    with engine.connect() as conn:
        equal(list(conn.execute(text).keys()), ["id", "price", "name"])


@check
def estimates_a_query():
    with engine.connect() as conn:
        first = conn.execute("EXPLAIN SELECT * FROM lab.numbers").fetchone()[0]
        assert re.search(r"\S", first)
        found = re.search(r"cost=([\d\.]+)\.\.([\d\.]+)", first)
        assert found is None or float(found[2]) >= float(found[1])


@check
def draws_a_chart():
    chart = """
        SELECT DATE_TRUNC('day', at) AS at, COUNT(*) AS count, SUM(v) AS "SUM(v)", COUNT(DISTINCT v) AS "COUNT_DISTINCT(v)"
        FROM (SELECT timestamp '2024-02-28' + n * interval '1 hour' AS at, n % 7 AS v FROM lab.numbers WHERE n < 72) AS virtual_table
        WHERE at >= TO_TIMESTAMP('2024-02-28 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US')
          AND at < TO_TIMESTAMP('2024-03-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US')
        GROUP BY DATE_TRUNC('day', at) ORDER BY "SUM(v)" DESC LIMIT 10000"""
    grains = ["second", "minute", "hour", "day", "week", "month", "quarter", "year"]
    with engine.connect() as conn:
        cursor = conn.connection.cursor()
        cursor.execute(chart)
        equal([(str(at), count, int(total), distinct) for at, count, total, distinct in cursor.fetchall()], [("2024-02-29 00:00:00", 24, 75, 7), ("2024-02-28 00:00:00", 24, 66, 7)])
        equal([c.name for c in cursor.description], ["at", "count", "SUM(v)", "COUNT_DISTINCT(v)"])
        for grain in grains:
            cursor.execute(f"SELECT DATE_TRUNC('{grain}', at) AS __timestamp, MAX(at) FROM (SELECT timestamp '2024-02-29 12:34:56' AS at) t GROUP BY DATE_TRUNC('{grain}', at)")
            equal(len(cursor.fetchall()), 1)
        # Filter boxes and limits of series.
        cursor.execute("SELECT n % 3 AS n FROM lab.numbers GROUP BY n % 3 ORDER BY COUNT(*) DESC LIMIT 1000")
        equal(len(cursor.fetchall()), 3)
        cursor.execute("SELECT n % 10 AS k, COUNT(*) FROM lab.numbers JOIN (SELECT n % 10 AS k__, COUNT(*) AS mme FROM lab.numbers GROUP BY n % 10 ORDER BY mme DESC LIMIT 2) AS series_limit ON n % 10 = k__ GROUP BY n % 10")
        equal(len(cursor.fetchall()), 2)


@check
def stops_a_query():
    with engine.connect() as conn:
        pid = conn.execute("SELECT pg_backend_pid()").scalar()
        timer = threading.Timer(0.5, lambda: engine.execute(sa.text("SELECT pg_cancel_backend(:pid)"), pid=pid))
        timer.start()
        try:
            conn.execute(sa.text(ENDLESS))
        except sa.exc.OperationalError as error:
            equal(error.orig.pgcode, "57014")
        else:
            raise AssertionError("it ended by itself")
        timer.join()


@check
def names_what_is_wrong():
    # Its messages are found by these texts.
    for text, pattern in [
        ("SELECT nosuch FROM lab.items", r'column "nosuch" does not exist'),
        ("SELEC 1", r'syntax error at or near "SELEC"'),
        ("SELECT * FROM lab.nothing", r'relation "lab.nothing" does not exist'),
    ]:
        try:
            engine.execute(text)
        except sa.exc.ProgrammingError as error:
            assert re.search(pattern, str(error)), error
        else:
            raise AssertionError(text)


run()
