"""Which slots are started when nobody was there in time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from process_manager.schedules import missed, rules

DAILY = rules.parse("0 6 * * *", "UTC")
SECONDLY = rules.parse("* * * * * *", "UTC")


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


def test_a_slot_in_time_is_started_whatever_is_done_about_missed_ones() -> None:
    for rule in ("none", "last", "all"):
        found = missed.due(DAILY, utc(2026, 11, 30, 6), utc(2026, 11, 30, 6, 1, 15), rule)  # type: ignore[arg-type]

        assert [each.at for each in found.slots] == [utc(2026, 11, 30, 6)]
        assert found.next_at == utc(2026, 12, 1, 6)


def test_of_missed_slots_none_the_last_or_all_are_made_up_for() -> None:
    since, now = utc(2026, 11, 27, 6), utc(2026, 11, 30, 7)

    assert missed.due(DAILY, since, now, "none") == ((), utc(2026, 12, 1, 6))
    assert [each.at.day for each in missed.due(DAILY, since, now, "last").slots] == [30]
    assert [each.at.day for each in missed.due(DAILY, since, now, "all").slots] == [27, 28, 29, 30]


def test_the_last_missed_slot_is_not_made_up_for_where_one_is_in_time() -> None:
    found = missed.due(DAILY, utc(2026, 11, 27, 6), utc(2026, 11, 30, 6, 0, 30), "last")

    assert [each.at.day for each in found.slots] == [30]


def test_at_most_a_thousand_are_made_up_for_a_hundred_at_once() -> None:
    now = utc(2026, 11, 30, 12)
    started: list[datetime] = []
    next_at: datetime | None = utc(2016, 1, 1)  # ten years of seconds
    while next_at is not None and next_at <= now:
        found = missed.due(SECONDLY, next_at, now, "all")
        assert len(found.slots) <= 100
        started += [each.at for each in found.slots]
        next_at = found.next_at

    assert started == [now - timedelta(seconds=number) for number in reversed(range(1000))]
    assert next_at == now + timedelta(seconds=1)


def test_moments_that_are_over_leave_nothing() -> None:
    rule = rules.parse("at 2026-11-30T06:00", "UTC")

    found = missed.due(rule, utc(2026, 11, 30, 6), utc(2026, 11, 30, 6), "last")

    assert ([each.at for each in found.slots], found.next_at) == ([utc(2026, 11, 30, 6)], None)


def test_who_begins_anew_after_the_clock_went_back_repeats_no_slot_and_waits_for_no_wrong_year() -> None:
    six = utc(2026, 11, 30, 6)

    assert missed.following_anew(DAILY, utc(2026, 11, 30, 5, 59), six) == utc(2026, 12, 1, 6)
    assert missed.following_anew(DAILY, utc(2026, 11, 30, 5, 59), utc(2036, 11, 30, 6)) == six
    assert missed.following_anew(DAILY, utc(2026, 11, 30, 5, 59), None) == six
    assert missed.following_anew(DAILY, utc(2026, 12, 3, 5), six) == utc(2026, 12, 3, 6)
