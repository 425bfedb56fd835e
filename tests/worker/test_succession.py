"""The next of a lane, taken by the statement that records the end of the one before it, where nothing forbids it."""

from datetime import timedelta
from typing import Any, ClassVar

import pytest
from backends import overheard
from rig import Bench, Three, execute, outcomes, row, start, status

from process_manager import Done, Process, StepRun, Upgrade, clock
from process_manager.actor import Actor
from process_manager.database import Database
from process_manager.execution.held_step import HeldStep
from process_manager.operations import Act, switches
from process_manager.store import claiming

pytestmark = pytest.mark.parametrize("database", ["postgresql_18", "postgresql_16"], indirect=True)


class One(Process):
    """One step, so that it ends at once."""

    STEPS = {"a": "step"}

    def step(self, run: StepRun) -> Done:
        return Done()


class Other(One):
    """Another kind."""


KINDS = (One, Other)


def at_its_end(database: Database, **options: Any) -> tuple[Bench, HeldStep]:
    """A worker that has found nothing more to be due, and has the answer of the head of lane k to record."""
    bench = Bench(database, *KINDS, **options)
    (job,) = bench.write()
    bench.write()
    bench.run(job)
    return bench, job


def go_on(bench: Bench) -> tuple[list[HeldStep], bool]:
    """The jobs after the next transaction, and whether it looked for what is due."""
    with bench.database.connect() as connection, overheard(bench.database) as said:
        bench.claims.write(connection, claim=bench.claims.may_look())
    return bench.claims.take_ready(), any("SKIP LOCKED" in statement for statement in said)


@pytest.mark.slow
def test_the_next_of_a_lane_is_taken_with_the_record_of_the_one_before_it(database: Database) -> None:
    first, second, third = (start(database, One, order_key="k") for _ in range(3))
    bench, _job = at_its_end(database)
    before = clock.now()

    (job,), looked = go_on(bench)

    found = row(database, second)
    assert (job.claim.id, job.claim.fence, job.run.step, looked) == (second, 1, "a", False)
    assert (found["status"], found["worker"], found["fence"]) == ("running", "bench", 1)
    assert (found["due_at"], found["waiting_for"]) == (None, None)
    assert before + timedelta(seconds=89) < found["lease_ends_at"] < clock.now() + timedelta(seconds=91)
    assert found["step_started_at"] == found["updated_at"] == job.claim.step_started_at
    assert set(bench.claims.held) == {second}
    bench.run(job)
    (job,), looked = go_on(bench)
    assert (job.claim.id, looked) == (third, False)
    assert outcomes(database, first) == outcomes(database, second) == [("a", "done")]


def test_what_is_taken_is_a_claim_like_any_other(database: Database) -> None:
    start(database, One, order_key="k")
    second = start(database, One, {"ä": 1}, order_key="k", reference="R", dedup_key="d")
    bench, _job = at_its_end(database)

    (job,), _looked = go_on(bench)

    with database.read() as connection:
        assert job.claim == claiming.held(connection, second)
    assert job.run.payload == {"ä": 1}


def test_the_last_of_a_lane_has_the_worker_look_for_what_else_is_due(database: Database) -> None:
    start(database, One, order_key="k")
    bench, _job = at_its_end(database)
    elsewhere = start(database, One)

    (job,), looked = go_on(bench)

    assert (job.claim.id, looked) == (elsewhere, True)


def test_when_it_is_time_to_look_what_is_due_longest_comes_first(database: Database) -> None:
    start(database, One, order_key="k")
    second = start(database, One, order_key="k")
    bench = Bench(database, *KINDS)
    (job,) = bench.write()
    longer_due = [start(database, One) for _ in range(2)]
    bench.run(job)
    bench.claims.look_now()  # as a worker that heard of them

    jobs, looked = go_on(bench)

    assert ([job.claim.id for job in jobs], looked) == (longer_due, True)
    assert status(database, second) == "pending"


def test_one_of_another_kind_is_made_due_and_found_by_a_look(database: Database) -> None:
    start(database, One, order_key="k")
    second = start(database, Other, order_key="k")
    bench, _job = at_its_end(database)

    (job,), looked = go_on(bench)

    assert (job.claim.id, looked) == (second, True)


@pytest.mark.parametrize("options", [{"channel": "night"}, {"at": timedelta(hours=1)}])
def test_one_that_differs_is_not_taken_but_made_due(database: Database, options: dict[str, Any]) -> None:
    start(database, One, order_key="k")
    later = "at" in options
    second = start(database, One, order_key="k", **({"at": clock.now() + options["at"]} if later else options))
    bench, _job = at_its_end(database)

    jobs, looked = go_on(bench)

    assert looked
    assert [job.claim.id for job in jobs] == ([] if later else [second])
    assert row(database, second)["waiting_for"] == ("moment" if later else None)


def test_a_command_is_not_taken_unasked(database: Database) -> None:
    start(database, One, order_key="k")
    second = start(database, One, order_key="k")
    execute(database, "UPDATE processes SET command_key = 'run' WHERE id = :id", id=second)
    bench, _job = at_its_end(database)

    (job,), looked = go_on(bench)

    assert (job.claim.id, job.claim.command_key, looked) == (second, "run", True)


def test_nothing_is_taken_behind_a_switch_that_was_thrown_meanwhile(database: Database) -> None:
    start(database, One, order_key="k")
    second = start(database, One, order_key="k")
    bench, _job = at_its_end(database)
    with database.begin() as connection:
        switches.disable(connection, "one", Act(Actor("Ada"), "SAP is down"))
    bench.gatekeeper.look()

    jobs, looked = go_on(bench)

    assert (jobs, looked) == ([], True)
    assert status(database, second) == "pending"


def test_what_was_lost_frees_no_lane(database: Database) -> None:
    start(database, One, order_key="k")
    second = start(database, One, order_key="k")
    bench, job = at_its_end(database)
    execute(database, "UPDATE processes SET fence = fence + 1 WHERE id = :id", id=job.claim.id)

    jobs, _looked = go_on(bench)

    assert jobs == []
    assert bench.claims.stats.refused == 1
    assert row(database, second)["waiting_for"] == "lane"


def test_a_restarted_one_that_stands_elsewhere_is_left_to_a_look(database: Database) -> None:
    start(database, Three, order_key="k")
    second = start(database, Three, order_key="k")
    execute(database, "UPDATE processes SET step = 'b' WHERE id = :id", id=second)
    bench = Bench(database, Three)
    (job,) = bench.write()
    bench.write()
    looked = False
    while job.claim.id != second:
        bench.run(job)
        (job,), looked = go_on(bench)

    assert (job.run.step, looked) == ("b", True)


def test_one_of_an_older_version_is_left_to_a_look_which_upgrades_it(database: Database) -> None:
    class Newer(One):
        name = "one"
        version = 2
        upgrades: ClassVar = {1: Upgrade(steps={"a": "a"})}

    start(database, Newer, order_key="k")
    second = start(database, One, order_key="k")
    bench = Bench(database, Newer)
    (job,) = bench.write()
    bench.write()
    bench.run(job)

    (job,), looked = go_on(bench)

    assert (job.claim.id, job.claim.version, looked) == (second, 2, True)


def test_what_is_taken_leaves_less_room_for_what_is_found(database: Database) -> None:
    for key in ("k", "l"):
        start(database, One, order_key=key)
    start(database, One, order_key="k")
    start(database, Other, order_key="l")
    bench = Bench(database, *KINDS)
    jobs = bench.write()
    bench.write()
    for _ in range(5):
        start(database, One)
    for job in jobs:
        bench.run(job)

    with database.connect() as connection:
        bench.claims.write(connection, claim=True)

    assert [len(jobs), len(bench.claims.held)] == [2, 2]
