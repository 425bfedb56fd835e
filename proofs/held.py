"""A caller that holds a lane open for long: its process waits, no other does, and nothing is lost by a kill then."""

from __future__ import annotations

import time
from datetime import timedelta
from statistics import median
from typing import NamedTuple

from process_manager import clock, operations
from process_manager.operations import Start
from process_manager.store import lanes
from proofs import cases
from proofs.effects import noted
from proofs.fleet import Fleet
from proofs.judging import Verdict, history_is_whole, rows
from proofs.places import Place
from proofs.rows import Row
from proofs.waiting import PATIENCE, until, work_off

KILLED = "killed"  # a lane
ROUNDS = 5


class Size(NamedTuple):
    """How many processes without a lane, and for how long the caller's transaction lasts at least."""

    processes: int
    seconds: float


FULL = Size(3_000, 14.0)
SHORT = Size(100, 0.0)


def held(place: Place, size: Size) -> Row:
    """One worker drains as many processes, in turn while nobody and while a caller holds the lane of another.

    Then it is killed while it keeps such an answer out.
    """
    began, verdict = time.monotonic(), Verdict()
    with Fleet(place, 1, lease=10.0, concurrency=8) as fleet:
        _drained(place, size.processes // 4)
        rates = [(_drained(place, size.processes), _held(place, size, n, verdict)) for n in range(ROUNDS)]
        _killed(place, fleet, verdict)
        exits = fleet.exits()
    verdict.lost = rows(place.database, "SELECT count(*) FROM processes WHERE status <> 'succeeded'")[0][0]
    done = "SELECT process_id FROM process_steps WHERE outcome = 'done'"
    doubled = f"{done} GROUP BY process_id, step HAVING count(*) > 1"
    verdict.doubled = len(rows(place.database, doubled))
    verdict.faults += exits
    history_is_whole(place.database, verdict)
    free, while_held = (round(median(each)) for each in zip(*rates, strict=True))
    more = {"steps_per_second": free, "while_held": while_held, "ratio": round(while_held / free, 2)}
    count = rows(place.database, "SELECT count(*) FROM processes")[0][0]
    return verdict.row("a held lane", place, processes=count, kills=1, seconds=time.monotonic() - began, **more)


def _drained(place: Place, count: int) -> float:
    """Steps a second, from the beginning of the first to the end of the last."""
    given = cases.payload(place.effects, pause=0)
    last = rows(place.database, "SELECT coalesce(max(id), 0) FROM processes")[0][0]
    place.enqueue([Start(cases.Steady, given) for _ in range(count)])
    until(lambda: _open(place) == 0, seconds=PATIENCE)
    query = "SELECT count(*), min(started_at), max(finished_at) FROM process_steps WHERE process_id > :last"
    steps, began, ended = rows(place.database, query, last=last)[0]
    return steps / (ended - began).total_seconds()


def _open(place: Place) -> int:
    query = "SELECT count(*) FROM processes WHERE finished_at IS NULL AND order_key IS NULL"
    return rows(place.database, query)[0][0]


def _held(place: Place, size: Size, number: int, verdict: Verdict) -> float:
    """The same while a caller's transaction, which started another in this lane, keeps the head from ending."""
    given = cases.payload(place.effects, fate="done")
    head = _head(place, lane := f"held {number}")
    with place.database.engine.begin() as caller:
        operations.start(caller, cases.Laned, given, order_key=lane)
        ends = time.monotonic() + size.seconds / ROUNDS
        rate = _drained(place, size.processes)
        until(lambda: time.monotonic() >= ends, seconds=size.seconds + 1)
        until(lambda: _has_answered(place, head), seconds=30)
        status = rows(place.database, "SELECT status FROM processes WHERE id = :id", id=head)[0][0]
        verdict.require(status == "running", f"the head of the held lane is {status}")
    work_off(place, lambda _ended: None)
    return rate


def _has_answered(place: Place, process_id: int) -> bool:
    return ("ended", process_id) in {(each.what, each.process_id) for each in noted(place.effects)}


def _head(place: Place, lane: str) -> int:
    """A process that is due when somebody holds its lane."""
    given, soon = cases.payload(place.effects, fate="done"), clock.now() + timedelta(seconds=2)
    return place.database.run(lambda c: operations.start(c, cases.Laned, given, order_key=lane, at=soon)).id


def _killed(place: Place, fleet: Fleet, verdict: Verdict) -> None:
    """A worker dies with an answer that it kept out: the next one runs the step again, and records it once."""
    head = _head(place, KILLED)
    with place.database.engine.begin() as caller:
        lanes.lock(caller, [KILLED])
        until(lambda: _has_answered(place, head), seconds=30)
        fleet.replace(fleet.workers[0])
    work_off(place, lambda _ended: None)
    found = rows(place.database, "SELECT outcome FROM process_steps WHERE process_id = :id ORDER BY seq", id=head)
    verdict.require(found == [("lost",), ("done",)], f"what was kept out by a killed worker became {found}")
