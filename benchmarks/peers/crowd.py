"""Two and four workers on one PostgreSQL beside one: what they do together, and that no step ran twice."""

from __future__ import annotations

import json
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple, cast

import sqlalchemy as sa

from benchmarks import workload
from benchmarks.figures import Figure
from benchmarks.peers import places
from benchmarks.peers.places import Place
from benchmarks.peers.rows import Bound, Row
from benchmarks.served import serving
from process_manager import operations
from process_manager.database import Database
from process_manager.operations import Start
from process_manager.store.tables import processes

NOT_YET: Final = timedelta(days=1)
CROWDS: Final = (1, 2, 4)
PATIENCE: Final = 600.0


class Together(NamedTuple):
    """What so many workers did."""

    rate: float
    doubles: int  # runs of steps beyond those that there were to run


def rows(place: Place, *, count: int, rounds: int, soon: float) -> Iterator[Row]:
    """Steps a second of each crowd, held against one worker's, and the doubles of all runs."""
    found: dict[int, list[Together]] = {workers: [] for workers in CROWDS}
    for _ in range(rounds):
        for workers in CROWDS:
            found[workers].append(_together(place, count, workers, soon))
    rates = {workers: statistics.median(each.rate for each in runs) for workers, runs in found.items()}
    bars = {f"{workers} worker{'s' * (workers > 1)}": rate for workers, rate in rates.items()}
    for workers in CROWDS[1:]:
        against = f"{rates[1]:,.0f} steps/s by one worker"
        figure = Figure(
            f"postgresql_{workers}_workers",
            round(rates[workers]),
            "steps/s",
            against,
            round(rates[workers] / rates[1], 3),
        )
        yield Row(figure, (Bound("ratio", "at least", 1),), bars)
    doubles = sum(each.doubles for runs in found.values() for each in runs)
    figure = Figure("postgresql_double_claims", doubles, "steps", f"in {rounds * len(CROWDS)} runs")
    yield Row(figure, (Bound("value", "at most", 0),))


def _together(place: Place, count: int, workers: int, soon: float) -> Together:
    """The clock starts when all of them become due, so many seconds ahead: every worker is there, idle, and knows."""
    with places.laid_out(place) as database:
        _enqueue(database, count)
        with ExitStack() as crowd:
            running = [crowd.enter_context(serving(places.url_of(database))) for _ in range(workers)]
            due = _make_due(database, soon)
            ended = _await_all(database, count)
        said: Counter[str] = Counter()
        for each in running:
            said.update(json.loads(each.said))
    steps = count * len(workload.Four.plan)
    return Together(steps / (ended - due).total_seconds(), said["done"] + said["refused"] - steps)


def _enqueue(database: Database, count: int) -> None:
    later = datetime.now(UTC) + NOT_YET
    for numbers in workload.batches(count):
        with database.begin() as connection:
            operations.start_many(connection, [Start(workload.Four, {"number": each}, at=later) for each in numbers])


def _make_due(database: Database, soon: float) -> datetime:
    due = datetime.now(UTC) + timedelta(seconds=soon)
    with database.begin() as connection:
        connection.execute(sa.update(processes).values(due_at=due, retry_after=due))
    return due


def _await_all(database: Database, count: int) -> datetime:
    """When the last one ended."""
    asked = sa.select(sa.func.count(), sa.func.max(processes.c.finished_at)).where(processes.c.finished_at.is_not(None))
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with database.read() as connection:
            ended, last = connection.execute(asked).one()
        if ended == count:
            return cast(datetime, last)
        time.sleep(0.25)
    raise RuntimeError(f"of {count} processes {ended} ended")
