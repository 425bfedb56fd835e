"""`transactional` steps on a real database: what they write and their record are committed together, or neither."""

import threading
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from booking import BOOK, booking, lines
from once_steps import calls
from rig import (
    Bench,
    Three,
    abandon,
    eventually,
    execute,
    history,
    odd,
    outcomes,
    row,
    start,
    status,
    work,
    working,
)  # fmt: skip

from process_manager import BusinessError, Done, Process, Reject, Retry, Skip, Step, StepRun, Wait, clock, operations
from process_manager.database import Database
from process_manager.errors import UsageError
from process_manager.execution import transactional
from process_manager.execution.completion import Recorded
from tests.worker.test_claims import expire, let_leases_end

HOUR = timedelta(hours=1)


@pytest.mark.every_database
@pytest.mark.parametrize(
    ("answer", "stands", "booked", "outcome"),
    [
        (Done("booked"), "succeeded", 1, "done"),
        (Skip("nothing"), "skipped", 1, "skip"),
        (Reject("no"), "rejected", 1, "reject"),
        (Wait("later", after=HOUR), "waiting", 1, "wait"),
        (Retry("later", after=HOUR), "waiting", 0, "retry"),
        (ValueError("x"), "waiting", 0, "retry"),
        (SystemExit(1), "waiting", 0, "retry"),
        (BusinessError("no"), "rejected", 0, "reject"),
        (None, "failed", 0, "retry"),
        (Done(payload={"x": object()}), "failed", 0, "retry"),
        (Done(goto="nowhere"), "failed", 0, "retry"),
    ],
)  # fmt: skip
def test_what_a_step_wrote_is_kept_with_its_outcome_or_taken_back(
    books: Database, answer: Any, stands: str, booked: int, outcome: str
) -> None:
    process = booking(calls(answer))
    process_id = start(books, process)

    stats = work(books, process)

    assert (status(books, process_id), lines(books)) == (stands, [str(process_id)] * booked)
    first = history(books, process_id)[0]
    assert (first.step, first.attempt, first.outcome, first.seq) == ("do", 1, outcome, 1)
    assert stats.outcomes.total() == len(history(books, process_id))


def test_an_answer_that_cannot_be_kept_says_that_the_writes_are_taken_back(books: Database) -> None:
    process = booking(calls(None))
    process_id = start(books, process)

    work(books, process)

    assert history(books, process_id)[0].message == (
        "What the step wrote was taken back, but its answer cannot be kept: "
        "it is None, not Done, Skip, Wait, Retry or Reject."
    )


@pytest.mark.every_database
def test_a_step_that_records_itself_is_not_recorded_again_and_the_worker_goes_on(books: Database) -> None:
    process = booking(calls(Done("booked", {"n": 1})))
    process_id = start(books, process)
    bench = Bench(books, process)
    (job,) = bench.write()

    came = bench.run(job)

    assert isinstance(came, Recorded) and came.kept
    assert not bench.claims.has_news()
    assert outcomes(books, process_id) == [("do", "done"), ("after", "started")]
    (following,) = bench.claims.take_ready()
    assert (following.run.step, following.run.payload, following.run.seq) == ("after", {"n": 1}, 2)


def test_a_step_that_writes_nothing_is_recorded_as_any_other(database: Database) -> None:
    class Idle(Process):
        STEPS = {"do": Step("do", effect="transactional")}

        def do(self, run: StepRun) -> Done:
            return Done("nothing")

    process_id = start(database, Idle)
    bench = Bench(database, Idle)
    (job,) = bench.write()

    came = bench.run(job)

    assert not isinstance(came, Recorded) and bench.claims.has_news()
    bench.write()
    assert status(database, process_id) == "succeeded"


@pytest.mark.every_database
@pytest.mark.parametrize("taken", ["expired", "abandoned"])
def test_a_step_whose_lease_is_gone_writes_nothing(books: Database, taken: str) -> None:
    process_id = 0

    class Late(Process):
        STEPS = {"do": Step("do", effect="transactional")}

        def do(self, run: StepRun) -> Done:
            expire(books) if taken == "expired" else abandon(books, process_id)
            run.connection.execute(BOOK, {"line": "late"})
            return Done("late")

    process_id = start(books, Late)
    bench = Bench(books, Late)
    (job,) = bench.write()

    came = bench.run(job)

    assert isinstance(came, Recorded) and not came.kept
    bench.write(claim=False)
    assert (lines(books), bench.claims.held, bench.claims.stats.refused) == ([], {}, 1)
    assert outcomes(books, process_id)[0] == ("do", "lost")
    assert status(books, process_id) == {"expired": "pending", "abandoned": "abandoned"}[taken]


def test_a_worker_that_is_gone_leaves_nothing_of_the_step_and_it_runs_anew(books: Database) -> None:
    process = booking(calls(Done("booked")))
    process_id = start(books, process)
    gone = Bench(books, process, name="gone")
    (job,) = gone.write()
    left = transactional.Transaction(books)
    left.connection().execute(BOOK, {"line": "of the dead"})
    left.close()  # what the database does when a connection is lost
    let_leases_end(books)

    work(books, process)

    assert lines(books) == [str(process_id)]
    assert outcomes(books, process_id) == [("do", "lost"), ("do", "done"), ("after", "done")]
    gone.run(job)
    assert lines(books) == [str(process_id)]


@pytest.mark.every_database
def test_what_is_started_in_the_transaction_exists_with_the_record_or_not_at_all(database: Database) -> None:
    class Mother(Process):
        STEPS = {"do": Step("do", effect="transactional")}

        def do(self, run: StepRun) -> Done | Retry:
            operations.start(run.connection, Three)
            return Done("started") if run.payload["well"] else Retry("not now", after=HOUR)

    start(database, Mother, {"well": True})
    start(database, Mother, {"well": False})

    work(database, Mother)

    assert execute(database, "SELECT count(*) FROM processes WHERE name = 'three'") == [(1,)]


def test_a_step_without_the_effect_is_told_that_it_has_no_connection(database: Database) -> None:
    process = odd(lambda run: run.connection)
    process_id = start(database, process)

    work(database, process)

    assert history(database, process_id)[0].message == (
        "Step 'do' of 'odd' has no run.connection: only steps with effect='transactional' have one."
    )


@pytest.mark.every_database
def test_a_step_cannot_commit_by_itself(books: Database) -> None:
    process = booking(lambda run: run.connection.commit() or Done("mine"))
    process_id = start(books, process)

    work(books, process)

    assert (status(books, process_id), lines(books)) == ("waiting", [])
    assert "run.connection is committed with the step's record" in history(books, process_id)[0].message


@pytest.mark.every_database
def test_a_step_that_goes_on_after_a_commit_of_its_own_keeps_nothing(books: Database) -> None:
    def answer(run: StepRun) -> Done:
        connection = run.connection
        with suppress(UsageError):
            connection.commit()
        connection.execute(BOOK, {"line": "later"})
        with suppress(UsageError):
            connection.commit()
        return Done("both")

    process = booking(answer)
    process_id = start(books, process)

    work(books, process)

    assert (status(books, process_id), lines(books)) == ("waiting", [])
    assert outcomes(books, process_id) == [("do", "retry")]


def test_the_connection_of_a_step_that_is_over_is_closed(books: Database) -> None:
    kept: list[StepRun] = []
    process = booking(lambda run: kept.append(run) or Done("booked"))
    start(books, process)

    work(books, process)

    with pytest.raises(Exception, match="The transaction of the step is over"):
        _ = kept[0].connection


def test_e17_a_transactional_step_that_has_not_written_yet_blocks_no_renewal_of_others(books: Database) -> None:
    go = threading.Event()

    class Slow(Process):
        STEPS = {"do": Step("do", effect="transactional")}

        def do(self, run: StepRun) -> Done:
            go.wait(20)
            run.connection.execute(BOOK, {"line": "at last"})
            return Done("booked")

    class Beside(Process):
        STEPS = {"do": "do"}

        def do(self, run: StepRun) -> Done:
            go.wait(20)
            return Done("beside")

    ids = [start(books, Slow), start(books, Beside)]
    with working(books, Slow, Beside, lease=timedelta(seconds=1)):
        eventually(lambda: {status(books, each) for each in ids} == {"running"})
        began = clock.now()
        eventually(lambda: clock.now() > began + timedelta(seconds=2.5))
        go.set()
        eventually(lambda: {status(books, each) for each in ids} == {"succeeded"})

    assert [outcomes(books, each) for each in ids] == [[("do", "done")]] * 2
    assert lines(books) == ["at last"]


def test_a_drain_leaves_a_running_transactional_step_to_its_lease(books: Database) -> None:
    go, began = threading.Event(), threading.Event()

    class Slow(Process):
        STEPS = {"do": Step("do", effect="transactional")}

        def do(self, run: StepRun) -> Done:
            began.set()
            go.wait(20)
            run.connection.execute(BOOK, {"line": "at last"})
            return Done("booked")

    process_id = start(books, Slow)
    with working(books, Slow) as worker:
        assert began.wait(10)
        worker.stop()
    found = row(books, process_id)
    go.set()

    assert (found["status"], found["fence"]) == ("running", 1)
    eventually(lambda: status(books, process_id) == "succeeded")  # its thread lives on in this program, under its lease
    assert lines(books) == ["at last"]
