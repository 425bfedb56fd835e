from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from rig import NOON

from process_manager import Retry, Wait
from process_manager.errors import IllegalValue

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Wait("no moment"),
        lambda: Wait("two", until=NOON, after=MINUTE),
        lambda: Wait("two beside an event", until=NOON, after=MINUTE, event="paid:1"),
        lambda: Wait("naive", until=datetime(2026, 1, 1)),  # noqa: DTZ001
        lambda: Wait("no moment of UTC", until=datetime.max.replace(tzinfo=timezone(timedelta(hours=-5)))),
        lambda: Wait("no moment of UTC", until=datetime.min.replace(tzinfo=timezone(timedelta(hours=5)))),
        lambda: Wait("a text", until="tomorrow"),  # type: ignore[arg-type]
        lambda: Wait("a number", after=5),  # type: ignore[arg-type]
        lambda: Wait("negative", after=-MINUTE),
        lambda: Retry("negative", after=-MINUTE),
        lambda: Retry("a number", after=5),  # type: ignore[arg-type]
    ],
)
def test_a_pause_that_is_no_moment_is_refused_where_it_is_written(make: Any) -> None:
    with pytest.raises(IllegalValue) as refused:
        make()

    assert "Use a" in str(refused.value) or "Give one of" in str(refused.value)


def test_a_wait_for_an_event_that_says_nothing_says_which_event_that_is() -> None:
    assert [Wait(event="paid:1").message, Wait("the bank", event="paid:1").message] == ["Waits for paid:1.", "the bank"]
