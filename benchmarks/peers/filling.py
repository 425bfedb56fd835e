"""Databases that have seen much: so many processes at rest, written by one statement and without a history."""

from __future__ import annotations

from typing import Final

from benchmarks.peers import pgfloor, places
from process_manager.database import Database

_COLUMNS: Final = (
    "name, version, channel, step, parameters, order_key, status, due_at, waiting_for, seq, created_at, created_by,"
    " updated_at, finished_at"
)
_KINDS: Final = {
    "finished": (1, "NULL", "NULL", "'succeeded'", "NULL", "NULL", 4, "{moment}"),
    "due": (1, "'one'", "NULL", "'pending'", "{moment}", "NULL", 0, "NULL"),
    "not_deployed": (2, "'one'", "NULL", "'pending'", "{moment}", "NULL", 0, "NULL"),
    "in_lane": (1, "'one'", "'the lane'", "'waiting'", "NULL", "'lane'", 0, "NULL"),
}
_MOMENTS: Final = {  # one a millisecond, so that they have an order
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f', '2026-01-01', '+' || (i / 1000.0) || ' seconds') || '000'",
    "postgresql": "timestamptz '2026-01-01' + i * interval '1 millisecond'",
}
_NUMBERS: Final = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})",
    "postgresql": "WITH n(i) AS (SELECT generate_series(1, {count}))",
}


def fill(database: Database, kind: str, count: int) -> None:
    """So many processes of this kind, and what a database knows of its tables after a while."""
    if database.dialect == "postgresql":
        with pgfloor.connect(places.url_of(database)) as connection:  # on ours no statement may take so long
            connection.execute(statement("postgresql", kind, count).encode())
            connection.execute("VACUUM ANALYZE processes")  # what it does by itself some seconds later
    else:
        with database.begin() as opened:
            opened.exec_driver_sql(statement("sqlite", kind, count))


def statement(dialect: str, kind: str, count: int) -> str:
    """The statement that makes them."""
    moment = _MOMENTS[dialect]
    version, step, lane, status, due, waits, seq, ended = _KINDS[kind]
    numbers = _NUMBERS[dialect].format(count=count)
    values = (
        f"'four', {version}, 'default', {step}, '{{}}', {lane}, {status}, {due}, {waits}, {seq}, {{moment}}, 'code',"
        f" {{moment}}, {ended}"
    ).replace("{moment}", moment)
    if dialect == "sqlite":  # whose WITH stands before the INSERT
        return f"{numbers} INSERT INTO processes ({_COLUMNS}) SELECT {values} FROM n WHERE i <= {count}"
    return f"INSERT INTO processes ({_COLUMNS}) {numbers} SELECT {values} FROM n"
