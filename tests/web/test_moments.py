"""Moments as people read them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from process_manager.web import catalogue
from process_manager.web.catalogue import Texts
from process_manager.web.moments import Calendar

NOW = datetime(2026, 11, 30, 12, 30, tzinfo=UTC)
ZONE = "Europe/Copenhagen"

TOLD = [
    ("2026-11-30T06:47", "today 07:47", "i dag 07.47"),
    ("2026-11-30T22:59", "today 23:59", "i dag 23.59"),
    ("2026-11-30T23:00", "tomorrow 00:00", "i morgen 00.00"),
    ("2026-11-29T20:13", "yesterday 21:13", "i går 21.13"),
    ("2026-11-27T20:13", "Fri 21:13", "fre 21.13"),
    ("2026-12-06T10:00", "Sun 11:00", "søn 11.00"),
    ("2026-11-23T11:58", "Mon 23 Nov 12:58", "man 23. nov 12.58"),
    ("2026-12-07T10:00", "Mon 7 Dec 11:00", "man 7. dec 11.00"),
    ("2026-07-01T10:00", "Wed 1 Jul 12:00", "ons 1. jul 12.00"),
    ("2025-12-31T22:59", "Wed 31 Dec 2025 23:59", "ons 31. dec 2025 23.59"),
    ("2025-12-31T23:00", "Thu 1 Jan 00:00", "tor 1. jan 00.00"),
]


@pytest.mark.parametrize(("moment", "english", "danish"), TOLD)
def test_a_day_that_is_near_has_its_name_and_a_year_is_told_when_it_is_another(
    moment: str, english: str, danish: str
) -> None:
    at = datetime.fromisoformat(moment).replace(tzinfo=UTC)

    assert Calendar(ZONE, Texts("en"), NOW).told(at) == english
    assert Calendar(ZONE, catalogue.every()["da"], NOW).told(at) == danish


def test_a_page_has_the_whole_moment_where_the_reader_points_at_it() -> None:
    found = Calendar(ZONE, Texts("en"), NOW).moment(datetime(2026, 11, 30, 6, 47, 5, tzinfo=UTC))

    assert found == ('<time datetime="2026-11-30T07:47:05+01:00" title="2026-11-30 07:47:05 CET">today 07:47</time>')


def test_where_the_host_has_no_zone_it_is_utc() -> None:
    assert Calendar(None, Texts("en"), NOW).told(NOW) == "today 12:30"
