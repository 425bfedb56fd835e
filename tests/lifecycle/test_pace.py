"""Starts of a rate come evenly, and what was not used does not add up."""

from datetime import timedelta

import pytest
from rig import NOON

from process_manager.definition.limit import Limit, Rate
from process_manager.errors import IllegalValue
from process_manager.lifecycle.pace import GRAIN, Pace
from process_manager.lifecycle.pool import Pool, pool

SIX = timedelta(seconds=6)


def starts(interval: timedelta, looks: list[float], per_look: int = 100) -> list[float]:
    """How many seconds after noon one starts, where somebody looks at these moments."""
    pace, found = Pace(interval, None), []
    for look in looks:
        now = NOON + timedelta(seconds=look)
        count = min(per_look, pace.allowed(now))
        if count:
            pace = Pace(interval, pace.after(now, count))
        found += [look] * count
    return found


def test_one_starts_in_each_interval_and_none_before_it() -> None:
    assert starts(SIX, [0, 0, 1, 5.999, 6, 6, 13, 18.9, 19]) == [0, 6, 13, 19]


def test_an_hour_without_any_saves_nothing_up() -> None:
    assert starts(SIX, [0, 3600, 3600, 3601, 3606]) == [0, 3600, 3606]


def test_what_is_finer_than_the_grain_comes_in_small_portions_at_the_same_rate() -> None:
    looks = [each / 100 for each in range(200)]

    found = starts(timedelta(milliseconds=2), looks)

    assert 990 <= len(found) <= 1010
    assert max(found.count(look) for look in looks) <= GRAIN / timedelta(milliseconds=2) + 1


@pytest.mark.parametrize("key", ["sap-seats", "/sap", "sap-seats/sap"])
def test_a_pool_is_known_by_its_key(key: str) -> None:
    assert pool(key).key == key
    assert pool("sap-seats/sap") == Pool("sap-seats", "sap")


@pytest.mark.parametrize("made", [lambda: Limit("SAP", 1), lambda: Limit("sap", 0), lambda: Limit("sap", True)])
def test_a_limit_that_cannot_be_is_refused(made: object) -> None:
    with pytest.raises(IllegalValue):
        made()  # type: ignore[operator]


@pytest.mark.parametrize("per", ["1", "0s", "2d"])
def test_a_period_that_cannot_be_is_refused(per: str) -> None:
    with pytest.raises(IllegalValue, match=r"is not a duration|is no period"):
        Rate("sap", 10, per=per)
