"""A lane that another transaction holds open: its process waits for it, and nobody else does."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa
from model_workers import swallowing
from rig import Bench, Three, eventually, execute, history, outcomes, row, start, status, work, working

from process_manager import Done, Process, Step, StepRun, operations
from process_manager.database import Database
from process_manager.errors import DatabaseUnreachable
from process_manager.execution.completion import Recorded
from process_manager.execution.held_step import HeldStep
from process_manager.lifecycle.transition import Transition
from process_manager.store import lanes
from process_manager.worker import held_back
from process_manager.worker.lock_waiter import LockWaiter
from tests.worker.test_claims import let_leases_end

pytestmark = pytest.mark.parametrize("database", ["postgresql_18", "postgresql_16", "mariadb"], indirect=True)


class One(Process):
    """One step, so that it ends at once."""

    STEPS = {"a": "step"}

    def step(self, run: StepRun) -> Done:
        return Done()


@contextmanager
def held(database: Database, *order_keys: str) -> Iterator[sa.Connection]:
    """Another's transaction in these lanes, open for as long as the block."""
    with database.engine.begin() as other:
        lanes.lock(other, order_keys)
        yield other


def nobody_waits(_attempt: Transition) -> bool:
    return False


def answered(database: Database, *classes: type[Process], name: str = "bench") -> tuple[Bench, list[HeldStep]]:
    """A worker that has the answers of all that was due to record."""
    bench = Bench(database, *(classes or (One,)), threads=8, name=name, wait_for=nobody_waits)
    jobs = bench.write()
    for job in jobs:
        bench.run(job)
    return bench, jobs


def wait_and_write(bench: Bench) -> list[HeldStep]:
    """The next transaction, once it is time to try again what was kept out."""
    eventually(bench.claims.has_news)
    return bench.write(claim=False)


@pytest.mark.slow
def test_a_held_lane_holds_up_nobody_else(database: Database) -> None:
    head = start(database, One, order_key="a")
    others = [start(database, Three) for _ in range(60)] + [start(database, One, order_key=f"b{n}") for n in range(20)]
    with database.engine.begin() as other:
        second = operations.start(other, One, order_key="a").id
        with working(database, One, Three, lease=timedelta(seconds=90)):
            eventually(lambda: execute(database, "SELECT count(*) FROM processes WHERE finished_at IS NULL") == [(1,)])
            found = row(database, head)
            other.commit()
            eventually(lambda: status(database, second) == "succeeded")

    assert (found["status"], found["fence"], outcomes(database, head)) == ("running", 1, [("a", "done")])
    assert {status(database, each) for each in [head, *others]} == {"succeeded"}
    assert {len(history(database, each)) for each in others} == {1, 3}


def test_what_is_kept_out_of_a_batch_stays_held_and_is_tried_again(database: Database) -> None:
    head, other = start(database, One, order_key="a"), start(database, One)
    bench, _jobs = answered(database)
    with held(database, "a"):
        bench.write(claim=False)
        assert bench.claims.seconds_to_rest(claims=False) <= 0.005
        for _ in range(8):
            wait_and_write(bench)
        assert 0.005 < bench.claims.seconds_to_rest(claims=False) <= 0.2
        assert (status(database, head), status(database, other), set(bench.claims.held)) == (
            "running", "succeeded", {head},
        )  # fmt: skip

    wait_and_write(bench)

    assert (status(database, head), bench.claims.held, bench.claims.stats.refused) == ("succeeded", {}, 0)
    assert outcomes(database, head) == [("a", "done")]


def test_what_is_kept_out_takes_no_room_from_others(database: Database) -> None:
    for number in range(8):
        start(database, One, order_key=f"a{number}")
    bench, _jobs = answered(database)
    with held(database, *(f"a{number}" for number in range(8))):
        bench.write(claim=False)

        assert (len(bench.claims.held), bench.claims.room()) == (8, 8)
        assert not bench.claims.is_stuck()


def test_an_answer_whose_lease_was_lost_while_it_was_kept_out_is_refused(database: Database) -> None:
    head = start(database, One, order_key="a")
    bench, _jobs = answered(database)
    with held(database, "a"):
        bench.write(claim=False)
        let_leases_end(database)
        (again,) = Bench(database, One, name="another").write()

    wait_and_write(bench)

    assert (again.claim.id, again.claim.fence, bench.claims.stats.refused, bench.claims.held) == (head, 3, 1, {})
    assert outcomes(database, head) == [("a", "lost"), ("a", "started")]


def test_a_refused_answer_beside_one_that_is_kept_out_fails_its_own_process_alone(database: Database) -> None:
    class Big(Process):
        """Its answer does not fit."""

        STEPS = {"a": "step"}

        def step(self, run: StepRun) -> Done:
            return Done()

    head, big, fine = start(database, One, order_key="a"), start(database, Big), start(database, One)
    bench, _jobs = answered(database, One, Big)
    for number, attempt in enumerate(bench.claims._pending.transitions):
        if attempt.claim.id == big:
            entry = attempt.entries[0]._replace(outcome="x" * 100)
            bench.claims._pending.transitions[number] = attempt._replace(entries=(entry,))
    with held(database, "a"):
        bench.write(claim=False)
        assert [status(database, each) for each in (head, big, fine)] == ["running", "failed", "succeeded"]

    wait_and_write(bench)

    assert status(database, head) == "succeeded"


@pytest.mark.parametrize("is_held_then", [False, True])
def test_what_a_commit_wrote_of_which_no_answer_came_is_found_though_its_lane_is_held_by_then(
    database: Database, is_held_then: bool
) -> None:
    head, other = start(database, One, order_key="a"), start(database, One)
    bench, _jobs = answered(database)
    with swallowing(database), pytest.raises((sa.exc.OperationalError, DatabaseUnreachable)):
        bench.write(claim=False)
    bench.claims.unconfirmed.may_exist()
    if is_held_then:
        with held(database, "a"):
            bench.write(claim=False)
            assert set(bench.claims.held) == {head}

    wait_and_write(bench)

    assert (bench.claims.held, bench.claims.stats.refused, bench.claims.stats.outcomes) == ({}, 0, {"done": 2})
    assert outcomes(database, head) == outcomes(database, other) == [("a", "done")]


def test_a_batch_of_which_no_answer_came_leaves_what_it_kept_out_to_be_tried_again(database: Database) -> None:
    head, other = start(database, One, order_key="a"), start(database, One)
    bench, _jobs = answered(database)
    with held(database, "a"):
        with swallowing(database), pytest.raises((sa.exc.OperationalError, DatabaseUnreachable)):
            bench.write(claim=False)
        bench.claims.unconfirmed.may_exist()
        bench.write(claim=False)
        assert (set(bench.claims.held), status(database, other)) == ({head}, "succeeded")

    wait_and_write(bench)

    assert (status(database, head), bench.claims.stats.refused) == ("succeeded", 0)


def test_a_lane_that_somebody_holds_at_every_moment_is_waited_for(database: Database) -> None:
    head = start(database, One, order_key="a")
    stop = threading.Event()

    def queue_up(mine: threading.Event, next_: threading.Event) -> None:
        """Hold the lane until another waits for it."""
        while not stop.is_set() and mine.wait(10):
            mine.clear()
            with database.engine.begin() as connection:
                threading.Timer(0.02, next_.set).start()
                lanes.lock(connection, ["a"])
                next_.wait(0.05)
                stop.wait(0.05)

    turns = [threading.Event(), threading.Event()]
    callers = [threading.Thread(target=queue_up, args=(turns[n], turns[1 - n]), daemon=True) for n in range(2)]
    for caller in callers:
        caller.start()
    turns[0].set()
    try:
        with working(database, One):
            eventually(lambda: status(database, head) == "succeeded", seconds=20)
    finally:
        stop.set()
        for turn in turns:
            turn.set()
        for caller in callers:
            caller.join(20)
    assert outcomes(database, head) == [("a", "done")]


def test_who_waits_for_a_lane_records_its_answer_once(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held_back, "LONG", 0.0)
    head = start(database, One, order_key="a")
    came: list[Transition | Recorded] = []
    patience = LockWaiter(database, post=came.append)
    bench = Bench(database, One, wait_for=patience.wait_for)
    (job,) = bench.write()
    bench.run(job)
    with held(database, "a"):
        bench.write(claim=False)
        assert (bench.claims.has_news(), set(bench.claims.held)) == (False, {head})
    eventually(lambda: came)

    bench.claims.accept(came)  # type: ignore[arg-type]

    assert (status(database, head), bench.claims.held, bench.claims.stats.outcomes) == ("succeeded", {}, {"done": 1})
    assert outcomes(database, head) == [("a", "done")]


def test_a_worker_that_is_stopped_ends_after_its_grace_though_a_lane_is_held(database: Database) -> None:
    ran: list[str] = []

    class Noting(Process):
        STEPS = {"a": "step"}

        def step(self, run: StepRun) -> Done:
            ran.append(run.idempotency_key)
            return Done()

    head = start(database, Noting, order_key="a")
    with held(database, "a"), working(database, Noting):
        eventually(lambda: ran)
    assert status(database, head) == "running"
    let_leases_end(database)

    work(database, Noting)

    assert (status(database, head), ran) == ("succeeded", [ran[0]] * 2)
    assert outcomes(database, head) == [("a", "lost"), ("a", "done")]


def test_a_worker_that_is_to_end_when_nothing_is_due_waits_for_what_is_kept_out(database: Database) -> None:
    head = start(database, One, order_key="a")
    done = threading.Event()

    def run() -> None:
        work(database, One)
        done.set()

    with held(database, "a"):
        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        eventually(lambda: status(database, head) == "running")
        assert not done.wait(1.0)

    assert done.wait(15)
    assert status(database, head) == "succeeded"


def test_a_once_step_that_is_kept_out_is_in_doubt_when_its_worker_dies(database: Database) -> None:
    class Posting(Process):
        STEPS = {"post": Step("post", effect="once")}

        def post(self, run: StepRun) -> Done:
            return Done()

    head = start(database, Posting, order_key="a")
    bench, _jobs = answered(database, Posting)
    with held(database, "a"):
        bench.write(claim=False)
    let_leases_end(database)

    work(database, Posting)

    assert status(database, head) == "uncertain"
