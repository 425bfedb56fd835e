"""What the engine does a second at its default settings, with many processes in flight, ten, and one."""

from __future__ import annotations

import queue
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import sqlalchemy as sa

from benchmarks import workload
from benchmarks.peers import places
from benchmarks.peers.places import Place
from process_manager import Done, StepRun, operations
from process_manager.database import Database
from process_manager.definition.process import Process
from process_manager.definition.registry import Registry
from process_manager.direct import Direct
from process_manager.lifecycle.retry import classic
from process_manager.operations import Start
from process_manager.store.tables import processes
from process_manager.worker import Plan

SLOW_AT_ONCE: Final = 50
IDEAL: Final = SLOW_AT_ONCE / workload.SLOW  # steps a second of 20 ms, so many at once
PATIENCE: Final = 30.0
LOOK: Final = 0.0002  # seconds between two looks at a row
WARM_UP: Final = 20  # processes, as the direct call of the peer has
_told: queue.SimpleQueue[int] = queue.SimpleQueue()


class Telling(workload.Four):
    """Four steps that do nothing, the last of which says in this very program that it ran."""

    STEPS = {"one": "act", "two": "act", "three": "act", "four": "tell"}

    def tell(self, run: StepRun) -> Done:
        """Nothing, and whoever waits is told that its record is near."""
        _told.put(run.process_id)
        return Done()


def many(place: Place, count: int) -> float:
    """Steps a second of one worker that finds all of them due."""
    return _drained(place, count, workload.enqueue)


def ten(place: Place, count: int) -> float:
    """Steps a second with ten in flight: all are there, in ten lanes, of each of which one at a time is due."""
    return _drained(place, count, lambda database, number: enqueue_in_lanes(database, number, lanes=10))


def slow(place: Place, count: int) -> float:
    """Steps a second when each takes 20 ms, with `--concurrency 50`."""
    with places.laid_out(place) as database:
        workload.enqueue(database, count, workload.Slow)
        steps = count * len(workload.Slow.plan)
        return steps / seconds(lambda: workload.drain(database, count, workload.Slow, concurrency=SLOW_AT_ONCE))


def direct(place: Place, count: int) -> float:
    """Steps a second with one in flight, in the thread that starts each process: what a peer's direct call is."""
    with places.laid_out(place) as database, calling(database) as here:
        return count * len(workload.Four.plan) / seconds(lambda: call(here, count))


@contextmanager
def calling(database: Database) -> Iterator[Direct]:
    """What has called some processes directly, and is ready for more."""
    with Direct(database, Plan(Registry([workload.Four]), workload.settings(), classic())) as here:
        call(here, WARM_UP)
        yield here


def call(here: Direct, count: int) -> None:
    """Call so many processes directly, one after the other; RuntimeError unless each succeeds."""
    for number in range(count):
        if (rest := here.run(workload.Four, {"number": number})).status != "succeeded":
            raise RuntimeError(f"process {rest.id} is {rest.status}")


def one(place: Place, count: int) -> float:
    """Steps a second of a worker with one in flight: each process is started once the one before it has visibly ended.

    Starter and worker are threads of one program.
    """
    with places.laid_out(place) as database, working(database), database.read() as reader:
        reader.execution_options(isolation_level="AUTOCOMMIT")  # a look is one call, and in nobody's way
        _repeat(database, reader, WARM_UP)
        return count * len(Telling.plan) / seconds(lambda: _repeat(database, reader, count))


def _drained(place: Place, count: int, enqueue: Callable[[Database, int], None]) -> float:
    with places.laid_out(place) as database:
        enqueue(database, count)
        return count * len(workload.Four.plan) / seconds(lambda: workload.drain(database, count))


def enqueue_in_lanes(database: Database, count: int, *, lanes: int) -> None:
    """Start so many processes, of which as many as there are lanes are due at a time."""
    for numbers in workload.batches(count):
        wanted = [Start(workload.Four, {"number": each}, order_key=str(each % lanes)) for each in numbers]
        with database.begin() as connection:
            operations.start_many(connection, wanted)


def median(rate: Callable[[], float], rounds: int) -> float:
    """The middle one of so many."""
    return statistics.median(rate() for _ in range(rounds))


def seconds(act: Callable[[], object]) -> float:
    """How long it took."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


@contextmanager
def working(database: Database, process: type[Process] = Telling) -> Iterator[None]:
    """A worker in a thread for as long as the block."""
    worker = workload.worker(database, until_empty=False, process=process)
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        yield
    finally:
        worker.stop()
        thread.join()


def _repeat(database: Database, reader: sa.Connection, count: int) -> None:
    for _ in range(count):
        through(database, reader)


def through(database: Database, reader: sa.Connection) -> None:
    """Start one process and wait until another connection sees its end; first for its last step."""
    with database.begin() as connection:
        process_id = operations.start(connection, Telling).id
    if _told.get(timeout=PATIENCE) != process_id:
        raise RuntimeError("another process ran")
    await_end(reader, process_id)


def await_end(reader: sa.Connection, process_id: int) -> None:
    """Nothing, as soon as the process has visibly ended; RuntimeError when it does not."""
    ended = sa.select(processes.c.finished_at).where(processes.c.id == process_id)
    until = time.perf_counter() + PATIENCE
    while time.perf_counter() < until:
        with reader.begin():
            if reader.execute(ended).scalar_one() is not None:
                return
        time.sleep(LOOK)
    raise RuntimeError(f"process {process_id} did not end")
