"""Reads Arrow results with pyarrow: against the table it wrote as Parquet before, and against the same rows as JSON_ARRAY. Each step
prints one line. Run with HOST, TOKEN and FILES, the folder of the file root `files`."""

import base64
import datetime
import decimal
import json
import os
import urllib.request

import pyarrow as pa
import pyarrow.parquet as pq

HOST = os.environ["HOST"]
ROWS = 2500
LINKS = {"disposition": "EXTERNAL_LINKS"}


def told(label, value):
    print(f"{label}={value}", flush=True)


def ask(path, body=None):
    request = urllib.request.Request(
        HOST + path,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": "Bearer " + os.environ["TOKEN"]},
    )
    with urllib.request.urlopen(request) as response:
        return json.load(response)


def submit(statement, **more):
    done = ask(
        "/api/2.0/sql/statements",
        {"statement": statement, "wait_timeout": "50s", **more},
    )
    if done["status"]["state"] != "SUCCEEDED":
        raise SystemExit(json.dumps(done["status"]))
    return done


def bodies(done):
    """Of all chunks, by links that are followed without a credential."""
    result = done["result"]
    while "external_links" in result:
        link = result["external_links"][0]
        with urllib.request.urlopen(link["external_link"]) as response:
            body = response.read()
        assert len(body) == link["byte_count"]
        yield body
        if "next_chunk_internal_link" not in link:
            return
        result = ask(link["next_chunk_internal_link"])


def arrow(statement, **more):
    done = submit(statement, format="ARROW_STREAM", **LINKS, **more)
    tables = [pa.ipc.open_stream(body).read_all() for body in bodies(done)]
    for table in tables:
        table.validate(full=True)
    return pa.concat_tables(tables)


def rows_of_json(statement):
    return [
        row for body in bodies(submit(statement, **LINKS)) for row in json.loads(body)
    ]


def same(value, cell):
    """Whether a cell of JSON_ARRAY, a text or null, says what Arrow holds."""
    if value is None or cell is None:
        return value is None and cell is None
    if isinstance(value, bool):
        return cell == ("true" if value else "false")
    if isinstance(value, float):
        return float(cell) == value or (value != value and cell == "NaN")
    if isinstance(value, (int, decimal.Decimal)):
        return decimal.Decimal(cell) == value
    if isinstance(value, bytes):
        return base64.b64decode(cell) == value
    if isinstance(value, datetime.datetime):
        return datetime.datetime.fromisoformat(cell.replace("Z", "+00:00")) == value
    if isinstance(value, datetime.date):
        return cell == value.isoformat()
    if isinstance(value, str):
        return cell == value
    return json.loads(cell) == plain(value)


def plain(value):
    """Nested values as JSON has them; pyarrow gives a map as a list of pairs."""
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list):
        if value and isinstance(value[0], tuple):
            return {key: plain(one) for key, one in value}
        return [plain(one) for one in value]
    return value


def every(count, value):
    """A column that is NULL in every seventh row."""
    return [None if at % 7 == 3 else value(at) for at in range(count)]


ZONE = datetime.timezone.utc
SPECIAL = [0.1, -0.0, 1e300, float("inf"), float("-inf"), float("nan")]
COLUMNS = {
    "id": (pa.int64(), lambda at: at),
    "b": (pa.bool_(), lambda at: at % 2 == 0),
    "i1": (pa.int8(), lambda at: at % 256 - 128),
    "i2": (pa.int16(), lambda at: at * 13 - 32768),
    "i4": (pa.int32(), lambda at: at * 858993 - 2147483648),
    "i8": (pa.int64(), lambda at: -(2**63) + at * 2**50),
    "f4": (pa.float32(), lambda at: at / 4),
    "f8": (pa.float64(), lambda at: SPECIAL[at % 6]),
    "d5": (pa.decimal128(5, 2), lambda at: decimal.Decimal(at - 2500) / 100),
    "d18": (pa.decimal128(18, 4), lambda at: decimal.Decimal(at - 2500).scaleb(9)),
    "d38": (pa.decimal128(38, 10), lambda at: decimal.Decimal(at - 2500).scaleb(24)),
    "t": (pa.string(), lambda at: "é€😀 " * (at % 9)),
    "y": (pa.binary(), lambda at: bytes(range(at % 30))),
    "dt": (pa.date32(), lambda at: datetime.date(1583, 1, 1) + datetime.timedelta(at * 30)),
    "ts": (
        pa.timestamp("us", "UTC"),
        lambda at: datetime.datetime(1900, 1, 1, tzinfo=ZONE) + datetime.timedelta(at, 0, at),
    ),
    "tn": (
        pa.timestamp("us"),
        lambda at: datetime.datetime(1900, 1, 1) + datetime.timedelta(at, at, 1),
    ),
    "l": (pa.list_(pa.int32()), lambda at: [None, *range(at % 4)]),
    "ll": (pa.list_(pa.list_(pa.string())), lambda at: [[], None, ["a", str(at)]]),
    "m": (pa.map_(pa.string(), pa.int32()), lambda at: [("k", at), (f"k{at}", None)]),
    "s": (
        pa.struct([("x", pa.int32()), ("l", pa.list_(pa.string()))]),
        lambda at: {"x": at, "l": ["one", None] if at % 2 else None},
    ),
}

written = pa.table(
    {
        name: pa.array(
            [value(at) for at in range(ROWS)] if name == "id" else every(ROWS, value),
            type=kind,
        )
        for name, (kind, value) in COLUMNS.items()
    }
)
pq.write_table(written, os.path.join(os.environ["FILES"], "all.parquet"))
SOURCE = "select * from parquet.`files/all.parquet`"


def compare(label, read, expected):
    """Column by column; NaN is equal to itself here."""
    assert read.column_names == expected.column_names, read.column_names
    wrong = [
        name
        for name in expected.column_names
        if repr(read.column(name).to_pylist()) != repr(expected.column(name).to_pylist())
    ]
    told(label, f"{read.num_rows} rows, wrong: {wrong}")


read = arrow(f"{SOURCE} order by id")
compare("whole", read, written)
told(
    "types",
    [
        f"{name}: {read.schema.field(name).type}"
        for name, (kind, _) in COLUMNS.items()
        if read.schema.field(name).type != kind
        and pa.types.is_nested(kind) is False
    ],
)
compare(
    "filtered",
    arrow(f"{SOURCE} where id % 3 = 1 order by id"),
    written.take(pa.array(range(1, ROWS, 3))),
)
compare(
    "backwards",
    arrow(f"{SOURCE} order by id desc", row_limit=1234),
    written.take(pa.array(range(ROWS - 1, ROWS - 1 - 1234, -1))),
)
texts = rows_of_json(f"{SOURCE} order by id")
wrong = {
    name
    for index, name in enumerate(read.column_names)
    for value, row in zip(read.column(name).to_pylist(), texts)
    if not same(value, row[index])
}
told("as JSON_ARRAY", f"{len(texts)} rows, wrong: {sorted(wrong)}")

many = arrow("select g, repeat('x', 100) as t from generate_series(1, 200000) g order by g")
told("chunks", many.column("g").to_pylist() == list(range(1, 200001)))

submit("create table made (a int, b numeric(8,2))")
returned = arrow("insert into made values (1, 1.5), (2, null) returning a, b as price")
told("returning", returned.to_pylist())
told("history", arrow("describe history made").column("operation").to_pylist())
told("names", arrow("select 1 as a, 2 as a").column_names)
attached = submit(
    "select 7 as seven", format="ARROW_STREAM", disposition="INLINE_OR_EXTERNAL_LINKS"
)
table = pa.ipc.open_stream(base64.b64decode(attached["result"]["attachment"])).read_all()
told("attachment", table.to_pylist())
