"""The settings of a PostgreSQL session, whatever the environment, the role, the database or the URL say.

A pooler may give each transaction another session. There, nothing is set for longer than a transaction: the next
session would not have it, and somebody else would.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import psycopg

SPARE: Final = 0.5
"""The part of the call timeout that the server may take: its own error says more than ours, so it comes first."""

SHORT_LOCK_TIMEOUT: Final = "250ms"
"""The lock timeout of a connection that must not wait long."""

VALUE_FORMATS: Final = {
    "DateStyle": "ISO, MDY",
    "IntervalStyle": "postgres",
    "TimeZone": "UTC",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "standard_conforming_strings": "on",
}
"""The formats of values: the driver reads no others, and our statements are written in them."""

SessionSettings = Mapping[str, str]


def settings(call_timeout: timedelta) -> SessionSettings:
    """Return all our settings: the formats of values, the timeouts, and the isolation of a lone statement."""
    limit = int(call_timeout.total_seconds() * SPARE * 1000)
    limits = {"statement_timeout": str(limit), "lock_timeout": str(limit // 2)}
    return {**VALUE_FORMATS, **limits, "default_transaction_isolation": "read committed"}


def settle(driver: psycopg.Connection[Any], ours: SessionSettings) -> bool:
    """Set the session up and return whether it belongs to this connection alone.

    A pooler reports a server process that does not exist, because the real one changes. Through a pooler the settings
    hold for this one statement, so that both can be asked in one.
    """
    reported = driver.info.backend_pid
    each = ", ".join(f"set_config('{name}', '{value}', pg_backend_pid() <> {reported})" for name, value in ours.items())
    driver.autocommit = True
    row = driver.execute(f"SELECT pg_backend_pid(), {each}".encode()).fetchone()
    driver.autocommit = False
    return row is not None and bool(row[0] == reported)


def opening(ours: SessionSettings) -> str:
    """Return the statement that begins a transaction with all settings, in one call."""
    local = (f"SET LOCAL {name} = '{value}'" for name, value in ours.items() if name != "default_transaction_isolation")
    return "; ".join(["BEGIN ISOLATION LEVEL READ COMMITTED", *local])


def with_short_lock_timeout(begin: str) -> str:
    """Return the same statement with a short lock timeout."""
    timeout = f"; SET LOCAL lock_timeout = '{SHORT_LOCK_TIMEOUT}'"
    return begin if begin.endswith(timeout) else f"{begin}{timeout}"
