"""Positions in any order, under kills and restarts: each lane is handled in their order, and nothing late is sent."""

from __future__ import annotations

import random
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

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
from proofs.waiting import Spread, progress, work_off

WORKERS = 4
FATES = ("done", "done", "done", "done", "fails", "rejects")
ADA = Act(Actor("Ada"), "it may go on")


class Size(NamedTuple):
    """How many processes in how many lanes, and how often a worker is killed meanwhile."""

    processes: int
    keys: int
    kills: int


FULL = Size(3_000, 60, 60)
SHORT = Size(120, 6, 3)


def positions(place: Place, size: Size) -> Row:
    """Start processes in an order by chance, kill workers, restart, give up; see what was sent in which order."""
    office, kills = Office(place, size), Spread(size.kills, size.processes)
    with Fleet(place, WORKERS, concurrency=4) as fleet:

        def interfere(ended: int) -> None:
            office.interfere()
            veterans = fleet.veterans()
            if kills.is_due(ended) and veterans:
                fleet.replace(random.choice(veterans))
                kills.happened += 1

        seconds = work_off(place, interfere, is_over=office.has_finished)
        exits = fleet.exits()
    verdict = Verdict(lost=rows(place.database, "SELECT count(*) FROM processes WHERE finished_at IS NULL")[0][0])
    history_is_whole(place.database, verdict)
    skipped = _judge_order(place, verdict)
    verdict.faults += exits
    more = {"restarts": office.restarts, "skipped": skipped}
    return verdict.row("positions", place, processes=office.started, kills=fleet.kills, seconds=seconds, **more)


@dataclass
class Office:
    """Those who start processes, restart them and give them up, a little at every look."""

    place: Place
    size: Size
    started: int = 0
    restarts: int = 0
    left: list[tuple[str, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Draw positions of one digit to twenty; some come twice."""
        drawn = [random.randrange(10 ** random.choice((1, 2, 2, 3, 20))) for _ in range(self.size.processes)]
        self.left = [(f"lane {number % self.size.keys}", position) for number, position in enumerate(drawn)]
        random.shuffle(self.left)

    def has_finished(self) -> bool:
        """Whether all is started and nothing is left open."""
        return not self.left and progress(self.place) == (self.started, 0)

    def interfere(self) -> None:
        """Start some, restart what failed or give it up, and try to restart some of what was rejected."""
        now, self.left = self.left[:20], self.left[20:]
        starts = [self._start(lane, position) for lane, position in now]
        self.place.database.run(lambda connection: operations.start_many(connection, starts))
        self.started += len(starts)
        for process_id, status in rows(
            self.place.database, "SELECT id, status FROM processes WHERE status IN ('failed', 'rejected')"
        ):
            if status == "failed" and random.random() < 0.3:
                self._act(process_id, restarts=False)
            elif status == "failed" or random.random() < 0.02:
                self._act(process_id, restarts=True)

    def _start(self, lane: str, position: int) -> Start:
        given = cases.payload(self.place.effects, pause=0.01, fate=random.choice(FATES), position=str(position))
        is_odd = int(lane.split()[1]) % 2
        return Start(cases.Newest if is_odd else cases.Placed, given, order_key=lane)

    def _act(self, process_id: int, *, restarts: bool) -> None:
        registry = Registry(cases.ALL)
        with suppress(ProcessManagerError):  # it is outdated by now, or another of its lane was quicker
            if restarts:
                self.place.database.run(lambda c: operations.restart(c, process_id, ADA, registry=registry))
                self.restarts += 1
            else:
                self.place.database.run(lambda c: operations.abandon(c, process_id, ADA))


def _judge_order(place: Place, verdict: Verdict) -> int:
    """Return how many were skipped; a fault for what was not handled in order, and for what was skipped in vain."""
    found = rows(place.database, "SELECT order_key, order_position, status, id FROM processes ORDER BY finished_at, id")
    handled: dict[str, str] = {}
    acted = {effect.process_id for effect in effects.noted(place.effects)}
    skipped = 0
    for lane, position, status, process_id in found:
        if status == "succeeded":
            verdict.doubled += position <= handled.get(lane, "")
            handled[lane] = max(position, handled.get(lane, ""))
        elif status == "skipped":
            skipped += 1
            verdict.require(process_id not in acted, f"process {process_id} acted")
    told = dict(rows(place.database, "SELECT order_key, handled FROM lanes"))
    verdict.require(told == {lane: handled.get(lane) for lane in told}, "a lane's row says another position")
    in_vain = _in_vain(place, handled)
    verdict.require(not in_vain, f"{len(in_vain)} were skipped as outdated though nothing newer was handled")
    return skipped


def _in_vain(place: Place, handled: dict[str, str]) -> list[int]:
    """Those that are skipped as outdated though their position is above what was handled."""
    statement = (
        "SELECT p.id, p.order_key, p.order_position FROM processes p JOIN process_steps s ON s.process_id = p.id"
        " WHERE p.status = 'skipped' AND s.code = 'outdated'"
    )
    return [id_ for id_, lane, position in rows(place.database, statement) if position > handled.get(lane, "")]
