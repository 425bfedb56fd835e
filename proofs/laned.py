"""Lanes while many work, people interfere and callers hold lanes: never two of a key at once, none is left behind."""

from __future__ import annotations

import random
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import sqlalchemy as sa

from process_manager import operations
from process_manager.actor import Actor
from process_manager.definition.registry import Registry
from process_manager.errors import ProcessManagerError
from process_manager.operations import Act, Start
from proofs import cases, effects
from proofs.fleet import Fleet
from proofs.judging import Verdict, history_is_whole, rows
from proofs.places import Place
from proofs.rows import Row
from proofs.waiting import progress, work_off

WORKERS = 8
HOLDERS = 1
FATES = ("done", "done", "done", "fails", "rejects")


class Size(NamedTuple):
    """How many processes in how many lanes."""

    processes: int
    keys: int


FULL = Size(3_000, 40)
SHORT = Size(150, 8)


class Run(NamedTuple):
    """From when to when a step of a lane was at work, by the one monotonic clock."""

    began: float
    ended: float
    process_id: int


def lanes(place: Place, size: Size) -> Row:
    """Start, restart and give up processes at random while eight workers work on them."""
    people = People(place, size)
    with Fleet(place, WORKERS, lease=30.0) as fleet:
        seconds = work_off(place, people.interfere, is_over=people.have_finished)
        exits = fleet.exits()
    verdict = Verdict(lost=rows(place.database, "SELECT count(*) FROM processes WHERE finished_at IS NULL")[0][0])
    history_is_whole(place.database, verdict)
    both = [pair for runs in _runs(place, people.abandoned).values() for pair in overlaps(runs)]
    verdict.doubled = len(both)
    verdict.faults += [_told(place, pair, people.abandoned) for pair in both]
    verdict.faults += exits
    more = {"holds": people.holds, "restarts": people.restarts, "abandons": len(people.abandoned)}
    return verdict.row("lanes", place, processes=people.started, kills=0, seconds=seconds, **more)


def overlaps(runs: Iterable[Run]) -> list[tuple[Run, Run]]:
    """Those that had not ended when the next began."""
    return [(earlier, later) for earlier, later in pairwise(sorted(runs)) if later.began < earlier.ended]


@dataclass
class People:
    """Those who start, restart and give up, a little at every look."""

    place: Place
    size: Size
    started: int = 0
    restarts: int = 0
    holds: int = 0
    holding: list[threading.Thread] = field(default_factory=list)
    abandoned: dict[int, tuple[float, float]] = field(default_factory=dict)  # just before and just after it was said

    def have_finished(self) -> bool:
        """Whether all is started and nothing is left open."""
        return self.started == self.size.processes and progress(self.place) == (self.started, 0)

    def interfere(self, _ended: int) -> None:
        """Start some, restart what failed and some of what was rejected, give up one now and then."""
        self._start(min(random.randint(1, 20), self.size.processes - self.started))
        self._hold()
        for process_id, status in self._standing("failed", "rejected"):
            if status == "failed" or random.random() < 0.2:
                self._restart(process_id)
        if len(self.abandoned) < self.started // 15:
            self._abandon(self._standing("pending", "waiting", "running", "failed"))

    def _start(self, count: int) -> None:
        given = [cases.payload(self.place.effects, fate=random.choice(FATES)) for _ in range(count)]
        lane = f"lane {random.randrange(self.size.keys)}"
        starts = [Start(cases.Laned, each, order_key=lane) for each in given]
        self.place.database.run(lambda connection: operations.start_many(connection, starts))
        self.started += count

    def _hold(self) -> None:
        """Start one in a transaction that stays open, now and then for longer than a worker only tries."""
        self.holding = [each for each in self.holding if each.is_alive()]
        is_over = self.started >= self.size.processes or self.place.name == "sqlite"  # whose one lock holds everybody
        if is_over or len(self.holding) == HOLDERS:
            return
        self.started, self.holds = self.started + 1, self.holds + 1
        lane, seconds = f"lane {random.randrange(self.size.keys)}", random.choice((0.05, 0.5, 2.5))
        self.holding.append(threading.Thread(target=self._keep_open, args=(lane, seconds), daemon=True))
        self.holding[-1].start()

    def _keep_open(self, lane: str, seconds: float) -> None:
        given = cases.payload(self.place.effects, fate="done")

        def start_and_wait(connection: sa.Connection) -> None:
            operations.start(connection, cases.Laned, given, order_key=lane)
            time.sleep(seconds)

        self.place.database.run(start_and_wait)

    def _standing(self, *statuses: str) -> list[tuple[int, str]]:
        found = rows(self.place.database, "SELECT id, status FROM processes")
        return [(process_id, status) for process_id, status in found if status in statuses]

    def _restart(self, process_id: int) -> None:
        act = Act(Actor("Ada"), "it may go on")
        try:
            self.place.database.run(lambda c: operations.restart(c, process_id, act, registry=Registry(cases.ALL)))
        except ProcessManagerError:
            return  # another of its lane was quicker
        self.restarts += 1

    def _abandon(self, found: list[tuple[int, str]]) -> None:
        if not found:
            return
        process_id = random.choice(found)[0]
        before = time.monotonic()
        try:
            self.place.database.run(lambda c: operations.abandon(c, process_id, Act(Actor("Bo"), "no longer needed")))
        except ProcessManagerError:
            return
        self.abandoned[process_id] = before, time.monotonic()


def _runs(place: Place, abandoned: Mapping[int, tuple[float, float]]) -> Mapping[str, list[Run]]:
    """The runs of each lane; one that was given up while it ran holds its lane no longer."""
    lane = dict(rows(place.database, "SELECT id, order_key FROM processes"))
    found: dict[str, list[Run]] = defaultdict(list)
    for run in _pairs(place):
        before, after = abandoned.get(run.process_id, (run.ended, run.ended))
        if run.began < after:
            found[lane[run.process_id]].append(run._replace(ended=min(run.ended, before)))
        else:
            found[lane[run.process_id]].append(run)
    return found


def _pairs(place: Place) -> Iterator[Run]:
    begun: dict[tuple[int, int], float] = {}
    for effect in effects.noted(place.effects):
        run = effect.pid, effect.process_id
        if effect.what == "began":
            begun[run] = effect.at
        else:
            yield Run(begun.pop(run), effect.at, effect.process_id)


def _told(place: Place, pair: tuple[Run, Run], abandoned: Mapping[int, tuple[float, float]]) -> str:
    """What is known of two that were at work at once: when they began and ended, and what became of them."""
    first = pair[0].began
    parts = []
    for run in pair:
        had = rows(
            place.database, "SELECT outcome FROM process_steps WHERE process_id = :id ORDER BY seq", id=run.process_id
        )
        given_up = f", given up at {abandoned[run.process_id][0] - first:.3f}" if run.process_id in abandoned else ""
        span = f"{run.began - first:.3f} to {run.ended - first:.3f}{given_up}"
        parts.append(f"process {run.process_id} ({span}; {', '.join(outcome for (outcome,) in had)})")
    return " and ".join(parts) + " were at work at once"
