"""What a step costs in things that can be counted: the same on every machine, so that tests can hold them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Final

import sqlalchemy as sa

from benchmarks import counted, workload
from benchmarks.peers import ours, places
from benchmarks.peers.places import Place
from benchmarks.peers.rows import Bound, Row, absent, valued
from benchmarks.served import serving
from process_manager import operations
from process_manager.database import Database, connect

STEPS: Final = len(workload.Four.plan)
STATEMENTS: Final = {"one": Bound("value", "at most", 5, 4), "many": Bound("value", "at most", 0.5, 0.1)}
COMMITS: Final = Bound("value", "at most", 1.5, 1.25)
WAL: Final = Bound("value", "at most", 1_000, 850)
FSYNCS: Final = Bound("value", "at most", 1.5, 1.25)
CALLS: Final = {"one": Bound("value", "at most", 800, 500), "many": Bound("value", "at most", 450, 250)}
DIRECT_CALLS: Final = {
    "postgresql": Bound("value", "at most", 200, 180),  # before the faults of November were fixed: 213
    "sqlite": Bound("value", "at most", 400, 370),
}


def rows(postgresql: Place, sqlite: Place, *, one: int, many: int, settle: float) -> Iterator[Row]:
    """Statements, commits and Python calls a step on both; bytes of the WAL and fsyncs where they can be had."""
    for place in (postgresql, sqlite):
        yield from _statements(place, one, many, settle)
        yield from _calls(place, one, many)
    yield valued(
        "postgresql_wal_bytes_per_step", _wal(postgresql, many) / (many * STEPS), "bytes", WAL, "many in flight"
    )
    yield _fsyncs(sqlite, one, settle)


def _statements(place: Place, one: int, many: int, settle: float) -> Iterator[Row]:
    with (
        places.laid_out(place) as database,
        beside(database) as starter,
        _working(database, settle),
        counted.counting(database.engine) as alone,
    ):
        _one_by_one(starter, one)
    with places.laid_out(place) as database:
        workload.enqueue(database, many)
        with counted.counting(database.engine) as together:
            workload.drain(database, many)
    for name, found, steps in (("one", alone, one * STEPS), ("many", together, many * STEPS)):
        bound = STATEMENTS[name]
        yield valued(f"{place.name}_statements_per_step_{name}", found.statements / steps, "statements", bound)
    yield valued(f"{place.name}_commits_per_step_one", alone.commits / (one * STEPS), "commits", COMMITS)


def _calls(place: Place, one: int, many: int) -> Iterator[Row]:
    """One in flight is a lane of them: a worker that waits for the next start would look round while it does."""
    alone = _calls_per_step(place, lambda database, count: ours.enqueue_in_lanes(database, count, lanes=1), one)
    together = _calls_per_step(place, workload.enqueue, many)
    bounds = {**CALLS, "direct": DIRECT_CALLS[place.name]}
    for name, found in (("one", alone), ("many", together), ("direct", _calls_directly(place, one))):
        yield valued(f"{place.name}_python_calls_per_step_{name}", found, "calls", bounds[name], "sys.setprofile")


def _calls_per_step(place: Place, enqueue: Callable[[Database, int], None], count: int) -> float:
    """What each step more costs, so that neither what a worker does once nor what Python keeps is in it."""
    few = max(count // 4, 1)
    _calls_of_drain(place, enqueue, few)  # fills the caches of statements
    return (_calls_of_drain(place, enqueue, count) - _calls_of_drain(place, enqueue, few)) / ((count - few) * STEPS)


def _calls_of_drain(place: Place, enqueue: Callable[[Database, int], None], count: int) -> int:
    with places.laid_out(place) as database, profiled() as calls, ThreadPoolExecutor(1) as thread:
        enqueue(database, count)
        thread.submit(workload.drain, database, count).result()
        return calls.total()


def _calls_directly(place: Place, count: int) -> float:
    """What each step of a direct call costs, in whatever thread of its program."""
    with places.laid_out(place) as database, profiled() as calls, ThreadPoolExecutor(1) as thread:
        return thread.submit(_called, database, count, calls).result() / (count * STEPS)


def _called(database: Database, count: int, calls: Calls) -> int:
    with ours.calling(database) as here:
        before = calls.total()
        ours.call(here, count)
        return calls.total() - before


def _wal(place: Place, many: int) -> float:
    """Bytes that PostgreSQL wrote to its log while they were drained: no checkpoint comes so soon."""
    with places.laid_out(place) as database:
        workload.enqueue(database, many)
        before = _log_position(database)
        workload.drain(database, many)
        return _log_position(database) - before


def _log_position(database: Database) -> float:
    with database.read() as connection:
        return float(connection.execute(sa.text("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn")).scalar_one())


def _fsyncs(place: Place, one: int, settle: float) -> Row:
    """By strace, which writes a line for each: the worker's alone, not those of the starts."""
    name = f"{place.name}_fsyncs_per_step_one"
    strace = shutil.which("strace")
    if strace is None or subprocess.run([strace, "-qq", "-o", os.devnull, "true"], check=False).returncode:
        return absent(name, "fsyncs", "strace counts them (on Debian: apt install strace), where it may trace")
    with TemporaryDirectory() as folder, places.laid_out(place) as database:
        file = Path(folder, "calls")
        under = (strace, "-f", "-qq", "-e", "trace=fsync,fdatasync", "-e", "signal=none", "-o", str(file))
        with serving(places.url_of(database), under=under):
            time.sleep(settle)
            before = _lines(file)
            _one_by_one(database, one, told=False)
            found = _lines(file) - before
    return valued(name, found / (one * STEPS), "fsyncs", FSYNCS, "counted by strace")


def _lines(file: Path) -> int:
    """How many calls began: one that another thread's interrupts has a second line."""
    return sum("sync(" in line for line in file.read_text("utf-8").splitlines())


@contextmanager
def beside(database: Database) -> Iterator[Database]:
    """The same database on connections of their own, which are not counted."""
    other = connect(places.url_of(database))
    try:
        yield other
    finally:
        other.close()


@contextmanager
def _working(database: Database, settle: float) -> Iterator[None]:
    with ours.working(database):
        time.sleep(settle)
        yield


def _one_by_one(database: Database, count: int, *, told: bool = True) -> None:
    with database.read() as reader:
        for _ in range(count):
            if told:
                ours.through(database, reader)
            else:
                with database.begin() as connection:
                    process_id = operations.start(connection, workload.Four).id
                ours.await_end(reader, process_id)


class Calls:
    """How many Python functions were entered, a counter for each thread: none waits for another's."""

    def __init__(self) -> None:
        self._counters: list[list[int]] = []

    def profile(self, _frame: FrameType, event: str, _argument: object) -> None:
        """Set as a thread's profile function, it puts a plain counter in its own place."""
        mine = [int(event == "call")]
        self._counters.append(mine)

        def count(_frame: FrameType, event: str, _argument: object) -> None:
            if event == "call":
                mine[0] += 1

        sys.setprofile(count)

    def total(self) -> int:
        """Of all threads so far."""
        return sum(each[0] for each in self._counters)


@contextmanager
def profiled() -> Iterator[Calls]:
    """The calls of every thread that is started during the block."""
    calls = Calls()
    threading.setprofile(calls.profile)
    try:
        yield calls
    finally:
        threading.setprofile(None)
