"""What a class may declare of its lanes, and the positions that its starts give."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rig import Three

from process_manager import Process
from process_manager.errors import IllegalValue, UsageError
from process_manager.lifecycle.lane_rules import shown, stored
from process_manager.operations import Start
from process_manager.operations.request import new_process

POSITIONS = st.integers(0, 10**20 - 1)


def declared(**options: Any) -> type[Process]:
    return type("Declared", (Process,), {"STEPS": {"a": "step"}, "step": lambda _self, _run: None, **options})


@given(one=POSITIONS, other=POSITIONS)
def test_positions_as_they_are_stored_compare_as_numbers_do(one: int, other: int) -> None:
    first, second = stored(one), stored(str(other))

    assert first is not None
    assert second is not None
    assert (first < second, first == second) == (one < other, one == other)
    assert (len(first), shown(first)) == (20, str(one))


@pytest.mark.parametrize("found", [None, -1, 10**20, 1.0, True, "", "-1", "1e3", "٣", " 7", "0" * 21, [7]])
def test_what_is_no_position_is_refused_with_where_it_was_looked_for(found: Any) -> None:
    cls = declared(order_position="pos")

    with pytest.raises(IllegalValue, match=r"The order_position of 'declared': .* is no whole number from 0"):
        new_process(Start(cls, {"pos": found}, order_key="k"))


def test_a_position_is_found_at_a_path_or_by_a_function_and_not_asked_for_without_a_lane() -> None:
    by_path = declared(order_position="message.pos")
    by_function = declared(order_position=lambda payload: payload["at"] * 10)

    assert new_process(Start(by_path, {"message": {"pos": "12"}}, order_key="k")).position == "12".zfill(20)
    assert new_process(Start(by_function, {"at": 3}, order_key="k")).position == "30".zfill(20)
    assert new_process(Start(by_path, {})).position is None
    assert new_process(Start(Three, {}, order_key="k")).lane_rules is None


def test_a_position_of_what_is_marked_is_not_told() -> None:
    cls = declared(order_position="pos", personal=("pos",))

    with pytest.raises(IllegalValue) as told:
        new_process(Start(cls, {"pos": "010180-1234"}, order_key="k"))

    assert "010180" not in str(told.value)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"order_position": 7}, "order_position 7 is no field and no function"),
        ({"order_position": "message..pos"}, "order_position 'message..pos' is no field and no function"),
        ({"superseded": "skip"}, "superseded needs positions that say which one is newer"),
        ({"superseded": "drop", "order_position": "pos"}, "superseded 'drop' is not known"),
        ({"spacing": 500}, "spacing 500 is no duration up to a day"),
        ({"spacing": "0s"}, "spacing '0s' is no duration up to a day"),
        ({"spacing": "25h"}, "spacing '25h' is no duration up to a day"),
        ({"spacing": "soon"}, "spacing: Duration 'soon' is not a duration"),
        ({"spacin": "1s"}, "spacin is no option of a process. Did you mean `spacing`"),
    ],
)
def test_what_may_not_be_declared_is_refused_with_what_to_write(options: dict[str, Any], problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        declared(**options)
