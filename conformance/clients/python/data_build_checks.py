"""dbt-postgres on the project in dbt/: connection, data tests, the catalog of its documentation, ephemeral models."""

import json
import os
import tempfile
from contextlib import redirect_stdout
from pathlib import Path

from dbt.cli.main import dbtRunner

from checks import check, equal, run

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


@check
def data_tests():
    results = invoke("test").results
    equal(sorted({str(result.status) for result in results}), ["pass"])
    equal(len(results), 8)


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
