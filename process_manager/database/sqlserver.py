"""SQL Server, reached by Microsoft's ODBC driver."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL


def options(_url: URL, *, deadline: timedelta) -> dict[str, Any]:
    """What the engine is made with: READ COMMITTED whatever the server's default, for SNAPSHOT refuses READPAST."""
    seconds = max(1, int(deadline.total_seconds()))
    # fast_executemany guesses the types of all rows from the first.
    return {"connect_args": {"timeout": seconds}, "isolation_level": "READ COMMITTED", "fast_executemany": False}


def prepare(engine: sa.Engine, *, deadline: timedelta, **_: str) -> None:
    """Give every statement an end, and take back the whole transaction of one that fails."""
    seconds = max(1, int(deadline.total_seconds() / 2))

    @sa.event.listens_for(engine, "connect")
    def limited(driver: Any, _record: Any) -> None:
        driver.timeout = seconds
        cursor = driver.cursor()
        cursor.execute(f"SET XACT_ABORT ON; SET LOCK_TIMEOUT {seconds * 500}")
        cursor.close()
