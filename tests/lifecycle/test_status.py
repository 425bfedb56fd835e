import pytest

from process_manager import lifecycle
from process_manager.errors import IllegalMove
from process_manager.lifecycle import Status, move
from process_manager.lifecycle.status import CLOSED, FINAL, MACHINE, MEANING, NEEDS_A_PERSON, OPEN

TABLE = {
    "claim": {"pending": "running", "waiting": "running"},
    "advance": {"running": "running"},
    "release": {"running": "pending"},
    "expire": {"running": "pending"},
    "postpone": {"running": "waiting"},
    "wake": {"waiting": "pending"},
    "succeed": {"running": "succeeded", "uncertain": "succeeded"},
    "skip": {
        "running": "skipped",
        "pending": "skipped",
        "waiting": "skipped",
        "failed": "skipped",
        "quarantined": "skipped",
    },
    "reject": {"running": "rejected"},
    "fail": {"running": "failed"},
    "doubt": {"running": "uncertain"},
    "quarantine": {"running": "quarantined"},
    "resolve": {"uncertain": "pending"},
    "run-now": {"waiting": "pending", "uncertain": "pending"},
    "skip-step": {"pending": "pending", "waiting": "pending", "failed": "pending", "quarantined": "pending"},
    "edit-payload": {
        "pending": "pending",
        "waiting": "waiting",
        "failed": "failed",
        "quarantined": "quarantined",
        "rejected": "rejected",
    },
    "restart": {"waiting": "pending", "failed": "pending", "quarantined": "pending", "rejected": "pending"},
    "cancel": {"running": "running"},
    "abandon": {
        "pending": "abandoned",
        "running": "abandoned",
        "waiting": "abandoned",
        "failed": "abandoned",
        "uncertain": "abandoned",
        "quarantined": "abandoned",
    },
}
EVERY_PAIR = [(status, trigger) for trigger in TABLE for status in Status]


class Holder:
    """What the shared machine triggers an event on."""

    def __init__(self, status: Status) -> None:
        self.state = status


@pytest.mark.parametrize(("status", "trigger"), EVERY_PAIR)
def test_a_move_is_possible_when_and_only_when_the_table_has_it(status: Status, trigger: str) -> None:
    to = TABLE[trigger].get(status)

    if to is not None:
        assert move(status, trigger) is Status(to)
    else:
        with pytest.raises(IllegalMove, match=f"A {status} process cannot {trigger}; it can"):
            move(status, trigger)


@pytest.mark.parametrize(("status", "trigger"), EVERY_PAIR)
def test_the_machine_moves_a_holder_to_where_the_table_says(status: Status, trigger: str) -> None:
    holder = Holder(status)
    to = TABLE[trigger].get(status)

    possible = trigger in MACHINE.get_triggers(status)
    if possible:
        MACHINE.add_model(holder, initial=status)
        try:
            MACHINE.events[trigger].trigger(holder)
        finally:
            MACHINE.remove_model(holder)

    assert possible == (to is not None)
    assert holder.state is (Status(to) if to else status)


def test_the_machine_has_no_event_beside_those_of_the_table() -> None:
    assert sorted(MACHINE.events) == sorted(TABLE)


def test_an_unknown_trigger_is_an_illegal_move_and_not_a_crash() -> None:
    with pytest.raises(IllegalMove, match="A pending process cannot fly; it can skip-step, edit-payload, abandon"):
        move("pending", "fly")


def test_a_final_process_can_do_nothing() -> None:
    assert [lifecycle.triggers(status) for status in FINAL] == [(), (), ()]
    with pytest.raises(IllegalMove, match="A succeeded process cannot restart; it can nothing"):
        move("succeeded", "restart")


def test_open_and_closed_are_every_status_and_share_none() -> None:
    assert sorted([*OPEN, *CLOSED]) == sorted(Status)


def test_final_is_closed_without_rejected() -> None:
    assert set(FINAL) == set(CLOSED) - {Status.REJECTED}


def test_no_trigger_leaves_a_final_status() -> None:
    assert {source for moves in TABLE.values() for source in moves} & set(FINAL) == set()


def test_no_worker_may_take_what_needs_a_person() -> None:
    assert set(lifecycle.sources("claim")) & {*NEEDS_A_PERSON, *CLOSED} == set()


def test_every_open_process_may_be_abandoned_by_a_person() -> None:
    assert lifecycle.sources("abandon") == OPEN


def test_a_person_is_offered_only_what_is_possible() -> None:
    assert {status: lifecycle.triggers(status) for status in Status} == {
        "pending": ("skip-step", "edit-payload", "abandon"),
        "running": ("cancel", "abandon"),
        "waiting": ("restart", "run-now", "skip-step", "edit-payload", "abandon"),
        "failed": ("restart", "skip-step", "edit-payload", "abandon"),
        "uncertain": ("run-now", "resolve", "abandon"),
        "quarantined": ("restart", "skip-step", "edit-payload", "abandon"),
        "rejected": ("restart", "edit-payload"),
        "succeeded": (),
        "skipped": (),
        "abandoned": (),
    }


def test_every_status_has_a_meaning_in_words() -> None:
    assert sorted(MEANING) == sorted(Status)
