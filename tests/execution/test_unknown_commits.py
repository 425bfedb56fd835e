"""A `transactional` step whose COMMIT gives no answer: the worker looks, and what is true counts."""

import threading
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from booking import booking, lines
from once_steps import calls
from rig import (
    get,
    outcomes,
    start,
    told,
    work,
)  # fmt: skip

from process_manager import (
    Done,
)
from process_manager.database import Database, connect


def unanswered(database: Database, *, comes_through: bool) -> Callable[[], None]:
    """Let the next COMMIT that a step's record makes end in an error; the function takes that back."""
    engine = database.engine
    plain = engine.dialect.do_commit

    def do_commit(connection: Any) -> None:
        if not threading.current_thread().name.startswith("step-"):
            return plain(connection)
        engine.dialect.do_commit = plain  # type: ignore[method-assign]
        if comes_through:
            plain(connection)
        else:
            connection.rollback()
        raise engine.dialect.dbapi.OperationalError("database is locked: no answer")

    engine.dialect.do_commit = do_commit  # type: ignore[method-assign]
    return lambda: setattr(engine.dialect, "do_commit", plain)


@pytest.mark.every_database
@pytest.mark.parametrize("comes_through", [True, False])
def test_a_commit_without_an_answer_is_looked_up_and_what_is_true_counts(books: Database, comes_through: bool) -> None:
    answer = calls(Done("booked"))
    process = booking(answer)
    process_id = start(books, process)
    take_back = unanswered(books, comes_through=comes_through)

    work(books, process)
    take_back()

    assert len(answer.runs) == (1 if comes_through else 2)
    assert lines(books) == [str(process_id)]
    assert told(books, process_id, "step", "attempt", "outcome") == [("do", 1, "done"), ("after", 1, "done")]


def test_a_commit_is_looked_up_until_the_database_answers(books: Database, tmp_path: Path) -> None:
    impatient = connect(f"sqlite:///{tmp_path / 'engine.db'}", call_timeout=timedelta(milliseconds=20))
    process = booking(calls(Done("booked")))
    process_id = start(books, process)
    plain = impatient.engine.dialect.do_commit
    locked = threading.Event()

    def hold() -> None:
        with closing(books.engine.connect()) as other, other.begin():
            locked.set()
            threading.Event().wait(0.3)

    def do_commit(connection: Any) -> None:
        plain(connection)
        if threading.current_thread().name.startswith("step-") and not locked.is_set():
            threading.Thread(target=hold).start()
            assert locked.wait(5)
            raise impatient.engine.dialect.dbapi.OperationalError("no answer")

    impatient.engine.dialect.do_commit = do_commit  # type: ignore[method-assign]

    work(impatient, process)
    impatient.close()

    assert outcomes(books, process_id) == [("do", "done"), ("after", "done")]
    assert get(books, process_id).status == "succeeded"
