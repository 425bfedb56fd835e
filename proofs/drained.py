"""Workers that are asked to stop: they end in time, in order, and give back what they had not begun."""

from __future__ import annotations

import os
import random
import signal
import time
from typing import NamedTuple

from process_manager.operations import Start
from proofs import cases
from proofs.fleet import Fleet, Served
from proofs.judging import judge, lost_attempts, rows
from proofs.places import Place
from proofs.rows import Row
from proofs.waiting import until, work_off

GRACE = 5.0
EACH = 15  # processes a round


class Size(NamedTuple):
    """How often a worker is asked to stop, and how long a long step is, in seconds."""

    rounds: int
    long: float


FULL = Size(100, 1.0)
SHORT = Size(5, 0.5)


def drain(place: Place, size: Size) -> Row:
    """Stop one worker after the other while it works; the last one finishes."""
    given = cases.payload(place.effects, long=size.long)
    processes = size.rounds * EACH
    place.enqueue([Start(cases.Mixed, given) for _ in range(processes)])
    began = time.monotonic()
    faults: list[str] = []
    slowest = 0.0
    with Fleet(place, 0, lease=60.0, concurrency=8, grace=GRACE) as fleet:
        for _ in range(size.rounds):
            slowest = max(slowest, _stop_at_work(place, fleet.hire(), faults))
        fleet.hire()
        work_off(place, lambda _ended: None)
    verdict = judge(place, ("short", "long", "last"), repeats=0)
    verdict.require(not lost_attempts(place.database), "steps were lost")
    used = rows(place.database, "SELECT count(*) FROM process_steps WHERE outcome = 'done' AND attempt <> 1")[0][0]
    verdict.require(not used, f"{used} steps used up an attempt")
    verdict.faults += faults
    took = {"seconds": time.monotonic() - began, "slowest": round(slowest, 2)}
    return verdict.row("drain", place, processes=processes, kills=0, rounds=size.rounds, **took)


def _stop_at_work(place: Place, worker: Served, faults: list[str]) -> float:
    """Seconds from the signal until the end."""
    trace = place.effects / f"{worker.pid}.jsonl"
    if not until(trace.exists, seconds=30):
        faults.append("a worker did nothing")
    time.sleep(random.uniform(0, 0.3))  # so that the signal comes at any moment of its work
    os.kill(worker.pid, signal.SIGTERM)
    told = time.monotonic()
    code = worker.ended(GRACE + 10)
    took = time.monotonic() - told
    if code != 0:
        faults.append(f"a drained worker ended with {code}")
    if took > GRACE:
        faults.append(f"a drained worker took {took:.1f} s of its {GRACE:g}")
    return took
