"""What a person's act makes of a process, at rest or running."""

from datetime import timedelta
from typing import Any

import pytest
from rig import NOON, claim

from process_manager.errors import IllegalMove
from process_manager.lifecycle import Status, intervention
from process_manager.lifecycle.transition import HistoryEntry, ProcessState, Seen, Transition

LATER = NOON + timedelta(minutes=5)
ACT = HistoryEntry("a", 0, "restart", "SAP is back", LATER, LATER, by="Ada")


def seen(status: Status, **changes: Any) -> Seen:
    """A process that used three attempts and crashed once."""
    state = ProcessState(status, "a", 3, attempts_since=NOON, crashes=1, own_crashes=1)
    return Seen(claim(attempts=3, attempts_since=NOON, crashes=1, own_crashes=1), state._replace(**changes))


def test_a_restart_is_a_fresh_budget_in_a_new_round_and_a_doubt_stays() -> None:
    failed = seen(Status.FAILED, doubtful_since=NOON)

    transition = intervention.restarted(failed, LATER, ACT, reruns=None)

    stands = ProcessState(Status.PENDING, "a", 0, due_at=LATER, doubtful_since=NOON)
    assert transition == Transition(failed.claim, stands, (ACT,), LATER, rested=failed.state, opens_round=True)


def test_what_a_person_resolved_is_in_doubt_no_more() -> None:
    uncertain = seen(Status.UNCERTAIN, doubtful_since=NOON)

    goes_on = intervention.resolved(uncertain, LATER, ACT, step="b", payload='{"x":1}')
    is_over = intervention.resolved(uncertain, LATER, ACT, step=None, payload=None)

    assert goes_on.state == ProcessState(Status.PENDING, "b", 0, due_at=LATER, payload='{"x":1}')
    assert is_over.state == ProcessState(Status.SUCCEEDED, None, 0, finished_at=LATER)
    assert goes_on.opens_round and is_over.opens_round


def test_what_is_abandoned_at_rest_keeps_all_but_its_moments() -> None:
    waiting = seen(Status.WAITING, due_at=LATER, retry_after=LATER, waiting_for="moment")

    transition = intervention.abandoned(waiting, LATER, ACT)

    stands = seen(Status.ABANDONED, finished_at=LATER).state
    assert transition == Transition(waiting.claim, stands, (ACT,), LATER, takes_away=True, rested=waiting.state)


def test_abandoning_closes_the_open_attempt_as_lost_before_the_act() -> None:
    running = seen(Status.RUNNING)

    transition = intervention.abandoned(running, LATER, ACT)

    lost = HistoryEntry("a", 4, "lost", "The process was abandoned while the step ran.", NOON, LATER)
    stands = seen(Status.ABANDONED, finished_at=LATER).state
    assert transition == Transition(running.claim, stands, (lost, ACT), LATER, takes_away=True)
    assert transition.seq == 2


def test_a_step_that_is_skipped_is_left_behind_in_a_new_round() -> None:
    quarantined = seen(Status.QUARANTINED)

    goes_on = intervention.step_skipped(quarantined, LATER, ACT, step="b", reruns='{"a":[0]}')
    is_over = intervention.step_skipped(quarantined, LATER, ACT, step=None, reruns='{"a":[0]}')

    stands = ProcessState(Status.PENDING, "b", 0, due_at=LATER, reruns='{"a":[0]}')
    assert goes_on == Transition(quarantined.claim, stands, (ACT,), LATER, rested=quarantined.state, opens_round=True)
    assert is_over.state == ProcessState(Status.SKIPPED, "a", 0, finished_at=LATER, reruns='{"a":[0]}')


@pytest.mark.parametrize(
    ("status", "rest"),
    [
        (Status.WAITING, {"due_at": LATER, "retry_after": LATER, "waiting_for": "moment"}),
        (Status.FAILED, {}),
        (Status.REJECTED, {"finished_at": NOON}),
    ],
)
def test_what_is_edited_stays_where_it_is_with_a_fresh_budget(status: Status, rest: dict[str, Any]) -> None:
    before = seen(status, **rest)

    transition = intervention.edited(before, LATER, ACT, payload='{"x":1}')

    assert transition.state == ProcessState(status, "a", 0, payload='{"x":1}', **rest)
    assert transition.opens_round and not transition.takes_away


@pytest.mark.parametrize("status", [Status.SUCCEEDED, Status.SKIPPED, Status.ABANDONED])
def test_nothing_that_is_over_for_good_is_moved_by_anybody(status: Status) -> None:
    over = seen(status)

    with pytest.raises(IllegalMove):
        intervention.restarted(over, LATER, ACT, reruns=None)
    with pytest.raises(IllegalMove):
        intervention.resolved(over, LATER, ACT, step="a", payload=None)
    with pytest.raises(IllegalMove):
        intervention.abandoned(over, LATER, ACT)
    with pytest.raises(IllegalMove):
        intervention.step_skipped(over, LATER, ACT, step="b", reruns="{}")
    with pytest.raises(IllegalMove):
        intervention.edited(over, LATER, ACT, payload="{}")
