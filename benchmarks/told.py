"""What was run on a lent database, as a table to send to us: versions, no address and no account."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import make_url

from benchmarks.lent import Lent
from process_manager.database import server_settings

_PACKAGES: Final = {"pyodbc": "pyodbc", "mssqlpython": "mssql-python", "psycopg": "psycopg"}
_DRIVER_NAME, _DRIVER_VERSION = 6, 7  # of SQLGetInfo


def facts(lent: Lent) -> Mapping[str, str]:
    """What a result depends on, of the server, the database, the driver and this side."""
    with lent.database.read() as connection:
        said = server_settings.ask(connection)
        driver = _driver(connection)
    return {
        "server": said.version,
        "collation or encoding": said.encoding,
        "row versions": said.row_versions,
        "isolation": said.isolation,
        **said.rules,
        **said.durability,
        "driver": driver,
        "SQLAlchemy": metadata.version("sqlalchemy"),
        "Python": f"{platform.python_version()} on {platform.system()} {platform.machine()}",
        "process-manager": metadata.version("process-manager"),
    }


def _driver(connection: sa.Connection) -> str:
    package = _PACKAGES[connection.dialect.driver]
    told = f"{package} {metadata.version(package)}"
    ask = getattr(connection.connection.dbapi_connection, "getinfo", None)
    return told if ask is None else f"{told}, {ask(_DRIVER_NAME)} {ask(_DRIVER_VERSION)}"


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """The lines of a table in Markdown."""
    lines = [heads, ["---"] * len(heads), *rows]
    return [f"| {' | '.join(' '.join(str(cell).split()).replace('|', '/') for cell in line)} |" for line in lines]


def report(title: str, known: Mapping[str, str], heads: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """What to send: what it ran on, and what came of it."""
    on = table(("", title), [(name, value) for name, value in known.items() if value])
    return [*on, "", *table(heads, rows)]


def masked(text: str, url: str) -> str:
    """The text without what the URL says of a place and an account."""
    parsed = make_url(url)
    odbc = str(parsed.query.get("odbc_connect", ""))
    said = [parsed.host, parsed.username, parsed.password, parsed.database, odbc, url]
    said += [part.partition("=")[2].strip("{}") for part in odbc.split(";")]
    for each in sorted({str(each) for each in said if each and len(str(each)) > 2}, key=len, reverse=True):
        text = text.replace(each, "…")
    return text
