"""The last working day before today."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from process_manager.gates import quiet
from process_manager.inspection.working_days import last_working_day

ZONE = "Europe/Copenhagen"


@pytest.mark.parametrize(
    ("now", "rules", "day"),
    [
        ("2026-11-30T13:32", "23:50-24:00", "2026-11-27"),  # a Monday
        ("2026-12-01T13:32", "23:50-24:00", "2026-11-30"),
        ("2026-12-28T13:32", "holidays DK", "2026-12-24"),  # the Monday after Christmas
        ("2026-12-28T13:32", "23:50-24:00", "2026-12-25"),
        ("2026-11-30T23:30", "23:50-24:00", "2026-11-30"),  # Tuesday already, in Copenhagen
    ],
)
def test_weekends_and_the_holidays_of_the_quiet_windows_are_left_out(now: str, rules: str, day: str) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)

    found = last_working_day(moment, ZONE, [quiet.parse(rules, ZONE)])

    assert found.isoformat() == f"{day}T00:00:00+01:00"
