"""Whether a step that waited for a thread may begin: asked of all that wait at once, and never by another's word."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from rig import Bench, start

from process_manager.database import Database
from process_manager.execution.completion import NotStarted
from process_manager.execution.held_step import HeldStep
from process_manager.worker.admission import Admission
from tests.worker.test_claims import expire

pytestmark = pytest.mark.every_database


def admission(bench: Bench, *, is_over: Callable[[], bool] = lambda: False) -> Admission:
    return Admission(bench.database, bench.gatekeeper, bench.claims.held, is_over=is_over)


def waited(*jobs: HeldStep) -> None:
    """These were ready ten seconds ago."""
    for job in jobs:
        job.ready -= 10


def test_one_look_is_enough_for_all_that_wait(database: Database) -> None:
    for _ in range(3):
        start(database)
    bench = Bench(database, threads=3)
    jobs = bench.write()
    waited(*jobs)
    asked: list[str] = []

    @sa.event.listens_for(database.engine, "before_cursor_execute")
    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        asked.append(statement)

    try:
        admitted = admission(bench)
        assert [admitted(job) for job in jobs] == [None, None, None]
    finally:
        sa.event.remove(database.engine, "before_cursor_execute", note)
    assert sum("fence" in statement for statement in asked) == 1


def test_a_job_does_not_begin_that_another_threads_look_found_lost(database: Database) -> None:
    start(database)
    start(database)
    bench = Bench(database)
    first, second = bench.write()
    expire(database)
    waited(first, second)
    asked: list[HeldStep] = []

    def is_over() -> bool:
        """The moment between two questions, in which the other thread ends its look."""
        if not asked:
            asked.append(second)
            assert isinstance(admitted(second), NotStarted)
        return False

    admitted = admission(bench, is_over=is_over)

    assert isinstance(admitted(first), NotStarted)


def test_a_job_that_was_replaced_under_a_later_fence_does_not_begin(database: Database) -> None:
    process_id = start(database)
    bench = Bench(database)
    (old,) = bench.write()
    expire(database)  # a host that slept: another worker took it away
    (new,) = bench.write()  # and this one claims it anew before its lease renewer looked
    waited(old)

    assert bench.claims.held == {process_id: new}
    assert isinstance(admission(bench)(old), NotStarted)
    assert admission(bench)(new) is None


def test_a_job_is_given_back_when_nobody_can_say_whether_it_is_held(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(database)
    bench = Bench(database)
    (job,) = bench.write()
    waited(job)

    def away() -> None:
        raise sa.exc.OperationalError("SELECT", {}, Exception("away"))

    monkeypatch.setattr(database, "read", away)

    assert isinstance(admission(bench)(job), NotStarted)
