"""Pictures of reports: where each bar and line lies, in percent across and pixels down."""

from __future__ import annotations

from datetime import date, timedelta

from process_manager.web import charts

WEEK = [date(2026, 11, 23) + timedelta(days=number) for number in range(7)]


def test_the_highest_bar_fills_the_picture_and_is_told_with_that_of_today() -> None:
    drawn = charts.bars([5, 0, 10, 1000, 1, 0, 7], 104, last=6)

    highest = max(drawn.bars, key=lambda each: each.height)
    assert (drawn.base, highest.height, highest.y) == (112, 90.0, 22.0)
    assert [each.number for each in drawn.bars] == [None, None, 1000, None, 7]
    assert min(each.height for each in drawn.bars) == 1.5  # one of a thousand is seen, too
    assert all(each.x >= 0 and each.x + each.width <= 100 for each in drawn.bars)


def test_of_days_on_which_nothing_ended_nothing_is_drawn() -> None:
    assert charts.bars([0, 0], 104, last=None).bars == ()


def test_weekends_are_shaded_and_mondays_named() -> None:
    below = charts.days([*WEEK, date(2026, 11, 30)])

    assert below.width == 12.5
    assert below.shaded == (62.5, 75.0)
    assert below.named == ((0.0, "start", date(2026, 11, 23)), (100.0, "end", date(2026, 11, 30)))


def test_of_many_days_the_first_of_each_month_is_named() -> None:
    many = [date(2026, 9, 20) + timedelta(days=number) for number in range(70)]

    assert [day for _x, _anchor, day in charts.days(many).named] == [date(2026, 10, 1), date(2026, 11, 1)]


def test_lines_pass_over_days_of_which_nothing_is_known_and_have_a_grid_of_round_durations() -> None:
    minutes = [timedelta(minutes=each) if each else None for each in (2, None, 4, 10, None, None, 3)]

    drawn = charts.lines([minutes, [None] * 7], 188)

    longest, nothing = drawn.lines
    assert len(longest.pieces) == 3
    assert min(y for _x1, _y1, _x2, y in longest.pieces) == 22.0
    assert longest.end == longest.pieces[-1][3]
    assert (nothing.pieces, nothing.end) == ((), None)
    assert [str(each) for _y, each in drawn.grid] == ["0:05:00", "0:10:00"]
