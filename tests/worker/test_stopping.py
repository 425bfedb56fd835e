"""J6: a process that somebody asked to stop ends at its next safe point, and nothing turns it into a success."""

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from booking import BOOK, lines
from crashing_steps import Apart, payload
from once_steps import calls, once
from rig import (
    Bench,
    cancel,
    eventually,
    odd,
    outcomes,
    row,
    start,
    status,
    told,
    work,
    working,
)  # fmt: skip
from traced_steps import noted

from process_manager import Done, Process, Retry, Skip, Step, StepRun, direct
from process_manager.database import Database
from tests.worker.test_claims import let_leases_end

SECOND = timedelta(seconds=1)
ASKS = ("do", "cancel", "the wrong list", "Bo")


def story(database: Database, process_id: int) -> list[tuple[Any, ...]]:
    return told(database, process_id, "step", "outcome", "message", "by")


def is_asked(database: Database, process_id: int) -> bool:
    found = row(database, process_id)
    return any(found[f"stop_requested_{name}"] is not None for name in ("at", "by", "reason"))


@pytest.mark.every_database
@pytest.mark.parametrize(
    "answer", [Done("booked", {"n": 1}), Skip("nothing to do"), Retry("SAP is down"), ValueError("x")]
)
def test_j6_the_last_write_of_a_running_step_cannot_turn_it_into_a_success(database: Database, answer: Any) -> None:
    process = odd(calls(answer))
    process_id = start(database, process, order_key="lane", dedup_key="k")
    behind = start(database, process, order_key="lane")
    bench = Bench(database, process)
    (job,) = bench.write()

    cancel(database, process_id)
    assert status(database, process_id) == "running" and is_asked(database, process_id)
    bench.run(job)
    bench.write(claim=False)

    assert (status(database, process_id), bench.claims.held) == ("abandoned", {})
    assert [each[1] for each in story(database, process_id)][1:] == ["cancel"]
    assert story(database, process_id)[1] == ASKS and not is_asked(database, process_id)
    assert bench.claims.stats.refused == 0
    assert status(database, behind) == "pending"
    assert start(database, process, dedup_key="k") != process_id


@pytest.mark.every_database
def test_j6_no_further_step_begins_and_what_the_step_said_stays_beside_it(database: Database) -> None:
    process_id = start(database)
    bench = Bench(database)
    (job,) = bench.write()

    cancel(database, process_id)
    bench.run(job)
    bench.write()

    assert (status(database, process_id), bench.claims.take_ready()) == ("abandoned", [])
    assert outcomes(database, process_id) == [("a", "done"), ("a", "cancel")]


def test_j6_a_running_step_hears_of_it_keeps_its_lease_and_ends_at_its_checkpoint(database: Database) -> None:
    began, ended = threading.Event(), threading.Event()

    def answer(run: StepRun) -> Done:
        began.set()
        try:
            while not ended.wait(0.01):
                run.checkpoint()
        except Exception:  # noqa: BLE001 - as an author may write it
            return Done("it was kept from ending")
        return Done("it heard nothing")

    process = odd(answer)
    process_id = start(database, process)
    with working(database, process, lease=SECOND):
        began.wait(10)
        cancel(database, process_id)
        eventually(lambda: status(database, process_id) == "abandoned")
    ended.set()

    assert story(database, process_id) == [
        ("do", "wait", "The step stopped at a checkpoint, as it was asked to.", None),
        ASKS,
    ]


def test_j6_a_step_that_hears_nothing_keeps_its_process_until_it_answers(database: Database) -> None:
    began, go = threading.Event(), threading.Event()

    def answer(_run: StepRun) -> Done:
        began.set()
        go.wait(20)
        return Done("late")

    process = odd(answer)
    process_id = start(database, process)
    with working(database, process, lease=SECOND), working(database, process, lease=SECOND):
        began.wait(10)
        cancel(database, process_id)
        lease = row(database, process_id)["lease_ends_at"]
        eventually(lambda: row(database, process_id)["lease_ends_at"] > lease + SECOND)
        assert outcomes(database, process_id) == [("do", "started")]
        go.set()
        eventually(lambda: status(database, process_id) == "abandoned")

    assert outcomes(database, process_id) == [("do", "done"), ("do", "cancel")]


@pytest.mark.every_database
def test_j6_what_a_step_wrote_in_its_transaction_is_taken_back(books: Database) -> None:
    process_id = 0

    class Late(Process):
        STEPS = {"do": Step("do", effect="transactional")}

        def do(self, run: StepRun) -> Done:
            cancel(books, process_id)
            run.connection.execute(BOOK, {"line": "late"})
            return Done("booked", {"n": 1})

    process_id = start(books, Late)
    bench = Bench(books, Late)
    (job,) = bench.write()

    bench.run(job)
    bench.write(claim=False)

    assert (lines(books), status(books, process_id), row(books, process_id)["payload"]) == ([], "abandoned", None)
    assert outcomes(books, process_id) == [("do", "released"), ("do", "cancel")]


@pytest.mark.every_database
@pytest.mark.parametrize(
    ("answer", "stands", "outcome"),
    [(Done("posted"), "abandoned", "done"), (TimeoutError("no answer"), "uncertain", "doubt")],
)
def test_j6_a_once_step_that_may_have_happened_stays_uncertain(
    database: Database, answer: Any, stands: str, outcome: str
) -> None:
    process_id = 0

    def post(_run: StepRun) -> Any:
        cancel(database, process_id)
        if isinstance(answer, Exception):
            raise answer
        return answer

    process = once(post)
    process_id = start(database, process)
    bench = Bench(database, process)
    (job,) = bench.write()

    bench.run(job)
    bench.write(claim=False)

    assert (status(database, process_id), is_asked(database, process_id)) == (stands, False)
    assert (row(database, process_id)["doubtful_since"] is not None) == (stands == "uncertain")
    assert outcomes(database, process_id) == [("do", outcome), ("do", "cancel")]


def test_j6_a_once_step_that_was_not_begun_never_begins(database: Database) -> None:
    ran = calls(Done("posted"))
    process = once(ran)
    process_id = start(database, process)
    bench = Bench(database, process)
    (job,) = bench.write()

    cancel(database, process_id)
    bench.run(job)
    bench.write(claim=False)

    assert (ran.runs, status(database, process_id)) == ([], "abandoned")
    assert outcomes(database, process_id) == [("do", "cancel")]


@pytest.mark.every_database
@pytest.mark.parametrize(("begun", "stands"), [(False, "abandoned"), (True, "uncertain")])
def test_j6_whoever_takes_over_from_a_worker_that_died_ends_it(database: Database, begun: bool, stands: str) -> None:
    ran = calls(Done("posted"))
    process = once(ran)
    process_id = start(database, process)
    gone = Bench(database, process, name="gone")
    (job,) = gone.write()
    if begun:
        assert gone.effects._may_begin(job)
    cancel(database, process_id)
    let_leases_end(database)

    work(database, process)

    assert (ran.runs, status(database, process_id), is_asked(database, process_id)) == ([], stands, False)
    assert outcomes(database, process_id) == [("do", "lost"), ("do", "cancel")]
    gone.run(job)
    gone.write(claim=False)
    assert outcomes(database, process_id) == [("do", "lost"), ("do", "cancel")]


def test_j6_a_worker_that_comes_back_after_its_lease_leaves_its_own_running_step_alone(database: Database) -> None:
    process = odd(calls(Done("late")))
    process_id = start(database, process)
    bench = Bench(database, process)
    (job,) = bench.write()
    job.started = 1.0
    cancel(database, process_id)
    let_leases_end(database)
    bench.claims.unconfirmed.may_exist()

    assert bench.write() == []

    assert outcomes(database, process_id) == [("do", "started")]
    bench.run(job)
    bench.write()
    assert outcomes(database, process_id) == [("do", "done"), ("do", "cancel")]


def test_j6_a_direct_call_ends_it_too(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PROCESS_MANAGER_DATABASE_URL", "sqlite:///engine.db")
    monkeypatch.setenv("PROCESS_MANAGER_QUIET", "none")

    def answer(run: StepRun) -> Done:
        cancel(database, run.process_id)
        return Done("late")

    rest = direct.run(odd(answer))

    assert rest.status == "abandoned"
    assert outcomes(database, rest.id) == [("do", "done"), ("do", "cancel")]


@pytest.mark.slow
def test_j6_a_step_in_a_child_hears_of_it(database: Database, tmp_path: Path) -> None:
    process_id = start(database, Apart, payload(tmp_path, "obeys"))

    with working(database, Apart, lease=SECOND):
        eventually(lambda: noted(tmp_path / "file", "pid"), seconds=30)
        cancel(database, process_id)
        eventually(lambda: status(database, process_id) == "abandoned", seconds=30)

    said = told(database, process_id, "outcome", "message")
    assert said == [("retry", "asked to stop"), ("cancel", "the wrong list")]


def test_a_step_that_a_drain_ends_at_its_checkpoint_uses_no_attempt_and_runs_again(database: Database) -> None:
    def answer(run: StepRun) -> Done:
        run.stop_requested = True
        run.checkpoint()
        return Done()

    process = odd(answer)
    process_id = start(database, process)
    bench = Bench(database, process)
    (job,) = bench.write()

    bench.run(job)
    bench.write(claim=False)

    found = row(database, process_id)
    assert (found["status"], found["attempts"]) == ("waiting", 0)
