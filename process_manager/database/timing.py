"""How far the database's clock is ahead of this host's."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Final

import sqlalchemy as sa

from process_manager import clock

SLOW: Final = timedelta(milliseconds=500)
"""A round trip as long as this says too little about when the database looked at its clock."""

_NOW: Final = {
    "postgresql": "SELECT clock_timestamp()",
    "mssql": "SELECT SYSUTCDATETIME()",
    "mariadb": "SELECT UTC_TIMESTAMP(6)",
}


def offset(connection: sa.Connection) -> timedelta | None:
    """How far ahead the database's clock is; None when it answered too slowly, or is this host's own (SQLite)."""
    question = _NOW.get(connection.dialect.name)
    if question is None:
        return None
    connection.execute(sa.text("SELECT 1"))  # what opens the transaction is not part of the round trip
    before, started = clock.host(), time.monotonic()
    there: datetime = connection.execute(sa.text(question)).scalar_one()
    round_trip = timedelta(seconds=time.monotonic() - started)
    if round_trip > SLOW:
        return None
    aware = there if there.tzinfo else there.replace(tzinfo=UTC)
    return aware - (before + round_trip / 2)
