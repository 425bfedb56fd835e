"""What holds in a session on PostgreSQL, whatever the environment, the role, the database or the URL say otherwise.

A pooler may give each transaction another session. Nothing is set there for longer than a transaction: the next session
would not have it, and somebody else would.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import psycopg

SPARE: Final = 0.5
"""How much of the deadline the server may take: its own error says more than ours, so it comes first."""

MOMENT: Final = "250ms"
"""How long whoever is in a hurry waits for a lock."""

SPEECH: Final = {
    "DateStyle": "ISO, MDY",
    "IntervalStyle": "postgres",
    "TimeZone": "UTC",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "standard_conforming_strings": "on",
}
"""How values are written: the driver reads them in no other way, or the server our statements."""

SessionSettings = Mapping[str, str]


def settings(deadline: timedelta) -> SessionSettings:
    """All that is ours to say: how values are written, that a statement has an end, and what one on its own sees."""
    limit = int(deadline.total_seconds() * SPARE * 1000)
    limits = {"statement_timeout": str(limit), "lock_timeout": str(limit // 2)}
    return {**SPEECH, **limits, "default_transaction_isolation": "read committed"}


def settle(driver: psycopg.Connection[Any], ours: SessionSettings) -> bool:
    """Whether the session is this connection's own, in which case all of it holds there from now on.

    A pooler tells of a server's process that is none, for the real one changes. What is to be set there is set for this
    very statement alone, so that both are asked in one.
    """
    told = driver.info.backend_pid
    each = ", ".join(f"set_config('{name}', '{value}', pg_backend_pid() <> {told})" for name, value in ours.items())
    driver.autocommit = True
    row = driver.execute(f"SELECT pg_backend_pid(), {each}".encode()).fetchone()
    driver.autocommit = False
    return row is not None and bool(row[0] == told)


def opening(ours: SessionSettings) -> str:
    """What begins a transaction of which all of it holds, in one call."""
    local = (f"SET LOCAL {name} = '{value}'" for name, value in ours.items() if name != "default_transaction_isolation")
    return "; ".join(["BEGIN ISOLATION LEVEL READ COMMITTED", *local])


def hurried(said: str) -> str:
    """The same for a connection in a hurry."""
    hurry = f"; SET LOCAL lock_timeout = '{MOMENT}'"
    return said if said.endswith(hurry) else f"{said}{hurry}"
