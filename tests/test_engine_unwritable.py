"""Whatever storing one outcome raises costs its own process, and no other: on every database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from rig import NOON, Three, eventually, execute, history, odd, start, status, work, working
from rig import wanted as of

from process_manager import Done, Process, Step, StepRun, clock, never, takeover
from process_manager.database import Database
from process_manager.store import claiming
from process_manager.store.claiming import Lease

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
        assert takeover.recover(connection, now, is_own=lambda _claim: False) == 2

    assert [status(database, each) for each in ids] == ["pending", "running", "pending"]


def test_a_due_row_that_cannot_be_read_keeps_back_no_other_and_ends_no_worker(database: Database) -> None:
    never_read = {"sqlite": "'garbage'", "postgresql": "'infinity'"}.get(database.dialect)
    if never_read is None:
        pytest.skip("this database holds no moment that cannot be read")
    ids = [start(database, Three, {"n": number}) for number in range(4)]
    execute(database, f"UPDATE processes SET attempts_since = {never_read} WHERE id = {ids[0]}")  # noqa: S608

    with working(database, Three):
        for each in ids[1:]:
            eventually(lambda each=each: standing(database, each) == "succeeded")  # type: ignore[misc]

    assert standing(database, ids[0]) == "pending"


def standing(database: Database, process_id: int) -> str:
    return str(execute(database, "SELECT status FROM processes WHERE id = :id", id=process_id)[0][0])


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
