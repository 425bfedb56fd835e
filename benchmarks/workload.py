"""The work that is measured: processes of four steps that do nothing, so that all of it is the engine's."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Final

from process_manager import Done, Process, StepRun, clock, operations
from process_manager.database import Database, connect, schema
from process_manager.definition.registry import Registry
from process_manager.lifecycle.retry import classic
from process_manager.operations import Start
from process_manager.settings import Settings
from process_manager.store import tables
from process_manager.worker import Plan, Worker

BATCH: Final = 1000  # starts a transaction
SLOW: Final = 0.02  # seconds
CONCURRENCY: Final = Settings.model_fields["concurrency"].default
_numbers = itertools.count(1)


class Four(Process):
    """Four steps that do nothing."""

    STEPS = {"one": "act", "two": "act", "three": "act", "four": "act"}

    def act(self, run: StepRun) -> Done:  # noqa: ARG002 - what every step is given
        """Nothing."""
        return Done()


class Slow(Four):
    """Four steps that take 20 ms each."""

    STEPS = {"one": "rest", "two": "rest", "three": "rest", "four": "rest"}

    def rest(self, run: StepRun) -> Done:  # noqa: ARG002 - what every step is given
        """Nothing, after a while."""
        time.sleep(SLOW)
        return Done()


def make_database(folder: Path) -> Database:
    """A new file with the engine's own schema."""
    database = open_database(folder / f"{next(_numbers)}.db")
    schema.require(database, wanted=tables.SCHEMA, tell=lambda _said: None)
    return database


def open_database(path: Path) -> Database:
    """The database in this file."""
    return connect(f"sqlite:///{path.as_posix()}")


def path_of(database: Database) -> Path:
    """The file of the database."""
    return Path(str(database.engine.url.database))


def enqueue(database: Database, count: int, process: type[Process] = Four) -> None:
    """Start so many processes, 1,000 in a transaction."""
    for numbers in batches(count):
        with database.begin() as connection:
            operations.start_many(connection, [Start(process, {"number": number}) for number in numbers])


def batches(count: int) -> Iterable[range]:
    """The numbers below `count`, 1,000 at a time."""
    return (range(first, min(first + BATCH, count)) for first in range(0, count, BATCH))


def worker(
    database: Database, *, until_empty: bool, process: type[Process] = Four, concurrency: int = CONCURRENCY
) -> Worker:
    """A worker for the process, with the settings nobody changed but how many steps it runs at once."""
    return Worker(database, Plan(Registry([process]), settings(concurrency), classic(), until_empty=until_empty))


def settings(concurrency: int = CONCURRENCY) -> Settings:
    """Those nobody changed, whatever this host's environment says.

    Only their quiet ten minutes of a day are twelve hours away: at any hour there is something to measure.
    """
    away = clock.host() + timedelta(hours=12)
    quiet = f"{away:%H:%M}-{away + timedelta(minutes=10):%H:%M}"
    return Settings.model_construct(concurrency=concurrency, quiet=quiet, zone="UTC")


def drain(database: Database, count: int, process: type[Process] = Four, *, concurrency: int = CONCURRENCY) -> None:
    """Work until nothing is due; RuntimeError unless so many processes succeeded."""
    tally = worker(database, until_empty=True, process=process, concurrency=concurrency).run()
    if tally.statuses != {"succeeded": count} or tally.outcomes != {"done": count * len(process.plan)}:
        raise RuntimeError(f"of {count} processes {dict(tally.statuses)}, of their steps {dict(tally.outcomes)}")


def remove(database: Database) -> None:
    """Close the database and delete its files."""
    database.close()
    for path in path_of(database).parent.glob(f"{path_of(database).name}*"):
        path.unlink()
