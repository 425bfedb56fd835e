"""Measure how far the clock of a database is from this host's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

import sqlalchemy as sa

from process_manager import clock

SAMPLES: Final = 5
QUICK: Final = timedelta(milliseconds=10)
"""An answer within so little time tells enough by itself."""


class ClockOffset(NamedTuple):
    """How far the database's clock is ahead of the host's, to within half of the round trip it was measured in."""

    ahead: timedelta
    round_trip: timedelta


def measure(connection: sa.Connection) -> ClockOffset:
    """Return the offset from the sample with the shortest round trip: the first that was quick, or the best of five."""
    found = []
    for _ in range(SAMPLES):
        found.append(_sample(connection))
        if found[-1].round_trip <= QUICK:
            break
    return min(found, key=lambda offset: offset.round_trip)


def _sample(connection: sa.Connection) -> ClockOffset:
    sent = clock.host()
    answer = connection.exec_driver_sql(NOW[connection.dialect.name]).scalar_one()
    received = clock.host()
    there = datetime.fromisoformat(str(answer)).replace(tzinfo=UTC)
    return ClockOffset(there - (sent + (received - sent) / 2), received - sent)


NOW: Final = {
    "sqlite": "SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')",
    "postgresql": "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')",
    "mariadb": "SELECT UTC_TIMESTAMP(6)",
    "mssql": "SELECT CAST(SYSUTCDATETIME() AS datetime2(6))",
}
"""The present moment in UTC, without its zone."""
