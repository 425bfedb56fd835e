"""`python -m benchmarks.celery_speed`: steps a second by workers of Celery, beside our own worker, in one run."""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple

import sqlalchemy as sa

from benchmarks import servers, workload
from benchmarks.__main__ import LATEST
from benchmarks.celery_programs import Broker, Programs, missing_broker
from benchmarks.figures import Figure, add, table
from process_manager.database import Database, connect, schema
from process_manager.store import tables, workers

CHILDREN: Final = 8
"""Processes of the pool: as many as our worker has threads."""
PATIENCE: Final = 600.0  # seconds


class Work(NamedTuple):
    """What is measured: its figure, its processes and how many of them."""

    figure: str
    process: type[workload.Four]
    processes: int


def main() -> None:
    """Measure, print a table, and keep the figures beside the others."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.celery_speed", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes, in seconds; prints, and keeps nothing")
    is_quick = parser.parse_args().quick
    if missing := missing_broker() or servers.missing_postgresql():
        parser.exit(1, f"{missing}\n")
    sizes = (200, 50, 1) if is_quick else (2_000, 500, 3)
    found = list(figures(*sizes))
    print(table(found))
    if not is_quick:
        add(found, LATEST)


def figures(quick: int, slow: int, rounds: int) -> Iterator[Figure]:
    """Steps that do nothing and steps of 20 ms, by both in turn."""
    with tempfile.TemporaryDirectory(prefix="celery-") as name, servers.postgresql(durable=True) as server:
        for work in (
            Work("postgresql_celery_steps_per_second", workload.Four, quick),
            Work("postgresql_celery_slow_steps_per_second", workload.Slow, slow),
        ):
            rates = [_turn(Path(name), server, work, number) for number in range(rounds)]
            ours, theirs = (statistics.median(column) for column in zip(*rates, strict=True))
            against = f"{ours:,.0f} steps/s by our own worker, {CHILDREN} at once"
            yield Figure(work.figure, round(theirs), "steps/s", against, round(theirs / ours, 3))


def _turn(folder: Path, server: servers.PostgreSQL, work: Work, number: int) -> tuple[float, float]:
    """Steps a second by our own worker, then by Celery, each on a new database with its programs already up."""
    rates = []
    with Broker(folder) as broker:
        for whose in ("ours", "celery"):
            made = server.create(f"{whose}_{work.process.name}_{number}")
            told = {"settings": {"process_packages": "benchmarks.workload"}, "tick": 1.0}
            with closing(_laid(made)) as database, Programs(folder, made, broker, **told) as programs:
                if whose == "ours":
                    programs.own_worker()
                else:
                    programs.worker(concurrency=CHILDREN)
                    programs.beat()
                rates.append(_rate(database, work, members=1 if whose == "ours" else CHILDREN))
    return rates[0], rates[1]


def _laid(url: str) -> Database:
    database = connect(url)
    schema.upgrade(database, tables.SCHEMA)
    return database


def _rate(database: Database, work: Work, *, members: int) -> float:
    """Steps a second from the commit of the starts to the end of the last process."""
    _until(database, lambda connection: len(workers.names(connection)) >= members)
    workload.enqueue(database, work.processes, work.process)
    began = time.monotonic()
    _until(database, lambda connection: _open(connection) == 0)
    return work.processes * len(work.process.plan) / (time.monotonic() - began)


def _open(connection: sa.Connection) -> int:
    return int(connection.scalar(sa.text("SELECT count(*) FROM processes WHERE finished_at IS NULL")) or 0)


def _until(database: Database, look: Callable[[sa.Connection], bool]) -> None:
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        with database.read() as connection:
            if look(connection):
                return
        time.sleep(0.02)
    raise TimeoutError("the work was not done in time")


if __name__ == "__main__":
    main()
