"""Checks of one client, run in the order they stand: each prints its name and "ok", or what went wrong. The gateway's place is in the environment."""

import asyncio
import inspect
import os
import traceback

HOST = "127.0.0.1"
PORT = int(os.environ["SLUICE_PORT"])
USER = "ann"
TOKEN = os.environ["SLUICE_TOKEN"]
DATABASE = "main"
CERTIFICATE = os.environ["SLUICE_CERTIFICATE"]
URL = f"{USER}:{TOKEN}@{HOST}:{PORT}/{DATABASE}"

# Minutes of work, whatever an optimizer makes of it; ends when it is cancelled.
ENDLESS = "select count(*) from " + ", ".join(
    f"generate_series(1, 1000000) t{i}(v)" for i in range(3)
) + " where (t0.v * 3 + t1.v * 5 + t2.v) % 7 = 3"

_checks = []


def check(work):
    _checks.append(work)
    return work


def raises(error_class, sqlstate, work):
    """The error `work` raises: it must be of exactly this class and carry this SQLSTATE."""
    try:
        work()
    except Exception as error:
        code = getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)
        assert type(error) is error_class and code == sqlstate, (type(error), code, str(error))
        return error
    raise AssertionError(f"{error_class.__name__} was expected")


def equal(actual, expected):
    assert actual == expected, f"{actual!r} is not {expected!r}"


async def _awaited():
    for work in _checks:
        await _reported(work)


async def _reported(work):
    try:
        made = work()
        if inspect.isawaitable(made):
            await made
        print(f"{work.__name__}: ok", flush=True)
    except Exception:
        print(f"{work.__name__}: {traceback.format_exc()}", flush=True)


def run():
    """All checks share one event loop."""
    asyncio.run(_awaited())
