"""`report`: how some days went, as a table and for programs."""

from __future__ import annotations

from datetime import UTC, datetime

from shop import Shop


def test_this_month_is_told_by_day_duration_step_and_cause(busy: Shop) -> None:
    days = busy.ask("report", "per-day", "-o", "json").json
    (lasted, total) = busy.ask("report", "durations", "-o", "json").json
    steps = {(each["name"], each["step"]): each for each in busy.ask("report", "steps", "-o", "json").json}
    causes = busy.ask("report", "causes", "-o", "json").json

    assert sum(each["finished"] for each in days) == total["number"] == lasted["number"] > 0
    assert sum(each["stopped"] for each in days) == sum(each["stopped"] for each in causes) == 1
    assert (steps["broken", "try"]["stopped"], total["day"]) == (1, None)
    assert [each["step"] for each in causes if each["name"] == "broken"] == ["try"]


def test_a_table_says_durations_in_words_and_excel_gets_seconds(busy: Shop) -> None:
    table = busy.ask("report", "durations").out
    sheet = busy.ask("report", "durations", "--excel").out

    assert table.splitlines()[0].split() == ["day", "number", "median", "p95"]
    assert " s" in table
    assert sheet.removeprefix("\ufeff").splitlines()[0] == "day;number;median;p95"


def test_other_days_are_named_and_of_one_kind(busy: Shop) -> None:
    today = datetime.now(UTC).date()

    found = busy.ask("report", "per-day", "--from", "2026-01-05", "--to", "2026-01-11", "-o", "json").json
    assert [each["day"] for each in found][::6] == ["2026-01-05", "2026-01-11"]
    assert sum(each["finished"] for each in found) == 0
    assert len(busy.ask("report", "per-day", "--month", "2026-02", "-o", "json").json) == 28
    named = busy.ask("report", "steps", "--name", "broken", "--month", f"{today:%Y-%m}", "-o", "json").json
    assert {each["name"] for each in named} == {"broken"}


def test_days_that_are_none_are_refused(shop: Shop) -> None:
    for wrong in (
        ("--month", "november"),
        ("--from", "yesterday"),
        ("--from", "2026-11-02", "--to", "2026-11-01"),
        ("--month", "2026-11", "--from", "2026-11-01"),
    ):
        assert shop.ask("report", "per-day", *wrong).code == 2, wrong
