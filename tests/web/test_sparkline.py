"""Numbers of the last hours as a small picture."""

from __future__ import annotations

from process_manager.web.sparkline import bars


def test_the_highest_bar_fills_the_picture_and_nothing_is_a_line() -> None:
    found = bars([0, 5, 10])

    assert [(each.y, each.height) for each in found] == [(20.0, 1.0), (11.0, 10.0), (1.0, 20.0)]
    assert [each.is_hot for each in found] == [False, False, True]
    assert found[-1].x + found[-1].width < 104


def test_what_is_bad_is_marked_in_each_hour_that_has_it() -> None:
    assert [each.is_hot for each in bars([0, 2, 0], hot=True)] == [False, True, False]
