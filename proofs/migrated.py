"""The schema changes while processes are started and worked: nobody waits for it longer than a moment."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import pairwise
from typing import NamedTuple

import sqlalchemy as sa

from process_manager import operations
from process_manager.actor import Actor
from process_manager.database import connect, schema
from process_manager.operations import Start
from process_manager.store import tables
from proofs import cases, effects
from proofs.fleet import Fleet
from proofs.judging import ARCHIVE, judge
from proofs.places import BATCH, Place
from proofs.rows import Row
from proofs.waiting import until, work_off

RATE = 50  # starts a second
GAP = 2.0  # seconds without a claim
BEFORE = "0005"  # below the newest migration, which changes an index and nothing else


class Size(NamedTuple):
    """How many finished processes fill the tables, and how often the index is taken away and made again."""

    finished: int
    changes: int


FULL = Size(300_000, 5)
SHORT = Size(10_000, 1)


def migration(place: Place, size: Size) -> Row:
    """Go down a migration and up again while processes are started and worked without a pause."""
    _fill(place, size.finished)
    began = time.monotonic()
    with Fleet(place, 2, lease=30.0, concurrency=4) as fleet:
        with _starting(place) as started:
            until(lambda: len(fleet.veterans()) == 2 and len(started) >= RATE, seconds=30)
            first = time.monotonic()
            took = [_change(place) for _ in range(size.changes)]
            until(lambda: time.monotonic() - first > sum(took) + 1, seconds=10)
            last = time.monotonic()
        work_off(place, lambda _ended: None)
        exits = fleet.exits()
    verdict = judge(place, ("a", "b", "c"), repeats=0)
    gap = _longest_gap(place, first, last)
    verdict.require(gap <= GAP, f"nothing was claimed for {gap:.1f} s")
    verdict.require(tables.SCHEMA > BEFORE, "there is no migration to take back")
    verdict.faults += exits
    found = {"finished_before": size.finished, "longest_change": round(max(took), 2), "longest_gap": round(gap, 2)}
    seconds = time.monotonic() - began
    return verdict.row("migration", place, processes=len(started), kills=0, seconds=seconds, **found)


def _fill(place: Place, count: int) -> None:
    """Processes that ended long ago, each with one row of history."""
    for first in range(0, count, 10 * BATCH):
        starts = [Start(cases.Steady, {"number": number}) for number in range(first, min(first + 10 * BATCH, count))]
        with place.database.begin() as connection:
            operations.start_many(connection, starts, actor=Actor(ARCHIVE))
    with place.database.begin() as connection:
        connection.execute(sa.text(_END))
        connection.execute(sa.text(_TELL))


_END = "UPDATE processes SET status = 'succeeded', step = NULL, due_at = NULL, seq = 1, finished_at = created_at"
_TELL = (
    "INSERT INTO process_steps (process_id, seq, round, step, attempt, outcome, message, started_at, finished_at,"
    " worker) SELECT id, 1, 1, 'a', 1, 'skip', '', created_at, created_at, created_by FROM processes"
)


@contextmanager
def _starting(place: Place) -> Iterator[list[int]]:
    """The ids of what is started in the block, 50 a second, each in a transaction of its own."""
    stop, started = threading.Event(), list[int]()
    given = cases.payload(place.effects, pause=0.005)

    def start() -> None:
        with closing(connect(place.url)) as database:
            while not stop.wait(1 / RATE):
                started.append(database.run(lambda c: operations.start(c, cases.Steady, given)).id)

    thread = threading.Thread(target=start, daemon=True)
    thread.start()
    try:
        yield started
    finally:
        stop.set()
        thread.join(30)


def _change(place: Place) -> float:
    """Seconds for a migration down and up again."""
    began = time.monotonic()
    schema.downgrade(place.database, BEFORE)
    schema.upgrade(place.database, tables.SCHEMA)
    return time.monotonic() - began


def _longest_gap(place: Place, first: float, last: float) -> float:
    """Seconds between two first steps that followed each other."""
    at = [effect.at for effect in effects.noted(place.effects) if effect.step == "a" and first <= effect.at <= last]
    return max(later - earlier for earlier, later in pairwise([first, *at, last]))
