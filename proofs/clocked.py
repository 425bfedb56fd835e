"""Two hosts whose clocks are ten minutes apart: nothing is begun before its moment, and no lease is taken early."""

from __future__ import annotations

import json
import random
from datetime import datetime, timedelta
from typing import NamedTuple

from process_manager import clock
from process_manager.operations import Start
from proofs import cases, effects
from proofs.fleet import Fleet
from proofs.judging import judge, lost_attempts, rows
from proofs.places import Place
from proofs.rows import Row
from proofs.waiting import work_off

OFFSETS = (-300.0, 300.0)  # seconds by which the workers' hosts are off
ALLOWED = 1.0  # seconds too early


class Size(NamedTuple):
    """How many processes become due, within how many seconds."""

    processes: int
    within: float


FULL = Size(1_000, 20.0)
SHORT = Size(100, 3.0)


def clocks(place: Place, size: Size) -> Row:
    """Start processes for moments to come, and note by a right clock when each began."""
    began = clock.now()
    moments = [began + timedelta(seconds=random.uniform(0, size.within)) for _ in range(size.processes)]
    place.enqueue([_start(place, each) for each in moments])
    with Fleet(place, 0, lease=10.0, concurrency=4) as fleet:
        for offset in OFFSETS:
            fleet.hire(offset=offset)
        seconds = work_off(place, lambda _ended: None)
        exits = fleet.exits()
    verdict = judge(place, ("a", "b", "c"), repeats=0)
    verdict.require(not lost_attempts(place.database), "a lease was taken early")
    early = _earliest(place)
    verdict.require(early <= ALLOWED, f"something was begun {early:.1f} s early")
    verdict.faults += exits
    more = {"earliest": round(early, 3)}
    return verdict.row("clocks", place, processes=size.processes, kills=0, seconds=seconds, **more)


def _start(place: Place, moment: datetime) -> Start:
    return Start(cases.Steady, cases.payload(place.effects, pause=0, due=moment.timestamp()), at=moment)


def _earliest(place: Place) -> float:
    """By how many seconds the most hasty first step was too early; below zero when none was."""
    due = {
        process_id: json.loads(parameters)["due"]
        for process_id, parameters in rows(place.database, "SELECT id, parameters FROM processes")
    }
    firsts = [effect for effect in effects.noted(place.effects) if effect.step == "a"]
    return max(due[effect.process_id] - effect.wall for effect in firsts)
