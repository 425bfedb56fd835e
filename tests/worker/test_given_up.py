"""What becomes of a step that nobody waits for any more, and when a worker looks for what else is due."""

import time
from datetime import timedelta
from types import SimpleNamespace

import pytest
from once_steps import calls, once
from rig import Bench, execute, odd, outcomes, row, start

from process_manager import Done, Wait
from process_manager.database import Database
from process_manager.execution.completion import GaveUp
from process_manager.worker import claims


@pytest.mark.every_database
@pytest.mark.parametrize("began", [False, True])
def test_what_is_given_up_is_due_again_at_once_and_suspected_of_a_crash_only_if_it_began(
    database: Database, began: bool
) -> None:
    process_id = start(database)
    bench = Bench(database)
    (held,) = bench.write()
    held.started = time.monotonic() if began else None

    bench.claims.accept([GaveUp(held)])
    bench.write(claim=False)

    found = row(database, process_id)
    assert (found["status"], found["crashes"], found["worker"]) == ("pending", int(began), None)
    assert outcomes(database, process_id) == ([("a", "released")] if began else [])
    assert bench.claims.held == {}


def test_what_is_given_up_in_doubt_is_held_no_more_and_stays_under_its_lease(database: Database) -> None:
    process = once(calls(Done()), calls(Done()))
    process_id = start(database, process)
    bench = Bench(database, process)
    (held,) = bench.write()
    assert bench.effects._may_begin(held)

    bench.claims.accept([GaveUp(held)])
    bench.write(claim=False)

    found = row(database, process_id)
    assert (found["status"], found["worker"], found["doubtful_since"] is not None) == ("running", "bench", True)
    assert bench.claims.held == {}


def test_what_is_to_be_looked_for_now_is_looked_for_at_this_very_moment(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench(database)
    monkeypatch.setattr(claims, "time", SimpleNamespace(monotonic=lambda: 100.0))

    bench.claims.look_now()

    assert bench.claims.may_look()


def test_a_record_without_a_look_brings_the_next_look_forward_to_what_rests_shortly(database: Database) -> None:
    process = odd(lambda _run: Wait("soon", after=timedelta(seconds=1)))
    start(database, process)
    bench = Bench(database, process)
    (held,) = bench.write()

    bench.run(held)
    bench.write(claim=False, looks=False)

    assert execute(database, "SELECT status FROM processes") == [("waiting",)]
    assert bench.claims.seconds_to_rest(claims=True) <= 1
