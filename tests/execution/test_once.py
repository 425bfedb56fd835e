"""`once` steps on a real database: marked before they begin, never repeated while nobody knows."""

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from once_steps import calls, crashed, once
from rig import (
    Bench,
    eventually,
    execute,
    get,
    history,
    outcomes,
    row,
    start,
    status,
    told,
    work,
    working,
)  # fmt: skip

from process_manager import BusinessError, Done, Reject, Retry, Skip, StepRun, Wait, every
from process_manager.database import Database, connect
from process_manager.execution.completion import NotStarted
from tests.worker.test_claims import expire, let_leases_end

NO_MARK = "SELECT count(*) FROM processes WHERE doubtful_since IS NOT NULL"


@pytest.mark.every_database
def test_a_once_step_that_answers_is_recorded_as_any_other_and_leaves_no_mark(database: Database) -> None:
    seen = []
    process = once(lambda run: seen.append(get(database, run.process_id).doubtful_since) or Done("posted"))
    process_id = start(database, process)

    work(database, process)

    assert len(seen) == 1 and seen[0] is not None
    assert outcomes(database, process_id) == [("do", "done"), ("after", "done")]
    assert execute(database, NO_MARK) == [(0,)]


@pytest.mark.parametrize(
    ("answer", "stands"),
    [
        (Retry("not sent", after=timedelta(hours=1)), "waiting"),
        (Wait("later", after=timedelta(hours=1)), "waiting"),
        (Reject("no"), "rejected"),
        (Skip("nothing"), "skipped"),
    ],
)
def test_what_a_once_step_returns_is_never_in_doubt(database: Database, answer: Any, stands: str) -> None:
    asked = calls(Done())
    process = once(calls(answer), asked)
    process_id = start(database, process)

    work(database, process)

    assert (status(database, process_id), asked.runs) == (stands, [])
    assert execute(database, NO_MARK) == [(0,)]


RAISED = [TimeoutError("read"), SystemExit(3), BusinessError("no contract"), KeyboardInterrupt()]


@pytest.mark.parametrize("problem", RAISED, ids=lambda each: type(each).__name__)
def test_e14_a_once_step_that_raises_is_asked_about_and_never_blindly_repeated(
    database: Database, problem: BaseException
) -> None:
    ran, asked = calls(problem), calls(Done("it is in SAP", {"number": 4711}))
    process = once(ran, asked)
    process_id = start(database, process)

    work(database, process)

    assert (len(ran.runs), len(asked.runs)) == (1, 1)
    assert outcomes(database, process_id) == [("do", "done"), ("after", "done")]
    assert get(database, process_id).payload == {"number": 4711}


@pytest.mark.parametrize("problem", RAISED, ids=lambda each: type(each).__name__)
@pytest.mark.parametrize("says", [None, lambda run: None])
def test_e14_without_an_answer_of_verify_it_is_uncertain_with_its_traceback(
    database: Database, problem: BaseException, says: Any
) -> None:
    ran = calls(problem)
    process = once(ran, says)
    process_id = start(database, process)

    for _ in range(2):
        work(database, process)

    assert (status(database, process_id), len(ran.runs)) == ("uncertain", 1)
    (found,) = history(database, process_id)
    assert (found.outcome, bool(found.error)) == ("doubt", not isinstance(problem, BusinessError))
    assert row(database, process_id)["doubtful_since"] is not None


def test_e14_what_did_not_happen_is_an_ordinary_error_and_runs_again(database: Database) -> None:
    ran, asked = calls(TimeoutError("read"), Done("posted")), calls(Retry("it is not there"))
    process = once(ran, asked, retry=every(seconds=0.01))
    process_id = start(database, process)

    with working(database, process):
        eventually(lambda: status(database, process_id) == "succeeded")

    assert (len(ran.runs), len(asked.runs)) == (2, 1)
    assert told(database, process_id, "step", "attempt", "outcome") == [
        ("do", 1, "retry"), ("do", 2, "done"), ("after", 1, "done")
    ]  # fmt: skip
    assert len({run.idempotency_key for run in (*ran.runs, *asked.runs)}) == 1


@pytest.mark.every_database
@pytest.mark.parametrize(
    ("says", "runs", "stands", "rows"),
    [
        (Done("it is in SAP"), 0, "succeeded", ["lost", "done", "done"]),
        (Retry("it is not there"), 1, "succeeded", ["lost", "done", "done"]),
        (None, 0, "uncertain", ["lost", "doubt"]),
        ("perhaps", 0, "uncertain", ["lost", "doubt"]),
        (Wait("SAP is posting", after=timedelta(hours=1)), 0, "waiting", ["lost", "doubt"]),
        (ConnectionError("SAP is down"), 0, "waiting", ["lost", "doubt"]),
    ],
)
def test_e14_after_a_crash_verify_is_asked_instead_of_the_step(
    database: Database, says: object, runs: int, stands: str, rows: list[str]
) -> None:
    ran, asked = calls(Done("posted")), calls(says)
    process = once(ran, asked)
    process_id = crashed(database, process)

    work(database, process)

    assert (len(ran.runs), len(asked.runs), status(database, process_id)) == (runs, 1, stands)
    assert [outcome for _, outcome in outcomes(database, process_id)] == rows
    assert asked.runs[0].recovered
    assert (row(database, process_id)["doubtful_since"] is None) == (stands == "succeeded")


def test_verify_is_asked_again_until_it_can_answer(database: Database) -> None:
    ran, asked = calls(Done()), calls(ConnectionError("SAP is down"), Wait("soon", after=timedelta(0)), Done("there"))
    process = once(ran, asked, retry=every(seconds=0.01))
    process_id = crashed(database, process)

    with working(database, process):
        eventually(lambda: status(database, process_id) == "succeeded")

    assert (len(ran.runs), len(asked.runs)) == (0, 3)
    assert told(database, process_id, "step", "attempt", "outcome") == [
        ("do", 1, "lost"), ("do", 1, "doubt"), ("do", 2, "doubt"), ("do", 2, "done"), ("after", 1, "done")
    ]  # fmt: skip


def test_what_was_held_and_never_began_is_not_in_doubt(database: Database) -> None:
    ran = calls(Done("posted"))
    process = once(ran)
    process_id = start(database, process)
    Bench(database, process, name="gone").write()
    let_leases_end(database)

    work(database, process)

    assert (len(ran.runs), status(database, process_id)) == (1, "succeeded")
    assert outcomes(database, process_id)[0] == ("do", "lost")


@pytest.mark.every_database
def test_a_worker_that_stalled_past_its_lease_never_begins_a_once_step(database: Database) -> None:
    ran = calls(Done("posted"))
    process = once(ran)
    process_id = start(database, process)
    stalled = Bench(database, process, name="stalled")
    (job,) = stalled.write()
    expire(database)

    came = stalled.run(job)
    stalled.write(claim=False)

    assert (came, ran.runs) == (NotStarted(job), [])
    assert stalled.claims.stats.refused == 1
    assert (status(database, process_id), row(database, process_id)["doubtful_since"]) == ("pending", None)


def test_a_once_step_does_not_begin_while_its_mark_cannot_be_written(database: Database, tmp_path: Path) -> None:
    ran = calls(Done("posted"))
    process = once(ran)
    process_id = start(database, process)
    impatient = connect(f"sqlite:///{tmp_path / 'engine.db'}", call_timeout=timedelta(milliseconds=20))
    bench = Bench(impatient, process)
    (job,) = bench.write()

    with database.begin():  # somebody else writes
        came = bench.run(job)
    bench.write(claim=False)
    impatient.close()

    assert (came, ran.runs) == (NotStarted(job), [])
    assert (status(database, process_id), row(database, process_id)["attempts"]) == ("pending", 0)
    assert history(database, process_id) == []


def test_a_once_step_that_was_asked_to_stop_before_it_began_does_not_begin(database: Database) -> None:
    ran = calls(Done("posted"))
    process = once(ran)
    process_id = start(database, process)
    bench = Bench(database, process)
    (job,) = bench.write()
    job.run.stop_requested = True

    bench.run(job)
    bench.write(claim=False)

    assert (ran.runs, status(database, process_id)) == ([], "pending")
    assert execute(database, NO_MARK) == [(0,)]


def test_a_drain_never_gives_back_a_running_once_step_and_still_ends(database: Database) -> None:
    go, began = threading.Event(), threading.Event()

    def answer(run: StepRun) -> Done:
        began.set()
        go.wait(20)
        return Done("posted")

    process = once(answer, calls(Done("it is in SAP")))
    process_id = start(database, process)
    with working(database, process) as worker:
        assert began.wait(10)
        worker.stop()
    found = row(database, process_id)
    go.set()

    assert (found["status"], found["fence"], found["doubtful_since"] is None) == ("running", 1, False)
    assert outcomes(database, process_id) == [("do", "started")]
    let_leases_end(database)
    work(database, process)
    assert outcomes(database, process_id) == [("do", "lost"), ("do", "done"), ("after", "done")]
