"""What a step costs in statements and commits: counted, so that it is the same on every machine."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from benchmarks import floor, latency, workload
from benchmarks.figures import Figure, held_against
from process_manager import operations
from process_manager.database import Database


@dataclass(slots=True)
class Count:
    """Statements, BEGIN left out, and commits."""

    statements: int = 0
    commits: int = 0

    def on_statement(self, connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        """One more, unless it only begins a transaction; outside of one it commits itself."""
        begins = statement.startswith("BEGIN")
        self.statements += not begins
        self.commits += not (begins or connection.in_transaction())

    def on_commit(self, _connection: Any) -> None:
        """One more."""
        self.commits += 1


def figures(folder: Path, *, one: int, many: int) -> list[Figure]:
    """Statements and commits a step, with one process in flight and with many."""
    alone, together = _one_at_a_time(folder, one), _all_at_once(folder, many)
    steps_one, steps_many = one * len(workload.Four.plan), many * len(workload.Four.plan)
    return [
        held_against("statements_per_step_one", alone.statements / steps_one, "statements", 5),
        held_against("statements_per_step_many", together.statements / steps_many, "statements", 0.5),
        held_against("commits_per_step_one", alone.commits / steps_one, "commits", 1.5),
        Figure("commits_per_step_many", round(together.commits / steps_many, 4), "commits", "nothing: for information"),
    ]


def _all_at_once(folder: Path, count: int) -> Count:
    database = workload.make_database(folder)
    workload.enqueue(database, count)
    with counting(database.engine) as found:
        workload.drain(database, count)
    workload.remove(database)
    return found


def _one_at_a_time(folder: Path, count: int) -> Count:
    """Each process is started once the one before it has ended, on connections that are not counted."""
    database = workload.make_database(folder)
    starter = workload.open_database(workload.path_of(database))
    with closing(floor.connect(workload.path_of(database))) as reader, _working(database) as found:
        for _ in range(count):
            with starter.begin() as connection:
                process_id = operations.start(connection, workload.Four).id
            latency.await_end(reader, process_id)
    starter.close()
    workload.remove(database)
    return found


@contextmanager
def _working(database: Database) -> Iterator[Count]:
    """A worker in a thread, what it does counted once it has found that there is nothing to do."""
    worker = workload.worker(database, until_empty=False)
    thread = threading.Thread(target=worker.run)
    thread.start()
    time.sleep(0.2)
    try:
        with counting(database.engine) as found:
            yield found
    finally:
        worker.stop()
        thread.join()


@contextmanager
def counting(engine: sa.Engine) -> Iterator[Count]:
    """What is sent on the connections of this engine during the block."""
    found = Count()
    listeners: dict[str, Callable[..., None]] = {"before_cursor_execute": found.on_statement, "commit": found.on_commit}
    for event, listener in listeners.items():
        sa.event.listen(engine, event, listener)
    try:
        yield found
    finally:
        for event, listener in listeners.items():
            sa.event.remove(engine, event, listener)
