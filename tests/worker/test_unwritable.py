"""Whatever storing one outcome raises costs its own process, and no other: on every database."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from rig import NOON, Bench, Three, eventually, execute, history, odd, outcomes, start, status, work, worker
from rig import claim_request as of

from process_manager import Done, Process, Step, StepRun, clock, never
from process_manager.database import Database
from process_manager.errors import Unwritable
from process_manager.store import claiming
from process_manager.store.claiming import Lease
from process_manager.worker import held_back, recovery, shutdown

pytestmark = pytest.mark.every_database

RAISED = [
    UnicodeEncodeError("charmap", "Łódź", 0, 1, "character maps to <undefined>"),
    NotImplementedError("can't parse timestamptz with DateStyle 'German'"),
    OverflowError("Python int too large to convert to SQLite INTEGER"),
    RecursionError("maximum recursion depth exceeded while encoding a JSON object"),
    MemoryError(),
    ValueError("year 10000 is out of range"),
]


@contextmanager
def raising(database: Database, problem: Exception, *, at: str) -> Iterator[None]:
    """A driver that raises this when it is to send a certain text."""

    def look(_connection: Any, _cursor: Any, _statement: str, given: Any, *_more: Any) -> None:
        if at in repr(given):
            raise problem

    sa.event.listen(database.engine, "before_cursor_execute", look)
    try:
        yield
    finally:
        sa.event.remove(database.engine, "before_cursor_execute", look)


@pytest.mark.parametrize("problem", RAISED, ids=lambda each: type(each).__name__)
def test_whatever_the_record_of_an_answer_raises_fails_its_own_process_and_no_other_and_nothing_runs_again(
    database: Database, problem: Exception
) -> None:
    ran: list[int] = []

    def answer(run: StepRun) -> Done:
        ran.append(run.process_id)
        return Done("poison" if run.payload.get("n") == 2 else "fine")

    process = odd(answer)
    ids = [start(database, process, {"n": number}) for number in range(4)]

    with raising(database, problem, at="poison"):
        work(database, process)

    assert [status(database, each) for each in ids] == ["succeeded", "succeeded", "failed", "succeeded"]
    assert sorted(ran) == ids
    ((outcome, message),) = [(each.outcome, each.message) for each in history(database, ids[2])]
    assert outcome == "retry"
    assert message.startswith(f"The step answered done, but that could not be stored: {type(problem).__name__}")


def test_a_failure_that_cannot_be_told_with_its_reason_is_told_without(database: Database) -> None:
    process = odd(lambda run: Done("poison" if run.payload.get("n") else "fine"))
    ids = [start(database, process, {"n": number}) for number in range(2)]

    with raising(database, ValueError("poison as well"), at="poison"):
        work(database, process)

    assert [status(database, each) for each in ids] == ["succeeded", "failed"]
    assert [each.message for each in history(database, ids[1])] == [
        "The step answered done, but that could not be stored, nor what was wrong with it."
    ]


@pytest.mark.parametrize("problem", RAISED, ids=lambda each: type(each).__name__)
def test_whatever_storing_evidence_raises_costs_neither_an_outcome_nor_other_evidence(
    database: Database, problem: Exception
) -> None:
    def answer(run: StepRun) -> Done:
        run.exchange("SAP", "poison" if run.payload.get("n") == 2 else "fine")
        return Done("done")

    process = odd(answer)
    ids = [start(database, process, {"n": number}) for number in range(4)]

    with raising(database, problem, at="poison"):
        work(database, process)

    assert [status(database, each) for each in ids] == ["succeeded"] * 4
    assert [len(history(database, each)[0].exchanges) for each in ids] == [1, 1, 0, 1]


@pytest.mark.parametrize("problem", RAISED[:2], ids=lambda each: type(each).__name__)
def test_whatever_the_record_of_a_transactional_step_raises_undoes_it_and_is_told(
    books: Database, problem: Exception
) -> None:
    class Posting(Process):
        STEPS = {"do": Step("do", effect="transactional", retry=never())}

        def do(self, run: StepRun) -> Done:
            line = str(run.payload["n"])
            run.connection.execute(sa.text("INSERT INTO book (line) VALUES (:line)"), {"line": line})
            return Done("poison" if line == "1" else "fine")

    ids = [start(books, Posting, {"n": number}) for number in range(3)]

    with raising(books, problem, at="poison"):
        work(books, Posting)

    assert [status(books, each) for each in ids] == ["succeeded", "failed", "succeeded"]
    assert sorted(execute(books, "SELECT line FROM book")) == [("0",), ("2",)]
    assert type(problem).__name__ in history(books, ids[1])[0].message


def test_one_that_cannot_be_taken_over_hinders_no_other(database: Database) -> None:
    ids = [start(database, Three, {"n": number}) for number in range(3)]
    now = clock.now()
    with database.begin() as connection:
        for worker in ("one", "poison", "three"):
            claiming.claim_due(connection, of(("three", 1)), Lease(worker, now, NOON), limit=1)

    with raising(database, ValueError("year 10000"), at="poison"), database.begin() as connection:
        assert recovery.recover(connection, now, is_own=lambda _claim: False) == 2

    assert [status(database, each) for each in ids] == ["pending", "running", "pending"]


REFUSING = {
    "sqlite": ["CREATE TRIGGER refuse BEFORE INSERT ON process_steps WHEN NEW.step = 'do' "
               "BEGIN SELECT RAISE(ABORT, 'not this one'); END"],
    "postgresql": ["CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                   "IF NEW.step = 'do' THEN RAISE EXCEPTION 'not this one'; END IF; RETURN NEW; END $$",
                   "CREATE TRIGGER refuse BEFORE INSERT ON process_steps FOR EACH ROW EXECUTE FUNCTION refuse()"],
    "mariadb": ["CREATE TRIGGER refuse BEFORE INSERT ON process_steps FOR EACH ROW IF NEW.step = 'do' "
                "THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'not this one'; END IF"],
}  # fmt: skip


@contextmanager
def refusing(database: Database) -> Iterator[None]:
    """A table that takes nothing at all that is told of a step `do`."""
    if database.dialect not in REFUSING:
        pytest.skip("no trigger is written for this database")
    with database.engine.begin() as connection:
        for each in REFUSING[database.dialect]:
            connection.exec_driver_sql(each)
    try:
        yield
    finally:
        on = " ON process_steps" if database.dialect == "postgresql" else ""
        with database.engine.begin() as connection:
            connection.exec_driver_sql(f"DROP TRIGGER refuse{on}")


def test_an_answer_of_which_nothing_can_be_stored_keeps_its_worker_from_nothing_else_and_is_stored_in_the_end(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held_back, "SLOW", (0.05, 0.1, 0.2))
    ran: list[int] = []

    def answer(run: StepRun) -> Done:
        ran.append(run.process_id)
        return Done()

    process = odd(answer)
    with refusing(database):
        one = start(database, process)
        made = worker(database, process, Three, concurrency=1)
        thread = threading.Thread(target=made.run, daemon=True)
        thread.start()
        eventually(lambda: ran)
        others = [start(database, Three) for _ in range(20)]
        eventually(lambda: {status(database, each) for each in others} == {"succeeded"})
        assert status(database, one) == "running"
    eventually(lambda: status(database, one) == "succeeded")
    made.stop()
    thread.join(15)

    assert (ran, [each.outcome for each in history(database, one)]) == ([one], ["done", "done"])


def test_a_run_that_ends_when_nothing_is_due_says_what_could_not_be_stored(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held_back, "SLOW", (0.05, 0.1, 0.2))
    monkeypatch.setattr(shutdown, "NEAR", 0.3)
    one, other = start(database, odd(lambda _run: Done())), start(database, Three)

    with refusing(database), pytest.raises(Unwritable, match=rf"process {one} .*not this one"):
        work(database, odd(lambda _run: Done()), Three)

    assert [status(database, each) for each in (one, other)] == ["running", "succeeded"]


def test_where_many_answers_cannot_be_stored_no_more_steps_run_in_vain(database: Database) -> None:
    ran: list[int] = []

    def answer(run: StepRun) -> Done:
        ran.append(run.process_id)
        return Done()

    process = odd(answer)
    for _ in range(40):
        start(database, process)
    told: list[BaseException] = []
    made = worker(database, process, concurrency=2)

    def run() -> None:
        try:
            made.run()
        except Unwritable as problem:
            told.append(problem)

    with refusing(database):
        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        eventually(lambda: len(ran) == 2 + held_back.FEW)
        assert not threading.Event().wait(1.0)
        made.stop()
        thread.join(15)

    assert (len(told), len(ran), len(set(ran))) == (1, 2 + held_back.FEW, 2 + held_back.FEW)


def test_what_concerns_no_row_fails_no_process(database: Database) -> None:
    """A right that is lost, a table that is away or a full disk is the database's: what was answered waits for it."""
    process = odd(lambda _run: Done("fine"))
    ids = [start(database, process) for _ in range(3)]
    times = 0

    def look(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        nonlocal times
        if "process_steps" in statement and statement.lstrip().startswith(("INSERT", "WITH")) and times < 3:
            times += 1
            raise sa.exc.OperationalError(statement, None, LackingError())

    class LackingError(Exception):
        sqlstate = "53100" if database.dialect == "postgresql" else None
        sqlite_errorname = "SQLITE_FULL"
        args = ("42000", "[42000] (1114) (SQLExecDirectW) the table is full")

    sa.event.listen(database.engine, "before_cursor_execute", look)
    try:
        work(database, process)
    finally:
        sa.event.remove(database.engine, "before_cursor_execute", look)

    assert times == 3
    assert [status(database, each) for each in ids] == ["succeeded"] * 3


def test_what_is_wrong_with_the_connection_fails_no_process(database: Database) -> None:
    process_id = start(database, Three)
    bench = Bench(database, Three)
    (job,) = bench.write()
    bench.run(job)

    with database.connect() as connection:
        connection.begin()
        with pytest.raises(sa.exc.InvalidRequestError):
            bench.claims.write(connection, claim=False)
        connection.rollback()
        bench.claims.write(connection, claim=False)

    assert outcomes(database, process_id) == [("a", "done"), ("b", "started")]
