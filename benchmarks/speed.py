"""Steps and starts a second, beside the floor, measured in turn."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks import floor, workload
from benchmarks.figures import Figure
from process_manager.database import Database


@dataclass(frozen=True, slots=True)
class Rates:
    """What the engine and the floor did a second, the median of each."""

    engine: float
    floor: float

    @property
    def ratio(self) -> float:
        """How much of the floor the engine reaches."""
        return self.engine / self.floor


def figures(folder: Path, *, processes: int, starts: int, rounds: int) -> list[Figure]:
    """Steps a second and starts a second."""
    steps = in_turn(folder, rounds, processes * len(workload.Four.plan), _drains(processes))
    begun = in_turn(folder, rounds, starts, _enqueues(starts))
    return [
        _figure(
            "sqlite_steps_per_second", "steps/s", steps, "raw sqlite3 loop, 100 outcomes a transaction; least 0.35"
        ),
        _figure("sqlite_enqueue_per_second", "starts/s", begun, "raw sqlite3 executemany, 1,000 a transaction"),
    ]


def _figure(name: str, unit: str, rates: Rates, against: str) -> Figure:
    told = f"{rates.floor:,.0f} {unit} by {against}"
    return Figure(name, round(rates.engine), unit, told, round(rates.ratio, 3))


@dataclass(frozen=True, slots=True)
class Contest:
    """What the engine and the floor do to a database of their own each, once it is prepared."""

    prepare: Callable[[Database], None]
    engine: Callable[[Database], None]
    floor: Callable[[Path], object]


def _drains(count: int) -> Contest:
    return Contest(
        prepare=lambda database: workload.enqueue(database, count),
        engine=lambda database: workload.drain(database, count),
        floor=floor.drain,
    )


def _enqueues(count: int) -> Contest:
    return Contest(
        prepare=lambda _database: None,
        engine=lambda database: workload.enqueue(database, count),
        floor=lambda path: floor.enqueue(path, count),
    )


def in_turn(folder: Path, rounds: int, amount: int, contest: Contest) -> Rates:
    """The median rates of engine and floor, the one after the other so that both see the same machine."""
    engine, raw = [], []
    for _ in range(rounds):
        engine.append(amount / _seconds(folder, contest.prepare, contest.engine))
        raw.append(
            amount / _seconds(folder, contest.prepare, lambda database: contest.floor(workload.path_of(database)))
        )
    return Rates(statistics.median(engine), statistics.median(raw))


def _seconds(folder: Path, prepare: Callable[[Database], None], act: Callable[[Database], object]) -> float:
    database = workload.make_database(folder)
    prepare(database)
    began = time.perf_counter()
    act(database)
    taken = time.perf_counter() - began
    workload.remove(database)
    return taken
