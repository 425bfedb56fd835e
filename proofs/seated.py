"""A limit of three under kills and cancels: never a fourth live lease at its steps, whichever way a process is taken.

There are five: the claim of a worker, `work ID`, a direct call, the hand-over in a lane, and a message of Celery.
"""

from __future__ import annotations

import random
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Final, NamedTuple

from benchmarks.celery_programs import SOON, Broker, Programs, missing_broker
from process_manager import operations
from process_manager.actor import Actor
from process_manager.definition.registry import Registry
from process_manager.direct import Direct
from process_manager.errors import ProcessManagerError
from process_manager.lifecycle.retry import classic
from process_manager.operations import Act, Start
from process_manager.settings import model_of
from process_manager.worker import Plan, Worker
from proofs import cases
from proofs.fleet import Fleet
from proofs.judging import Verdict, judge, lost_attempts, rows
from proofs.places import Place
from proofs.rows import Row
from proofs.seat_watch import Watch
from proofs.waiting import Spread, work_off

WORKERS: Final = 4
THREADS: Final = 4
ENOUGH: Final = 2  # workers that have done something: one of them may be killed
CHILDREN: Final = 2  # of Celery's worker
LANES: Final = 40
LEASE: Final = timedelta(seconds=8)
CELERY: Final = "celery"  # the channel that its worker alone takes
ASKS: Final = Act(Actor("proof"), "it is not needed any more")

RESTING: Final = "SELECT id FROM processes WHERE waiting_for = 'platform' AND channel = 'default'"
OPEN: Final = "SELECT id FROM processes WHERE status IN ('running', 'waiting') AND channel = 'default'"
BY_CELERY: Final = (
    "SELECT count(*) FROM process_steps s JOIN processes p ON p.id = s.process_id"
    " WHERE p.channel = 'celery' AND s.step = 'b' AND s.outcome = 'done'"
)


class Size(NamedTuple):
    """How much is worked, how many of that by Celery, and how often a worker is killed or a process cancelled.

    For at most so many seconds may a seat be of no use to anybody.
    """

    processes: int
    by_celery: int
    kills: int
    cancels: int
    most: float


FULL = Size(1_500, 90, 100, 100, LEASE.total_seconds())
SHORT = Size(60, 0, 4, 4, 10.0)  # beside other tests


class Otherwise:
    """Takes processes by their ids and by direct calls, and counts what it got."""

    def __init__(self, place: Place) -> None:
        self.asked_for = self.called = self.refused = 0
        self._place = place
        settings = model_of()(quiet="none", lease=LEASE, concurrency=1, clock="host", grace=timedelta(0))
        self._plan = Plan(Registry([cases.Shared, cases.Guarded]), settings, classic())

    def take(self) -> None:
        """Ask for one that rests in the pool by its id, as `work ID` does, and call one; refused while none is free."""
        resting = rows(self._place.database, RESTING)
        if resting:
            self.asked_for += self._got(lambda: self._ask_for(random.choice(resting)[0]))
        self.called += self._got(self._call)

    def _got(self, take: Callable[[], None]) -> bool:
        try:
            take()
        except ProcessManagerError:
            self.refused += 1
            return False
        return True

    def _ask_for(self, process_id: int) -> None:
        plan = Plan(self._plan.registry, self._plan.settings, self._plan.retry, only=process_id)
        Worker(self._place.database, plan).run()

    def _call(self) -> None:
        with Direct(self._place.database, self._plan) as direct:
            direct.run(random.choice((cases.Shared, cases.Guarded)), cases.payload(self._place.effects, pause=0.0))


def seats(place: Place, size: Size) -> Row:
    """Kill workers and cancel processes while others take the seats in every way there is."""
    place.enqueue(_starts(place, size))
    kills, cancels = Spread(size.kills, size.processes), Spread(size.cancels, size.processes)
    watch, otherwise = Watch(place), Otherwise(place)
    fleet = Fleet(place, WORKERS, concurrency=THREADS, lease=LEASE.total_seconds(), channels=["default"])
    with fleet, _celery(place, size) as hit, watch:

        def interfere(ended: int) -> None:
            veterans = fleet.veterans()
            if kills.is_due(ended) and len(veterans) >= ENOUGH:
                if kills.happened % 10 or not hit():
                    fleet.replace(random.choice(veterans))
                kills.happened += 1
            elif cancels.is_due(ended):
                cancels.happened += _cancel(place)
            elif random.random() < 0.2:
                otherwise.take()

        seconds = work_off(place, interfere)
        exits = fleet.exits()
    verdict = judge(place, ("a", "b", "c"), repeats=lost_attempts(place.database), ends={"succeeded", "abandoned"})
    verdict.faults += exits
    _judge(verdict, size, watch)
    if size.by_celery:
        done = kills.happened + cancels.happened
        verdict.require(
            done == size.kills + size.cancels, f"only {kills.happened} kills and {cancels.happened} cancels"
        )
    counted = {"processes": size.processes, "kills": kills.happened, "seconds": seconds}
    more = {
        "most_at_once": watch.most, "looks": watch.looks, "longest_lost": round(watch.longest_lost, 2),
        "longest_free": round(watch.longest_free, 2),
        "cancels": cancels.happened, "asked_for": otherwise.asked_for, "called": otherwise.called,
        "refused": otherwise.refused, "by_celery": rows(place.database, BY_CELERY)[0][0], "repeated": verdict.repeated,
    }  # fmt: skip
    return verdict.row("seats", place, **counted, **more)


def _judge(verdict: Verdict, size: Size, watch: Watch) -> None:
    verdict.require(watch.most <= cases.SEATS.most, f"{watch.most} leases lived at once")
    verdict.require(watch.most == cases.SEATS.most, f"at most {watch.most} seats were taken at once")
    for seconds, told in ((watch.longest_lost, "was lost"), (watch.longest_free, "stood free while others waited")):
        verdict.require(seconds <= size.most, f"a seat {told} for {seconds:.1f} s")
    verdict.require(not size.by_celery or not missing_broker(), "Celery was left out")


def _starts(place: Place, size: Size) -> Sequence[Start]:
    """Some take a seat at their second step, some, in lanes, at their first; Celery alone takes some."""
    given = cases.payload(place.effects, pause=0.05)
    laned = [Start(cases.Guarded, given, order_key=f"lane {each % LANES}") for each in range(size.processes // 3)]
    sent = [Start(cases.Shared, given, channel=CELERY) for _ in range(size.by_celery)]
    return [*laned, *sent, *(Start(cases.Shared, given) for _ in range(size.processes - len(laned) - len(sent)))]


def _cancel(place: Place) -> bool:
    """Ask one that runs or rests to stop, and return whether it could be asked."""
    found = rows(place.database, OPEN)
    with suppress(ProcessManagerError, IndexError):
        place.database.run(lambda connection: operations.cancel(connection, random.choice(found)[0], ASKS))
        return True
    return False


@contextmanager
def _celery(place: Place, size: Size) -> Iterator[Callable[[], bool]]:
    """A worker of Celery beside ours; what it yields kills that with its pool and hires another, if it may."""
    if not size.by_celery or missing_broker():
        yield lambda: False
        return
    settings = {"process_packages": "proofs.cases", "lease": f"{LEASE.seconds}s"}
    conf = {"broker_transport_options": SOON}
    with Broker(place.folder) as broker, Programs(place.folder, place.url, broker, settings=settings, conf=conf) as run:
        run.beat()
        workers: list[subprocess.Popen[bytes]] = [_hired(run)]

        def hit() -> bool:
            busy = rows(place.database, "SELECT 1 FROM processes WHERE worker LIKE 'w%@%'")  # as `Programs` call them
            if busy:
                run.kill(workers.pop())
                workers.append(_hired(run))
            return bool(busy)

        yield hit


def _hired(programs: Programs) -> subprocess.Popen[bytes]:
    return programs.worker("-Q", f"process-manager.{CELERY}", concurrency=CHILDREN)
