from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from process_manager import durations
from process_manager.errors import IllegalValue


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("90s", timedelta(seconds=90)),
        ("5m", timedelta(minutes=5)),
        ("1h", timedelta(hours=1)),
        ("2d", timedelta(days=2)),
        ("500ms", timedelta(milliseconds=500)),
        ("1h30m", timedelta(minutes=90)),
        ("1s500ms", timedelta(milliseconds=1500)),
        (" 5m ", timedelta(minutes=5)),
        ("0s", timedelta()),
    ],
)
def test_a_duration_is_read_as_people_write_it(text: str, duration: timedelta) -> None:
    assert durations.parse(text) == duration


@pytest.mark.parametrize(
    "text", ["", "5", "m", "5 m", "5M", "-5m", "1.5h", "five minutes", "5m5h", "٥m", "5m\x00", "1e3s", "None"]
)
def test_what_is_no_duration_is_refused_with_a_hint(text: str) -> None:
    with pytest.raises(IllegalValue) as refusal:
        durations.parse(text)

    assert str(refusal.value) == (
        f"Duration {text!r} is not a duration. "
        "Write a whole number and its unit (d, h, m, s or ms), such as 90s, 5m, 1h30m or 2d."
    )


@pytest.mark.parametrize("text", ["9999999999d", "9" * 5000 + "s"])
def test_a_duration_beyond_all_calendars_is_refused(text: str) -> None:
    with pytest.raises(IllegalValue, match="is too long"):
        durations.parse(text)


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (timedelta(), "0s"),
        (timedelta(microseconds=400), "0s"),
        (timedelta(milliseconds=3), "3ms"),
        (timedelta(seconds=90), "1m30s"),
        (timedelta(minutes=5), "5m"),
        (timedelta(days=2, hours=3), "2d3h"),
        (timedelta(minutes=-5), "-5m"),
    ],
)
def test_a_duration_is_written_in_its_largest_units(duration: timedelta, text: str) -> None:
    assert durations.format(duration) == text


def test_an_age_can_be_cut_to_the_units_that_matter() -> None:
    assert durations.format(timedelta(days=2, hours=3, minutes=4, seconds=5), parts=2) == "2d3h"


@given(st.integers(min_value=0, max_value=10**12).map(lambda count: timedelta(milliseconds=count)))
def test_what_is_written_is_read_back_exactly(duration: timedelta) -> None:
    assert durations.parse(durations.format(duration)) == duration
