"""Workers killed in the middle of everything: what they did is neither lost nor recorded twice."""

from __future__ import annotations

import random
from typing import NamedTuple

from process_manager.operations import Start
from proofs import cases
from proofs.fleet import Fleet
from proofs.judging import judge
from proofs.places import Place
from proofs.rows import Row
from proofs.waiting import Spread, work_off

WORKERS = 4
THREADS = 1  # what a kill repeats is what was done and not yet recorded: with more threads, more than one effect a kill


class Size(NamedTuple):
    """How much is worked, how often a worker is killed meanwhile, and how long a step takes at most, in seconds.

    While a record waits for the database the next step runs: the longer steps are, the less is done and not recorded.
    """

    processes: int
    kills: int
    pause: float


FULL = Size(10_000, 200, 0.1)
SHORT = Size(200, 12, 0.1)


def sigkill(place: Place, size: Size) -> Row:
    """Kill one worker after the other, each replaced at once."""
    given = cases.payload(place.effects, pause=size.pause)
    place.enqueue([Start(cases.Steady, given) for _ in range(size.processes)])
    kills = Spread(size.kills, size.processes)
    with Fleet(place, WORKERS, concurrency=THREADS) as fleet:

        def kill_one(ended: int) -> None:
            veterans = fleet.veterans()
            if kills.is_due(ended) and veterans:
                fleet.replace(random.choice(veterans))
                kills.happened += 1

        seconds = work_off(place, kill_one)
        exits = fleet.exits()
    verdict = judge(place, ("a", "b", "c"), repeats=fleet.kills)
    verdict.faults += exits
    counted = {"processes": size.processes, "kills": fleet.kills, "repeated": verdict.repeated}
    return verdict.row("sigkill", place, seconds=seconds, **counted)
