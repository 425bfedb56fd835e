"""Idle workers are notified of whom an event woke: on PostgreSQL, and in a transaction of its own after the record."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from backends import laid_out
from event_acts import KEY
from event_steps import Tells, TellsWithin, Waits
from rig import Bench, cancel, eventually, start, status, work

from process_manager import Process
from process_manager.database import Database
from process_manager.execution.call_step import run_step
from process_manager.worker.lock_waiter import LockWaiter

pytestmark = pytest.mark.slow
NUMBERS = itertools.count(1)


@pytest.fixture
def database(server_of: Any) -> Iterator[Database]:
    with laid_out(server_of("postgresql_18").create(f"event_hints_{next(NUMBERS)}")) as made:
        yield made


def recorded(database: Database) -> None:
    bench = Bench(database, TellsWithin)
    (job,) = bench.write()
    bench.run(job)
    bench.write(claim=False)


def waited_for(database: Database) -> None:
    bench = Bench(database, Tells)
    (job,) = bench.write()
    came: list[Any] = []
    assert LockWaiter(database, post=came.append).wait_for(bench.claims.decide(job, run_step(job)))
    eventually(lambda: came)


def refused(database: Database) -> None:
    bench = Bench(database, Tells)
    (job,) = bench.write()
    cancel(database, job.claim.id)
    bench.run(job)
    bench.write(claim=False)


@pytest.mark.parametrize(
    ("process", "way"), [(TellsWithin, recorded), (Tells, waited_for), (Tells, refused)], ids=lambda each: each.__name__
)
def test_whom_a_record_woke_is_told_of_after_it(
    database: Database, process: type[Process], way: Callable[[Database], None]
) -> None:
    waiting = start(database, Waits, {"event": KEY})
    work(database, Waits)
    start(database, process, {"answer": "done"})
    said: list[str] = []
    sa.event.listen(database.engine, "begin", lambda _connection: said.append("begin"))
    sa.event.listen(database.engine, "before_cursor_execute", lambda _c, _cursor, text, *_more: said.append(text))

    way(database)

    assert status(database, waiting) == "pending"
    after_record = said[max(at for at, text in enumerate(said) if "event_waits" in text and "UPDATE" in text) :]
    assert "NOTIFY process_manager" in after_record
    assert after_record[after_record.index("NOTIFY process_manager") - 1] == "begin"
