"""What signals and withdrawals make of an event, one after the other."""

from typing import Any

import pytest
from rig import NOON, claim

from process_manager.definition.step_run import StepRun
from process_manager.errors import IllegalValue, NotJson, UsageError
from process_manager.lifecycle.events import (
    EventAct,
    EventChanges,
    EventStanding,
    HeardSignal,
    changes,
    checked_key,
    checked_payload,
)

NEVER, STANDS, TAKEN_BACK = EventStanding(0, None), EventStanding(3, NOON), EventStanding(3, None)
ON, OFF = EventAct("paid:1", "Ada", '{"a":1}'), EventAct("paid:1", "Bo", withdraws=True)


def heard(number: int, *, off: bool = False) -> HeardSignal:
    withdrawn = (NOON, "Bo") if off else (None, None)
    return HeardSignal("paid:1", number, NOON, '{"a":1}', "Ada", *withdrawn)


@pytest.mark.parametrize(
    ("before", "acts", "after", "stated", "withdrawn_by"),
    [
        (NEVER, [ON], EventStanding(1, NOON), (heard(1),), None),
        (STANDS, [ON], STANDS, (), None),
        (TAKEN_BACK, [ON], EventStanding(4, NOON), (heard(4),), None),
        (NEVER, [OFF], NEVER, (), None),
        (STANDS, [OFF], TAKEN_BACK, (), "Bo"),
        (TAKEN_BACK, [OFF], TAKEN_BACK, (), None),
        (STANDS, [OFF, ON], EventStanding(4, NOON), (heard(4),), "Bo"),
        (NEVER, [ON, OFF], EventStanding(1, None), (heard(1, off=True),), None),
        (NEVER, [ON, ON, OFF, OFF, ON], EventStanding(2, NOON), (heard(1, off=True), heard(2)), None),
    ],
)
def test_each_act_changes_an_event_or_nothing(
    before: EventStanding, acts: list[EventAct], after: EventStanding, stated: Any, withdrawn_by: str | None
) -> None:
    assert changes("paid:1", before, acts, NOON) == EventChanges(before, after, stated, withdrawn_by)


@pytest.mark.parametrize("key", ["", "  ", " paid", "paid ", "x" * 201, "a\0b", 7, None])
def test_what_no_event_can_be_called_is_refused(key: Any) -> None:
    with pytest.raises(IllegalValue, match="event"):
        checked_key(key)


def test_an_event_may_be_called_by_any_short_text() -> None:
    assert [checked_key(key) for key in ("gjennomføring:123", "x" * 200)] == ["gjennomføring:123", "x" * 200]


def test_a_signal_carries_a_mapping_or_nothing() -> None:
    assert (checked_payload(None), checked_payload({"a": 1})) == (None, '{"a":1}')
    with pytest.raises(IllegalValue, match="is not a mapping"):
        checked_payload([1])
    with pytest.raises(NotJson):
        checked_payload({"a": object()})


def test_one_run_of_a_step_signals_and_withdraws_a_hundred_events_and_no_more() -> None:
    run = StepRun(None, claim())  # type: ignore[arg-type]  # no host: what it asks for is kept by itself
    for number in range(50):
        run.signal(f"paid:{number}")
        run.withdraw(f"paid:{number}")

    for one_more in (run.signal, run.withdraw):
        with pytest.raises(UsageError, match="signals and withdraws more than 100 events in one run"):
            one_more("paid:51")
    assert len(run.acts) == 100
