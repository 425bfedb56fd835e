"""Workers that stand still past their leases and then go on: what they write late is refused and said."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from typing import NamedTuple

from process_manager import clock
from process_manager.operations import Start
from process_manager.store import tables
from proofs import cases
from proofs.fleet import Fleet, Served, logged
from proofs.judging import Verdict, judge, lost_attempts, rows
from proofs.places import Place
from proofs.rows import Row
from proofs.waiting import until, work_off

LEASE = 1.0
HELD = 4 * 4 * 2  # by all workers: fewer than this left, and a stall may find a worker that holds nothing
MOST = 10  # times as much work as planned, at most, until enough has stalled


class Size(NamedTuple):
    """How much is worked, one step in a hundred to stall, and how long a step takes at most, in seconds."""

    processes: int
    pause: float


FULL = Size(2_000, 0.1)
SHORT = Size(200, 0.3)


def stalls(place: Place, size: Size) -> Row:
    """Stop one worker after the other until others have taken what it held, then let it go on."""
    given = cases.payload(place.effects, pause=size.pause)
    work = [Start(cases.Steady, given) for _ in range(size.processes)]
    place.enqueue(work)
    wanted = size.processes * 3 // 100
    stalled, started = 0, len(work)
    began = time.monotonic()
    with Fleet(place, 4, lease=LEASE, concurrency=4) as fleet:
        until(lambda: len(fleet.veterans()) == 4, seconds=30)

        def stall_one(ended: int) -> None:
            nonlocal stalled, started
            if lost_attempts(place.database) >= wanted:
                return
            if started - ended < HELD and started < MOST * len(work):  # on a busy machine fewer are held when it stalls
                place.enqueue(work)
                started += len(work)
            stalled += 1
            _stall(place, random.choice(fleet.workers))

        work_off(place, stall_one)
        until(lambda: _late(place) >= lost_attempts(place.database), seconds=10)
        exits = fleet.exits()
    seconds = time.monotonic() - began
    lost = lost_attempts(place.database)
    verdict = judge(place, ("a", "b", "c"), repeats=lost)
    verdict.require(lost >= wanted, f"{lost} steps stalled, {wanted} should")
    _judge_refusals(place, verdict)
    verdict.faults += exits
    more = {"steps_stalled": lost, "refused": _late(place), "repeated": verdict.repeated}
    return verdict.row("stalls", place, processes=started, kills=stalled, seconds=seconds, **more)


def _stall(place: Place, worker: Served) -> None:
    before = lost_attempts(place.database)
    os.kill(worker.pid, signal.SIGSTOP)
    time.sleep(LEASE)  # nothing can be seen of what does not happen
    until(lambda: lost_attempts(place.database) > before, seconds=3)
    until(lambda: not _expired(place), seconds=3)
    os.kill(worker.pid, signal.SIGCONT)


def _expired(place: Place) -> int:
    """How many leases have run out and were not taken over yet."""
    table = tables.processes
    with place.database.read() as connection:
        return len(connection.execute(table.select().where(table.c.lease_ends_at < clock.now())).all())


def _late(place: Place) -> int:
    return len(logged(place, "outcome.refused"))


def _judge_refusals(place: Place, verdict: Verdict) -> None:
    """Every run that was lost was refused once, and said so, and no other."""
    refused = Counter(line["process_id"] for line in logged(place, "outcome.refused"))
    lost = Counter(
        row[0] for row in rows(place.database, "SELECT process_id FROM process_steps WHERE outcome = 'lost'")
    )
    unsaid, unfounded = sorted((lost - refused).elements()), sorted((refused - lost).elements())
    verdict.require(not unsaid, f"runs were lost and no late write of theirs was refused: processes {unsaid}")
    verdict.require(not unfounded, f"writes were refused though no run was lost: processes {unfounded}")
