"""dbt-postgres on the project in dbt/: connection, seeds, models of each kind made and made again, data tests, the catalog of its documentation."""

import json
import os
import tempfile
from contextlib import redirect_stdout
from pathlib import Path

import psycopg2

from dbt.cli.main import dbtRunner

from checks import URL, check, equal, run

PROJECT = Path(__file__).parent / "dbt"
TARGET = tempfile.TemporaryDirectory()
RUNNER = dbtRunner()


def invoke(*arguments):
    """dbt's own log goes to a file beside its results; a failure shows it."""
    places = ["--project-dir", PROJECT, "--profiles-dir", PROJECT, "--target-path", TARGET.name, "--log-path", TARGET.name]
    with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere):
        done = RUNNER.invoke([*arguments, *map(str, places)])
    if not done.success:
        raise AssertionError(Path(TARGET.name, "dbt.log").read_text()[-4000:]) from done.exception
    return done.result


def rows(sql):
    with psycopg2.connect(f"postgresql://{URL}") as connection, connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def built():
    """dbt wraps each model's statements in a transaction."""
    done = invoke("run").results
    equal(sorted((result.node.name, str(result.status)) for result in done), [("grouped", "success"), ("grown", "success"), ("staged", "success")])
    return rows("select remainder, numbers, highest from shop.grouped order by remainder limit 2")


@check
def seeds():
    for _ in range(2):
        equal([str(result.status) for result in invoke("seed").results], ["success"])
        equal(rows("select code, amount::text, since::text from shop.prices order by code"), [("a", "1.5", "2024-01-31"), ("b", "2.25", "2024-02-29"), ("c", None, None)])


@check
def runs_models_and_runs_them_again():
    for _ in range(2):
        equal(built(), [(0, 14286, 99995), (1, 14286, 99996)])
    equal(rows("select obj_description('shop.grouped'::regclass)"), [("made by dbt",)])
    equal(rows("select code, amount::text from shop.grown order by code"), [("a", "1.5"), ("b", "22.5"), ("c", None)])
    equal(rows("select relname from pg_class join pg_namespace s on s.oid = relnamespace where nspname = 'shop' and relname like '%\\_\\_dbt%'"), [])


@check
def data_tests():
    results = invoke("test").results
    equal(sorted({str(result.status) for result in results}), ["pass"])
    equal(len(results), 10)


@check
def documentation():
    invoke("docs", "generate")
    catalog = json.loads(Path(TARGET.name, "catalog.json").read_text())
    equal(sorted(name.split(".")[-1] for name in catalog["sources"]), ["cheap", "items", "numbers", "orders"])
    items = catalog["sources"]["source.shop.lab.items"]
    equal((items["metadata"]["type"], items["metadata"]["comment"]), ("BASE TABLE", "What is sold"))
    equal([(c["name"], c["type"], c["comment"]) for c in items["columns"].values()], [("id", "integer", None), ("price", "numeric(12,2)", "In euros"), ("name", "text", None)])
    equal(catalog["sources"]["source.shop.lab.cheap"]["metadata"]["type"], "VIEW")
    equal(catalog["errors"], None)


@check
def shows_a_model():
    results = invoke("show", "--select", "spread", "--limit", "3").results
    [shown] = [result for result in results if result.node.name == "spread"]
    equal([c for c in shown.agate_table.column_names], ["tens", "numbers", "month"])
    equal([row["numbers"] for row in shown.agate_table.rows], [10, 10, 10])


run()
