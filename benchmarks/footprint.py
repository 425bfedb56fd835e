"""What a worker process takes of the machine: its memory while it works, its processor time while it does not."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple

import psutil  # type: ignore[import-untyped]  # it ships no types

from benchmarks import floor, workload
from benchmarks.figures import Figure, held_against
from benchmarks.served import serving

LOOK: Final = 0.05  # seconds between two looks at the memory
SETTLED: Final = 1.0  # seconds after which a new worker is idle
MOST_MB: Final = 120
MOST_IDLE_PERCENT: Final = 1


class Memory(NamedTuple):
    """The resident memory of a worker that drained its database."""

    most: float
    early: float  # when the first tenth was done
    late: float  # at the end


def figures(folder: Path, *, processes: int, idle_seconds: float) -> list[Figure]:
    """Memory over so many processes, and the share of one core that an idle worker uses."""
    memory = _memory(folder, processes)
    idle = held_against("idle_cpu_percent", _idle_percent(folder, idle_seconds), "%", MOST_IDLE_PERCENT)
    return [
        held_against("worker_memory_mb", memory.most, "MB", MOST_MB),
        _growth(memory, processes // 10),
        idle,
    ]


def _growth(memory: Memory, early: int) -> Figure:
    against = f"{memory.early:.1f} MB after {early:,} processes; flat"
    grown = memory.late - memory.early
    return Figure("worker_memory_growth_mb", round(grown, 3), "MB", against, round(memory.late / memory.early, 3))


def _memory(folder: Path, processes: int) -> Memory:
    database = workload.make_database(folder)
    workload.enqueue(database, processes)
    path = workload.path_of(database)
    with closing(floor.connect(path)) as reader, serving(path) as worker:
        before = list(_resident(worker, reader, until_ended=processes // 10))
        after = list(_resident(worker, reader, until_ended=processes))
    workload.remove(database)
    return Memory(most=max(before + after), early=before[-1], late=after[-1])


def _resident(worker: psutil.Popen, reader: sqlite3.Connection, *, until_ended: int) -> Iterator[float]:
    """MB, looked at until the process with this id has ended: the longest due are taken first."""
    ended = "SELECT finished_at FROM processes WHERE id = ?"
    while True:
        yield worker.memory_info().rss / 2**20
        if reader.execute(ended, (until_ended,)).fetchone()[0] is not None:
            return
        time.sleep(LOOK)


def _idle_percent(folder: Path, seconds: float) -> float:
    database = workload.make_database(folder)
    with serving(workload.path_of(database)) as worker:
        time.sleep(SETTLED)
        before, began = worker.cpu_times(), time.perf_counter()
        time.sleep(seconds)
        after, taken = worker.cpu_times(), time.perf_counter() - began
    workload.remove(database)
    return float(100 * (after.user + after.system - before.user - before.system) / taken)
