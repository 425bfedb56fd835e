"""What a worker takes while it has nothing to do, however much lies in its database that is not for it."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from typing import Final, NamedTuple

import psutil  # type: ignore[import-untyped]  # it ships no types

from benchmarks.peers import filling, places
from benchmarks.peers.places import Place
from benchmarks.peers.rows import Bound, Row, valued
from benchmarks.served import serving

TIMES: Final = 3  # of which the median is taken


class Idle(NamedTuple):
    """What a worker took of one core, in percent, and its resident memory in MB."""

    percent: float
    memory: float


def rows(place: Place, *, backlog: int, seconds: float, settle: float) -> Iterator[Row]:
    """Processor time and memory with a backlog of a version that is not deployed, beside those with none."""
    none, much = _measure(place, 0, seconds, settle), _measure(place, backlog, seconds, settle)
    cpu, memory = Bound("value", "at most", 1, 0.5), Bound("value", "at most", 70, 60)
    against = f"with a backlog of {backlog:,}; with none"
    yield valued(f"{place.name}_idle_cpu_percent", much.percent, "%", cpu, f"{against} {none.percent:.2f} %")
    yield valued(f"{place.name}_idle_memory_mb", much.memory, "MB", memory, f"{against} {none.memory:.1f} MB")


def _measure(place: Place, backlog: int, seconds: float, settle: float) -> Idle:
    with places.laid_out(place) as database:
        filling.fill(database, "not_deployed", backlog)
        with serving(places.url_of(database)) as worker:
            time.sleep(settle)
            percent = statistics.median(_percent(worker, seconds / TIMES) for _ in range(TIMES))
            return Idle(percent, worker.memory_info().rss / 2**20)


def _percent(worker: psutil.Popen, seconds: float) -> float:
    """What it takes of one core for so long."""
    before, began = _cpu_seconds(worker), time.perf_counter()
    time.sleep(seconds)
    return 100 * (_cpu_seconds(worker) - before) / (time.perf_counter() - began)


def _cpu_seconds(worker: psutil.Popen) -> float:
    times = worker.cpu_times()
    return float(times.user + times.system)
