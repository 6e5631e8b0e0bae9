# Reads and writes Delta tables with delta-rs: `read LOCATION` prints each row as a JSON list of texts, by id; `write LOCATION` makes a
# table of several versions, `change LOCATION` changes one in every way, `refused LOCATION` tries what its CHECK forbids; `feed LOCATION`
# prints the change data feed from version 0 on.

import datetime
import json
import sys

import pyarrow as pa
from deltalake import DeltaTable, QueryBuilder, write_deltalake


def text(value):
    if value is None:
        return None
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M:%S+00")
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return " ".join(f"{name} {text(member)}" for name, member in value.items())
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    return str(value)


def read(location):
    found = QueryBuilder().register("t", DeltaTable(location)).execute("SELECT * FROM t ORDER BY id")
    table = pa.table(found) if not isinstance(found, list) else pa.Table.from_batches(found)
    columns = [column.to_pylist() for column in table.columns]
    for row in zip(*columns):
        print(json.dumps([text(value) for value in row]))


def rows(first, last):
    ids = list(range(first, last))
    return pa.table(
        {
            "id": pa.array(ids, pa.int64()),
            "name": pa.array([None if i % 5 == 0 else f"n{i} é" for i in ids], pa.string()),
            "day": pa.array([datetime.date(2026, 1, 1 + i % 3) for i in ids], pa.date32()),
            "f": pa.array([i / 2 for i in ids], pa.float64()),
        }
    )


def write(location):
    write_deltalake(location, rows(0, 20), partition_by=["day"])
    write_deltalake(location, rows(20, 40), mode="append")
    table = DeltaTable(location)
    table.delete("id % 7 = 0")
    table.update(updates={"name": "'changed'"}, predicate="id > 35")
    table.optimize.compact()
    table.create_checkpoint()
    write_deltalake(location, rows(40, 45), mode="append")
    read(location)


def change(location):
    table = DeltaTable(location)
    table.delete("id % 7 = 0")
    table.update(updates={"name": "'theirs'"}, predicate="id > 30")
    source = pa.table({"id": pa.array([2, 900], pa.int64()), "name": pa.array(["merged", "new"])})
    merge = table.merge(source, "t.id = s.id", source_alias="s", target_alias="t")
    merge.when_matched_update({"name": "s.name"}).when_not_matched_insert(
        {"id": "s.id", "name": "s.name"}
    ).execute()
    schema = pa.schema(DeltaTable(location).schema().to_arrow())
    row = {field.name: [None] for field in schema} | {"id": [901], "name": ["appended"]}
    write_deltalake(location, pa.table(row, schema=schema), mode="append")
    table = DeltaTable(location)
    table.optimize.compact()
    table.vacuum(retention_hours=0, dry_run=False, enforce_retention_duration=False)
    table.create_checkpoint()
    read(location)


def refused(location):
    try:
        DeltaTable(location).update(updates={"id": "-1"}, predicate="id = 2")
    except Exception as error:
        print(json.dumps([str(error)]))


def feed(location):
    found = pa.table(DeltaTable(location).load_cdf(starting_version=0)).to_pylist()
    names = ["_commit_version", "_change_type", "id", "name"]
    for row in found:
        print(json.dumps([text(row[name]) for name in names]))


COMMANDS = {"read": read, "write": write, "change": change, "refused": refused, "feed": feed}
COMMANDS[sys.argv[1]](sys.argv[2])
