"""When a step that could not be done runs again."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from freezegun import freeze_time
from rig import NOON, get, history, odd, outcomes, start, status, told, work

from process_manager import Done, Process, Retry, Step, StepRun, Wait, classic, every
from process_manager.database import Database

pytestmark = pytest.mark.every_database

SECOND = timedelta(seconds=1)


@pytest.fixture
def noon() -> Iterator[Any]:
    with freeze_time(NOON) as clock:
        yield clock


def test_e3_a_retry_is_honoured_to_the_second_and_the_classic_schedule_is_60_60_60_60_120_180(
    database: Database, noon: Any
) -> None:
    process = odd(lambda run: Retry("down"), retry=classic(attempts=8))
    process_id = start(database, process)

    for rest in (60, 60, 60, 60, 120, 180, 240):
        work(database, process)
        runs = len(history(database, process_id))
        assert get(database, process_id).retry_after == NOON + timedelta(0) + (noon() - NOON.replace(tzinfo=None)) + (
            rest * SECOND
        )
        noon.tick(timedelta(seconds=rest - 1))
        work(database, process)
        assert len(history(database, process_id)) == runs
        noon.tick(SECOND)
    work(database, process)

    assert status(database, process_id) == "failed"
    assert told(database, process_id, "attempt") == [(number,) for number in range(1, 9)]


def test_e3_the_policy_of_a_step_comes_before_that_of_its_process_and_that_before_the_engines(
    database: Database, noon: Any
) -> None:
    class Down(Process):
        retry = every(minutes=2)
        STEPS = {"own": Step("down", retry=every(minutes=1))}

        def down(self, run: StepRun) -> Retry:
            return Retry("down")

    class Middle(Down):
        STEPS = {"own": "down"}

    class Bare(Down):
        retry = None
        STEPS = {"own": "down"}

    ids = [start(database, each) for each in (Down, Middle, Bare)]

    work(database, Down, Middle, Bare, retry=every(minutes=3))

    rests = [get(database, each).retry_after - NOON for each in ids]  # type: ignore[operator]
    assert rests == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=3)]


@pytest.mark.parametrize("wait", [Wait("past", until=NOON), Wait("now", after=timedelta(0))])
def test_a_wait_for_a_moment_that_is_not_ahead_does_not_spin(database: Database, noon: Any, wait: Wait) -> None:
    process = odd(lambda run: wait)
    process_id = start(database, process)

    work(database, process)
    work(database, process)

    assert outcomes(database, process_id) == [("do", "wait")]
    assert get(database, process_id).due_at == NOON + SECOND


def test_e3_a_wait_rests_until_its_moment_and_uses_no_attempt(database: Database, noon: Any) -> None:
    moment = NOON + timedelta(hours=1)
    process = odd(lambda run: Wait("for the mail", until=moment) if noon() < moment.replace(tzinfo=None) else Done())
    process_id = start(database, process)

    work(database, process)
    noon.tick(timedelta(minutes=59, seconds=59))
    work(database, process)
    assert (status(database, process_id), get(database, process_id).due_at) == ("waiting", moment)
    noon.tick(SECOND)
    work(database, process)

    assert told(database, process_id, "step", "attempt", "outcome") == [
        ("do", 1, "wait"),
        ("do", 1, "done"),
        ("after", 1, "done"),
    ]
