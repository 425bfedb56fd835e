"""A limit of three under kills: never a fourth live lease at its step, whichever way a process is taken."""

from __future__ import annotations

import random
import threading
from contextlib import suppress
from datetime import timedelta
from typing import NamedTuple

from process_manager.definition.registry import Registry
from process_manager.direct import Direct
from process_manager.errors import ProcessManagerError
from process_manager.lifecycle.retry import classic
from process_manager.operations import Start
from process_manager.settings import model_of
from process_manager.worker import Plan, Worker
from proofs import cases
from proofs.fleet import Fleet
from proofs.judging import judge, rows
from proofs.places import Place
from proofs.rows import Row
from proofs.waiting import Spread, work_off

WORKERS = 4
THREADS = 4
LEASE = timedelta(seconds=2)
AT_WORK = (
    "SELECT id, lease_ends_at FROM processes WHERE name = 'shared' AND step = 'b' AND status = 'running'"
    " AND lease_ends_at IS NOT NULL"
)
RESTING = "SELECT min(id) FROM processes WHERE waiting_for = 'platform'"


class Size(NamedTuple):
    """How much is worked, and how often a worker is killed meanwhile."""

    processes: int
    kills: int


FULL = Size(1_500, 100)
SHORT = Size(60, 4)


def seats(place: Place, size: Size) -> Row:
    """Kill workers while others, direct calls and calls for one process take the seats."""
    given = cases.payload(place.effects, pause=0.05)
    place.enqueue([Start(cases.Shared, given) for _ in range(size.processes)])
    kills, watch = Spread(size.kills, size.processes), Watch(place)
    settings = model_of()(quiet="none", lease=LEASE, concurrency=1, clock="host", grace=timedelta(0))
    plan = Plan(Registry([cases.Shared]), settings, classic())
    with Fleet(place, WORKERS, concurrency=THREADS, lease=LEASE.total_seconds()) as fleet, watch:

        def interfere(ended: int) -> None:
            veterans = fleet.veterans()
            if kills.is_due(ended) and veterans:
                fleet.replace(random.choice(veterans))
                kills.happened += 1
            elif random.random() < 0.2:
                _take_otherwise(place, plan)

        seconds = work_off(place, interfere)
        exits = fleet.exits()
    verdict = judge(place, ("a", "b", "c"), repeats=fleet.kills * THREADS)
    verdict.require(watch.most <= cases.SEATS.most, f"{watch.most} leases lived at once")
    verdict.faults += exits
    more = {"most_at_once": watch.most, "looks": watch.looks, "repeated": verdict.repeated}
    return verdict.row("seats", place, processes=size.processes, kills=fleet.kills, seconds=seconds, **more)


def _take_otherwise(place: Place, plan: Plan) -> None:
    """Ask for one that rests in the pool by its id, as `work ID` does; refused while no seat is free."""
    resting = rows(place.database, RESTING)[0][0]
    with suppress(ProcessManagerError):
        if resting is not None:
            Worker(place.database, Plan(plan.registry, plan.settings, plan.retry, only=resting)).run()
        with Direct(place.database, plan) as direct:
            direct.run(cases.Shared, cases.payload(place.effects, pause=0.0))


class Watch:
    """Counts over and over again how many live leases there are at the step, until the block ends."""

    def __init__(self, place: Place) -> None:
        self.most = self.looks = 0
        self._place = place
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(0.005):
            self.most = max(self.most, len(rows(self._place.database, AT_WORK)))
            self.looks += 1
